//! The lock of a run: only one program may train it, since two would overwrite each other's files.
//!
//! It is a lock of the operating system on the file `lock` in the run directory. The system
//! releases it when the process ends in any way, so there are no stale locks. The content of the
//! file only tells people who holds the lock.

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

/// The exclusive right to write into a run, released on drop.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// The process that holds the lock of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    format: String,
    version: u32,
    /// Process id.
    pub pid: u32,
    /// Name of the machine that it runs on.
    pub host: String,
    /// When it took the lock, in seconds since 1970 by the clock of that machine.
    pub since: u64,
}

/// The lock of a run cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("{path} is in use by another training{}\nhint: wait for it, or stop it", described(.holder.as_ref()), path = .path.display())]
    Held {
        /// The run directory.
        path: PathBuf,
        /// That process; `None` if it has not yet written the file.
        holder: Option<Holder>,
    },
    /// The lock file cannot be made or locked.
    #[error(transparent)]
    File(#[from] FileError),
}

/// The part of the message that names the holder.
fn described(holder: Option<&Holder>) -> String {
    holder.map_or_else(String::new, |Holder { pid, host, since, .. }| {
        let minutes = now().saturating_sub(*since) / 60;
        format!(" (process {pid} on {host}, for {minutes} min)")
    })
}

impl Lock {
    /// Takes the lock of the run in `directory`.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] if another process holds it; [`LockError::File`] if the lock file cannot
    /// be made or locked.
    pub fn take(directory: &Path) -> Result<Self, LockError> {
        let path = directory.join("lock");
        let at = |source| LockError::File(FileError::at("lock", &path)(source));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(at)?;
        match try_lock_repeatedly(&file) {
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

/// Tries for a tenth of a second, because [`holder`] takes a shared lock for an instant.
fn try_lock_repeatedly(file: &File) -> Result<(), TryLockError> {
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
    /// Empties the file, so that it names no process that no longer holds the lock.
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
}

/// The process that holds the lock of the run in `directory` at this moment, or `None`.
///
/// # Errors
///
/// If the lock file exists but cannot be opened or locked.
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

    /// Stands for a process that has taken the lock but not yet written the file.
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
    fn a_lock_is_refused_until_the_first_is_dropped() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(holder(directory.path()).unwrap(), None);
        let first = Lock::take(directory.path()).unwrap();
        let error = Lock::take(directory.path()).unwrap_err();
        assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
        let LockError::Held { holder: Some(found), .. } = error else { panic!("{error}") };
        assert_eq!(found.pid, std::process::id());
        assert_eq!(holder(directory.path()).unwrap().unwrap().pid, std::process::id());
        drop(first);
        assert_eq!(holder(directory.path()).unwrap(), None);
        Lock::take(directory.path()).unwrap();
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_underflow() {
        let holder = Holder { since: now() + 86_400, ..Holder::this() };
        assert!(described(Some(&holder)).contains("0 min"));
    }
}
