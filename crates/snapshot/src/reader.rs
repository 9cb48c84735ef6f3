//! Parses the bytes of a file: first its format, version and sum, then every value by its name.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use safetensors::tensor::{Dtype, Metadata, SafeTensors};

use crate::content::{Attention, Probe, Snapshot};
use crate::file::SnapshotError;
use crate::header::{self, FORMAT, VERSION, WITHOUT_SUM};
use crate::sum;

/// The bytes of the number before the header, which is the header's length.
const LENGTH_BYTES: usize = size_of::<u64>();

/// The bytes of a file, none of which is trusted.
pub(crate) struct Reader<'f> {
    pub(crate) path: &'f Path,
    pub(crate) bytes: &'f [u8],
}

impl Reader<'_> {
    /// Parses the snapshot. The caller has to check its content.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, SnapshotError> {
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
        let sum = metadata.get("sha256").cloned();
        if version == VERSION.to_string() {
            return self.check_sum(sum);
        }
        if version != WITHOUT_SUM.to_string() {
            return Err(SnapshotError::Version { path: self.path(), found: version });
        }
        match sum {
            None => Ok(()),
            // Otherwise changing the version of a file of version 2 would disable the check of its
            // sum.
            Some(found) => {
                let (key, expected) = ("sha256", "no such key in version 1");
                Err(SnapshotError::Metadata { path: self.path(), key, found, expected })
            }
        }
    }

    /// Compares the sum in the file with that of its bytes. `found` is the header's value, for the
    /// error: it may be at another place of the header than the sum has to be.
    fn check_sum(&self, found: Option<String>) -> Result<(), SnapshotError> {
        let Some(stated) = sum::stated(self.bytes) else {
            let (key, found) = ("sha256", found.unwrap_or_default());
            let expected = "64 hexadecimal digits, right behind the version";
            return Err(SnapshotError::Metadata { path: self.path(), key, found, expected });
        };
        let computed = sum::computed(self.bytes);
        if stated == computed.as_bytes() {
            return Ok(());
        }
        let expected = String::from_utf8_lossy(stated).into_owned();
        Err(SnapshotError::Damaged { path: self.path(), found: computed, expected })
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
        // The safetensors crate has checked that the offsets are within the data and fit the shape.
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
        let of_probe =
            |probe_idx| (0..n_layers).map(move |idx| header::tensor_name(probe_idx, idx));
        let expected: HashSet<String> = (0..n_probes).flat_map(of_probe).collect();
        match tensors.offset_keys().into_iter().find(|name| !expected.contains(name)) {
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
