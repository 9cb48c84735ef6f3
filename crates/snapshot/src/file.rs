//! Writing and reading the file: all of it or nothing.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use safetensors::tensor::{Dtype, Metadata, SafeTensorError, SafeTensors};

use crate::content::{Attention, ContentError, Probe, Snapshot};
use crate::header::{self, FORMAT, VERSION};

/// Bytes before the header: its length.
const LENGTH_BYTES: usize = size_of::<u64>();

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
    #[error("{path} is a snapshot of version {found:?}, expected \"{VERSION}\"{}", newer(found))]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version, empty if it names none.
        found: String,
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
    let bytes = to_bytes(snapshot)
        .map_err(|source| SnapshotError::Probes { path: path.to_owned(), source })?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".partial");
    let beside = PathBuf::from(beside);
    write_synced(&beside, &bytes).and_then(|()| fs::rename(&beside, path)).map_err(|source| {
        // The error that matters is the first one; a leftover is overwritten next time.
        let _ = fs::remove_file(&beside);
        SnapshotError::Write { path: path.to_owned(), source }
    })
}

/// Reads a snapshot and checks all of it.
///
/// # Errors
///
/// If the file is missing, cut off, of another format or version, or makes no sense.
pub fn read(path: &Path) -> Result<Snapshot, SnapshotError> {
    let bytes =
        fs::read(path).map_err(|source| SnapshotError::Read { path: path.to_owned(), source })?;
    let snapshot = Reader { path, bytes: &bytes }.snapshot()?;
    check(&snapshot, path)?;
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

fn to_bytes(snapshot: &Snapshot) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = header::bytes(snapshot)?;
    for layer in snapshot.probes.iter().flat_map(|probe| &probe.layers) {
        bytes.extend(layer.weights.iter().flat_map(|weight| weight.to_le_bytes()));
    }
    Ok(bytes)
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

struct Reader<'f> {
    path: &'f Path,
    bytes: &'f [u8],
}

impl Reader<'_> {
    fn snapshot(&self) -> Result<Snapshot, SnapshotError> {
        let (header_bytes, tensors) = SafeTensors::read_metadata(self.bytes)
            .map_err(|source| SnapshotError::NotSafetensors { path: self.path(), source })?;
        let data = &self.bytes[LENGTH_BYTES + header_bytes..];
        let metadata = tensors.metadata().clone().unwrap_or_default();
        self.check_format(&metadata)?;

        let n_layers = self.required(&metadata, "n_layers", "a number of layers")?;
        let mut probes = self.probes(&metadata)?;
        for (probe_idx, probe) in probes.iter_mut().enumerate() {
            for layer_idx in 0..n_layers {
                let name = header::tensor_name(probe_idx, layer_idx);
                probe.layers.push(self.attention(&tensors, data, name, probe.tokens.len())?);
            }
        }
        self.check_no_others(&tensors, probes.len(), n_layers)?;
        Ok(Snapshot {
            step: self.required(&metadata, "step", "a number of updates")?,
            loss: self.optional(&metadata, "loss", "a number or no such key")?,
            accuracy: self.optional(&metadata, "accuracy", "a number or no such key")?,
            model: self.required(&metadata, "model", "the name of a configuration")?,
            probes,
        })
    }

    fn check_format(&self, metadata: &HashMap<String, String>) -> Result<(), SnapshotError> {
        let value = |key| metadata.get(key).cloned().unwrap_or_default();
        let (format, version) = (value("format"), value("version"));
        if format != FORMAT {
            return Err(SnapshotError::Format { path: self.path(), found: format });
        }
        if version != VERSION.to_string() {
            return Err(SnapshotError::Version { path: self.path(), found: version });
        }
        Ok(())
    }

    fn probes(&self, metadata: &HashMap<String, String>) -> Result<Vec<Probe>, SnapshotError> {
        let json: String = self.required(metadata, "probes", "a JSON array")?;
        serde_json::from_str(&json)
            .map_err(|source| SnapshotError::Probes { path: self.path(), source })
    }

    fn attention(
        &self,
        tensors: &Metadata,
        data: &[u8],
        name: String,
        seq: usize,
    ) -> Result<Attention, SnapshotError> {
        let wrong = |found: String| SnapshotError::Tensor {
            path: self.path(),
            name: name.clone(),
            found,
            expected: format!("F32 [heads, {seq}, {seq}]"),
        };
        let info = tensors.info(&name).ok_or_else(|| wrong("missing".to_owned()))?;
        let heads = match info.shape[..] {
            [heads, query, key] if heads > 0 && query == seq && key == seq => heads,
            _ => return Err(wrong(format!("{:?} {:?}", info.dtype, info.shape))),
        };
        if info.dtype != Dtype::F32 {
            return Err(wrong(format!("{:?} {:?}", info.dtype, info.shape)));
        }
        // The crate has checked that the offsets lie within the data and fit the shape.
        let (numbers, _) = data[info.data_offsets.0..info.data_offsets.1].as_chunks();
        let weights = numbers.iter().copied().map(f32::from_le_bytes).collect();
        Ok(Attention { heads, seq, weights })
    }

    fn check_no_others(
        &self,
        tensors: &Metadata,
        n_probes: usize,
        n_layers: usize,
    ) -> Result<(), SnapshotError> {
        let expected = |name: &String| {
            (0..n_probes).any(|probe_idx| {
                (0..n_layers).any(|layer_idx| *name == header::tensor_name(probe_idx, layer_idx))
            })
        };
        match tensors.offset_keys().into_iter().find(|name| !expected(name)) {
            None => Ok(()),
            Some(name) => Err(SnapshotError::Tensor {
                path: self.path(),
                name,
                found: "there".to_owned(),
                expected: format!("{n_layers} layers for each of {n_probes} probes"),
            }),
        }
    }

    fn required<T: FromStr>(
        &self,
        metadata: &HashMap<String, String>,
        key: &'static str,
        expected: &'static str,
    ) -> Result<T, SnapshotError> {
        self.optional(metadata, key, expected)?.ok_or_else(|| {
            let found = String::new();
            SnapshotError::Metadata { path: self.path(), key, found, expected }
        })
    }

    fn optional<T: FromStr>(
        &self,
        metadata: &HashMap<String, String>,
        key: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, SnapshotError> {
        let parse = |found: &String| {
            found.parse().map_err(|_| {
                let found = found.clone();
                SnapshotError::Metadata { path: self.path(), key, found, expected }
            })
        };
        metadata.get(key).map(parse).transpose()
    }

    fn path(&self) -> PathBuf {
        self.path.to_owned()
    }
}
