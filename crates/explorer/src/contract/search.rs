//! Other texts: variants of a text, and texts with a token whose vector is similar.

use corpus::{example::Language, span::CharSpan};
use serde::Serialize;

/// The variants of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variants {
    /// The variants in no particular order.
    pub variants: Vec<Variant>,
}

/// A text that differs in the pronoun and what agrees with it, or in an adjective.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variant {
    /// `gender`, `number` or `adjective`.
    pub kind: &'static str,
    /// The text of the variant.
    pub text: String,
    /// The span of its pronoun.
    pub pronoun: CharSpan,
    /// The spans of the changed words, in the text of the variant.
    pub changed: Vec<CharSpan>,
}

/// The tokens that are most similar to the requested one.
#[derive(Debug, Clone, Serialize)]
pub struct SearchResult {
    /// How many tokens were compared.
    pub n_tokens: usize,
    /// The duration of the search.
    pub milliseconds: f64,
    /// The most similar tokens, the most similar first.
    pub matches: Vec<Match>,
    /// Which words the matches attend to.
    pub histograms: Histograms,
}

/// A token with a similar vector.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Match {
    /// The text that it is in.
    pub text: String,
    /// The language of the text.
    pub lang: Language,
    /// The phenomenon of the example.
    pub phenomenon: String,
    /// The characters of the token.
    pub token: CharSpan,
    /// The cosine of the two vectors.
    pub similarity: f32,
    /// The word that the token attends to most.
    pub reads: Option<CharSpan>,
    /// The attention weight on that word.
    pub reads_weight: f32,
}

/// Counts over the words that the matches attend to most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Histograms {
    /// By word class: `name`, `noun`, `verb`, `adjective`, `pronoun`, `other`.
    pub word_class: Vec<Bar>,
    /// By distance from the match in words, negative to the left.
    pub distance: Vec<Bar>,
    /// By role: `antecedent`, `candidate`, `pronoun`, `itself`, `other`.
    pub kind: Vec<Bar>,
}

/// One bar of a histogram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// What the bar counts.
    pub label: String,
    /// The count.
    pub n: usize,
}
