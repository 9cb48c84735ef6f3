//! The JSON in front of the tensors, in an order that never changes.
//!
//! The safetensors crate keeps the metadata in a hash map, so that it writes other bytes each time.
//! Written here, the file begins with its format, and equal snapshots are equal files. Reading is the
//! crate's, with all its checks.

use std::collections::BTreeMap;

use safetensors::tensor::{Dtype, TensorInfo};
use serde::Serialize;

use files::checksum::ZEROS;

use crate::content::Snapshot;

/// The name of the format.
pub(crate) const FORMAT: &str = "anafora-snapshot";
/// The version that is written.
pub(crate) const VERSION: u64 = 2;
/// The version before it, which is read too: the same without a sum.
pub(crate) const WITHOUT_SUM: u64 = 1;

/// Tensors begin at a multiple of this many bytes, as the format asks of a header's length.
const ALIGNMENT: usize = 8;

#[derive(Serialize)]
struct Header {
    #[serde(rename = "__metadata__")]
    metadata: Metadata,
    #[serde(flatten)]
    tensors: BTreeMap<String, TensorInfo>,
}

/// Strings only: safetensors allows nothing else.
#[derive(Serialize)]
struct Metadata {
    format: &'static str,
    version: String,
    sha256: String,
    step: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    loss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy: Option<String>,
    model: String,
    n_layers: String,
    probes: String,
}

/// The name of a tensor; the zeros keep a listing in order.
pub(crate) fn tensor_name(probe_idx: usize, layer_idx: usize) -> String {
    format!("probe-{probe_idx:02}.layer-{layer_idx}")
}

/// The file up to its first tensor: the length of the header and the header, with zeros for the sum.
pub(crate) fn bytes(snapshot: &Snapshot) -> Result<Vec<u8>, serde_json::Error> {
    let header = Header { metadata: metadata(snapshot)?, tensors: tensors(snapshot) };
    let mut json = serde_json::to_vec(&header)?;
    json.resize(json.len().next_multiple_of(ALIGNMENT), b' ');
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.append(&mut json);
    Ok(bytes)
}

fn metadata(snapshot: &Snapshot) -> Result<Metadata, serde_json::Error> {
    let n_layers = snapshot.probes.first().map_or(0, |probe| probe.layers.len());
    Ok(Metadata {
        format: FORMAT,
        version: VERSION.to_string(),
        sha256: ZEROS.to_owned(),
        step: snapshot.step.to_string(),
        loss: snapshot.loss.map(|loss| loss.to_string()),
        accuracy: snapshot.accuracy.map(|accuracy| accuracy.to_string()),
        model: snapshot.model.clone(),
        n_layers: n_layers.to_string(),
        probes: serde_json::to_string(&snapshot.probes)?,
    })
}

fn tensors(snapshot: &Snapshot) -> BTreeMap<String, TensorInfo> {
    let mut tensors = BTreeMap::new();
    let mut start = 0;
    for (probe_idx, probe) in snapshot.probes.iter().enumerate() {
        for (layer_idx, layer) in probe.layers.iter().enumerate() {
            let end = start + layer.weights.len() * size_of::<f32>();
            let shape = vec![layer.heads, layer.seq, layer.seq];
            let info = TensorInfo { dtype: Dtype::F32, shape, data_offsets: (start, end) };
            tensors.insert(tensor_name(probe_idx, layer_idx), info);
            start = end;
        }
    }
    tensors
}
