//! Errors of reading the files that `evaluate` writes.

use std::{
    io,
    path::{Path, PathBuf},
};

use files::format::{Format, WrongFormat};

/// Why `report.json` or `answers.jsonl` cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The file is missing or cannot be read.
    #[error(
        "cannot read {path}\nhint: `evaluate` writes report.json and answers.jsonl into a run",
        path = .path.display()
    )]
    Io {
        /// Path of the file that was read.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A line is not valid JSON of the expected fields.
    #[error("{path}:{line}", path = .path.display())]
    Line {
        /// Path of the file that was read.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// The error of the JSON parser.
        source: serde_json::Error,
    },
    /// The file has another format or version.
    #[error("{path} {source}", path = .path.display())]
    Version {
        /// Path of the file that was read.
        path: PathBuf,
        /// The found and the expected format.
        source: WrongFormat,
    },
    /// The report is from an old version that did not record which examples were answered.
    #[error(
        "{path}: sets: found none, expected the examples that were answered\nhint: evaluate the run \
         again",
        path = .path.display()
    )]
    NoSets {
        /// Path of the file that was read.
        path: PathBuf,
    },
    /// The file holds another number of answers than its first line says.
    #[error(
        "{path}: split {split}: found {found} answers, expected {expected}",
        path = .path.display()
    )]
    Count {
        /// Path of the file that was read.
        path: PathBuf,
        /// Name of the set of examples.
        split: String,
        /// Number of answers in the file.
        found: usize,
        /// Number of answers according to the first line.
        expected: usize,
    },
}

impl ReportError {
    /// Checks that `json`, the content of `path` or its first line, is of `format`.
    pub(crate) fn check_format(path: &Path, json: &str, format: Format) -> Result<(), Self> {
        let checked = format.check(json.as_bytes()).map(|_| ());
        checked.map_err(|source| Self::Version { path: path.to_owned(), source })
    }
}
