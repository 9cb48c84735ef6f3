//! A block: attention, then the feed-forward network, each added to what was there before.
//!
//! ```text
//! base              x ← x + attention(LN_a(x))          LN_a is the identity in the first block
//!                   x ← x + feed_forward(LN_f(x))
//! vaswani, bert     x ← LN_a(x + attention(x))
//!                   x ← LN_f(x + feed_forward(x))
//! ```
//!
//! Reference: Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>, §3.1 for the norm after the
//! sum; Xiong et al. 2020, <https://arxiv.org/abs/2002.04745>, for the norm before the sub-layer,
//! which leaves the residual stream untouched from end to end. The first norm is absent because
//! the embedding ends in one (Warner et al. 2024, <https://arxiv.org/abs/2412.13663>, §2.1.1).

use burn::{
    module::Module,
    nn::LayerNorm,
    tensor::{Bool, Device, Tensor},
};

use crate::{
    attention::{AttentionOutput, SelfAttention},
    feed_forward::FeedForward,
    initial,
    intervention::InLayer,
    positions::rotary::Rotation,
};
use config::encoder::{EncoderConfig, Shape};

/// Attention and feed-forward network with their norms and residual sums.
#[derive(Module, Debug)]
pub struct Block {
    /// Absent from the first block of the base shape.
    pub(crate) attention_norm: Option<LayerNorm>,
    pub(crate) attention: SelfAttention,
    pub(crate) feed_forward_norm: LayerNorm,
    pub(crate) feed_forward: FeedForward,
    #[module(skip)]
    pub(crate) shape: Shape,
}

/// What [`Block::forward`] computed.
#[derive(Debug, Clone)]
pub struct BlockOutput {
    /// The residual stream after the block: `[batch, seq, d_model]`
    pub hidden: Tensor<3>,
    /// What the block's attention did.
    pub attention: AttentionOutput,
}

impl Block {
    /// The block number `index`, from 0.
    pub fn new(config: &EncoderConfig, index: usize, device: &Device) -> Self {
        let shape = config.shape;
        let is_normed_already = shape == Shape::Base && index == 0;
        Self {
            attention_norm: (!is_normed_already).then(|| initial::layer_norm(config, device)),
            attention: SelfAttention::new(config, device),
            feed_forward_norm: initial::layer_norm(config, device),
            feed_forward: FeedForward::new(config, device),
            shape,
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
    ) -> BlockOutput {
        self.forward_changed(x, key_padding_mask, rotation, InLayer::UNTOUCHED)
    }

    /// The same under an intervention in its attention.
    pub fn forward_changed(
        &self,
        x: Tensor<3>,
        key_padding_mask: Tensor<2, Bool>,
        rotation: Option<&Rotation>,
        change: InLayer<'_>,
    ) -> BlockOutput {
        let attend = |x| self.attention.forward_changed(x, key_padding_mask, rotation, change);
        match self.shape {
            Shape::Base => {
                let attention = attend(self.norm_attention(x.clone()));
                let x = x + attention.context.clone();
                let changed = self.feed_forward.forward(self.feed_forward_norm.forward(x.clone()));
                BlockOutput { hidden: x + changed, attention }
            }
            Shape::Vaswani | Shape::Bert => {
                let attention = attend(x.clone());
                let x = self.norm_attention(x + attention.context.clone());
                let changed = self.feed_forward.forward(x.clone());
                BlockOutput { hidden: self.feed_forward_norm.forward(x + changed), attention }
            }
        }
    }

    fn norm_attention(&self, x: Tensor<3>) -> Tensor<3> {
        match &self.attention_norm {
            Some(norm) => norm.forward(x),
            None => x,
        }
    }
}

#[cfg(test)]
mod tests;
