//! Multi-head self-attention: every position reads from every other position.
//!
//! ```text
//! [Q | K | V]        = x W + b
//! Attention(Q, K, V) = softmax(Q Kᵀ / √d_head) V      in each head, on its d_head columns
//! result             = [head₁ | … | head_n] Wo + bo
//! ```
//!
//! In the base shape there are no biases, and the rotary positions turn Q and K first.
//! Reference: Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>, §3.2. There is no causal
//! mask and no attention to another text: this is an encoder.

use burn::{
    module::Module,
    nn::{Dropout, DropoutConfig, Linear},
    tensor::{Bool, Device, Tensor, activation::softmax, assert_shape},
};

use crate::{
    initial, intervention::InLayer, positions::rotary::Rotation, projection::side_by_side,
};
use config::encoder::EncoderConfig;

/// Added to no score: it *replaces* the score of a padding key before the softmax.
///
/// Finite, so that a row made of padding alone stays a distribution instead of NaN; so far below
/// any score that its `exp` is exactly 0 in `f32`; and still a number in `f16`.
pub(crate) const MASKED_SCORE: f64 = -1.0e4;

/// Self-attention in several heads, with one padding mask.
#[derive(Module, Debug)]
pub struct SelfAttention {
    /// `[q | k | v]`, side by side: `[d_model, 3 · d_model]`
    pub(crate) qkv: Linear,
    pub(crate) output: Linear,
    dropout: Dropout,
    pub(crate) n_heads: usize,
}

/// What [`SelfAttention::forward`] computed.
#[derive(Debug, Clone)]
pub struct AttentionOutput {
    /// What each position read, projected back to the residual stream: `[batch, seq, d_model]`
    pub context: Tensor<3>,
    /// `QKᵀ/√d_head`, before the mask and the softmax: `[batch, heads, query, key]`
    pub scores: Tensor<4>,
    /// The softmax of the masked scores, *before* dropout, so every row sums to 1:
    /// `[batch, heads, query, key]`
    pub weights: Tensor<4>,
    /// What each position asks, in each head, after the rotation: `[batch, heads, query, d_head]`
    pub queries: Tensor<4>,
    /// What each position can be found by, after the rotation: `[batch, heads, key, d_head]`
    pub keys: Tensor<4>,
    /// What each position hands over: `[batch, heads, key, d_head]`
    pub values: Tensor<4>,
    /// What each head has read: `[batch, heads, query, d_head]`
    pub heads: Tensor<4>,
}

impl SelfAttention {
    /// Heads as the config says.
    pub fn new(config: &EncoderConfig, device: &Device) -> Self {
        let d_model = config.d_model;
        Self {
            qkv: initial::linear(config, [d_model, 3 * d_model], 3, device),
            output: initial::linear(config, [d_model, d_model], 1, device),
            dropout: DropoutConfig::new(config.dropout).init(),
            n_heads: config.n_heads,
        }
    }

    /// # Shapes
    ///
    /// - `x`: `[batch, seq, d_model]`
    /// - `key_padding_mask`: `[batch, seq]`, `true` where the position is padding
    /// - `rotation`: of `seq` positions, in the base shape
    pub fn forward(
        &self,
        x: Tensor<3>,
        key_padding_mask: Tensor<2, Bool>,
        rotation: Option<&Rotation>,
    ) -> AttentionOutput {
        self.forward_changed(x, key_padding_mask, rotation, InLayer::UNTOUCHED)
    }

    /// The same under an intervention, whose weights and heads are those of the result.
    pub fn forward_changed(
        &self,
        x: Tensor<3>,
        key_padding_mask: Tensor<2, Bool>,
        rotation: Option<&Rotation>,
        change: InLayer<'_>,
    ) -> AttentionOutput {
        let [batch, seq, d_model] = x.dims();
        assert_shape!(key_padding_mask, [batch, seq]);
        let d_head = d_model / self.n_heads;
        let mask = key_padding_mask.reshape([batch, 1, 1, seq]); // broadcasts over heads and query

        // Each [batch, heads, seq, d_head].
        let [q, k, v] = side_by_side(&self.qkv, &x).map(|part| self.split_heads(part));
        let [q, k] = match rotation {
            Some(rotation) => [rotation.apply(q), rotation.apply(k)],
            None => [q, k],
        };

        let scores = q.clone().matmul(k.clone().transpose()) / (d_head as f64).sqrt(); // [batch, heads, query, key]
        let weights = change.weights(softmax(scores.clone().mask_fill(mask, MASKED_SCORE), 3));
        let heads = self.dropout.forward(weights.clone()).matmul(v.clone()); // [batch, heads, query, d_head]
        let heads = change.heads(heads);
        let context = heads.clone().swap_dims(1, 2).reshape([batch, seq, d_model]); // side by side
        let context = self.output.forward(context);
        let context = self.dropout.forward(context);

        AttentionOutput { context, scores, weights, queries: q, keys: k, values: v, heads }
    }

    /// How long the vector is that each position would add to the residual stream if a head read
    /// nothing else: `‖v Wo‖`, with the rows of Wo that are the head's.
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
        let output = self.output.weight.val(); // [d_model, d_model]
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
