//! The answer to `GET /api/run`: what there is to look at.

use corpus::example::{Example, Language};
use serde::Serialize;

/// A run, its checkpoints, snapshots and probes, and what was measured of it.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// Whether a model answers; else answers are recorded.
    pub live: bool,
    /// Name and sizes.
    pub run: Facts,
    /// In the order of their steps.
    pub checkpoints: Vec<Checkpoint>,
    /// In the order of their steps.
    pub snapshots: Vec<Snapshot>,
    /// The sentences that come with the run.
    pub probes: Vec<Example>,
    /// What is refused.
    pub limits: Limits,
    /// The field `heads` of the run's report, as it is there.
    pub heads: Option<serde_json::Value>,
    /// The committed comparison with a recurrent network.
    pub recurrent: Option<Recurrent>,
}

/// Name and sizes of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Facts {
    /// Its directory's name.
    pub name: String,
    /// Its config's name.
    pub config: String,
    /// Of its encoder.
    pub shape: String,
    /// What it was trained on.
    pub languages: Vec<Language>,
    /// Blocks.
    pub n_layers: usize,
    /// In each block.
    pub n_heads: usize,
    /// Width of the residual stream.
    pub d_model: usize,
    /// Width of a head.
    pub d_head: usize,
    /// The longest text that it reads, in tokens.
    pub max_seq: usize,
    /// Tokens of the vocabulary.
    pub vocab_size: usize,
    /// Numbers that were learned.
    pub n_parameters: usize,
    /// Of its training.
    pub seed: u64,
}

/// Weights that can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Checkpoint {
    /// Updates that made it.
    pub step: usize,
    /// On the validation examples, where it was measured.
    pub accuracy: Option<f64>,
    /// Whether it is the one that is asked where none is named.
    pub is_best: bool,
}

/// Attention that was recorded in training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Snapshot {
    /// Updates done.
    pub step: usize,
    /// On the validation examples, where it was measured.
    pub accuracy: Option<f64>,
}

/// What is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Of a text.
    pub characters: usize,
    /// Of a text, `[CLS]` and `[SEP]` included.
    pub tokens: usize,
}

/// Encoder and LSTM, measured by `experiments/recurrent`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recurrent {
    /// Right answers by distance.
    pub distances: Vec<Distance>,
    /// Speed of training by length.
    pub speeds: Vec<Speed>,
}

/// Right answers where so many words are between pronoun and antecedent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Distance {
    /// `encoder` or `lstm`.
    pub model: String,
    /// So many at least.
    pub low: usize,
    /// So many at most.
    pub high: usize,
    /// Examples.
    pub n: usize,
    /// Share of right answers.
    pub accuracy: f64,
}

/// Speed of training on texts of one length.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Speed {
    /// `encoder` or `lstm`.
    pub model: String,
    /// In tokens.
    pub length: usize,
    /// The median of the rounds.
    pub tokens_per_second: f64,
}
