//! Other texts: changed in a word, or with a token that the model sees alike.

use corpus::{example::Language, span::CharSpan};
use serde::Serialize;

/// The same text with something changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variants {
    /// In no particular order.
    pub variants: Vec<Variant>,
}

/// A text that differs in the pronoun and what agrees with it, or in a property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variant {
    /// `gender`, `number` or `adjective`.
    pub kind: &'static str,
    /// The changed text.
    pub text: String,
    /// Where its pronoun is.
    pub pronoun: CharSpan,
    /// What was changed, in the changed text.
    pub changed: Vec<CharSpan>,
}

/// Tokens that are alike, the likest first.
#[derive(Debug, Clone, Serialize)]
pub struct SearchResult {
    /// Tokens that were compared.
    pub n_tokens: usize,
    /// That it took.
    pub milliseconds: f64,
    /// The likest first.
    pub matches: Vec<Match>,
    /// What the matches read.
    pub histograms: Histograms,
}

/// A token like the one that was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Match {
    /// Where it stands.
    pub text: String,
    /// Of the text.
    pub lang: Language,
    /// Of the example.
    pub phenomenon: String,
    /// The token.
    pub token: CharSpan,
    /// The cosine.
    pub similarity: f32,
    /// The word that the token reads most.
    pub reads: Option<CharSpan>,
    /// How much of its attention that is.
    pub reads_weight: f32,
}

/// What the matches read, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Histograms {
    /// `name`, `noun`, `verb`, `adjective`, `pronoun`, `other`.
    pub word_class: Vec<Bar>,
    /// In words, negative to the left.
    pub distance: Vec<Bar>,
    /// `antecedent`, `candidate`, `pronoun`, `itself`, `other`.
    pub kind: Vec<Bar>,
}

/// One bar of a histogram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// What is counted.
    pub label: String,
    /// How often.
    pub n: usize,
}
