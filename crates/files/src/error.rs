//! The error of every access to the disk: which operation failed on which file, and why.

use std::{
    io,
    path::{Path, PathBuf},
};

/// An operation of the operating system on a file or directory failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {path}", path = .path.display())]
pub struct FileError {
    /// The operation, as a verb: `read`, `write`, `access`, `lock`.
    pub doing: &'static str,
    /// The file or directory.
    pub path: PathBuf,
    /// The error that the operating system returned.
    pub source: io::Error,
}

impl FileError {
    /// Returns a function for `map_err` that adds the operation and the file to an [`io::Error`].
    pub fn at(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { doing, path, source }
    }
}
