//! The readings of a run: lines of `metrics.jsonl`, and gauges on burn-train's dashboard.
//!
//! The first line of the file names format and version; each other line is one object with a
//! `kind`. All but the times is a function of config and seed.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use burn::{
    tensor::TensorReadError,
    train::metric::{
        Adaptor, Metric, MetricAttributes, MetricMetadata, MetricName, Numeric, NumericAttributes,
        NumericEntry, SerializedEntry,
        state::{FormatOptions, NumericMetricState},
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    meter::{Clock, Section},
    task::Reading,
};

/// The first line of the file.
pub(crate) const HEADER: &str = r#"{"format":"anafora-metrics","version":1}"#;

/// One line of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Line {
    /// The batches since the line before, the losses averaged.
    Train {
        /// Updates done.
        step: usize,
        /// Mean loss of an example.
        loss: f64,
        /// Share of right answers.
        accuracy: f64,
        /// Of the last update.
        learning_rate: f64,
        /// Before clipping, of the last update.
        gradient_norm: f64,
        /// Padding not counted.
        tokens_per_second: f64,
        /// Share of the computed positions that were padding.
        padded_share: f64,
        /// Since the program began to train.
        seconds: f64,
    },
    /// A pass over the validation set.
    Validation {
        /// Updates done.
        step: usize,
        /// Mean loss of an example.
        loss: f64,
        /// Share of right answers.
        accuracy: f64,
        /// Since the program began to train.
        seconds: f64,
    },
    /// The end of the training, and where its time went.
    End {
        /// Updates done.
        step: usize,
        /// All of it.
        seconds: f64,
        /// Spent on validation.
        validation_seconds: f64,
        /// Spent on writing checkpoints.
        checkpoint_seconds: f64,
        /// Spent on capturing and writing attention.
        snapshot_seconds: f64,
        /// Share of all computed positions that were padding.
        padded_share: f64,
    },
}

impl Line {
    /// A reading of training batches.
    pub fn train(
        step: usize,
        reading: &Reading,
        learning_rate: f64,
        padded_share: f64,
        seconds: f64,
    ) -> Self {
        let Reading { loss, accuracy, gradient_norm, tokens_per_second, .. } = *reading;
        Self::Train {
            step,
            loss,
            accuracy,
            learning_rate,
            gradient_norm: gradient_norm.unwrap_or_default(),
            tokens_per_second: tokens_per_second.unwrap_or_default(),
            padded_share,
            seconds,
        }
    }

    /// A reading of the validation set.
    pub fn validation(step: usize, reading: &Reading, seconds: f64) -> Self {
        Self::Validation { step, loss: reading.loss, accuracy: reading.accuracy, seconds }
    }

    /// The account of the whole training.
    pub fn end(step: usize, clock: &Clock, padded_share: f64) -> Self {
        Self::End {
            step,
            seconds: clock.seconds(),
            validation_seconds: clock.section(Section::Validation),
            checkpoint_seconds: clock.section(Section::Checkpoint),
            snapshot_seconds: clock.section(Section::Snapshot),
            padded_share,
        }
    }

    fn step(&self) -> usize {
        match *self {
            Self::Train { step, .. } | Self::Validation { step, .. } | Self::End { step, .. } => {
                step
            }
        }
    }
}

/// The file, open for appending.
#[derive(Debug)]
pub struct MetricsFile {
    path: PathBuf,
    file: File,
}

/// Why a reading was lost.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}", path = .path.display())]
pub struct MetricsError {
    /// The file.
    path: PathBuf,
    /// Why.
    source: io::Error,
}

impl MetricsFile {
    /// Opens the file at `path`; lines that a resumed run will write again, those after `step`,
    /// are taken out first.
    pub fn open(path: &Path, step: usize) -> Result<Self, MetricsError> {
        let error = |source| MetricsError { path: path.to_owned(), source };
        let old =
            if path.exists() { fs::read_to_string(path).map_err(error)? } else { String::new() };
        let kept = old.lines().skip(1).filter(|line| match serde_json::from_str(line) {
            Ok(Line::End { .. }) | Err(_) => false,
            Ok(line) => line.step() <= step,
        });
        let text: String =
            std::iter::once(HEADER).chain(kept).flat_map(|line| [line, "\n"]).collect();
        let partial = path.with_extension("partial");
        fs::write(&partial, text).map_err(error)?;
        fs::rename(&partial, path).map_err(error)?;
        let file = OpenOptions::new().append(true).open(path).map_err(error)?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Writes one line.
    pub fn append(&mut self, line: &Line) -> Result<(), MetricsError> {
        let text = serde_json::to_string(line).expect("a line is plain data") + "\n";
        // One write call, so that a reader never sees half a line of a small file.
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|source| MetricsError { path: self.path.clone(), source })
    }
}

/// One number of a [`Reading`] on burn-train's dashboard.
#[derive(Clone)]
pub struct Gauge {
    name: MetricName,
    unit: &'static str,
    precision: usize,
    higher_is_better: bool,
    read: fn(&Reading) -> Option<f64>,
    state: NumericMetricState,
}

impl Gauge {
    fn new(
        name: &str,
        unit: &'static str,
        precision: usize,
        higher_is_better: bool,
        read: fn(&Reading) -> Option<f64>,
    ) -> Self {
        let state = NumericMetricState::new();
        Self { name: Arc::new(name.to_owned()), unit, precision, higher_is_better, read, state }
    }

    /// Mean loss.
    pub fn loss() -> Self {
        Self::new("Loss", "", 4, false, |reading| Some(reading.loss))
    }

    /// Right answers in percent.
    pub fn accuracy() -> Self {
        Self::new("Accuracy", "%", 2, true, |reading| Some(100.0 * reading.accuracy))
    }

    /// Global norm of the gradients.
    pub fn gradient_norm() -> Self {
        Self::new("Gradient norm", "", 3, false, |reading| reading.gradient_norm)
    }

    /// Tokens per second.
    pub fn speed() -> Self {
        Self::new("Tokens/s", "", 0, true, |reading| reading.tokens_per_second)
    }

    fn format(&self) -> FormatOptions {
        let options = FormatOptions::new(self.name.clone()).precision(self.precision);
        if self.unit.is_empty() { options } else { options.unit(self.unit) }
    }
}

impl Adaptor<Reading> for Reading {
    fn adapt(&self) -> Reading {
        *self
    }
}

impl Metric for Gauge {
    type Input = Reading;

    fn name(&self) -> MetricName {
        self.name.clone()
    }

    fn attributes(&self) -> MetricAttributes {
        let unit = (!self.unit.is_empty()).then(|| self.unit.to_owned());
        NumericAttributes { unit, higher_is_better: self.higher_is_better }.into()
    }

    fn update(
        &mut self,
        reading: &Reading,
        _metadata: &MetricMetadata,
    ) -> Result<SerializedEntry, TensorReadError> {
        if let Some(value) = (self.read)(reading) {
            self.state.update(value, reading.n_examples);
        }
        Ok(self.state.compute_update(self.format()))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(self.state.compute_final(self.format()))
    }

    fn clear(&mut self) {
        self.state.reset();
    }
}

impl Numeric for Gauge {
    fn value(&self) -> Option<NumericEntry> {
        Some(self.state.current_value())
    }

    fn running_value(&self) -> Option<NumericEntry> {
        Some(self.state.running_value())
    }

    fn final_value(&self) -> NumericEntry {
        self.state.final_value()
    }
}
