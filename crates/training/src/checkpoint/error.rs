//! Why a checkpoint cannot be written or used.

use std::{io, path::PathBuf};

use burn::store::RecordError;

use crate::manifest::ManifestError;

/// Why a checkpoint cannot be written or used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// It is not what was written, or cannot be written.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Reading or writing failed.
    #[error("cannot access {path}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Burn cannot make a file of the weights or moments, and says which.
    #[error("cannot write a checkpoint: {0}")]
    Unwritable(RecordError),
    /// Burn cannot make weights or moments of a file.
    #[error("{path}: {source}", path = .path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Why.
        source: RecordError,
    },
    /// Not the JSON that it should be.
    #[error("{path} is not a checkpoint's file of this program: {source}", path = .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Written by another version.
    #[error("{path} is {found}, expected {expected}", path = .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Format and version.
        found: String,
        /// Formats and versions.
        expected: String,
    },
    /// A manifest without a file that every checkpoint has.
    #[error("{path} is not listed in the manifest beside it, expected it there", path = .path.display())]
    Unlisted {
        /// The file.
        path: PathBuf,
    },
    /// No such checkpoint.
    #[error("{directory} has no checkpoint {name}, expected one of: {existing}", directory = .directory.display())]
    Unknown {
        /// Where checkpoints are.
        directory: PathBuf,
        /// What was asked for.
        name: String,
        /// What is there.
        existing: String,
    },
    /// No checkpoint at all.
    #[error("{directory} has no checkpoint yet\nhint: the run was stopped before its first one", directory = .directory.display())]
    None {
        /// Where checkpoints are.
        directory: PathBuf,
    },
    /// The run's files do not belong together.
    #[error(
        "{path} does not fit the run: {what} {found}, its weights were trained with {expected}\nhint: \
         put the run's file back as it was, or train a new run",
        path = .path.display()
    )]
    Mismatch {
        /// The checkpoint.
        path: PathBuf,
        /// The fact that differs.
        what: &'static str,
        /// What the run says.
        found: String,
        /// What the checkpoint says.
        expected: String,
    },
}
