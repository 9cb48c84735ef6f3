//! The error of a training, which covers everything that can end it early.

use std::path::PathBuf;

use corpus::tokenizer::TokenizerError;
use snapshot::file::SnapshotError;
use tensorboard::event_file::EventFileError;

use anafora::batch::EncodeError;
use config::file::ConfigError;
use run::{
    change::ChangeError, checkpoint::CheckpointError, directory::RunError, lock::LockError,
    metrics::MetricsError, source::SourceError,
};

/// A training cannot begin or cannot continue.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The config is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The run directory cannot be made, opened or written.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The examples cannot be read or generated.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The vocabulary cannot be learned, or the tokenizer cannot be read.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// A text is too long for the model, or one of its spans contains no word.
    #[error("{place}")]
    Encode {
        /// The file of the example, or `the grammar`.
        place: String,
        /// The example and the reason.
        source: EncodeError,
    },
    /// An example of a training batch does not fit the model.
    #[error(transparent)]
    Batch(#[from] EncodeError),
    /// A checkpoint cannot be written, read or used.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// An attention snapshot cannot be written.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The metrics cannot be read or written.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// TensorBoard's event files cannot be written.
    #[error(transparent)]
    TensorBoard(#[from] EventFileError),
    /// A resumed run has another config, in keys that may not change.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// A resumed run has other training or validation examples.
    #[error(
        "the {what} examples are not those that {run} began with: their SHA-256 sum is {found}, \
         expected {expected}\nhint: put the files back as they were (for the grammar: build the program \
         that began the run), or begin a new run",
        run = .run.display()
    )]
    OtherExamples {
        /// `training` or `validation`.
        what: &'static str,
        /// The run directory.
        run: PathBuf,
        /// SHA-256 checksum of the present examples.
        found: String,
        /// SHA-256 checksum in the checkpoint.
        expected: String,
    },
    /// Another process trains the run.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The loss or a gradient is not finite.
    #[error(
        "the {what} is not finite at step {step}: the first such number is in {place}; the step has the \
         examples {}\nhint: everything is saved as it was before; --resume with --on-nan skip leaves out \
         such steps, and a new run with a lower training.peak_learning_rate may have none",
        few(.examples)
    )]
    NotFinite {
        /// The step, from 1, whose update was not made.
        step: usize,
        /// `loss` or `gradient norm`.
        what: &'static str,
        /// The activation or gradient with the first value that is not finite.
        place: String,
        /// Ids of the examples of the step.
        examples: Vec<String>,
    },
    /// Too many steps in a row were skipped.
    #[error(
        "{n} steps one after another were not finite, the last one step {step}\nhint: a lower training.peak_learning_rate"
    )]
    OnlySkipped {
        /// Number of skipped steps.
        n: usize,
        /// The last of them, from 1.
        step: usize,
    },
    /// The model's probabilities or validation loss are not finite.
    #[error(
        "the model's answers are not finite after step {step}: its update was too large\nhint: a lower \
         training.peak_learning_rate; the last checkpoint is from before"
    )]
    NoAnswer {
        /// Number of updates done.
        step: usize,
    },
}

/// The first few ids, and the number of the others.
fn few(examples: &[String]) -> String {
    const MAX_SHOWN: usize = 4;
    let shown = examples[..examples.len().min(MAX_SHOWN)].join(", ");
    match examples.len().saturating_sub(MAX_SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more (all of them in metrics.jsonl)"),
    }
}
