//! Writing and reading the file: all of it or nothing.

use std::io;
use std::path::{Path, PathBuf};

use files::atomic::write_file;
use files::bounded;
use safetensors::tensor::SafeTensorError;

use crate::content::{ContentError, Snapshot};
use crate::header::{self, FORMAT, VERSION, WITHOUT_SUM};
use crate::reader::Reader;
use crate::sum;

/// A larger file is refused, and never written. Twenty-six probes of twenty tokens take a sixth of it
/// in a model of 64 layers with 64 heads each.
pub const MOST_BYTES: u64 = 1 << 30;

/// Why a snapshot could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file cannot be read.
    #[error("cannot read the snapshot {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write the snapshot {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is cut off or something else altogether.
    #[error("{path} is not a whole safetensors file")]
    NotSafetensors {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: SafeTensorError,
    },
    /// A safetensors file of another program.
    #[error("{path} has the format {found:?}, expected \"{FORMAT}\"")]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format, empty if it names none.
        found: String,
    },
    /// A snapshot that another version of this program wrote.
    #[error(
        "{path} is a snapshot of version {found:?}, expected \"{VERSION}\" or \"{WITHOUT_SUM}\"{}",
        newer(found)
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version, empty if it names none.
        found: String,
    },
    /// Some byte is not the one that was written.
    #[error("{path} is damaged: its SHA-256 sum is {found}, expected {expected:?}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The sum of the bytes that are there.
        found: String,
        /// What the file says that it is.
        expected: String,
    },
    /// A value of the header that does not say what it should.
    #[error("{path}: metadata {key} is {found:?}, expected {expected}")]
    Metadata {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// Its value, empty if it is missing.
        found: String,
        /// What it has to be.
        expected: &'static str,
    },
    /// Probes that are no JSON of ours.
    #[error("{path}: metadata probes cannot be read")]
    Probes {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A tensor that is missing or of another kind.
    #[error("{path}: tensor {name} is {found}, expected {expected}")]
    Tensor {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// What is there.
        found: String,
        /// What should be.
        expected: String,
    },
    /// A probe that makes no sense.
    #[error("{path}: probe {probe_idx}")]
    Content {
        /// The file.
        path: PathBuf,
        /// Which probe.
        probe_idx: usize,
        /// What is wrong with it.
        source: ContentError,
    },
}

/// What a message about a version adds.
fn newer(found: &str) -> &'static str {
    match found.parse::<u64>() {
        Ok(found) if found > VERSION => ": it was written by a newer version of this program",
        _ => "",
    }
}

/// Writes a snapshot beside `path`, then gives it its name: there is never half a file.
///
/// # Errors
///
/// If the snapshot makes no sense (a reader would refuse it) or the file cannot be written.
pub fn write(snapshot: &Snapshot, path: &Path) -> Result<(), SnapshotError> {
    check(snapshot, path)?;
    let bytes = to_bytes(snapshot, path)?;
    write_file(path, &bytes)
        .map_err(|source| SnapshotError::Write { path: path.to_owned(), source })
}

/// Reads a snapshot and checks all of it.
///
/// # Errors
///
/// If the file is missing, too large, cut off, damaged, of another format or version, or makes no
/// sense.
pub fn read(path: &Path) -> Result<Snapshot, SnapshotError> {
    let bytes = bounded::read(path, MOST_BYTES)
        .map_err(|source| SnapshotError::Read { path: path.to_owned(), source })?;
    parse(&bytes, path)
}

/// Reads and checks the bytes of what is called `name` in complaints.
///
/// # Errors
///
/// If they are cut off, damaged, of another format or version, or make no sense.
pub fn parse(bytes: &[u8], name: &Path) -> Result<Snapshot, SnapshotError> {
    let snapshot = Reader { path: name, bytes }.snapshot()?;
    check(&snapshot, name)?;
    Ok(snapshot)
}

fn check(snapshot: &Snapshot, path: &Path) -> Result<(), SnapshotError> {
    let n_layers = snapshot.probes.first().map_or(0, |probe| probe.layers.len());
    for (probe_idx, probe) in snapshot.probes.iter().enumerate() {
        let content = |source| SnapshotError::Content { path: path.to_owned(), probe_idx, source };
        probe.check().map_err(content)?;
        let found = probe.layers.len();
        if found != n_layers {
            let (what, expected) = ("layers".to_owned(), n_layers);
            return Err(content(ContentError::Length { what, found, expected }));
        }
    }
    Ok(())
}

fn to_bytes(snapshot: &Snapshot, path: &Path) -> Result<Vec<u8>, SnapshotError> {
    let mut bytes = header::bytes(snapshot)
        .map_err(|source| SnapshotError::Probes { path: path.to_owned(), source })?;
    let layers = || snapshot.probes.iter().flat_map(|probe| &probe.layers);
    let n_bytes =
        bytes.len() + layers().map(|layer| size_of_val(&layer.weights[..])).sum::<usize>();
    bounded::check(n_bytes as u64, MOST_BYTES)
        .map_err(|source| SnapshotError::Write { path: path.to_owned(), source })?;
    bytes.reserve_exact(n_bytes - bytes.len());
    for layer in layers() {
        bytes.extend(layer.weights.iter().flat_map(|weight| weight.to_le_bytes()));
    }
    sum::seal(&mut bytes);
    Ok(bytes)
}
