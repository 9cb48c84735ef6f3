//! The batches that `speed export` wrote.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use candle_core::{Device, Tensor};
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

/// Masks are `u8`, 1 where the other sides have `true`.
pub struct Batch {
    /// `[batch, seq]`
    pub tokens: Tensor,
    /// `[batch, seq]`, absent where nothing is padding
    pub key_padding_mask: Option<Tensor>,
    /// `[batch]`
    pub pronoun: Tensor,
    /// `[batch, words]`
    pub words: Tensor,
    /// `[batch, words]`
    pub word_padding_mask: Tensor,
    /// `[batch, words + 1]`
    pub targets: Tensor,
}

/// Reads the batches in `directory`.
pub fn load(case: &Value, directory: &Path) -> Result<Vec<Batch>> {
    let bytes = fs::read(directory.join("batches.safetensors"))?;
    let arrays = SafeTensors::deserialize(&bytes)?;
    let n_batches = case["n_batches"].as_u64().context("n_batches is no number")?;
    (0..n_batches).map(|index| batch(&arrays, index)).collect()
}

fn batch(arrays: &SafeTensors<'_>, index: u64) -> Result<Batch> {
    let read = |field: &str| tensor(arrays, &format!("batch.{index}.{field}"));
    let mask = read("key_padding_mask")?;
    let has_padding = mask.max_all()?.to_scalar::<u8>()? > 0;
    Ok(Batch {
        tokens: read("tokens")?,
        key_padding_mask: has_padding.then_some(mask),
        pronoun: read("pronoun")?,
        words: read("words")?,
        word_padding_mask: read("word_padding_mask")?,
        targets: read("targets")?,
    })
}

/// candle knows no booleans, so it cannot read the file by itself.
fn tensor(arrays: &SafeTensors<'_>, name: &str) -> Result<Tensor> {
    let array = arrays.tensor(name)?;
    let (shape, data) = (array.shape(), array.data());
    let device = &Device::Cpu;
    Ok(match array.dtype() {
        Dtype::BOOL => Tensor::from_vec(data.to_vec(), shape, device)?,
        _ => Tensor::from_raw_buffer(data, candle_core::DType::I64, shape, device)?,
    })
}
