//! Where runs would be written: the right to, the room, and a lock that keeps two trainings apart.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    process,
};

use super::{Check, Status};
use crate::quantity::bytes;

/// Some ten runs of `configs/base.toml`.
const ENOUGH: u64 = 1 << 30;
/// A run of `configs/base.toml`, with a checkpoint more while it is written.
const LITTLE: u64 = 100 << 20;
const ELSEWHERE: &str = "another place with `train --run DIR`, or the right to write there";

/// What is to know of `directory`, which need not exist yet.
pub fn place(directory: &Path) -> Vec<Check> {
    let parent = existing(directory);
    let [write, lock] = write(&parent);
    vec![disk(&parent), write, lock]
}

/// The directory itself, or the first above it that is there.
fn existing(directory: &Path) -> PathBuf {
    let found = directory.ancestors().find(|path| path.is_dir());
    found.filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn disk(directory: &Path) -> Check {
    match free(directory) {
        Ok(Some(n)) => judge(n, directory),
        Ok(None) => Check::ok("disk", "not known on this system"),
        Err(error) => {
            let found = format!("cannot ask {} for its free space: {error}", directory.display());
            Check::ok("disk", found).but(Status::Warning, ELSEWHERE)
        }
    }
}

fn judge(n: u64, directory: &Path) -> Check {
    let check = Check::ok("disk", format!("{} free in {}", bytes(n), directory.display()));
    let advice = "`runs` shows what old runs take; remove some, or take another place with \
                  `train --run DIR`";
    match n {
        ENOUGH.. => check,
        LITTLE.. => check.but(Status::Warning, advice),
        _ => check.but(Status::Failed, advice),
    }
}

/// The bytes that are left to somebody without privileges.
#[cfg(unix)]
fn free(directory: &Path) -> io::Result<Option<u64>> {
    let disk = rustix::fs::statvfs(directory)?;
    Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize)))
}

#[cfg(not(unix))]
fn free(_directory: &Path) -> io::Result<Option<u64>> {
    Ok(None)
}

/// Tries both with a file that is removed again.
fn write(directory: &Path) -> [Check; 2] {
    let path = directory.join(format!(".doctor-{}", process::id()));
    let written = tried(&path);
    let removed = if path.exists() { fs::remove_file(&path) } else { Ok(()) };
    let place = directory.display();
    match written.and_then(|lock| removed.map(|()| lock)) {
        Ok(lock) => [Check::ok("write", format!("files can be written in {place}")), lock],
        Err(error) => {
            let found = format!("no file can be written in {place}: {error}");
            let lock = Check::ok("lock", "not tried").but(Status::Warning, "see the line before");
            [Check::ok("write", found).but(Status::Failed, ELSEWHERE), lock]
        }
    }
}

/// Writes, reads back, and locks.
fn tried(path: &Path) -> io::Result<Check> {
    const CONTENT: &[u8] = b"a file of doctor, which removes it\n";
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
    file.write_all(CONTENT)?;
    file.sync_all()?;
    file.rewind()?;
    let mut found = Vec::new();
    file.read_to_end(&mut found)?;
    if found != CONTENT {
        return Err(io::Error::other("it does not hold what was written"));
    }
    Ok(lock(&file))
}

fn lock(file: &File) -> Check {
    match file.try_lock() {
        Ok(()) => Check::ok("lock", "files can be locked there"),
        Err(TryLockError::WouldBlock) => unexpected("somebody else has locked a new file"),
        Err(TryLockError::Error(error)) => unexpected(&error.to_string()),
    }
}

fn unexpected(found: &str) -> Check {
    let advice = "this file system keeps no locks: take care that no two programs train one run";
    Check::ok("lock", format!("files cannot be locked there: {found}")).but(Status::Warning, advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_tried_and_left_as_it_was() {
        let directory = tempfile::tempdir().unwrap();
        let runs = directory.path().join("a/b/runs");
        let checks = place(&runs);
        let names: Vec<&str> = checks.iter().map(|check| check.name.as_str()).collect();
        assert_eq!(names, ["disk", "write", "lock"]);
        for check in &checks[1..] {
            assert_eq!(check.status, Status::Ok, "{check:?}");
        }
        assert!(checks[1].found.ends_with(&directory.path().display().to_string()), "{checks:?}");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_place_that_is_none_fails_and_a_relative_one_is_below_here() {
        let [write, _] = write(Path::new("/dev/null/runs"));
        assert_eq!(write.status, Status::Failed, "{write:?}");
        assert_eq!(existing(Path::new("no-such-directory")), Path::new("."));
    }

    #[test]
    fn free_space_is_judged_by_what_runs_take() {
        let status = |n| judge(n, Path::new("runs")).status;
        let found = [0, LITTLE - 1, LITTLE, ENOUGH - 1, ENOUGH].map(status);
        use Status::{Failed, Ok, Warning};
        assert_eq!(found, [Failed, Failed, Warning, Warning, Ok]);
    }
}
