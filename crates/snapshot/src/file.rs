//! Writes and reads snapshot files.

use std::io;
use std::path::{Path, PathBuf};

use files::atomic::write_file;
use files::bounded;
use safetensors::tensor::SafeTensorError;

use crate::content::{ContentError, Snapshot};
use crate::header::{self, FORMAT, VERSION, WITHOUT_SUM};
use crate::reader::Reader;
use crate::sum;

/// The largest file that is written or read. A model of 64 layers with 64 heads each fills a sixth
/// of it with 26 probes of 20 tokens.
pub const MAX_BYTES: u64 = 1 << 30;

/// A snapshot could not be written or read. In all variants, `found` is empty if the value is
/// missing.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum SnapshotError {
    /// The file cannot be read.
    #[error("cannot read the snapshot {path}")]
    Read { path: PathBuf, source: io::Error },
    /// The file cannot be written.
    #[error("cannot write the snapshot {path}")]
    Write { path: PathBuf, source: io::Error },
    /// The file is truncated or not a safetensors file.
    #[error("{path} is not a whole safetensors file")]
    NotSafetensors { path: PathBuf, source: SafeTensorError },
    /// The file is a safetensors file of another format.
    #[error("{path} has the format {found:?}, expected \"{FORMAT}\"")]
    Format { path: PathBuf, found: String },
    /// The file is a snapshot of a version that is not read.
    #[error(
        "{path} is a snapshot of version {found:?}, expected \"{VERSION}\" or \"{WITHOUT_SUM}\"{}",
        newer(found)
    )]
    Version { path: PathBuf, found: String },
    /// The file has changed since it was written: the sum of its bytes is `found`, and it says that
    /// it should be `expected`.
    #[error("{path} is damaged: its SHA-256 sum is {found}, expected {expected:?}")]
    Damaged { path: PathBuf, found: String, expected: String },
    /// A value of the header is missing or malformed.
    #[error("{path}: metadata {key} is {found:?}, expected {expected}")]
    Metadata { path: PathBuf, key: &'static str, found: String, expected: &'static str },
    /// The header's probes are not the JSON that they should be.
    #[error("{path}: metadata probes cannot be read")]
    Probes { path: PathBuf, source: serde_json::Error },
    /// A tensor is missing, or has another type or shape, or should not be there.
    #[error("{path}: tensor {name} is {found}, expected {expected}")]
    Tensor { path: PathBuf, name: String, found: String, expected: String },
    /// The parts of a probe contradict each other.
    #[error("{path}: probe {probe_idx}")]
    Content { path: PathBuf, probe_idx: usize, source: ContentError },
}

/// What the message about a version adds if the file is from a newer program.
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
/// If the file is missing, too large, truncated, damaged, of another format or version, or
/// contradicts itself.
pub fn read(path: &Path) -> Result<Snapshot, SnapshotError> {
    let bytes = bounded::read(path, MAX_BYTES)
        .map_err(|source| SnapshotError::Read { path: path.to_owned(), source })?;
    parse(&bytes, path)
}

/// Reads and checks the bytes of a file. Errors give `name` as the path.
///
/// # Errors
///
/// As [`read`], but for a missing or too large file.
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
    bounded::check(n_bytes as u64, MAX_BYTES)
        .map_err(|source| SnapshotError::Write { path: path.to_owned(), source })?;
    bytes.reserve_exact(n_bytes - bytes.len());
    for layer in layers() {
        bytes.extend(layer.weights.iter().flat_map(|weight| weight.to_le_bytes()));
    }
    sum::seal(&mut bytes);
    Ok(bytes)
}
