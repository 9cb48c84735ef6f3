//! What was measured since the last line of `metrics.jsonl`: part of a checkpoint, so that the next
//! line of a resumed run is that of the run that was never stopped.

use serde::{Deserialize, Serialize};

use crate::metrics::Metrics;

/// The batches since the last line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// In the order of training.
    pub batches: Vec<BatchMetrics>,
    /// Since the last line.
    pub positions: Positions,
    /// Since the run began.
    pub whole: Positions,
    /// Loss of the last line, for the next snapshot; older checkpoints are without it.
    #[serde(default)]
    pub last_loss: Option<f64>,
}

/// Loss and right answers of one batch. The loss is kept as the device computed it, an `f32`, which
/// JSON gives back exactly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BatchMetrics {
    /// Mean loss of an example, in nats.
    pub loss: f32,
    /// Right answers.
    pub right: usize,
    /// Examples in the batch.
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

/// How many positions were computed, and how many of them held a token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Positions {
    /// Tokens, padding not counted.
    pub tokens: usize,
    /// All positions, padding included.
    pub computed: usize,
}

impl Positions {
    /// Share of the computed positions that was padding.
    pub fn padded_share(self) -> f64 {
        (self.computed - self.tokens) as f64 / self.computed.max(1) as f64
    }
}
