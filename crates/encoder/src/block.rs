//! A block: attention, then the feed-forward network, each added to the residual stream.
//!
//! ```text
//! norm before     x ← x + attention(LN_a(x))          LN_a: the identity where x is normed already
//!                 x ← x + feed_forward(LN_f(x))
//! norm after      x ← LN_a(x + attention(x))
//!                 x ← LN_f(x + feed_forward(x))
//! ```
//!
//! Reference: Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>, §3.1 for the norm after the
//! sum; Xiong et al. 2020, <https://arxiv.org/abs/2002.04745>, for the norm before the sub-layer,
//! which leaves the residual stream untouched from end to end. The first block has no LN_a where the
//! embedding ends in a norm (Warner et al. 2024, <https://arxiv.org/abs/2412.13663>, §2.1.1).

use burn::{
    module::Module,
    nn::LayerNorm,
    tensor::{Bool, Tensor},
};
use kernels::dropout::Dropout;

use crate::{
    attention::{AttentionOutput, SelfAttention},
    feed_forward::{FeedForward, FeedForwardOutput},
    initial::Initialiser,
    intervention::Intervention,
    positions::rotary::Rotation,
};
use config::encoder::{EncoderConfig, architecture::NormPosition};

/// Attention and feed-forward network with their norms and residual sums.
#[derive(Module, Debug)]
pub struct Block {
    /// Absent where what the block reads is normed already.
    pub(crate) attention_norm: Option<LayerNorm>,
    pub(crate) attention: SelfAttention,
    pub(crate) feed_forward_norm: LayerNorm,
    pub(crate) feed_forward: FeedForward,
    #[module(skip)]
    pub(crate) norm: NormPosition,
}

/// The result of [`Block::forward`], and the intermediate results of its two parts.
#[derive(Debug, Clone)]
pub struct BlockOutput {
    /// The residual stream after the block: `[batch, seq, d_model]`
    pub hidden: Tensor<3>,
    /// Result and intermediate results of the attention.
    pub attention: AttentionOutput,
    /// Result and hidden layer of the feed-forward network.
    pub feed_forward: FeedForwardOutput,
}

impl Block {
    /// The untrained block number `index`, from 0.
    pub fn new(config: &EncoderConfig, index: usize, init: &mut Initialiser<'_>) -> Self {
        let architecture = config.architecture();
        let is_normed_already = index == 0 && architecture.has_embedding_norm();
        let has_attention_norm = match architecture.norm {
            NormPosition::Before => !is_normed_already,
            NormPosition::After => true,
        };
        Self {
            attention_norm: has_attention_norm.then(|| init.layer_norm(config)),
            attention: SelfAttention::new(config, index, init),
            feed_forward_norm: init.layer_norm(config),
            feed_forward: FeedForward::new(config, index, init),
            norm: architecture.norm,
        }
    }

    /// # Shapes
    ///
    /// - `x`: `[batch, seq, d_model]`
    /// - `key_padding_mask`: `[batch, seq]`, `true` where the position is padding
    /// - `rotation`: that of `seq` positions, where positions are rotary
    pub fn forward(
        &self,
        x: Tensor<3>,
        key_padding_mask: Tensor<2, Bool>,
        rotation: Option<&Rotation>,
        intervention: &dyn Intervention,
        dropout: Option<Dropout>,
    ) -> BlockOutput {
        let attend =
            |x| self.attention.forward(x, key_padding_mask, rotation, intervention, dropout);
        match self.norm {
            NormPosition::Before => {
                let attention = attend(self.norm_attention(x.clone()));
                let x = x + attention.context.clone();
                let normed = self.feed_forward_norm.forward(x.clone());
                let feed_forward = self.feed_forward.forward(normed, dropout);
                BlockOutput { hidden: x + feed_forward.added.clone(), attention, feed_forward }
            }
            NormPosition::After => {
                let attention = attend(x.clone());
                let x = self.norm_attention(x + attention.context.clone());
                let feed_forward = self.feed_forward.forward(x.clone(), dropout);
                let hidden = self.feed_forward_norm.forward(x + feed_forward.added.clone());
                BlockOutput { hidden, attention, feed_forward }
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
