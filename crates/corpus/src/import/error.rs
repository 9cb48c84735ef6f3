//! The errors of an import.

use std::io;
use std::path::PathBuf;

use crate::jsonl::InvalidExample;

/// A file of a public data set cannot be imported. Lines count from 1, columns and bytes within
/// their line from 1.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum ImportError {
    /// The file cannot be read, or is too large.
    #[error("cannot read {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// The file's name is not one of those that the data set uses.
    #[error("{}: found a file of this name, expected {expected}", path.display())]
    Name { path: PathBuf, expected: &'static str },
    /// The file has no records.
    #[error("{}: found no records, expected at least one", path.display())]
    Empty { path: PathBuf },
    /// A line is not UTF-8.
    #[error(
        "{}:{line}: found byte {byte:#04x} at byte {column} of the line, expected UTF-8; \
         hint: save the file as UTF-8", path.display()
    )]
    NotUtf8 { path: PathBuf, line: usize, column: usize, byte: u8 },
    /// A field has a wrong value. `field` is the number and the name of the column, or the name of
    /// the field.
    #[error("{}:{line}: {field}: found {found}, expected {expected}", path.display())]
    Malformed { path: PathBuf, line: usize, field: String, found: String, expected: String },
    /// The file is not JSON, or not with the fields of the data set. `message` is the parser's,
    /// without the place.
    #[error("{}:{line}: column {column}: {message}", path.display())]
    Json { path: PathBuf, line: usize, column: usize, message: String },
    /// The spans of a record contradict each other.
    #[error("{}:{line}: {source}", path.display())]
    Invalid { path: PathBuf, line: usize, source: InvalidExample },
    /// Two records have the same id.
    #[error(
        "{}:{line}: found {id:?} again, expected a name of its own: {}:{first} has it too",
        path.display(), first_path.display()
    )]
    DuplicateId {
        /// The file of the second record.
        path: PathBuf,
        /// Its line.
        line: usize,
        id: String,
        /// The file of the first record.
        first_path: PathBuf,
        /// Its line.
        first: usize,
    },
}
