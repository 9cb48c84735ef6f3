//! A forward pass in which something else is read than the model would read: the way to ask whether
//! a head is the cause of an answer, instead of only looking at it.
//!
//! ```text
//! weights = change(softmax(Q Kᵀ / √d_head))        who reads whom
//! heads   = change(weights V)                      what is handed on
//! ```
//!
//! Reference: Vig et al. 2020, <https://arxiv.org/abs/2004.12265>, for interventions on heads; Michel
//! et al. 2019, <https://arxiv.org/abs/1905.10650>, for taking heads away.

use burn::tensor::Tensor;

/// Changes the attention of a layer while a text is read. What it leaves alone stays as it is.
pub trait Intervention {
    /// The weights to read with, instead of those that the layer computed.
    ///
    /// # Shapes
    ///
    /// - `weights`, result: `[batch, heads, query, key]`
    fn weights(&self, layer: usize, weights: Tensor<4>) -> Tensor<4> {
        let _ = layer;
        weights
    }

    /// What the heads hand on, instead of what they have read.
    ///
    /// # Shapes
    ///
    /// - `heads`, result: `[batch, heads, query, d_head]`
    fn heads(&self, layer: usize, heads: Tensor<4>) -> Tensor<4> {
        let _ = layer;
        heads
    }
}

/// No intervention: the model as it is.
#[derive(Debug, Clone, Copy)]
pub struct Untouched;

impl Intervention for Untouched {}

/// An intervention, and the layer that it is asked about.
#[derive(Clone, Copy)]
pub struct InLayer<'a> {
    /// Index of the block, from 0.
    pub layer: usize,
    /// What happens there.
    pub intervention: &'a dyn Intervention,
}

impl InLayer<'_> {
    /// Nothing happens, in whatever layer.
    pub const UNTOUCHED: InLayer<'static> = InLayer { layer: 0, intervention: &Untouched };

    pub(crate) fn weights(&self, weights: Tensor<4>) -> Tensor<4> {
        self.intervention.weights(self.layer, weights)
    }

    pub(crate) fn heads(&self, heads: Tensor<4>) -> Tensor<4> {
        self.intervention.heads(self.layer, heads)
    }
}

#[cfg(test)]
mod tests;
