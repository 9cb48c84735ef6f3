//! Dropout: in training, numbers are set to 0 at random, so that no unit can rely on one other unit.
//!
//! ```text
//! dropout(x) = x ⊙ mask       mask = 0 with probability p, else 1 / (1 − p)
//! ```
//!
//! A mask is a function of the seed of the forward pass, of the place in the model and of the index of
//! the number: nothing is drawn from a generator that others draw from too. The kernels compute the
//! same masks, so that with dropout, too, they compute what the layers of this crate define.
//!
//! Reference: Srivastava et al. 2014, <https://jmlr.org/papers/v15/srivastava14a.html>, with the
//! numbers that are kept scaled in training instead of all numbers afterwards.

use burn::tensor::{Tensor, TensorData};
use kernels::{dropout::Dropout, half_block::DropoutSite};

/// A place in a model that has dropout. Blocks and recurrent layers count from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Site {
    /// The end of the embedding: `[batch, seq, d_model]`
    Embedding,
    /// The attention weights of a block: `[batch, heads, query, key]`
    AttentionWeights(usize),
    /// The context of a block's attention: `[batch, seq, d_model]`
    AttentionContext(usize),
    /// What a block's W₂ multiplies: `[batch, seq, d_ff]`
    FeedForwardHidden(usize),
    /// The result of a block's feed-forward network: `[batch, seq, d_model]`
    FeedForwardOutput(usize),
    /// The result of a recurrent layer: `[seq, batch, 2 · d_hidden]`
    RecurrentLayer(usize),
}

/// The number of the embedding's mask. Those of blocks count from 0 and stay below it.
const EMBEDDING: u64 = 1 << 62;

/// The number of the first recurrent layer's mask; the others follow it.
const RECURRENT: u64 = 1 << 63;

impl Site {
    /// The number of its mask, different from that of every other place.
    fn number(self) -> u64 {
        match self {
            Self::Embedding => EMBEDDING,
            Self::AttentionWeights(block) => DropoutSite::Weights.number(half_blocks(block)[0]),
            Self::AttentionContext(block) => DropoutSite::Sum.number(half_blocks(block)[0]),
            Self::FeedForwardHidden(block) => DropoutSite::Hidden.number(half_blocks(block)[1]),
            Self::FeedForwardOutput(block) => DropoutSite::Sum.number(half_blocks(block)[1]),
            Self::RecurrentLayer(layer) => RECURRENT + layer as u64,
        }
    }
}

/// The numbers by which the kernels know attention and feed-forward network of a block.
pub(crate) fn half_blocks(block: usize) -> [u64; 2] {
    let attention = 2 * block as u64;
    [attention, attention + 1]
}

/// The dropout of one forward pass; `None` if nothing is dropped.
pub(crate) fn of_pass(probability: f64, seed: u64) -> Option<Dropout> {
    (probability > 0.0).then_some(Dropout { probability: probability as f32, seed })
}

/// `x` after the dropout at `site`, if there is any.
pub(crate) fn apply<const D: usize>(
    x: Tensor<D>,
    dropout: Option<Dropout>,
    site: Site,
) -> Tensor<D> {
    let Some(dropout) = dropout else { return x };
    let shape = x.shape();
    let mask = dropout.mask(site.number(), shape.num_elements());
    let mask = Tensor::from_data(TensorData::new(mask, shape), (&x.device(), x.dtype()));
    x * mask
}

#[cfg(test)]
mod tests;
