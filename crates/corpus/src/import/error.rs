//! Why a file of a public set cannot be imported.

use std::io;
use std::path::PathBuf;

use crate::jsonl::InvalidExample;

/// Why a file of a public set cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is missing, a directory, or not ours to read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file's name does not say what is in it.
    #[error("{}: found a file of this name, expected {expected}", path.display())]
    Name {
        /// The file.
        path: PathBuf,
        /// What a name looks like.
        expected: &'static str,
    },
    /// There are no records.
    #[error("{}: found no records, expected at least one", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A line is not UTF-8.
    #[error(
        "{}:{line}: found byte {byte:#04x} at byte {column} of the line, expected UTF-8; \
         hint: save the file as UTF-8", path.display()
    )]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The place in the line, in bytes from 1.
        column: usize,
        /// What stands there.
        byte: u8,
    },
    /// A field does not hold what it should.
    #[error("{}:{line}: {field}: found {found}, expected {expected}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column and its name, or the name of the field.
        field: String,
        /// What it holds.
        found: String,
        /// What it should hold.
        expected: String,
    },
    /// The file is not the JSON that it should be.
    #[error("{}:{line}: column {column}: {message}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The place in the line, in bytes from 1.
        column: usize,
        /// What the JSON reader says, without the place.
        message: String,
    },
    /// A record's spans contradict each other.
    #[error("{}:{line}: {source}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: InvalidExample,
    },
    /// Two records have the same name.
    #[error(
        "{}:{line}: found {id:?} again, expected a name of its own: {}:{first} has it too",
        path.display(), first_path.display()
    )]
    DuplicateId {
        /// The file of the second record.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// The name.
        id: String,
        /// The file of the first record.
        first_path: PathBuf,
        /// Its line, from 1.
        first: usize,
    },
}
