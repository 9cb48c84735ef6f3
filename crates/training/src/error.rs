//! Everything that can keep a training from its end, under one name.

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

/// Why there is no trained model.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The run directory cannot be used.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The examples cannot be read or made.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The vocabulary cannot be learned, written or read.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// An example does not fit the model.
    #[error("{place}")]
    Encode {
        /// The file.
        place: String,
        /// Which one, and why.
        source: EncodeError,
    },
    /// A batch cannot be made.
    #[error(transparent)]
    Batch(#[from] EncodeError),
    /// A checkpoint cannot be written or used.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A snapshot cannot be written.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The readings cannot be written.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// TensorBoard's event files cannot be written.
    #[error(transparent)]
    TensorBoard(#[from] EventFileError),
    /// The run goes on with another configuration.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The run goes on with other examples.
    #[error(
        "the training examples are not those that {run} began with: their SHA-256 sum is {found}, \
         expected {expected}\nhint: put the files back as they were (for the grammar: build the program \
         that began the run), or begin a new run",
        run = .run.display()
    )]
    OtherExamples {
        /// The run directory.
        run: PathBuf,
        /// Sum of the examples there are.
        found: String,
        /// Sum of those in the checkpoint.
        expected: String,
    },
    /// Another trainer has the run.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The numbers have left the range of numbers.
    #[error(
        "the {what} is not finite at step {step}: the first such number is in {place}; the step has the \
         examples {}\nhint: everything is saved as it was before; --resume with --on-nan skip leaves out \
         such steps, and a new run with a lower training.peak_learning_rate may have none",
        few(.examples)
    )]
    NotFinite {
        /// The update that was not made.
        step: usize,
        /// What was to be a number.
        what: &'static str,
        /// Where the first such number is.
        place: String,
        /// What was read.
        examples: Vec<String>,
    },
    /// One skipped step after another.
    #[error(
        "{n} steps one after another were not finite, the last one step {step}\nhint: a lower training.peak_learning_rate"
    )]
    OnlySkipped {
        /// How many.
        n: usize,
        /// The last of them.
        step: usize,
    },
    /// The model no longer answers.
    #[error(
        "the model's answers are not finite after step {step}: its update was too large\nhint: a lower \
         training.peak_learning_rate; the last checkpoint is from before"
    )]
    NoAnswer {
        /// Updates done.
        step: usize,
    },
}

/// Some of many, and how many more there are.
fn few(examples: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown = examples[..examples.len().min(SHOWN)].join(", ");
    match examples.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more (all of them in metrics.jsonl)"),
    }
}
