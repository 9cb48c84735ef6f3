//! What a model computes for a text: its answer and its attention, the vectors of one head, or the
//! activations at one token.

use corpus::{example::Language, span::CharSpan};
use serde::Serialize;

/// The readings of a text, one for each of its pronouns, or of all probes.
#[derive(Debug, Clone, Serialize)]
pub struct Readings {
    /// The training step of the weights.
    pub step: usize,
    /// The readings in the order of the pronouns, or of the probes.
    pub readings: Vec<Reading>,
}

/// The model's input, answer and attention for one pronoun of a text.
#[derive(Debug, Clone, Serialize)]
pub struct Reading {
    /// The text without braces.
    pub text: String,
    /// The language of the pronoun.
    pub lang: Language,
    /// The span of the pronoun.
    pub pronoun: CharSpan,
    /// Index of the pronoun's first word.
    pub pronoun_word: usize,
    /// Index of the pronoun's first token, from which the model answers.
    pub pronoun_token: usize,
    /// The input of the model.
    pub tokens: Vec<Token>,
    /// The words of the text, one of which the model answers.
    pub words: Vec<CharSpan>,
    /// The candidates of a probe; empty for other texts.
    pub candidates: Vec<CharSpan>,
    /// Index of a probe's antecedent among its candidates; `None` for other texts.
    pub antecedent: Option<usize>,
    /// Index of the most probable word, or `None` if the model answers *none*.
    pub answer: Option<usize>,
    /// The probability of each word, and that of *none* at the end.
    pub probabilities: Vec<f32>,
    /// The phrases that the model found in a text without candidates; their probabilities and that
    /// of *none* sum to 1.
    pub phrases: Vec<Phrase>,
    /// Whether the likeliest answer is likely enough to be called the answer.
    pub is_sure: bool,
    /// The attention weights of all heads. Some recorded readings have none.
    pub attention: Option<Attention>,
}

/// A phrase that the pronoun may stand for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Phrase {
    /// The whole phrase.
    pub span: CharSpan,
    /// Index of the word that says what it is.
    pub head: usize,
    /// The probability that the pronoun stands for it.
    pub probability: f32,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    /// The token as in the vocabulary: `robot`, `##do`, `[CLS]`.
    pub text: String,
    /// Its characters in the text, or `None` for a special token.
    pub span: Option<CharSpan>,
    /// Index of its word, or `None` for a special token.
    pub word: Option<usize>,
}

/// The attention weights of all heads.
#[derive(Debug, Clone, Serialize)]
pub struct Attention {
    /// The number of layers.
    pub layers: usize,
    /// The number of heads in each layer.
    pub heads: usize,
    /// The number of tokens.
    pub seq: usize,
    /// `[layer, head, query, key]`, encoded by [`crate::numbers::weights`].
    pub weights: String,
}

/// The queries, keys and values of one head.
#[derive(Debug, Clone, Serialize)]
pub struct Vectors {
    /// The training step of the weights.
    pub step: usize,
    /// Index of the layer.
    pub layer: usize,
    /// Index of the head.
    pub head: usize,
    /// The number of tokens.
    pub seq: usize,
    /// The width of each vector.
    pub d_head: usize,
    /// `[token, d_head]`, encoded by [`crate::numbers::floats`].
    pub queries: String,
    /// The keys, in the same format.
    pub keys: String,
    /// The values, in the same format.
    pub values: String,
}

/// What one token's vector becomes on its way through the model, and what the pointer makes of the
/// last vectors. Numbers in bulk are encoded by [`crate::numbers::floats`].
#[derive(Debug, Clone, Serialize)]
pub struct Activations {
    /// The training step of the weights.
    pub step: usize,
    /// Index of the token.
    pub token: usize,
    /// The number of tokens.
    pub seq: usize,
    /// The number of blocks.
    pub n_layers: usize,
    /// The width of the residual stream.
    pub d_model: usize,
    /// The width of the hidden layer of a feed-forward network.
    pub d_ff: usize,
    /// The number of each token in the vocabulary.
    pub ids: Vec<u32>,
    /// Whether the norms stand `before` the parts of a block, or `after` them.
    pub norm: &'static str,
    /// The activation of the feed-forward networks: `geglu`, `gelu` or `relu`.
    pub activation: &'static str,
    /// How the model knows the position of a token.
    pub positions: Positions,
    /// The token's row of the embedding matrix: `[d_model]`
    pub embedding: String,
    /// The residual stream after 0, 1, … blocks: `[n_layers + 1, d_model]`
    pub residual: String,
    /// What the attention of each block adds: `[n_layers, d_model]`
    pub attention: String,
    /// What the feed-forward network of each block adds: `[n_layers, d_model]`
    pub feed_forward: String,
    /// The hidden layer of each feed-forward network, after the activation: `[n_layers, d_ff]`
    pub inner: String,
    /// The last vectors of all tokens, which the pointer reads: `[token, d_model]`
    pub hidden: String,
    /// The vector that the pronoun's antecedent should have, whose product with the vector of a
    /// word's first token is the word's logit: `[d_model]`
    pub wanted: String,
    /// The vector of *none*: `[d_model]`
    pub none: String,
    /// The probabilities of each word and, last, of *none*, if the pointer read the residual stream
    /// after 0, 1, … blocks: `[n_layers + 1, words + 1]`
    pub lens: String,
}

/// How a model knows the position of a token.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Positions {
    /// `rotary`, `sinusoidal` or `learned`.
    pub kind: &'static str,
    /// The base of the wavelengths of rotary positions.
    pub theta: Option<f64>,
    /// The width of the vectors that rotary positions rotate.
    pub d_head: Option<usize>,
    /// The vector that is added for the token's position: `[d_model]`; `None` if rotary.
    pub added: Option<String>,
}
