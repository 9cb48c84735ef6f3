//! Named arrays in one safetensors file, which every program of the comparison can read.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

/// One array to be written.
pub(crate) struct Array {
    /// A name like `encoder.blocks.0.attention.qkv.weight` or `batch.0.tokens`.
    pub(crate) name: String,
    /// Type of the elements.
    pub(crate) dtype: Dtype,
    /// Length of each axis.
    pub(crate) shape: Vec<usize>,
    /// The elements, little endian and row-major.
    pub(crate) bytes: Vec<u8>,
}

/// Writes `arrays` to `path`.
pub(crate) fn save(arrays: &[Array], path: &Path) -> anyhow::Result<()> {
    let mut views = Vec::with_capacity(arrays.len());
    for Array { name, dtype, shape, bytes } in arrays {
        views.push((name, TensorView::new(*dtype, shape.clone(), bytes)?));
    }
    safetensors::serialize_to_file(views, None, path)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// A file of arrays in memory.
pub(crate) struct File {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl File {
    /// Reads what `export` wrote to `path`.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let bytes = fs::read(path)
            .with_context(|| format!("cannot read {}, which export writes", path.display()))?;
        Ok(Self { path: path.to_owned(), bytes })
    }

    /// Parses the file.
    pub(crate) fn arrays(&self) -> anyhow::Result<SafeTensors<'_>> {
        SafeTensors::deserialize(&self.bytes)
            .with_context(|| format!("{} is not a whole safetensors file", self.path.display()))
    }
}

/// The shape and the elements of one array, which must have `D` axes.
pub(crate) fn numbers<const D: usize, N>(
    arrays: &SafeTensors<'_>,
    name: &str,
    dtype: Dtype,
    number: impl Fn(&[u8]) -> N,
) -> anyhow::Result<([usize; D], Vec<N>)> {
    let array = arrays.tensor(name).with_context(|| format!("no array {name}"))?;
    let (found, shape) = (array.dtype(), array.shape());
    ensure!(found == dtype, "{name} is of {found}, expected {dtype}");
    let n_axes = shape.len();
    let shape = shape.try_into();
    let shape = shape.with_context(|| format!("{name} has {n_axes} axes, expected {D}"))?;
    let width = dtype.bitsize() / 8;
    Ok((shape, array.data().chunks_exact(width).map(number).collect()))
}
