//! Why what `evaluate` wrote cannot be read again.

use std::{
    io,
    path::{Path, PathBuf},
};

use serde::Deserialize;

/// Why a report, or the answers beside it, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It is not there, or not ours to read.
    #[error(
        "cannot read {path}\nhint: `evaluate` writes report.json and answers.jsonl into a run",
        path = .path.display()
    )]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is not what it should be.
    #[error("{path}:{line}", path = .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// Another format, or another version of this one.
    #[error("{path} is {found}, expected {expected}", path = .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Format and version.
        found: String,
        /// Format and version.
        expected: String,
    },
    /// From before reports said which examples they are about.
    #[error(
        "{path}: sets: found none, expected the examples that were answered\nhint: evaluate the run \
         again",
        path = .path.display()
    )]
    NoSets {
        /// The file.
        path: PathBuf,
    },
    /// Answers are missing, or there are too many.
    #[error(
        "{path}: split {split}: found {found} answers, expected {expected}",
        path = .path.display()
    )]
    Count {
        /// The file.
        path: PathBuf,
        /// The set.
        split: String,
        /// Answers to it.
        found: usize,
        /// What the first line says.
        expected: usize,
    },
}

/// What a file that is not ours at all is told by.
#[derive(Deserialize)]
struct Kind {
    format: String,
    version: u32,
}

/// Whether `json`, the content of `path` or its first line, has the format and the version.
pub(crate) fn check_version(
    path: &Path,
    json: &str,
    format: &str,
    version: u32,
) -> Result<(), ReportError> {
    let found = match serde_json::from_str::<Kind>(json) {
        Ok(kind) if kind.format == format && kind.version == version => return Ok(()),
        Ok(kind) => format!("{} version {}", kind.format, kind.version),
        Err(_) => "of no known format".to_owned(),
    };
    let expected = format!("{format} version {version}");
    Err(ReportError::Version { path: path.to_owned(), found, expected })
}
