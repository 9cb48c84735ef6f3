//! Atomic writing of a directory, with a manifest of the sizes and SHA-256 checksums of its files.
//!
//! Files and manifest are written into a temporary directory that is then renamed, so a
//! half-written directory never has the final name. Reading checks each file against the manifest
//! and returns the bytes that were checked, so a damaged file is found before it is used.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Component, Path, PathBuf},
};

use files::{
    atomic::{parent, partial_path, sync_directory, write_synced},
    checksum::{ZEROS, sha256, size_and_sha256},
    error::FileError,
    format::{Format, WrongFormat},
};
use serde::{Deserialize, Serialize};

/// File name of the manifest.
const MANIFEST: &str = "MANIFEST.json";
/// Since version 2 a manifest contains its own checksum.
const FORMAT: Format = Format::since("anafora-manifest", 1, 2);

/// The files of a directory, with their sizes and checksums.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    version: u32,
    files: Vec<Entry>,
    /// Checksum of the text of this manifest with zeros in place of the checksum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    bytes: u64,
    sha256: String,
}

/// A directory cannot be written, or does not match its manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// A file or directory cannot be read, written or removed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The manifest cannot be parsed.
    #[error("{path} is not a manifest of this program", path = .path.display())]
    Malformed {
        /// Path of the manifest.
        path: PathBuf,
        /// The parser's error.
        source: serde_json::Error,
    },
    /// The manifest has a format or version that this program cannot read.
    #[error("{path} {source}", path = .path.display())]
    Version {
        /// Path of the manifest.
        path: PathBuf,
        /// The version that was found and those that can be read.
        source: WrongFormat,
    },
    /// A file differs from the one that was written.
    #[error("{path} is damaged: it has {found}, expected {expected}", path = .path.display())]
    Damaged {
        /// Path of the file.
        path: PathBuf,
        /// The size or checksum that was found.
        found: String,
        /// The size or checksum in the manifest.
        expected: String,
    },
}

/// Writes the directory `target` atomically, replacing what is there. `fill` writes the files
/// called `names` into the directory that it is given, and syncs them.
///
/// # Errors
///
/// If `fill` fails, or if a file or directory cannot be written. What was at `target` is then still
/// there, and the temporary directory is removed.
pub fn write_directory<E: From<ManifestError>>(
    target: &Path,
    names: &[&str],
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let partial = partial_path(target);
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(access(&partial))?; // left by a crash
    }
    // The parent is not made: if it is missing, the run was moved while it was being trained.
    fs::create_dir(&partial).map_err(access(&partial))?;
    let written = fill(&partial).and_then(|()| {
        write_manifest(&partial, names)?;
        Ok(replace(&partial, target)?)
    });
    if written.is_err() {
        let _ = fs::remove_dir_all(&partial); // frees the space on a full disk
    }
    written
}

/// Writes the manifest of the files called `names` into their directory.
fn write_manifest(directory: &Path, names: &[&str]) -> Result<(), ManifestError> {
    let path = directory.join(MANIFEST);
    let manifest = Manifest::of(directory, names)?.to_text();
    write_synced(&path, manifest.as_bytes()).map_err(access(&path))?;
    sync_directory(directory).map_err(access(directory))
}

fn replace(partial: &Path, target: &Path) -> Result<(), ManifestError> {
    if target.exists() {
        fs::remove_dir_all(target).map_err(access(target))?;
    }
    fs::rename(partial, target).map_err(access(target))?;
    sync_directory(parent(target)).map_err(access(target))
}

/// Reads every file that the manifest of `directory` lists, by name.
///
/// # Errors
///
/// If a file cannot be read, or if the manifest or a file is damaged.
pub fn read_directory(directory: &Path) -> Result<BTreeMap<String, Vec<u8>>, ManifestError> {
    let path = directory.join(MANIFEST);
    let text = fs::read(&path).map_err(access(&path))?;
    let Manifest { files, .. } = Manifest::parse(&path, &text)?;
    files.into_iter().map(|entry| Ok((entry.name.clone(), entry.read(directory)?))).collect()
}

impl Manifest {
    fn of(directory: &Path, names: &[&str]) -> Result<Self, ManifestError> {
        let entries = names.iter().map(|name| Entry::of(directory, name));
        Ok(Self::new(entries.collect::<Result<_, _>>()?))
    }

    fn new(mut files: Vec<Entry>) -> Self {
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let mut manifest =
            Self { format: FORMAT.name.to_owned(), version: FORMAT.version, files, sha256: None };
        manifest.sha256 = Some(manifest.checksum());
        manifest
    }

    /// Parses `bytes`, the content of the file at `path`.
    ///
    /// # Errors
    ///
    /// If any byte differs from what was written, or if the version cannot be read.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_slice(bytes)
            .map_err(|source| ManifestError::Malformed { path: path.to_owned(), source })?;
        let damaged = |found: String, expected: String| {
            Err(ManifestError::Damaged { path: path.to_owned(), found, expected })
        };
        let checked = FORMAT.check_header(&manifest.format, manifest.version);
        checked.map_err(|source| ManifestError::Version { path: path.to_owned(), source })?;
        match (manifest.version, &manifest.sha256) {
            (1, None) => {}
            (1, Some(_)) => return damaged("a sum of itself".into(), "none".into()),
            (_, Some(sum)) if *sum == manifest.checksum() => {}
            (_, Some(sum)) => {
                return damaged(
                    format!("SHA-256 {}", manifest.checksum()),
                    format!("SHA-256 {sum}"),
                );
            }
            (_, None) => return damaged("no sum of itself".into(), "one".into()),
        }
        if manifest.to_text().as_bytes() != bytes {
            return damaged("other spaces or order".into(), "those it is written with".into());
        }
        if let Some(entry) = manifest.files.iter().find(|entry| !entry.is_plain_name()) {
            return damaged(format!("a file {:?}", entry.name), "names without a path".into());
        }
        Ok(manifest)
    }

    /// SHA-256 checksum of the text with zeros in place of the checksum.
    fn checksum(&self) -> String {
        let zeroed = Self { sha256: Some(ZEROS.to_owned()), ..self.clone() };
        sha256(zeroed.to_text().as_bytes())
    }

    fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a manifest is plain data") + "\n"
    }
}

impl Entry {
    /// The entry of the file `name` in `directory`, which is read in parts to bound memory use.
    fn of(directory: &Path, name: &str) -> Result<Self, ManifestError> {
        let path = directory.join(name);
        let (bytes, sha256) = size_and_sha256(&path).map_err(access(&path))?;
        Ok(Self { name: name.to_owned(), bytes, sha256 })
    }

    /// Whether the name is a plain file name, without any directory.
    fn is_plain_name(&self) -> bool {
        let mut components = Path::new(&self.name).components();
        matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
    }

    fn read(&self, directory: &Path) -> Result<Vec<u8>, ManifestError> {
        let path = directory.join(&self.name);
        let damaged =
            |found, expected| Err(ManifestError::Damaged { path: path.clone(), found, expected });
        // The size is checked first, so that a file that has grown cannot fill the memory.
        let bytes = fs::metadata(&path).map_err(access(&path))?.len();
        if bytes != self.bytes {
            return damaged(format!("{bytes} bytes"), format!("{} bytes", self.bytes));
        }
        let content = fs::read(&path).map_err(access(&path))?;
        let found = sha256(&content);
        if found != self.sha256 {
            return damaged(format!("SHA-256 {found}"), format!("SHA-256 {}", self.sha256));
        }
        Ok(content)
    }
}

fn access(path: &Path) -> impl FnOnce(io::Error) -> ManifestError {
    let error = FileError::at("access", path);
    move |source| error(source).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [(&str, &[u8]); 2] = [("a.txt", b"abc"), ("b.txt", b"")];
    const NAMES: [&str; 2] = ["b.txt", "a.txt"];

    fn fill(directory: &Path) -> Result<(), ManifestError> {
        for (name, content) in FILES {
            fs::write(directory.join(name), content).map_err(access(directory))?;
        }
        Ok(())
    }

    fn written() -> (tempfile::TempDir, PathBuf) {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("whole");
        write_directory(&target, &NAMES, fill).unwrap();
        (parent, target)
    }

    #[test]
    fn a_directory_is_read_as_it_was_written() {
        let (parent, target) = written();
        let expected = FILES.map(|(name, content)| (name.to_owned(), content.to_vec()));
        assert_eq!(read_directory(&target).unwrap(), BTreeMap::from(expected));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1); // no temporary directory
    }

    #[test]
    fn a_changed_or_cut_or_missing_file_is_named() {
        let (_parent, target) = written();
        let file = target.join("a.txt");
        let damage = || match read_directory(&target).unwrap_err() {
            ManifestError::Damaged { path, found, .. } if path == file => found,
            other => panic!("expected damage of a.txt, found: {other}"),
        };
        fs::write(&file, "abd").unwrap();
        assert!(damage().starts_with("SHA-256"), "{}", damage());
        fs::write(&file, "ab").unwrap();
        assert_eq!(damage(), "2 bytes");
        fs::remove_file(&file).unwrap();
        let ManifestError::File(error) = read_directory(&target).unwrap_err() else {
            panic!("a missing file");
        };
        assert_eq!(error.path, file);
    }

    #[test]
    fn every_changed_byte_and_every_cut_of_a_manifest_is_found() {
        let (_parent, target) = written();
        let path = target.join(MANIFEST);
        let whole = fs::read(&path).unwrap();
        for index in 0..whole.len() {
            for flip in 1..=255 {
                let mut changed = whole.clone();
                changed[index] ^= flip;
                assert!(Manifest::parse(&path, &changed).is_err(), "byte {index} ^ {flip}");
            }
            assert!(Manifest::parse(&path, &whole[..index]).is_err(), "cut at {index}");
        }
        Manifest::parse(&path, &whole).unwrap();
    }

    #[test]
    fn a_manifest_of_version_1_is_read_and_one_of_version_3_is_not() {
        let path = Path::new("MANIFEST.json");
        let (_parent, target) = written();
        let of_now = Manifest::of(&target, &NAMES).unwrap();
        let old = Manifest { version: 1, sha256: None, ..of_now };
        Manifest::parse(path, old.to_text().as_bytes()).unwrap();
        let new = Manifest { version: 3, ..old };
        let ManifestError::Version { source, .. } =
            Manifest::parse(path, new.to_text().as_bytes()).unwrap_err()
        else {
            panic!("a manifest of version 3");
        };
        assert!(source.found.ends_with("version 3"), "{source}");
    }

    #[test]
    fn a_name_with_a_path_is_refused() {
        for name in ["../a.txt", "/etc/passwd", "a/b", "", "."] {
            let entry = Entry { name: name.to_owned(), bytes: 0, sha256: sha256(b"") };
            let manifest = Manifest::new(vec![entry]);
            let parsed = Manifest::parse(Path::new("m"), manifest.to_text().as_bytes());
            assert!(parsed.is_err(), "{name}");
        }
    }

    #[test]
    fn a_failed_write_leaves_the_old_directory_unchanged() {
        let (parent, target) = written();
        let half = |directory: &Path| {
            fs::write(directory.join("a.txt"), "other").unwrap();
            let path = directory.join("no/such/place");
            write_synced(&path, b"").map_err(access(&path))
        };
        write_directory(&target, &NAMES, half).unwrap_err();
        let nothing = |_: &Path| Ok::<_, ManifestError>(());
        write_directory(&target, &NAMES, nothing).unwrap_err(); // the files are missing
        assert_eq!(read_directory(&target).unwrap().len(), FILES.len());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_parent_directory_is_not_made() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("moved").join("whole");
        write_directory(&target, &NAMES, fill).unwrap_err();
        assert!(!parent.path().join("moved").exists());
    }
}
