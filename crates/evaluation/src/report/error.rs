//! Why what `evaluate` wrote cannot be read again.

use std::{
    io,
    path::{Path, PathBuf},
};

use files::format::{Format, WrongFormat};

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
    #[error("{path} {source}", path = .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The formats.
        source: WrongFormat,
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

impl ReportError {
    /// Whether `json`, the content of `path` or its first line, is of `format`.
    pub(crate) fn check_format(path: &Path, json: &str, format: Format) -> Result<(), Self> {
        let checked = format.check(json.as_bytes()).map(|_| ());
        checked.map_err(|source| Self::Version { path: path.to_owned(), source })
    }
}
