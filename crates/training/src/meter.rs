//! Accumulates the metrics between two lines of `metrics.jsonl`, and the time that a run spends on
//! validation, checkpoints and snapshots.
//!
//! The output of a batch is read right after its step, when [`crate::guard`] has waited for the
//! device anyway. Only three numbers of a batch are kept, so memory use hardly grows between two
//! lines.

use std::time::Instant;

use anafora::batch::Batch;
use run::{
    metrics::{Ending, Line, Metrics},
    window::{BatchMetrics, Positions, Window},
};

use crate::objective::{StepOutput, metrics};

/// Accumulates the metrics of training batches.
#[derive(Debug)]
pub struct Meter {
    batches: Vec<BatchMetrics>,
    window: Positions,
    whole: Positions,
    begun: Instant,
    /// Value of [`Clock::other_seconds`] when the window began.
    other_seconds: f64,
    last_loss: Option<f64>,
}

impl Meter {
    /// A meter that continues `window`, which is empty at the beginning of a run. Its time begins
    /// now.
    pub fn new(window: Window) -> Self {
        let Window { batches, positions, whole, last_loss } = window;
        let begun = Instant::now();
        Self { batches, window: positions, whole, begun, other_seconds: 0.0, last_loss }
    }

    /// Adds the output of a batch, which is read from the device.
    pub fn add(&mut self, batch: &Batch, output: StepOutput) {
        for positions in [&mut self.window, &mut self.whole] {
            positions.tokens += batch.n_tokens();
            positions.computed += batch.n_positions();
            positions.pairs += batch.texts.iter().map(|text| text.n_tokens().pow(2)).sum::<usize>();
        }
        let Metrics { loss, accuracy, n_examples, .. } =
            metrics(output.loss, output.logits, &batch.examples);
        let right = (accuracy * n_examples as f64).round() as usize;
        self.batches.push(BatchMetrics { loss: loss as f32, right, n_examples });
    }

    /// The mean metrics since the last call and the share of positions that were padding, and
    /// begins a new window. `gradient_norm` is the one of the last update; the seconds of `clock`
    /// that were not spent on training do not count for the speed.
    pub fn take(&mut self, gradient_norm: Option<f32>, clock: &Clock) -> (Metrics, f64) {
        let parts: Vec<Metrics> = self.batches.drain(..).map(Metrics::from).collect();
        let seconds =
            self.begun.elapsed().as_secs_f64() - (clock.other_seconds() - self.other_seconds);
        let metrics = Metrics {
            gradient_norm: gradient_norm.map(f64::from),
            tokens_per_second: Some(self.window.tokens as f64 / seconds.max(1e-9)),
            ..Metrics::mean(&parts)
        };
        let padded_share = std::mem::take(&mut self.window).padded_share();
        (self.begun, self.other_seconds) = (Instant::now(), clock.other_seconds());
        self.last_loss = Some(metrics.loss);
        (metrics, padded_share)
    }

    /// Whether no batch was added since the last call of [`take`](Self::take).
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// The metrics of all batches since the last call of [`take`](Self::take), for a checkpoint.
    pub fn window(&self) -> Window {
        Window {
            batches: self.batches.clone(),
            positions: self.window,
            whole: self.whole,
            last_loss: self.last_loss,
        }
    }

    /// The mean loss that the last call of [`take`](Self::take) returned, also before a resume.
    pub fn loss(&self) -> Option<f64> {
        self.last_loss
    }

    /// The positions of all batches since the run began.
    pub fn positions(&self) -> Positions {
        self.whole
    }

    /// Share of the positions of all batches since the run began that were padding.
    pub fn padded_share(&self) -> f64 {
        self.whole.padded_share()
    }
}

/// Parts of a run, other than training steps, whose time is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Passes over the validation set.
    Validation,
    /// Copying checkpoints, and waiting for their files.
    Checkpoint,
    /// Computing attention snapshots.
    Snapshot,
}

/// Measures the time of a training and of its [`Section`]s.
#[derive(Debug, Clone)]
pub struct Clock {
    begun: Instant,
    sections: [f64; 3],
}

impl Clock {
    /// A clock that begins now.
    #[expect(clippy::new_without_default, reason = "a default that reads the time would surprise")]
    pub fn new() -> Self {
        Self { begun: Instant::now(), sections: [0.0; 3] }
    }

    /// Runs `work` and adds its time to `section`.
    pub fn time<T>(&mut self, section: Section, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let result = work();
        self.sections[section as usize] += begun.elapsed().as_secs_f64();
        result
    }

    /// Seconds spent on `section` so far.
    pub fn section(&self, section: Section) -> f64 {
        self.sections[section as usize]
    }

    /// Seconds since the clock began.
    pub fn seconds(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// The last line of `metrics.jsonl`: how the training ended, and the times of its sections.
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

    /// Seconds that were spent on training steps.
    pub fn training_seconds(&self) -> f64 {
        self.seconds() - self.other_seconds()
    }

    /// Seconds that were not spent on training steps.
    fn other_seconds(&self) -> f64 {
        self.sections.iter().sum()
    }
}
