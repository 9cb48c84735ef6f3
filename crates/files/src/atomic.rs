//! Files that are there whole or not at all, also when the power goes.
//!
//! A file is written beside its place, handed to the disk, and renamed; then the directory is handed
//! to the disk, which is where the new name stands.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// What has not got its name yet ends in this.
const PARTIAL: &str = "partial";

/// Puts a file with `content` in the place of whatever is at `path`.
///
/// # Errors
///
/// If any of it fails; `path` is then as it was, and nothing lies beside it.
pub fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let partial = beside(path);
    let written = write_synced(&partial, content)
        .and_then(|()| fs::rename(&partial, path))
        .and_then(|()| sync_directory(parent(path)));
    if written.is_err() {
        let _ = fs::remove_file(&partial); // the first error is the one that matters
    }
    written
}

/// Writes a file and waits until the disk has it.
pub fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Waits until the disk has the names in `directory`.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    // Windows opens no directories, and writes names with their files.
    if cfg!(windows) { Ok(()) } else { File::open(directory)?.sync_all() }
}

/// The hidden place beside `path` where its successor is made.
pub fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{PARTIAL}"))
}

/// The directory that `path` lies in.
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
    fn what_cannot_be_written_leaves_the_old_file_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        fs::write(&path, "old").unwrap();
        fs::create_dir(beside(&path)).unwrap(); // in the way of the new file
        write_file(&path, b"new").unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }

    #[test]
    fn a_bare_name_lies_in_the_working_directory() {
        assert_eq!(parent(Path::new("a.txt")), Path::new("."));
        assert_eq!(beside(Path::new("runs/a.txt")), Path::new("runs/.a.txt.partial"));
    }
}
