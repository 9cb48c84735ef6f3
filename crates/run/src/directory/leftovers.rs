//! What a program that was killed while it made or replaced a run has left beside it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long a directory of an unfinished run may be the work of a program that still makes it; an hour
/// later it was left by one that was killed.
pub(super) const MAX_MAKING: Duration = Duration::from_secs(3600);

/// Where this process makes the run `path` before it has its name.
pub(super) fn partial(path: &Path) -> PathBuf {
    path.with_file_name(format!("{}.{}.partial", hidden_name(path), std::process::id()))
}

/// Where a run is kept while `--force` replaces it.
pub(super) fn aside(path: &Path) -> PathBuf {
    path.with_file_name(format!("{}.old", hidden_name(path)))
}

/// The file name of `path` with a dot before it: prefix of the temporary names beside it.
fn hidden_name(path: &Path) -> String {
    format!(".{}", path.file_name().unwrap_or_default().to_string_lossy())
}

/// Gives the run at `path` back its name if a program was killed while it replaced it: between its two
/// renames there is only the old run, aside.
pub(super) fn recover(path: &Path) {
    if !path.exists() && aside(path).join("config.toml").is_file() {
        let _ = fs::rename(aside(path), path); // else it is simply not there
    }
}

/// Removes the unfinished runs in `parent` that killed programs left.
pub(super) fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let modified = entry.metadata().and_then(|data| data.modified()).ok();
        let age = modified.and_then(|time| time.elapsed().ok());
        let name = entry.file_name();
        if is_partial(&name.to_string_lossy()) && age.is_some_and(|age| age > MAX_MAKING) {
            let _ = fs::remove_dir_all(entry.path()); // what cannot be removed does no harm
        }
    }
}

/// Whether nothing is in a directory but unfinished runs.
pub(super) fn is_empty_directory(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| {
        entries.all(|entry| entry.is_ok_and(|e| is_partial(&e.file_name().to_string_lossy())))
    })
}

/// Whether a name is one of those that [`partial`] gives.
fn is_partial(name: &str) -> bool {
    let process = name.strip_suffix(".partial").and_then(|rest| rest.rsplit_once('.'));
    name.starts_with('.') && process.is_some_and(|(_, id)| id.chars().all(|c| c.is_ascii_digit()))
}
