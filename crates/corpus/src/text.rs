//! A text with the examples in it, and perhaps with everything that it mentions marked.

use crate::example::Example;
use crate::span::CharSpan;

/// One text: an example for each of its anaphors that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// At least one; all have the same text.
    pub examples: Vec<Example>,
    /// The anaphors and mentions of the text, if they are known.
    pub marks: Option<Marks>,
}

/// What in a text is an anaphor or could be an antecedent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// The anaphors, whether asked for or not, in the order of the text.
    pub anaphors: Vec<MarkedAnaphor>,
    /// The phrases that an anaphor could stand for, in the order of the text; `None` if not all are
    /// known.
    pub mentions: Option<Vec<MarkedMention>>,
    /// Words that may be anaphors although they are none of `anaphors`.
    pub unclear: Vec<CharSpan>,
}

/// An anaphor of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkedAnaphor {
    /// Its characters; of a null subject, its verb.
    pub span: CharSpan,
    /// Whether it is a verb without subject.
    pub is_null: bool,
}

/// A phrase that an anaphor could stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkedMention {
    /// The head noun or the name; of a coordination, all of it.
    pub head: CharSpan,
    /// The word that says of the whole phrase what it is: the head noun, the first word of a name, or
    /// the conjunction of a coordination.
    pub head_word: CharSpan,
    /// The whole phrase.
    pub phrase: CharSpan,
}

impl From<Example> for Text {
    fn from(example: Example) -> Self {
        Self { examples: vec![example], marks: None }
    }
}
