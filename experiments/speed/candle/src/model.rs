//! The encoder in BERT's shape and the pointer, in candle.
//!
//! ```text
//! x₀ = LN(E[token] + P(position))
//! x ← LN(x + attention(x)),  x ← LN(x + W₂ gelu(W₁ x + b₁) + b₂)
//! logits[word] = h_word · (W h_pronoun + b) / √d_model
//! ```

use std::{collections::HashMap, path::Path};

use anyhow::{Context, Result};
use candle_core::{D, Device, Tensor, Var, safetensors};
use candle_nn::ops::{log_softmax, softmax};
use serde_json::Value;

use crate::batches::Batch;

/// Stands for the score of what is padding, and for the logarithm of 0.
const MASKED: f32 = -1.0e4;
const NORM_EPSILON: f64 = 1e-5;

/// Parameters by the paths that Burn knows them by.
pub struct Model {
    parameters: HashMap<String, Var>,
    n_layers: usize,
    n_heads: usize,
}

impl Model {
    /// The model of a case with the parameters beside it.
    pub fn load(encoder: &Value, directory: &Path) -> Result<Self> {
        let arrays = safetensors::load(directory.join("model.safetensors"), &Device::Cpu)?;
        let parameters = arrays
            .into_iter()
            .map(|(name, array)| Ok((name, Var::from_tensor(&array)?)))
            .collect::<Result<_>>()?;
        let size = |name: &str| {
            let size = encoder[name].as_u64().with_context(|| format!("encoder.{name} is missing"));
            size.map(|size| size as usize)
        };
        Ok(Self { parameters, n_layers: size("n_layers")?, n_heads: size("n_heads")? })
    }

    /// What an optimizer changes.
    pub fn parameters(&self) -> Vec<Var> {
        self.parameters.values().cloned().collect()
    }

    /// Mean of −log Σ p(w) over the right words.
    pub fn loss(&self, batch: &Batch) -> Result<Tensor> {
        let log_probabilities = log_softmax(&self.logits(batch)?, 1)?;
        let right = batch.targets.where_cond(&log_probabilities, &masked(&log_probabilities)?)?;
        Ok(right.log_sum_exp(1)?.mean_all()?.neg()?)
    }

    /// `[batch, words + 1]`, *none* in the last column.
    pub fn logits(&self, batch: &Batch) -> Result<Tensor> {
        let hidden = self.encode(batch)?;
        let (n, _, d_model) = hidden.dims3()?;
        let at = batch.pronoun.reshape((n, 1, 1))?.expand((n, 1, d_model))?.contiguous()?;
        let pronoun = hidden.gather(&at, 1)?.squeeze(1)?;
        let wanted = (self.linear("pointer.wanted", &pronoun)? / (d_model as f64).sqrt())?;
        let tokens = hidden.matmul(&wanted.unsqueeze(2)?)?.squeeze(2)?; // [batch, seq]
        let words = tokens.gather(&batch.words, 1)?;
        let words = batch.word_padding_mask.where_cond(&masked(&words)?, &words)?;
        let none = wanted.matmul(&self.get("pointer.none")?.t()?)?; // [batch, 1]
        Ok(Tensor::cat(&[words, none], 1)?)
    }

    fn encode(&self, batch: &Batch) -> Result<Tensor> {
        let (n, seq) = batch.tokens.dims2()?;
        let table = self.get("encoder.embedding.tokens.weight")?;
        let d_model = table.dim(1)?;
        let tokens = table.index_select(&batch.tokens.flatten_all()?, 0)?;
        let positions = self.get("encoder.embedding.positions.table")?.narrow(0, 0, seq)?;
        let x = tokens.reshape((n, seq, d_model))?.broadcast_add(&positions)?;
        let mut x = self.norm("encoder.embedding.norm", &x)?;
        for layer in 0..self.n_layers {
            let path = format!("encoder.blocks.{layer}");
            let read = self.attend(&format!("{path}.attention"), &x, &batch.key_padding_mask)?;
            x = self.norm(&format!("{path}.attention_norm"), &(x + read)?)?;
            let hidden = self.linear(&format!("{path}.feed_forward.hidden"), &x)?.gelu_erf()?;
            let changed = self.linear(&format!("{path}.feed_forward.output"), &hidden)?;
            x = self.norm(&format!("{path}.feed_forward_norm"), &(x + changed)?)?;
        }
        Ok(x)
    }

    fn attend(&self, path: &str, x: &Tensor, padding: &Option<Tensor>) -> Result<Tensor> {
        let (n, seq, d_model) = x.dims3()?;
        let d_head = d_model / self.n_heads;
        let qkv = self.linear(&format!("{path}.qkv"), x)?;
        let part = |index: usize| -> Result<Tensor> {
            let part = qkv.narrow(D::Minus1, index * d_model, d_model)?;
            let heads = part.reshape((n, seq, self.n_heads, d_head))?.transpose(1, 2)?;
            Ok(heads.contiguous()?) // [batch, heads, seq, d_head]
        };
        let (q, k, v) = (part(0)?, part(1)?, part(2)?);
        let scores = (q.matmul(&k.t()?)? / (d_head as f64).sqrt())?;
        let scores = match padding {
            Some(padding) => {
                let padding = padding.reshape((n, 1, 1, seq))?.broadcast_as(scores.shape())?;
                padding.where_cond(&masked(&scores)?, &scores)?
            }
            None => scores,
        };
        let heads = softmax(&scores, D::Minus1)?.matmul(&v)?;
        let heads = heads.transpose(1, 2)?.reshape((n, seq, d_model))?;
        self.linear(&format!("{path}.output"), &heads)
    }

    /// Any number of axes before the last: as one long list of rows, which candle multiplies fastest.
    fn linear(&self, path: &str, x: &Tensor) -> Result<Tensor> {
        let (weight, bias) =
            (self.get(&format!("{path}.weight"))?, self.get(&format!("{path}.bias"))?);
        let mut dims = x.dims().to_vec();
        let width = dims.pop().context("a number is no list of rows")?;
        let rows = x.reshape(((), width))?.matmul(weight)?.broadcast_add(bias)?;
        dims.push(weight.dim(1)?);
        Ok(rows.reshape(dims)?)
    }

    fn norm(&self, path: &str, x: &Tensor) -> Result<Tensor> {
        let x = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
        let variance = x.sqr()?.mean_keepdim(D::Minus1)?;
        let x = x.broadcast_div(&(variance + NORM_EPSILON)?.sqrt()?)?;
        let x = x.broadcast_mul(self.get(&format!("{path}.gamma"))?)?;
        Ok(x.broadcast_add(self.get(&format!("{path}.beta"))?)?)
    }

    fn get(&self, path: &str) -> Result<&Tensor> {
        let parameter = self.parameters.get(path);
        Ok(parameter.with_context(|| format!("no parameter {path}"))?.as_tensor())
    }
}

/// A tensor of `MASKED` with the shape of `like`.
fn masked(like: &Tensor) -> Result<Tensor> {
    Ok(Tensor::full(MASKED, like.shape(), &Device::Cpu)?)
}
