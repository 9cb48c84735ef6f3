//! The fast path of [`crate::encoder::Encoder::forward`]: half a block as one operation of the crate
//! [`kernels`].
//!
//! What is computed is defined by [`crate::block`], [`crate::attention`] and [`crate::feed_forward`].
//! This file only translates: config and modules into what a kernel takes. What it cannot translate
//! it must refuse with `None`, and the definition computes it; so every struct is taken apart without
//! `..`, and whatever is added to one of them is a compile error here until somebody has decided.
//!
//! One result differs from the definition: the vectors of padding, which nobody reads.

use std::sync::Arc;

use burn::{
    nn::LayerNorm,
    tensor::{Bool, Tensor},
};
use kernels::{
    activation,
    attention::Rotary,
    burn_ops::{self, HalfBlockParameters},
    dropout::Dropout,
    half_block::{HalfBlock, NormPlacement, SubLayer},
    rows::PackedRows,
};

use crate::{
    attention::SelfAttention, block::Block, dropout::half_blocks, feed_forward::FeedForward,
    initial::NORM_EPSILON, positions::rotary::angles, projection::Projection,
};
use config::encoder::{
    EncoderConfig,
    architecture::{Activation, Architecture, NormPosition, Positions},
};

/// What the blocks of one forward pass share.
#[derive(Debug)]
pub(crate) struct Fused {
    norm: NormPosition,
    activation: Activation,
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
        dropout: Option<Dropout>,
    ) -> Option<Self> {
        let rows = Arc::new(burn_ops::packed_rows(key_padding_mask)?);
        let EncoderConfig {
            shape: _,        // the architecture
            rotary_theta: _, // a part of the architecture
            d_model: _,      // the width of `hidden`
            n_heads,
            n_layers: _, // the caller's loop
            d_ff: _,     // the width of the parameters
            max_seq: _,  // checked by the caller
            dropout: _,  // the caller knows whether this pass has dropout
        } = *config;
        let Architecture {
            norm,
            positions,
            activation,
            biases: _,      // there or not in the parameters
            weight_init: _, // of no consequence after the initialisation
        } = config.architecture();
        let [_, seq, _] = hidden.dims();
        let rotary = match positions {
            Positions::Rotary { theta } => Some(Arc::new(rotary(seq, config.d_head(), theta))),
            Positions::Sinusoidal | Positions::Learned => None, // in the embedding
        };
        Some(Self { norm, activation, n_heads, rows, rotary, dropout })
    }

    /// The residual stream after the block number `index`; `None` where there is no kernel for `x`.
    ///
    /// # Shapes
    ///
    /// - `x`, result: `[batch, seq, d_model]`
    pub(crate) fn block(&self, block: &Block, index: usize, x: Tensor<3>) -> Option<Tensor<3>> {
        let Block { attention, attention_norm, feed_forward, feed_forward_norm, norm: _ } = block;

        let [attention_number, feed_forward_number] = half_blocks(index);

        let SelfAttention { qkv, output, n_heads: _, layer: _ } = attention;
        let sub_layer = SubLayer::Attention { n_heads: self.n_heads, rotary: self.rotary.clone() };
        let norm = attention_norm.as_ref();
        let x = self.half_block(x, norm, [qkv, output], sub_layer, attention_number)?;

        let FeedForward { hidden, output, activation: _, layer: _ } = feed_forward;
        let sub_layer = SubLayer::FeedForward(match self.activation {
            Activation::GeGlu => activation::Activation::GeGlu,
            Activation::Relu => activation::Activation::Relu,
            Activation::Gelu => activation::Activation::Gelu,
        });
        let norm = Some(feed_forward_norm);
        self.half_block(x, norm, [hidden, output], sub_layer, feed_forward_number)
    }

    fn half_block(
        &self,
        x: Tensor<3>,
        norm: Option<&LayerNorm>,
        projections: [&Projection; 2],
        sub_layer: SubLayer,
        number: u64,
    ) -> Option<Tensor<3>> {
        let place = match (norm, self.norm) {
            (None, _) => NormPlacement::Absent,
            (Some(_), NormPosition::Before) => NormPlacement::Pre,
            (Some(_), NormPosition::After) => NormPlacement::Post,
        };
        let half_block = HalfBlock {
            norm: place,
            epsilon: NORM_EPSILON as f32,
            sub_layer,
            dropout: self.dropout.map(|dropout| (dropout, number)),
        };
        burn_ops::half_block(x, parameters(norm, projections), half_block, self.rows.clone())
    }
}

fn rotary(seq: usize, d_head: usize, theta: f64) -> Rotary {
    let (cos, sin) =
        angles(seq, d_head, theta).map(|angle| (angle.cos() as f32, angle.sin() as f32)).unzip();
    Rotary { cos, sin }
}

fn parameters(norm: Option<&LayerNorm>, [first, second]: [&Projection; 2]) -> HalfBlockParameters {
    let Projection { weight: w_in, bias: b_in } = first;
    let Projection { weight: w_out, bias: b_out } = second;
    HalfBlockParameters {
        gamma: norm.map(|norm| norm.gamma.val()),
        beta: norm.and_then(|norm| norm.beta.as_ref().map(|beta| beta.val())),
        w_in: w_in.val(),
        b_in: b_in.as_ref().map(|bias| bias.val()),
        w_out: w_out.val(),
        b_out: b_out.as_ref().map(|bias| bias.val()),
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
