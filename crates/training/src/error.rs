//! Everything that can keep a training from its end, under one name.

use burn::data::dataset::DatasetError;
use corpus::tokenizer::TokenizerError;
use snapshot::file::SnapshotError;
use tensorboard::event_file::EventFileError;

use crate::{
    batch::EncodeError, checkpoint::CheckpointError, metrics::MetricsError, overrides::ConfigError,
    run::RunError, source::SourceError,
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
    Batch(#[from] DatasetError),
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
    /// The numbers have left the range of numbers.
    #[error(
        "the {what} is not finite after step {step}\nhint: lower training.peak_learning_rate; the \
         last checkpoint is from before"
    )]
    NotFinite {
        /// Updates done.
        step: usize,
        /// What was to be a number.
        what: &'static str,
    },
    /// burn-train ended the training before its loop did.
    #[error("the training ended without a result: {0}")]
    Engine(String),
}
