//! `metrics.jsonl`: the metrics and events of a training.
//!
//! The first line of the file names format and version; each other line is an object with a `kind`.
//! All values except times and speeds are functions of config and seed.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use files::{atomic, error::FileError};
use serde::{Deserialize, Serialize};

use crate::outlier::Outlier;

/// The first line of the file.
pub const HEADER: &str = r#"{"format":"anafora-metrics","version":1}"#;

/// One line of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Line {
    /// Means over the batches since the previous line of this kind.
    Train {
        /// Number of updates done.
        step: usize,
        /// Mean loss of an example, in nats.
        loss: f64,
        /// Share of right answers, in `0.0..=1.0`.
        accuracy: f64,
        /// Learning rate of the last update.
        learning_rate: f64,
        /// Global norm of the gradients of the last update, before clipping.
        gradient_norm: f64,
        /// Tokens per second of training time, padding not counted.
        tokens_per_second: f64,
        /// Share of the computed positions that were padding.
        padded_share: f64,
        /// Floating-point operations in the matrix products of the blocks and of Muon in all steps so far;
        /// `None` without blocks, and in files of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flop: Option<f64>,
        /// Seconds since this process began to train.
        seconds: f64,
    },
    /// A pass over the validation set.
    Validation {
        /// Number of updates done.
        step: usize,
        /// Mean loss of an example, in nats.
        loss: f64,
        /// Share of right answers, in `0.0..=1.0`.
        accuracy: f64,
        /// Seconds since this process began to train.
        seconds: f64,
    },
    /// A step whose loss or gradient norm is far above those of the steps before it.
    Outlier {
        /// Number of updates done.
        step: usize,
        /// `loss` or `gradient_norm`.
        what: String,
        /// The value at this step.
        value: f64,
        /// The median of the values before it.
        usual: f64,
        /// The examples of the step with the largest losses, the largest first.
        examples: Vec<ExampleLoss>,
    },
    /// A step whose loss or gradient norm is not finite, and which made no update.
    #[serde(rename = "not_finite")]
    NotFinite {
        /// Number of the step, from 1.
        step: usize,
        /// `loss` or `gradient norm`.
        what: String,
        /// The activation or gradient with the first value that is not finite.
        place: String,
        /// Whether the training continued without this update.
        skipped: bool,
        /// Ids of the examples of the step.
        examples: Vec<String>,
    },
    /// The end of the training, and where its time went.
    End {
        /// Number of updates done.
        step: usize,
        /// Seconds since this process began to train.
        seconds: f64,
        /// Seconds spent on validation.
        validation_seconds: f64,
        /// Seconds spent on writing checkpoints.
        checkpoint_seconds: f64,
        /// Seconds spent on computing and writing attention snapshots.
        snapshot_seconds: f64,
        /// Share of all computed positions of the run that were padding.
        padded_share: f64,
        /// Why the training ended; `None` in files of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ending: Option<Ending>,
    },
}

/// Mean loss and accuracy over a number of examples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metrics {
    /// Mean loss of an example, in nats.
    pub loss: f64,
    /// Share of examples whose right answer, among the candidates and *none*, is the likeliest.
    pub accuracy: f64,
    /// Number of examples that loss and accuracy are means over.
    pub n_examples: usize,
    /// Global norm of the gradients before clipping; only for training steps.
    pub gradient_norm: Option<f64>,
    /// Tokens per second, padding not counted; only for training steps.
    pub tokens_per_second: Option<f64>,
}

impl Metrics {
    /// The means over the examples of all `parts`, without gradient norm and speed.
    pub fn mean(parts: &[Self]) -> Self {
        let n_examples: usize = parts.iter().map(|part| part.n_examples).sum();
        let mean = |value: fn(&Self) -> f64| {
            let sum = |part: &Self| value(part) * part.n_examples as f64;
            parts.iter().map(sum).sum::<f64>() / n_examples as f64
        };
        Self {
            loss: mean(|part| part.loss),
            accuracy: mean(|part| part.accuracy),
            n_examples,
            gradient_norm: None,
            tokens_per_second: None,
        }
    }
}

/// Why a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// All steps were done.
    Finished,
    /// Early stopping: the accuracy has not risen for `training.patience` validations.
    NoProgress,
    /// The user or the system asked the program to stop.
    Interrupted,
    /// An error or a panic.
    Failed,
}

/// An example and its loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExampleLoss {
    /// Id of the example.
    pub id: String,
    /// Minus the logarithm of the probability of the right answer, in nats.
    pub loss: f64,
}

impl Line {
    /// A line with the metrics of training batches.
    pub fn train(
        step: usize,
        metrics: &Metrics,
        learning_rate: f64,
        padded_share: f64,
        flop: Option<f64>,
        seconds: f64,
    ) -> Self {
        let Metrics { loss, accuracy, gradient_norm, tokens_per_second, .. } = *metrics;
        Self::Train {
            step,
            loss,
            accuracy,
            learning_rate,
            gradient_norm: gradient_norm.unwrap_or_default(),
            tokens_per_second: tokens_per_second.unwrap_or_default(),
            padded_share,
            flop,
            seconds,
        }
    }

    /// A line with the metrics of a pass over the validation set.
    pub fn validation(step: usize, metrics: &Metrics, seconds: f64) -> Self {
        Self::Validation { step, loss: metrics.loss, accuracy: metrics.accuracy, seconds }
    }

    /// A line about an outlier, with the examples of its step that have the largest losses.
    pub fn outlier(step: usize, outlier: Outlier, examples: Vec<ExampleLoss>) -> Self {
        let Outlier { what, value, usual } = outlier;
        let (value, usual) = (value.into(), usual.into());
        Self::Outlier { step, what: what.to_owned(), value, usual, examples }
    }

    fn step(&self) -> usize {
        match *self {
            Self::Train { step, .. }
            | Self::Validation { step, .. }
            | Self::Outlier { step, .. }
            | Self::NotFinite { step, .. }
            | Self::End { step, .. } => step,
        }
    }
}

/// `metrics.jsonl`, open for appending.
#[derive(Debug)]
pub struct MetricsFile {
    path: PathBuf,
    file: File,
}

/// The metrics file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A line of an existing file cannot be parsed.
    #[error(
        "{path}:{line} is not a line of this program\nhint: repair or remove the line; nothing else \
         needs it",
        path = .path.display()
    )]
    Line {
        /// Path of the file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// The parser's error.
        source: serde_json::Error,
    },
}

impl MetricsFile {
    /// Opens the file at `path` for a run that has done `step` updates. Lines of later steps are
    /// removed, since the resumed run writes them again, and so are an incomplete last line and an
    /// `end` line.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or written, or if one of its complete lines cannot be parsed.
    pub fn open(path: &Path, step: usize) -> Result<Self, MetricsError> {
        let write = || FileError::at("write", path);
        let old = if path.exists() { fs::read(path).map_err(write())? } else { Vec::new() };
        atomic::write_file(path, kept(path, &old, step)?.as_bytes()).map_err(write())?;
        let file = OpenOptions::new().append(true).open(path).map_err(write())?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Appends one line.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn append(&mut self, line: &Line) -> Result<(), MetricsError> {
        let text = serde_json::to_string(line).expect("a line is plain data") + "\n";
        // One write call, so that a reader never sees half a line of a small file.
        self.file.write_all(text.as_bytes()).map_err(self.error())
    }

    /// A second handle of the file, with which another thread can sync it to the disk.
    ///
    /// # Errors
    ///
    /// If the operating system refuses a second handle.
    pub fn handle(&self) -> Result<File, MetricsError> {
        self.file.try_clone().map_err(self.error())
    }

    fn error(&self) -> impl FnOnce(io::Error) -> MetricsError {
        let error = FileError::at("write", &self.path);
        move |source| error(source).into()
    }
}

/// The header and the lines of `old` up to `step`, without an `end` line.
fn kept(path: &Path, old: &[u8], step: usize) -> Result<String, MetricsError> {
    let old = String::from_utf8_lossy(old);
    // A last line without a line break was being written when the process died.
    let whole = old.rfind('\n').map_or("", |end| &old[..end]);
    let mut kept = format!("{HEADER}\n");
    for (index, text) in whole.lines().enumerate().skip(1) {
        let line: Line = serde_json::from_str(text).map_err(|source| MetricsError::Line {
            path: path.to_owned(),
            line: index + 1,
            source,
        })?;
        if line.step() <= step && !matches!(line, Line::End { .. }) {
            kept += text;
            kept.push('\n');
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r#"{"format":"anafora-metrics","version":1}
{"kind":"validation","step":10,"loss":0.5,"accuracy":0.5,"seconds":1.0}
{"kind":"validation","step":20,"loss":0.5,"accuracy":0.5,"seconds":2.0}
{"kind":"end","step":20,"seconds":2.0,"validation_seconds":0.0,"checkpoint_seconds":0.0,"snapshot_seconds":0.0,"padded_share":0.0}
"#;

    /// The lines of the file `text` after a run that has done `step` updates has opened it.
    fn reopened(text: &str, step: usize) -> Result<Vec<String>, MetricsError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("metrics.jsonl");
        fs::write(&path, text).unwrap();
        MetricsFile::open(&path, step)?;
        Ok(fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect())
    }

    #[test]
    fn lines_of_later_steps_and_the_end_line_are_removed() {
        let lines: Vec<&str> = OLD.lines().collect();
        assert_eq!(reopened(OLD, 20).unwrap(), lines[..3]);
        assert_eq!(reopened(OLD, 19).unwrap(), lines[..2]);
        assert_eq!(reopened("", 19).unwrap(), lines[..1]);
    }

    #[test]
    fn wherever_the_file_was_cut_off_the_whole_lines_are_kept() {
        let lines: Vec<&str> = OLD.lines().collect();
        for end in 0..OLD.len() {
            let n_whole = OLD[..end].matches('\n').count().clamp(1, 3);
            assert_eq!(reopened(&OLD[..end], 20).unwrap(), lines[..n_whole], "cut at {end}");
        }
    }

    #[test]
    fn a_damaged_line_is_refused_with_its_number() {
        let error = reopened(&OLD.replacen("0.5", "0,5", 1), 20).unwrap_err();
        assert!(matches!(error, MetricsError::Line { line: 2, .. }), "{error}");
    }
}
