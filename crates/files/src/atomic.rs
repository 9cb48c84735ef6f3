//! Atomic file writing: after a crash or a power failure a file has its old content or its new one,
//! never a part of either.
//!
//! The content goes into a temporary file in the same directory, which is synced and then renamed.
//! The directory is synced last, since the name belongs to its data and not to the file's.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Suffix of a temporary file that was not yet renamed.
const PARTIAL: &str = "partial";

/// Writes `content` to `path` atomically, replacing what is there.
///
/// # Errors
///
/// If the file cannot be written, synced or renamed. The temporary file is removed, and `path` has
/// its old content (or the new one, if only the last sync of the directory failed).
pub fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let partial = partial_path(path);
    let written = write_synced(&partial, content)
        .and_then(|()| fs::rename(&partial, path))
        .and_then(|()| sync_directory(parent(path)));
    if written.is_err() {
        let _ = fs::remove_file(&partial); // the first error is the one that matters
    }
    written
}

/// Writes a file and syncs it to the disk. On its own this is not atomic: a crash may leave a part.
///
/// # Errors
///
/// If the file cannot be written or synced.
pub fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Syncs the entries of `directory`, so that files made or renamed in it survive a power failure.
///
/// # Errors
///
/// If the directory cannot be opened or synced.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    // Windows cannot open a directory as a file; it writes the entry together with the file.
    if cfg!(windows) { Ok(()) } else { File::open(directory)?.sync_all() }
}

/// The hidden path in the directory of `path` where a replacement is written before it is renamed.
pub fn partial_path(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{PARTIAL}"))
}

/// The directory that contains `path`; `.` for a bare file name.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        for content in ["first", "second"] {
            write_file(&path, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_unchanged() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        fs::write(&path, "old").unwrap();
        fs::create_dir(partial_path(&path)).unwrap(); // the temporary file cannot be made
        write_file(&path, b"new").unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }

    #[test]
    fn the_parent_of_a_bare_name_is_the_working_directory() {
        assert_eq!(parent(Path::new("a.txt")), Path::new("."));
        assert_eq!(partial_path(Path::new("runs/a.txt")), Path::new("runs/.a.txt.partial"));
    }
}
