//! A directory that appears whole or not at all, and says what it should contain.
//!
//! Files are written into a directory beside the final one, which is renamed when a manifest with
//! the size and SHA-256 sum of each file is in it. A half-written directory never has the final
//! name, and a damaged file is found before it is used.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The name of the manifest.
const MANIFEST: &str = "MANIFEST.json";
const FORMAT: &str = "anafora-manifest";
const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: String,
    version: u32,
    files: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    name: String,
    bytes: u64,
    sha256: String,
}

/// Why a directory is not what its manifest says.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Reading or writing failed.
    #[error("cannot access {path}")]
    Io {
        /// File or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The manifest is no manifest.
    #[error("{path} is not a manifest of this program")]
    Malformed {
        /// The manifest.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Written by another program, or another version of this one.
    #[error("{path} is {found}, expected {FORMAT} version {VERSION}")]
    Version {
        /// The manifest.
        path: PathBuf,
        /// Format and version.
        found: String,
    },
    /// A file that is not what was written.
    #[error("{path} is damaged: it has {found}, expected {expected}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Size or sum.
        found: String,
        /// Size or sum.
        expected: String,
    },
}

/// Makes the directory `target` with the given files, by `fill`ing one beside it.
pub fn write_directory<E: From<ManifestError>>(
    target: &Path,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let partial = target.with_file_name(format!(".{name}.partial"));
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(io_at(&partial))?; // left by a crash
    }
    fs::create_dir_all(&partial).map_err(io_at(&partial))?;
    fill(&partial)?;
    write_manifest(&partial)?;
    if target.exists() {
        fs::remove_dir_all(target).map_err(io_at(target))?;
    }
    fs::rename(&partial, target).map_err(io_at(target))?;
    Ok(())
}

fn write_manifest(directory: &Path) -> Result<(), ManifestError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(io_at(directory))? {
        let path = entry.map_err(io_at(directory))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let content = fs::read(&path).map_err(io_at(&path))?;
        files.push(Entry { name, bytes: content.len() as u64, sha256: sha256(&content) });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let manifest = Manifest { format: FORMAT.to_owned(), version: VERSION, files };
    let path = directory.join(MANIFEST);
    let text = serde_json::to_string_pretty(&manifest).expect("a manifest is plain data");
    fs::write(&path, text + "\n").map_err(io_at(&path))
}

/// Checks every file of `directory` against its manifest.
pub fn verify_directory(directory: &Path) -> Result<(), ManifestError> {
    let path = directory.join(MANIFEST);
    let text = fs::read_to_string(&path).map_err(io_at(&path))?;
    let manifest: Manifest = serde_json::from_str(&text)
        .map_err(|source| ManifestError::Malformed { path: path.clone(), source })?;
    if (manifest.format.as_str(), manifest.version) != (FORMAT, VERSION) {
        let found = format!("{} version {}", manifest.format, manifest.version);
        return Err(ManifestError::Version { path, found });
    }
    for Entry { name, bytes, sha256: sum } in manifest.files {
        let path = directory.join(name);
        let content = fs::read(&path).map_err(io_at(&path))?;
        let damaged = |found, expected| Err(ManifestError::Damaged { path, found, expected });
        if content.len() as u64 != bytes {
            return damaged(format!("{} bytes", content.len()), format!("{bytes} bytes"));
        }
        let found = sha256(&content);
        if found != sum {
            return damaged(format!("SHA-256 {found}"), format!("SHA-256 {sum}"));
        }
    }
    Ok(())
}

/// The SHA-256 sum of `content` in hexadecimal digits.
pub fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> ManifestError {
    let path = path.to_owned();
    move |source| ManifestError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> (tempfile::TempDir, PathBuf) {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("whole");
        write_directory::<ManifestError>(&target, |directory| {
            fs::write(directory.join("a.txt"), "abc").map_err(io_at(directory))?;
            fs::write(directory.join("b.txt"), "").map_err(io_at(directory))
        })
        .unwrap();
        (parent, target)
    }

    #[test]
    fn sums_are_those_of_sha256sum() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), expected);
    }

    #[test]
    fn a_whole_directory_is_accepted() {
        let (_parent, target) = written();
        verify_directory(&target).unwrap();
    }

    #[test]
    fn a_changed_or_cut_or_missing_file_is_named() {
        let (_parent, target) = written();
        let file = target.join("a.txt");
        let message = || verify_directory(&target).unwrap_err().to_string();
        fs::write(&file, "abd").unwrap();
        assert!(message().contains("a.txt is damaged: it has SHA-256"), "{}", message());
        fs::write(&file, "ab").unwrap();
        assert!(message().ends_with("it has 2 bytes, expected 3 bytes"), "{}", message());
        fs::remove_file(&file).unwrap();
        assert!(message().contains("cannot access"), "{}", message());
    }

    #[test]
    fn a_directory_that_could_not_be_filled_leaves_the_old_one() {
        let (_parent, target) = written();
        let result = write_directory::<ManifestError>(&target, |directory| {
            let source = io::Error::other("the disk is full");
            Err(ManifestError::Io { path: directory.to_owned(), source })
        });
        assert!(result.is_err());
        verify_directory(&target).unwrap();
    }
}
