//! One trainer for a run: two would write over each other.
//!
//! The lock is the operating system's, on the file `lock` of the run: it goes with its process,
//! however that ends, so nobody has to remove a stale one. What the file says is for people.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use files::{error::FileError, format::Format};
use serde::{Deserialize, Serialize};

const FORMAT: Format = Format::new("anafora-lock", 1);

/// The right to write into a run, until it is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// Who writes into a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    format: String,
    version: u32,
    /// The number of the process.
    pub pid: u32,
    /// The name of its machine.
    pub host: String,
    /// In seconds since 1970, by the clock of that machine.
    pub since: u64,
}

/// Why a run cannot be written into.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else does.
    #[error("{path} is in use by another training{}\nhint: wait for it, or stop it", of(.holder.as_ref()), path = .path.display())]
    Held {
        /// The run directory.
        path: PathBuf,
        /// Who, if the file says so already.
        holder: Option<Holder>,
    },
    /// The file cannot be made or locked.
    #[error(transparent)]
    File(#[from] FileError),
}

fn of(holder: Option<&Holder>) -> String {
    holder.map_or_else(String::new, |Holder { pid, host, since, .. }| {
        let minutes = now().saturating_sub(*since) / 60;
        format!(" (process {pid} on {host}, for {minutes} min)")
    })
}

impl Lock {
    /// Locks the run in `directory`.
    pub fn take(directory: &Path) -> Result<Self, LockError> {
        let path = directory.join("lock");
        let at = |source| LockError::File(FileError::at("lock", &path)(source));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(at)?;
        match patiently(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held { path: directory.to_owned(), holder: read(&path) });
            }
            Err(TryLockError::Error(source)) => return Err(at(source)),
        }
        let text = serde_json::to_string(&Holder::this()).expect("a holder is plain data");
        file.set_len(0).and_then(|()| file.write_all((text + "\n").as_bytes())).map_err(at)?;
        Ok(Self { file })
    }
}

/// Whoever asks for the [`holder`] has the lock himself for an instant.
fn patiently(file: &File) -> Result<(), TryLockError> {
    const TRIES: usize = 5;
    for _ in 1..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(20)),
            other => return other,
        }
    }
    file.try_lock()
}

impl Drop for Lock {
    /// Nobody holds it any more; a run that was only looked at is as it was.
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
}

/// Who writes into the run in `directory` now.
pub fn holder(directory: &Path) -> io::Result<Option<Holder>> {
    let path = directory.join("lock");
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(read(&path).unwrap_or_else(Holder::unknown))),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn read(path: &Path) -> Option<Holder> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

impl Holder {
    fn this() -> Self {
        Self { pid: std::process::id(), host: host(), since: now(), ..Self::unknown() }
    }

    /// Of a lock that was taken this very moment.
    fn unknown() -> Self {
        let (pid, host) = (0, "an unknown machine".to_owned());
        Self { format: FORMAT.name.to_owned(), version: FORMAT.version, pid, host, since: now() }
    }
}

fn host() -> String {
    let kernel = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = kernel.or_else(|| std::env::var("HOSTNAME").ok());
    let name = name.or_else(|| std::env::var("COMPUTERNAME").ok());
    name.map_or_else(|| "this machine".to_owned(), |name| name.trim().to_owned())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_one_is_refused_until_the_first_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(holder(directory.path()).unwrap(), None);
        let first = Lock::take(directory.path()).unwrap();
        let message = Lock::take(directory.path()).unwrap_err().to_string();
        let expected = format!("is in use by another training (process {} on ", std::process::id());
        assert!(message.contains(&expected), "{message}");
        assert_eq!(holder(directory.path()).unwrap().unwrap().pid, std::process::id());
        drop(first);
        assert_eq!(holder(directory.path()).unwrap(), None);
        Lock::take(directory.path()).unwrap();
    }

    #[test]
    fn a_clock_that_was_set_back_is_no_reason_to_fail() {
        let holder = Holder { since: now() + 86_400, ..Holder::this() };
        assert!(of(Some(&holder)).ends_with(", for 0 min)"));
    }
}
