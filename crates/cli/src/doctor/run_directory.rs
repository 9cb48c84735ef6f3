//! The checks of the directory of runs: permission to write, free space, and file locks, which keep
//! two programs from training the same run.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    process,
};

use super::{Check, Status};
use crate::quantity::bytes;

/// Room for sixteen runs of `configs/base.toml`, of 60 MiB each; less free space is a warning.
const RECOMMENDED_FREE: u64 = 1 << 30;
/// Room for one run of `configs/base.toml` and one more checkpoint while it is written; less free
/// space is a failure.
const MIN_FREE: u64 = 100 << 20;
const WRITE_ADVICE: &str = "another place with `train --run DIR`, or the right to write there";

/// Checks `directory`, which need not exist yet.
pub fn check(directory: &Path) -> Vec<Check> {
    if let Some(file) = directory.ancestors().find(|path| path.exists() && !path.is_dir()) {
        let found = format!("{} is a file, expected a directory", file.display());
        return vec![Check::ok("write", found).with_problem(Status::Failed, WRITE_ADVICE)];
    }
    let parent = existing(directory);
    let [write, lock] = write(&parent);
    vec![disk(&parent), write, lock]
}

/// The directory itself, or its nearest ancestor that exists.
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
            Check::ok("disk", found).with_problem(Status::Warning, WRITE_ADVICE)
        }
    }
}

fn judge(n: u64, directory: &Path) -> Check {
    let check = Check::ok("disk", format!("{} free in {}", bytes(n), directory.display()));
    let advice = "`runs` shows what old runs take; remove some, or take another place with \
                  `train --run DIR`";
    match n {
        RECOMMENDED_FREE.. => check,
        MIN_FREE.. => check.with_problem(Status::Warning, advice),
        _ => check.with_problem(Status::Failed, advice),
    }
}

/// The free space in bytes for a user without privileges.
#[cfg(unix)]
fn free(directory: &Path) -> io::Result<Option<u64>> {
    let disk = rustix::fs::statvfs(directory)?;
    Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize)))
}

#[cfg(not(unix))]
fn free(_directory: &Path) -> io::Result<Option<u64>> {
    Ok(None)
}

/// The checks of writing and locking, with a file that is removed again.
fn write(directory: &Path) -> [Check; 2] {
    let path = directory.join(format!(".doctor-{}", process::id()));
    let written = write_and_lock(&path);
    let removed = if path.exists() { fs::remove_file(&path) } else { Ok(()) };
    let place = directory.display();
    match written.and_then(|lock| removed.map(|()| lock)) {
        Ok(lock) => [Check::ok("write", format!("files can be written in {place}")), lock],
        Err(error) => {
            let found = format!("no file can be written in {place}: {error}");
            let lock =
                Check::ok("lock", "not tried").with_problem(Status::Warning, "see the line before");
            [Check::ok("write", found).with_problem(Status::Failed, WRITE_ADVICE), lock]
        }
    }
}

/// Writes a file, reads it back and locks it.
fn write_and_lock(path: &Path) -> io::Result<Check> {
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
        Err(TryLockError::WouldBlock) => cannot_lock("somebody else has locked a new file"),
        Err(TryLockError::Error(error)) => cannot_lock(&error.to_string()),
    }
}

fn cannot_lock(found: &str) -> Check {
    let advice = "this file system keeps no locks: take care that no two programs train one run";
    Check::ok("lock", format!("files cannot be locked there: {found}"))
        .with_problem(Status::Warning, advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_tried_and_left_as_it_was() {
        let directory = tempfile::tempdir().unwrap();
        let runs = directory.path().join("a/b/runs");
        let checks = check(&runs);
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
        let found = [0, MIN_FREE - 1, MIN_FREE, RECOMMENDED_FREE - 1, RECOMMENDED_FREE].map(status);
        use Status::{Failed, Ok, Warning};
        assert_eq!(found, [Failed, Failed, Warning, Warning, Ok]);
    }
}
