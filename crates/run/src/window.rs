//! The metrics of the batches since the last line of `metrics.jsonl`.
//!
//! They are part of a checkpoint, so that the next line of a resumed run is the line that the run
//! would have written without the interruption.

use serde::{Deserialize, Serialize};

use crate::metrics::Metrics;

/// The metrics of the batches since the last line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Metrics of each batch, in the order of training.
    pub batches: Vec<BatchMetrics>,
    /// Positions computed since the last line.
    pub positions: Positions,
    /// Positions computed since the beginning of the run.
    pub whole: Positions,
    /// Loss of the last line, which the next snapshot quotes; missing in older checkpoints.
    #[serde(default)]
    pub last_loss: Option<f64>,
}

/// Loss and right answers of one batch. The loss is kept as the `f32` that the device computed,
/// which JSON reproduces exactly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BatchMetrics {
    /// Mean loss of an example, in nats.
    pub loss: f32,
    /// Number of right answers.
    pub right: usize,
    /// Number of examples in the batch.
    pub n_examples: usize,
}

impl From<BatchMetrics> for Metrics {
    fn from(BatchMetrics { loss, right, n_examples }: BatchMetrics) -> Self {
        Self {
            loss: loss.into(),
            accuracy: right as f64 / n_examples as f64,
            n_examples,
            gradient_norm: None,
            tokens_per_second: None,
        }
    }
}

/// The number of positions that were computed, and how many of them were tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Positions {
    /// Number of tokens, padding not counted.
    pub tokens: usize,
    /// Number of positions, padding included.
    pub computed: usize,
    /// Sum of the squares of the lengths of the texts: how often a token could read a token. Missing in
    /// older checkpoints.
    #[serde(default)]
    pub pairs: usize,
}

impl Positions {
    /// Share of the computed positions that were padding.
    pub fn padded_share(self) -> f64 {
        (self.computed - self.tokens) as f64 / self.computed.max(1) as f64
    }
}
