//! Who works on a run.

use std::{
    fs::{File, TryLockError},
    io::{self, Read},
    path::Path,
};

use serde::{Deserialize, Serialize};

/// A program that trains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its number on its machine.
    pub pid: u32,
    /// Its machine.
    pub host: String,
    /// In seconds since the beginning of 1970.
    pub since: u64,
}

/// Who holds the lock of the run in `run_directory`.
pub(super) fn holder(run_directory: &Path) -> io::Result<Option<Holder>> {
    let mut file = match File::open(run_directory.join("lock")) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None), // and closing the file gives it back
        Err(TryLockError::Error(error)) => Err(error),
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            Ok(Some(serde_json::from_str(&text)?))
        }
    }
}
