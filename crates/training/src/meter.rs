//! What is measured between two lines of `metrics.jsonl`, and where the time goes.
//!
//! Each batch is read when its step is done, which has waited for the device anyway (see
//! [`crate::guard`]), and three numbers are kept of it: however rare the lines, memory stays what it is.

use std::time::Instant;

use anafora::batch::Batch;
use run::{
    metrics::{Ending, Line, Metrics},
    window::{BatchMetrics, Positions, Window},
};

use crate::objective::{StepOutput, metrics};

/// Collects the readings of training batches.
#[derive(Debug)]
pub struct Meter {
    batches: Vec<BatchMetrics>,
    window: Positions,
    whole: Positions,
    begun: Instant,
    /// Seconds that the clock had spent beside training when the window began.
    beside: f64,
    last_loss: Option<f64>,
}

impl Meter {
    /// One that goes on with `window`, empty at the beginning of a run; its time begins now.
    pub fn new(window: Window) -> Self {
        let Window { batches, positions, whole, last_loss } = window;
        Self { batches, window: positions, whole, begun: Instant::now(), beside: 0.0, last_loss }
    }

    /// Reads the output of a batch.
    pub fn add(&mut self, batch: &Batch, output: StepOutput) {
        for positions in [&mut self.window, &mut self.whole] {
            positions.tokens += batch.n_tokens();
            positions.computed += batch.n_positions();
        }
        let Metrics { loss, accuracy, n_examples, .. } =
            metrics(output.loss, output.logits, &batch.examples);
        let right = (accuracy * n_examples as f64).round() as usize;
        self.batches.push(BatchMetrics { loss: loss as f32, right, n_examples });
    }

    /// The mean since the last reading, with the share of the positions that was padding;
    /// `gradient_norm` is of the last update.
    pub fn read(&mut self, gradient_norm: Option<f32>, clock: &Clock) -> (Metrics, f64) {
        let parts: Vec<Metrics> = self.batches.drain(..).map(Metrics::from).collect();
        let seconds = self.begun.elapsed().as_secs_f64() - (clock.beside_training() - self.beside);
        let metrics = Metrics {
            gradient_norm: gradient_norm.map(f64::from),
            tokens_per_second: Some(self.window.tokens as f64 / seconds.max(1e-9)),
            ..Metrics::mean(&parts)
        };
        let padded_share = std::mem::take(&mut self.window).padded_share();
        (self.begun, self.beside) = (Instant::now(), clock.beside_training());
        self.last_loss = Some(metrics.loss);
        (metrics, padded_share)
    }

    /// Whether there was no batch since the last reading.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// All since the last reading: for a checkpoint.
    pub fn window(&self) -> Window {
        Window {
            batches: self.batches.clone(),
            positions: self.window,
            whole: self.whole,
            last_loss: self.last_loss,
        }
    }

    /// The loss of the last reading.
    pub fn loss(&self) -> Option<f64> {
        self.last_loss
    }

    /// Of all batches since the run began.
    pub fn padded_share(&self) -> f64 {
        self.whole.padded_share()
    }
}

/// What a run spends time on beside training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Passes over the validation set.
    Validation,
    /// Writing checkpoints.
    Checkpoint,
    /// Capturing and writing attention.
    Snapshot,
}

/// Where the time of a training goes.
#[derive(Debug, Clone)]
pub struct Clock {
    begun: Instant,
    sections: [f64; 3],
}

impl Clock {
    /// Begins now.
    #[expect(clippy::new_without_default, reason = "a default that looks at the clock surprises")]
    pub fn new() -> Self {
        Self { begun: Instant::now(), sections: [0.0; 3] }
    }

    /// Runs `work` on the account of `section`.
    pub fn time<T>(&mut self, section: Section, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let result = work();
        self.sections[section as usize] += begun.elapsed().as_secs_f64();
        result
    }

    /// Seconds of a section so far.
    pub fn section(&self, section: Section) -> f64 {
        self.sections[section as usize]
    }

    /// Seconds since the beginning.
    pub fn seconds(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// The last line of `metrics.jsonl`: why the training ended, and where its time went.
    pub fn end(&self, step: usize, padded_share: f64, ending: Ending) -> Line {
        Line::End {
            step,
            ending: Some(ending),
            seconds: self.seconds(),
            validation_seconds: self.section(Section::Validation),
            checkpoint_seconds: self.section(Section::Checkpoint),
            snapshot_seconds: self.section(Section::Snapshot),
            padded_share,
        }
    }

    fn beside_training(&self) -> f64 {
        self.sections.iter().sum()
    }
}
