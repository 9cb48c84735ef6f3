//! The same layers, faster: half a block as one operation of the crate [`kernels`].
//!
//! What is computed is defined by [`crate::block`], [`crate::attention`] and
//! [`crate::feed_forward`], and is read there. This file only finds out whether the device has
//! kernels (Burn's flex backend in `f32` has), and hands the parameters over. Two things are not the
//! same: the vectors of padding, which nobody reads, and which values dropout drops.

use std::sync::Arc;

use burn::{
    nn::{LayerNorm, Linear},
    tensor::{Bool, Distribution, Tensor},
};
use kernels::{
    activation::Activation,
    attention::Rotary,
    burn_ops::{self, HalfBlockParameters},
    dropout::Dropout,
    half_block::{HalfBlock, NormPlacement, SubLayer},
    rows::PackedRows,
};

use crate::{
    block::Block,
    config::{EncoderConfig, Shape},
    initial::NORM_EPSILON,
    positions::rotary::angles,
};

/// What the blocks of one forward pass share.
#[derive(Debug)]
pub(crate) struct Fused {
    shape: Shape,
    n_heads: usize,
    rows: Arc<PackedRows>,
    rotary: Option<Arc<Rotary>>,
    dropout: Option<Dropout>,
}

impl Fused {
    /// `None` where the device has no kernels.
    ///
    /// # Shapes
    ///
    /// - `hidden`: `[batch, seq, d_model]`
    /// - `key_padding_mask`: `[batch, seq]`
    pub(crate) fn new(
        config: &EncoderConfig,
        hidden: &Tensor<3>,
        key_padding_mask: &Tensor<2, Bool>,
    ) -> Option<Self> {
        let rows = Arc::new(burn_ops::packed_rows(key_padding_mask)?);
        let [_, seq, _] = hidden.dims();
        let rotary = config.rotary_theta.map(|theta| {
            let (cos, sin) = angles(seq, config.d_head(), theta)
                .map(|angle| (angle.cos() as f32, angle.sin() as f32))
                .unzip();
            Arc::new(Rotary { cos, sin })
        });
        let drops = config.dropout > 0.0 && hidden.device().is_autodiff();
        let dropout = drops.then(|| Dropout {
            probability: config.dropout as f32,
            // From Burn's generator, which the caller seeds.
            seed: Tensor::<1>::random([2], Distribution::Uniform(0.0, 1.0), &hidden.device())
                .into_data()
                .iter::<f32>()
                .fold(0, |seed, part| (seed << 32) | u64::from(part.to_bits())),
        });
        Some(Self { shape: config.shape, n_heads: config.n_heads, rows, rotary, dropout })
    }

    /// The residual stream after the block number `index`; `None` where there is no kernel for `x`.
    ///
    /// # Shapes
    ///
    /// - `x`, result: `[batch, seq, d_model]`
    pub(crate) fn block(&self, block: &Block, index: usize, x: Tensor<3>) -> Option<Tensor<3>> {
        let Block { attention, attention_norm, feed_forward, feed_forward_norm, .. } = block;
        let sub_layer = SubLayer::Attention { n_heads: self.n_heads, rotary: self.rotary.clone() };
        let norm = attention_norm.as_ref();
        let half = [&attention.qkv, &attention.output];
        let x = self.half_block(x, norm, half, sub_layer, 2 * index)?;
        let sub_layer = SubLayer::FeedForward(match self.shape {
            Shape::Base => Activation::GeGlu,
            Shape::Vaswani => Activation::Relu,
            Shape::Bert => Activation::Gelu,
        });
        let half = [&feed_forward.hidden, &feed_forward.output];
        self.half_block(x, Some(feed_forward_norm), half, sub_layer, 2 * index + 1)
    }

    fn half_block(
        &self,
        x: Tensor<3>,
        norm: Option<&LayerNorm>,
        [w_in, w_out]: [&Linear; 2],
        sub_layer: SubLayer,
        number: usize,
    ) -> Option<Tensor<3>> {
        let place = match (norm, self.shape) {
            (None, _) => NormPlacement::Absent,
            (Some(_), Shape::Base) => NormPlacement::Pre,
            (Some(_), Shape::Vaswani | Shape::Bert) => NormPlacement::Post,
        };
        let parameters = HalfBlockParameters {
            gamma: norm.map(|norm| norm.gamma.val()),
            beta: norm.and_then(|norm| norm.beta.as_ref().map(|beta| beta.val())),
            w_in: w_in.weight.val(),
            b_in: w_in.bias.as_ref().map(|bias| bias.val()),
            w_out: w_out.weight.val(),
            b_out: w_out.bias.as_ref().map(|bias| bias.val()),
        };
        let half_block = HalfBlock {
            norm: place,
            epsilon: NORM_EPSILON as f32,
            sub_layer,
            dropout: self.dropout.map(|dropout| (dropout, number as u64)),
        };
        burn_ops::half_block(x, parameters, half_block, self.rows.clone())
    }
}

/// `norm.forward(x)`, by the kernel where there is one.
pub(crate) fn layer_norm(norm: &LayerNorm, x: Tensor<3>) -> Tensor<3> {
    let gamma = norm.gamma.val();
    let beta = norm.beta.as_ref().map(|beta| beta.val());
    burn_ops::layer_norm(x.clone(), gamma, beta, NORM_EPSILON).unwrap_or_else(|| norm.forward(x))
}

#[cfg(test)]
mod tests;
