//! `metrics.jsonl`: what was measured while training.
//!
//! The first line of the file names format and version; each other line is one object with a
//! `kind`. All but the times is a function of config and seed.

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
    /// A step far from those before it.
    Outlier {
        /// Updates done.
        step: usize,
        /// `loss` or `gradient_norm`.
        what: String,
        /// Of this step.
        value: f64,
        /// The median of those before it.
        usual: f64,
        /// Those of the step with the greatest loss, the greatest first.
        examples: Vec<ExampleLoss>,
    },
    /// A step whose numbers are not finite: no update was made of it.
    #[serde(rename = "not_finite")]
    NotFinite {
        /// Updates done, this one included if it was skipped.
        step: usize,
        /// `loss` or `gradient norm`.
        what: String,
        /// Where the first of them is.
        place: String,
        /// Whether the training went on without it.
        skipped: bool,
        /// The examples of the step.
        examples: Vec<String>,
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
        /// Why it ended; older files do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ending: Option<Ending>,
    },
}

/// Mean loss and accuracy over a number of examples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metrics {
    /// Mean loss of an example, in nats.
    pub loss: f64,
    /// Share of right answers among the candidates and *none*.
    pub accuracy: f64,
    /// Examples that loss and accuracy are means of.
    pub n_examples: usize,
    /// Global norm of the gradients before clipping, of a training step.
    pub gradient_norm: Option<f64>,
    /// Tokens, padding not counted, of a training step.
    pub tokens_per_second: Option<f64>,
}

impl Metrics {
    /// The mean over the examples of all `parts`.
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
    /// All steps are done.
    Finished,
    /// No validation was better for too long.
    NoProgress,
    /// Somebody asked for it.
    Interrupted,
    /// An error, or a mistake in the program.
    Failed,
}

/// An example and its loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExampleLoss {
    /// The example.
    pub id: String,
    /// Minus the logarithm of the right answer's probability.
    pub loss: f64,
}

impl Line {
    /// The metrics of training batches.
    pub fn train(
        step: usize,
        metrics: &Metrics,
        learning_rate: f64,
        padded_share: f64,
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
            seconds,
        }
    }

    /// The metrics of a pass over the validation set.
    pub fn validation(step: usize, metrics: &Metrics, seconds: f64) -> Self {
        Self::Validation { step, loss: metrics.loss, accuracy: metrics.accuracy, seconds }
    }

    /// A step far from those before it.
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

/// The file, open for appending.
#[derive(Debug)]
pub struct MetricsFile {
    path: PathBuf,
    file: File,
}

/// Why a reading was lost.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// It cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// What is there is not what was written.
    #[error(
        "{path}:{line} is not a line of this program\nhint: repair or remove the line; nothing else \
         needs it",
        path = .path.display()
    )]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
}

impl MetricsFile {
    /// Opens the file at `path`; lines that a resumed run will write again, those after `step`,
    /// are taken out first, and so is a last one that was cut off.
    pub fn open(path: &Path, step: usize) -> Result<Self, MetricsError> {
        let write = || FileError::at("write", path);
        let old = if path.exists() { fs::read(path).map_err(write())? } else { Vec::new() };
        atomic::write_file(path, kept(path, &old, step)?.as_bytes()).map_err(write())?;
        let file = OpenOptions::new().append(true).open(path).map_err(write())?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Writes one line.
    pub fn append(&mut self, line: &Line) -> Result<(), MetricsError> {
        let text = serde_json::to_string(line).expect("a line is plain data") + "\n";
        // One write call, so that a reader never sees half a line of a small file.
        self.file.write_all(text.as_bytes()).map_err(self.error())
    }

    /// The file once more: to wait, on another thread, until the disk has it.
    pub fn handle(&self) -> Result<File, MetricsError> {
        self.file.try_clone().map_err(self.error())
    }

    fn error(&self) -> impl FnOnce(io::Error) -> MetricsError {
        let error = FileError::at("write", &self.path);
        move |source| error(source).into()
    }
}

/// The header and the lines of `old` up to `step`, without an account of the end.
fn kept(path: &Path, old: &[u8], step: usize) -> Result<String, MetricsError> {
    let old = String::from_utf8_lossy(old);
    // What does not end in a line break is the rest of a line that was being written.
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

    /// What is left of `text` after step `step`, in lines.
    fn reopened(text: &str, step: usize) -> Result<Vec<String>, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("metrics.jsonl");
        fs::write(&path, text).unwrap();
        MetricsFile::open(&path, step).map_err(|error| error.to_string())?;
        Ok(fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect())
    }

    #[test]
    fn lines_after_the_step_and_the_account_of_the_end_go() {
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
    fn a_damaged_line_is_named_and_nothing_is_thrown_away() {
        let message = reopened(&OLD.replacen("0.5", "0,5", 1), 20).unwrap_err();
        assert!(message.contains("metrics.jsonl:2 is not a line of this program"), "{message}");
    }
}
