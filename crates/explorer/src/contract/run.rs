//! The answers to `GET /api/run`: what the run is, and what it has to look at; and to
//! `GET /api/heads`, which is much larger: what was measured of its heads.

use corpus::example::{Example, Language};
use serde::Serialize;

/// A run, its checkpoints, snapshots and probes, and how its encoder compares with an LSTM.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// Whether a model answers. In an exported page it does not: the answers are recorded.
    pub live: bool,
    /// The name and the sizes of the run.
    pub run: Facts,
    /// The checkpoints in the order of their steps.
    pub checkpoints: Vec<Checkpoint>,
    /// The snapshots in the order of their steps.
    pub snapshots: Vec<Snapshot>,
    /// The probes, whose attention was recorded during training.
    pub probes: Vec<Example>,
    /// The longest texts that are answered.
    pub limits: Limits,
    /// The committed comparison with an LSTM.
    pub recurrent: Option<Recurrent>,
}

/// What `evaluate` found out about each head.
#[derive(Debug, Clone, Serialize)]
pub struct Heads {
    /// The field `heads` of the run's `report.json`, unchanged.
    pub heads: Option<serde_json::Value>,
}

/// Name and sizes of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Facts {
    /// The name of its directory.
    pub name: String,
    /// The path of its directory as one word of a shell, for commands that the page tells to type.
    pub path: String,
    /// The name of its config.
    pub config: String,
    /// The shape of its encoder: `base`, `vaswani` or `bert`.
    pub shape: String,
    /// The languages that it was trained on.
    pub languages: Vec<Language>,
    /// The number of layers.
    pub n_layers: usize,
    /// The number of heads in each layer.
    pub n_heads: usize,
    /// The width of the residual stream.
    pub d_model: usize,
    /// The width of a head.
    pub d_head: usize,
    /// The longest text that the model can read, in tokens.
    pub max_seq: usize,
    /// The number of tokens in the vocabulary.
    pub vocab_size: usize,
    /// The number of trained parameters.
    pub n_parameters: usize,
    /// The seed of the training.
    pub seed: u64,
}

/// A checkpoint that can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Checkpoint {
    /// Its training step.
    pub step: usize,
    /// Its accuracy on the validation examples, if it was measured.
    pub accuracy: Option<f64>,
    /// Whether it is the best one, which answers if a request names none.
    pub is_best: bool,
}

/// A snapshot: the attention for the probes at one step of the training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Snapshot {
    /// Its training step.
    pub step: usize,
    /// The accuracy on the validation examples, if it was measured.
    pub accuracy: Option<f64>,
}

/// The longest text that is answered. Longer ones are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// The most characters.
    pub characters: usize,
    /// The most tokens, `[CLS]` and `[SEP]` included.
    pub tokens: usize,
}

/// The comparison of encoder and LSTM, measured by `experiments/recurrent`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recurrent {
    /// The accuracy by distance.
    pub distances: Vec<Distance>,
    /// The speed of training by length.
    pub speeds: Vec<Speed>,
}

/// The accuracy on examples with a distance in a range. The distance is the number of words between
/// pronoun and antecedent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Distance {
    /// `encoder` or `lstm`.
    pub model: String,
    /// The smallest distance of the range.
    pub low: usize,
    /// The greatest distance of the range.
    pub high: usize,
    /// The number of examples.
    pub n: usize,
    /// The share of right answers.
    pub accuracy: f64,
}

/// The speed of training on texts of one length.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Speed {
    /// `encoder` or `lstm`.
    pub model: String,
    /// The length of the texts in tokens.
    pub length: usize,
    /// The median of the measurements.
    pub tokens_per_second: f64,
}
