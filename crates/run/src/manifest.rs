//! A directory that appears whole or not at all, and says what it should contain.
//!
//! Files are written into a directory beside the final one, which is renamed when a manifest with
//! the size and SHA-256 sum of each file is in it. A half-written directory never has the final
//! name, and a damaged file is found before it is used: whoever reads gets the bytes that were summed.

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

/// The name of the manifest.
const MANIFEST: &str = "MANIFEST.json";
/// Since version 2 a manifest has a checksum of itself.
const FORMAT: Format = Format::since("anafora-manifest", 1, 2);

/// What a directory should contain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    version: u32,
    files: Vec<Entry>,
    /// Of this manifest, with zeros in its place.
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

/// Why a directory is not what its manifest says.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// A file or directory cannot be read, written or removed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The manifest is no manifest.
    #[error("{path} is not a manifest of this program", path = .path.display())]
    Malformed {
        /// The manifest.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Written by another program, or a later version of this one.
    #[error("{path} {source}", path = .path.display())]
    Version {
        /// The manifest.
        path: PathBuf,
        /// The formats.
        source: WrongFormat,
    },
    /// A file that is not what was written.
    #[error("{path} is damaged: it has {found}, expected {expected}", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Size or sum.
        found: String,
        /// Size or sum.
        expected: String,
    },
}

/// Makes the directory `target` of the files called `names`, which `fill` writes into the directory
/// it is given, and hands to the disk.
///
/// # Errors
///
/// If any of it fails; what was at `target` before is then still there, and nothing beside it.
pub fn write_directory<E: From<ManifestError>>(
    target: &Path,
    names: &[&str],
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let partial = partial_path(target);
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(access(&partial))?; // left by a crash
    }
    // The directory around it is not made: if it is gone, somebody has moved the run.
    fs::create_dir(&partial).map_err(access(&partial))?;
    let written = fill(&partial).and_then(|()| {
        list(&partial, names)?;
        Ok(replace(&partial, target)?)
    });
    if written.is_err() {
        let _ = fs::remove_dir_all(&partial); // a full disk needs the room
    }
    written
}

/// Writes the manifest of the files called `names` beside them.
fn list(directory: &Path, names: &[&str]) -> Result<(), ManifestError> {
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

/// The content of every file of `directory` that its manifest lists, checked against it.
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
        manifest.sha256 = Some(manifest.sum());
        manifest
    }

    /// The manifest in `bytes`, the content of the file at `path`; any change of any byte is an error.
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
            (_, Some(sum)) if *sum == manifest.sum() => {}
            (_, Some(sum)) => {
                return damaged(format!("SHA-256 {}", manifest.sum()), format!("SHA-256 {sum}"));
            }
            (_, None) => return damaged("no sum of itself".into(), "one".into()),
        }
        if manifest.to_text().as_bytes() != bytes {
            return damaged("other spaces or order".into(), "those it is written with".into());
        }
        if let Some(entry) = manifest.files.iter().find(|entry| !entry.is_beside()) {
            return damaged(format!("a file {:?}", entry.name), "names without a path".into());
        }
        Ok(manifest)
    }

    /// SHA-256 sum of the text with zeros in the sum's place.
    fn sum(&self) -> String {
        let zeroed = Self { sha256: Some(ZEROS.to_owned()), ..self.clone() };
        sha256(zeroed.to_text().as_bytes())
    }

    fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a manifest is plain data") + "\n"
    }
}

impl Entry {
    /// That of a file in `directory`, which is never in memory as a whole.
    fn of(directory: &Path, name: &str) -> Result<Self, ManifestError> {
        let path = directory.join(name);
        let (bytes, sha256) = size_and_sha256(&path).map_err(access(&path))?;
        Ok(Self { name: name.to_owned(), bytes, sha256 })
    }

    /// Whether the name is one of a file in the same directory.
    fn is_beside(&self) -> bool {
        let mut components = Path::new(&self.name).components();
        matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
    }

    fn read(&self, directory: &Path) -> Result<Vec<u8>, ManifestError> {
        let path = directory.join(&self.name);
        let damaged =
            |found, expected| Err(ManifestError::Damaged { path: path.clone(), found, expected });
        // The size first: a file that has grown to fill the memory is never read.
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
    fn a_whole_directory_gives_back_what_was_written() {
        let (parent, target) = written();
        let expected = FILES.map(|(name, content)| (name.to_owned(), content.to_vec()));
        assert_eq!(read_directory(&target).unwrap(), BTreeMap::from(expected));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1); // nothing beside it
    }

    #[test]
    fn a_changed_or_cut_or_missing_file_is_named() {
        let (_parent, target) = written();
        let file = target.join("a.txt");
        let message = || read_directory(&target).unwrap_err().to_string();
        fs::write(&file, "abd").unwrap();
        assert!(message().contains("a.txt is damaged: it has SHA-256"), "{}", message());
        fs::write(&file, "ab").unwrap();
        assert!(message().ends_with("it has 2 bytes, expected 3 bytes"), "{}", message());
        fs::remove_file(&file).unwrap();
        assert!(message().contains("cannot access"), "{}", message());
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
        let message = Manifest::parse(path, new.to_text().as_bytes()).unwrap_err().to_string();
        assert!(
            message.ends_with(
                "is anafora-manifest version 3, expected anafora-manifest version 1 or 2"
            ),
            "{message}"
        );
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
    fn a_directory_that_could_not_be_filled_leaves_the_old_one() {
        let (parent, target) = written();
        let half = |directory: &Path| {
            fs::write(directory.join("a.txt"), "other").unwrap();
            let path = directory.join("no/such/place");
            write_synced(&path, b"").map_err(access(&path))
        };
        write_directory(&target, &NAMES, half).unwrap_err();
        let nothing = |_: &Path| Ok::<_, ManifestError>(());
        write_directory(&target, &NAMES, nothing).unwrap_err(); // it has not written what it should
        assert_eq!(read_directory(&target).unwrap().len(), FILES.len());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_place_that_has_gone_is_not_made_again() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("moved").join("whole");
        write_directory(&target, &NAMES, fill).unwrap_err();
        assert!(!parent.path().join("moved").exists());
    }
}
