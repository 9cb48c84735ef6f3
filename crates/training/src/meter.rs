//! What is measured between two lines of `metrics.jsonl`, and where the time goes.
//!
//! Each batch is read when its step is done, which has waited for the device anyway (see
//! [`crate::guard`]), and three numbers are kept of it: however rare the lines, memory stays what it is.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::{
    batch::{Batch, EncodedExample},
    task::{Reading, TaskOutput},
};

/// Collects the readings of training batches.
#[derive(Debug)]
pub struct Meter {
    batches: Vec<BatchReading>,
    window: Positions,
    whole: Positions,
    begun: Instant,
    /// Seconds that the clock had spent beside training when the window began.
    beside: f64,
    last_loss: Option<f64>,
}

/// What a checkpoint between two lines has to keep, so that the next line of a resumed run is that of
/// the run that was never stopped.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    batches: Vec<BatchReading>,
    positions: Positions,
    whole: Positions,
    /// Of the last line, for the next snapshot; older checkpoints are without it.
    #[serde(default)]
    last_loss: Option<f64>,
}

/// One batch; the loss as the device has it, which JSON gives back exactly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct BatchReading {
    loss: f32,
    right: usize,
    n_examples: usize,
}

impl BatchReading {
    fn new(examples: &[EncodedExample], output: TaskOutput) -> Self {
        let TaskOutput { loss, objective: _, logits } = output;
        let Reading { loss, accuracy, n_examples, .. } = Reading::new(loss, logits, examples);
        let right = (accuracy * n_examples as f64).round() as usize;
        Self { loss: loss as f32, right, n_examples }
    }
}

impl From<BatchReading> for Reading {
    fn from(BatchReading { loss, right, n_examples }: BatchReading) -> Self {
        Self {
            loss: loss.into(),
            accuracy: right as f64 / n_examples as f64,
            n_examples,
            gradient_norm: None,
            tokens_per_second: None,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Positions {
    tokens: usize,
    computed: usize,
}

impl Positions {
    fn padded_share(self) -> f64 {
        (self.computed - self.tokens) as f64 / self.computed.max(1) as f64
    }
}

impl Meter {
    /// One that goes on with `window`, empty at the beginning of a run; its time begins now.
    pub fn new(window: Window) -> Self {
        let Window { batches, positions, whole, last_loss } = window;
        Self { batches, window: positions, whole, begun: Instant::now(), beside: 0.0, last_loss }
    }

    /// Reads the output of a batch.
    pub fn add(&mut self, batch: &Batch, output: TaskOutput) {
        for positions in [&mut self.window, &mut self.whole] {
            positions.tokens += batch.n_tokens();
            positions.computed += batch.n_positions();
        }
        self.batches.push(BatchReading::new(&batch.examples, output));
    }

    /// The mean since the last reading, with the share of the positions that was padding;
    /// `gradient_norm` is of the last update.
    pub fn read(&mut self, gradient_norm: Option<f32>, clock: &Clock) -> (Reading, f64) {
        let readings: Vec<Reading> = self.batches.drain(..).map(Reading::from).collect();
        let seconds = self.begun.elapsed().as_secs_f64() - (clock.beside_training() - self.beside);
        let reading = Reading {
            gradient_norm: gradient_norm.map(f64::from),
            tokens_per_second: Some(self.window.tokens as f64 / seconds.max(1e-9)),
            ..Reading::mean(&readings)
        };
        let padded_share = std::mem::take(&mut self.window).padded_share();
        (self.begun, self.beside) = (Instant::now(), clock.beside_training());
        self.last_loss = Some(reading.loss);
        (reading, padded_share)
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

    fn beside_training(&self) -> f64 {
        self.sections.iter().sum()
    }
}
