//! The one error for "doing this with that file failed".

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
    /// What the operating system said.
    pub source: io::Error,
}

impl FileError {
    /// For `map_err`: turns an [`io::Error`] into one that names the operation and the file.
    pub fn at(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { doing, path, source }
    }
}
