//! Interventions: a forward pass in which the attention of some heads is replaced, to find out whether
//! they are the cause of an answer and not only beside it.
//!
//! ```text
//! weights = intervention(softmax(Q Kᵀ / √d_head))        which positions are read
//! heads   = intervention(weights V)                      what each head passes on
//! ```
//!
//! Reference: Vig et al. 2020, <https://arxiv.org/abs/2004.12265>, for interventions on heads; Michel
//! et al. 2019, <https://arxiv.org/abs/1905.10650>, for ablating heads.

use burn::tensor::Tensor;

/// Replaces intermediate results of attention during a forward pass; each method is called in every
/// block, and what it returns is computed with and reported. By default nothing is replaced.
pub trait Intervention {
    /// The attention weights to read with, given those that block `layer` (from 0) computed.
    ///
    /// # Shapes
    ///
    /// - `weights`, result: `[batch, heads, query, key]`
    fn weights(&self, layer: usize, weights: Tensor<4>) -> Tensor<4> {
        let _ = layer;
        weights
    }

    /// The outputs of the heads to go on with, given those that block `layer` (from 0) computed.
    ///
    /// # Shapes
    ///
    /// - `heads`, result: `[batch, heads, query, d_head]`
    fn heads(&self, layer: usize, heads: Tensor<4>) -> Tensor<4> {
        let _ = layer;
        heads
    }

    /// Whether nothing is replaced in any block, as by [`Untouched`]: a network without attention
    /// takes no other intervention, instead of ignoring it.
    fn is_identity(&self) -> bool {
        false
    }
}

/// No intervention: the model as it is.
#[derive(Debug, Clone, Copy)]
pub struct Untouched;

impl Intervention for Untouched {
    fn is_identity(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
