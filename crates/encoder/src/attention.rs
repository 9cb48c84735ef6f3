//! Multi-head self-attention: every position reads from every other position.
//!
//! ```text
//! [Q | K | V]        = x W + b
//! Attention(Q, K, V) = softmax(Q Kᵀ / √d_head) V      in each head, on its d_head columns
//! result             = [head₁ | … | head_n] Wo + bo
//! ```
//!
//! Biases are there if the architecture has them; rotary positions rotate Q and K before the product.
//! In training, dropout acts on the attention weights and on the result.
//!
//! Reference: Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>, §3.2. There is no causal
//! mask and no attention to another text: this is an encoder.

use burn::{
    module::Module,
    tensor::{Bool, Tensor, activation::softmax, assert_shape},
};
use kernels::dropout::Dropout;

use crate::{
    dropout::{self, Site},
    initial::Initialiser,
    intervention::Intervention,
    positions::rotary::Rotation,
    projection::{Projection, operand},
};
use config::encoder::EncoderConfig;

/// Replaces, before a softmax (or a sigmoid), the score of what must get no weight, such as padding.
///
/// It is finite, so that a row of nothing but padding becomes a uniform distribution instead of NaN.
/// It fits every floating-point type: it is within the range of `f16` (±65,504), and so far below any
/// score of a sound model that the weight, `exp` of the difference, is exactly 0 in `f64` (below
/// -745), in `f32` and `bf16` (below -104) and in `f16` (below -18).
pub const MASKED_SCORE: f64 = -1.0e4;

/// Multi-head self-attention with a padding mask.
#[derive(Module, Debug)]
pub struct SelfAttention {
    /// The projections to q, k and v side by side: `[d_model, 3 · d_model]`
    pub(crate) qkv: Projection,
    /// Wo: `[d_model, d_model]`
    pub(crate) output: Projection,
    pub(crate) n_heads: usize,
    /// The number of its block, from 0, which an [`Intervention`] is told and dropout depends on.
    pub(crate) layer: usize,
}

/// The result of [`SelfAttention::forward`], and the intermediate results on the way to it.
#[derive(Debug, Clone)]
pub struct AttentionOutput {
    /// The outputs of all heads, projected back to the residual stream: `[batch, seq, d_model]`
    pub context: Tensor<3>,
    /// `QKᵀ/√d_head`, before the mask and the softmax: `[batch, heads, query, key]`
    pub scores: Tensor<4>,
    /// The softmax of the masked scores, *before* dropout, so every row sums to 1:
    /// `[batch, heads, query, key]`
    pub weights: Tensor<4>,
    /// Q, after the rotation: `[batch, heads, query, d_head]`
    pub queries: Tensor<4>,
    /// K, after the rotation: `[batch, heads, key, d_head]`
    pub keys: Tensor<4>,
    /// V: `[batch, heads, key, d_head]`
    pub values: Tensor<4>,
    /// The output of each head, before Wo: `[batch, heads, query, d_head]`
    pub heads: Tensor<4>,
}

impl SelfAttention {
    /// The untrained attention of block `layer`, from 0.
    pub fn new(config: &EncoderConfig, layer: usize, init: &mut Initialiser<'_>) -> Self {
        let d_model = config.d_model;
        Self {
            qkv: init.projection(config, [d_model, 3 * d_model], 3),
            output: init.projection(config, [d_model, d_model], 1),
            n_heads: config.n_heads,
            layer,
        }
    }

    /// # Shapes
    ///
    /// - `x`: `[batch, seq, d_model]`
    /// - `key_padding_mask`: `[batch, seq]`, `true` where the position is padding
    /// - `rotation`: that of `seq` positions, where positions are rotary
    ///
    /// With `dropout`, some of the weights and of the result are dropped, after the weights are
    /// reported.
    pub fn forward(
        &self,
        x: Tensor<3>,
        key_padding_mask: Tensor<2, Bool>,
        rotation: Option<&Rotation>,
        intervention: &dyn Intervention,
        dropout: Option<Dropout>,
    ) -> AttentionOutput {
        let [batch, seq, d_model] = x.dims();
        assert_shape!(key_padding_mask, [batch, seq]);
        let d_head = d_model / self.n_heads;
        let mask = key_padding_mask.reshape([batch, 1, 1, seq]); // broadcasts over heads and query

        // Each [batch, heads, seq, d_head].
        let [q, k, v] = self.qkv.forward_parts(&x).map(|part| self.split_heads(part));
        let [q, k] = match rotation {
            Some(rotation) => [rotation.apply(q), rotation.apply(k)],
            None => [q, k],
        };

        let scores = q.clone().matmul(k.clone().transpose()) / (d_head as f64).sqrt(); // [batch, heads, query, key]
        let weights = softmax(scores.clone().mask_fill(mask, MASKED_SCORE), 3);
        let weights = intervention.weights(self.layer, weights);
        let read = dropout::apply(weights.clone(), dropout, Site::AttentionWeights(self.layer));
        let heads = read.matmul(v.clone()); // [batch, heads, query, d_head]
        let heads = intervention.heads(self.layer, heads);
        let context = heads.clone().swap_dims(1, 2).reshape([batch, seq, d_model]);
        let context = self.output.forward(context);
        let context = dropout::apply(context, dropout, Site::AttentionContext(self.layer));

        AttentionOutput { context, scores, weights, queries: q, keys: k, values: v, heads }
    }

    /// The length of the vector that each head would write to the residual stream if it read one
    /// position alone: `‖v Wo‖`, with the rows of Wo that belong to the head.
    ///
    /// # Shapes
    ///
    /// - `values`: `[batch, heads, key, d_head]`, of [`AttentionOutput::values`]
    /// - result: `[batch, heads, key]`
    ///
    /// Reference: Kobayashi et al. 2020, <https://arxiv.org/abs/2004.10102>, §2.2.
    pub fn value_norms(&self, values: Tensor<4>) -> Tensor<3> {
        let [batch, heads, key, d_head] = values.dims();
        assert_shape!(values, [batch, self.n_heads, key, d_head]);
        let output = operand(self.output.weight.val(), values.dtype()); // [d_model, d_model]
        let [_, d_model] = output.dims();
        let output = output.reshape([1, heads, d_head, d_model]); // the rows of each head
        let written = values.matmul(output); // [batch, heads, key, d_model]
        written.square().sum_dim(3).sqrt().reshape([batch, heads, key])
    }

    /// `[batch, seq, d_model]` to `[batch, heads, seq, d_head]`.
    fn split_heads(&self, x: Tensor<3>) -> Tensor<4> {
        let [batch, seq, d_model] = x.dims();
        x.reshape([batch, seq, self.n_heads, d_model / self.n_heads]).swap_dims(1, 2)
    }
}

#[cfg(test)]
mod tests;
