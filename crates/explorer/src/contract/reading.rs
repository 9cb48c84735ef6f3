//! What a model makes of a text: its answer and its attention, or the vectors of one head.

use corpus::{example::Language, span::CharSpan};
use serde::Serialize;

/// One reading for each pronoun.
#[derive(Debug, Clone, Serialize)]
pub struct Readings {
    /// Updates that made the weights.
    pub step: usize,
    /// In the order of the pronouns, or of the probes.
    pub readings: Vec<Reading>,
}

/// A text as the model reads and answers it.
#[derive(Debug, Clone, Serialize)]
pub struct Reading {
    /// Without braces.
    pub text: String,
    /// Of the pronoun.
    pub lang: Language,
    /// What is resolved.
    pub pronoun: CharSpan,
    /// Index of the word that it begins with.
    pub pronoun_word: usize,
    /// Index of the token that asks.
    pub pronoun_token: usize,
    /// What the model reads.
    pub tokens: Vec<Token>,
    /// What it can answer.
    pub words: Vec<CharSpan>,
    /// Of a probe.
    pub candidates: Vec<CharSpan>,
    /// Of a probe, an index into its candidates.
    pub antecedent: Option<usize>,
    /// The likeliest word; `None` for *none*.
    pub answer: Option<usize>,
    /// One for each word, that of *none* last.
    pub probabilities: Vec<f32>,
    /// What each token reads from each, in each head.
    pub attention: Option<Attention>,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    /// As in the vocabulary.
    pub text: String,
    /// Its characters, but of a special token.
    pub span: Option<CharSpan>,
    /// Index of its word, but of a special token.
    pub word: Option<usize>,
}

/// Weights of all heads.
#[derive(Debug, Clone, Serialize)]
pub struct Attention {
    /// Blocks.
    pub layers: usize,
    /// In each block.
    pub heads: usize,
    /// Tokens.
    pub seq: usize,
    /// `[layer, head, query, key]`, see [`crate::base64::weights`].
    pub weights: String,
}

/// What one head works with.
#[derive(Debug, Clone, Serialize)]
pub struct Vectors {
    /// Updates that made the weights.
    pub step: usize,
    /// Index of the block.
    pub layer: usize,
    /// Index of the head.
    pub head: usize,
    /// Tokens.
    pub seq: usize,
    /// Width of each vector.
    pub d_head: usize,
    /// `[token, d_head]`, see [`crate::base64::floats`].
    pub queries: String,
    /// The same of the keys.
    pub keys: String,
    /// The same of the values.
    pub values: String,
}
