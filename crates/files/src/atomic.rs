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

/// Writes `content` to the `path` that a user gave for an output: a file is replaced as by [`write_file`]
/// and keeps its permissions, of a link it is the file that it leads to, and a device or a pipe is written
/// to. A file in a directory that nothing may be made in is written over.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write_output(path: &Path, content: &[u8]) -> io::Result<()> {
    let Ok(found) = fs::metadata(path) else {
        // A link to a file that is not there yet leads to the new one.
        return if path.is_symlink() {
            fs::write(path, content)
        } else {
            write_file(path, content)
        };
    };
    if !found.is_file() {
        return fs::OpenOptions::new().write(true).open(path)?.write_all(content);
    }
    let target = fs::canonicalize(path)?;
    match write_file(&target, content) {
        Ok(()) => fs::set_permissions(&target, found.permissions()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            fs::write(&target, content)
        }
        Err(error) => Err(error),
    }
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

    #[cfg(unix)]
    #[test]
    fn an_output_goes_to_what_a_link_leads_to_and_a_file_keeps_its_permissions() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let directory = tempfile::tempdir().unwrap();
        let [file, link, new, dangling] =
            ["file", "link", "new", "dangling"].map(|name| directory.path().join(name));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("file", &link).unwrap();
        symlink("new", &dangling).unwrap();
        write_output(&link, b"text").unwrap();
        write_output(&dangling, b"text").unwrap();
        assert!(link.is_symlink() && dangling.is_symlink());
        assert_eq!(
            (fs::read(&file).unwrap(), fs::read(&new).unwrap()),
            (b"text".into(), b"text".into())
        );
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn an_output_goes_through_a_pipe_that_stays_one() {
        use std::os::unix::fs::FileTypeExt;

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let reader = std::thread::spawn({
            let path = path.clone();
            move || fs::read(path).unwrap()
        });
        write_output(&path, b"text").unwrap();
        assert_eq!(reader.join().unwrap(), b"text");
        assert!(fs::metadata(&path).unwrap().file_type().is_fifo());
    }

    #[test]
    fn the_parent_of_a_bare_name_is_the_working_directory() {
        assert_eq!(parent(Path::new("a.txt")), Path::new("."));
        assert_eq!(partial_path(Path::new("runs/a.txt")), Path::new("runs/.a.txt.partial"));
    }
}
