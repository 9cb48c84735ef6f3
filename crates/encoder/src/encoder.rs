//! The encoder: an embedding and a stack of blocks.
//!
//! ```text
//! x₀     = embedding(tokens)
//! xᵢ     = blockᵢ(xᵢ₋₁)
//! hidden = LN(x_n)          in the base shape, whose blocks leave the sum without a norm
//! hidden = x_n              in the others, whose blocks end in one
//! ```
//!
//! Reference: Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>, §3.1, the left half of
//! figure 1.

use burn::{
    module::Module,
    nn::LayerNorm,
    tensor::{Bool, Device, Int, Tensor, assert_shape},
};

use kernels::burn_ops::in_pool;

use crate::{
    attention::AttentionOutput,
    block::{Block, BlockOutput},
    embedding::Embedding,
    fused::{Fused, layer_norm},
    initial,
    intervention::{InLayer, Intervention, Untouched},
    positions::rotary::Rotation,
};
use config::encoder::{EncoderConfig, Shape};

/// Embedding, blocks and, in the base shape, a final norm.
#[derive(Module, Debug)]
pub struct Encoder {
    pub(crate) embedding: Embedding,
    pub(crate) blocks: Vec<Block>,
    /// In the base shape only.
    pub(crate) final_norm: Option<LayerNorm>,
    #[module(skip)]
    pub(crate) config: EncoderConfig,
}

/// What [`Encoder::forward_with_attention`] computed.
#[derive(Debug, Clone)]
pub struct EncoderOutput {
    /// The residual stream at the end, one vector for each token: `[batch, seq, d_model]`
    pub hidden: Tensor<3>,
    /// What the attention of each block did, the first block first.
    pub attention: Vec<AttentionOutput>,
    /// The residual stream before the first block and after each of them, before the final norm:
    /// `n_layers + 1` of `[batch, seq, d_model]`
    pub streams: Vec<Tensor<3>>,
}

impl Encoder {
    /// An untrained encoder for `vocab_size` tokens.
    ///
    /// # Panics
    ///
    /// If `config` does not pass [`EncoderConfig::validate`].
    pub fn new(config: &EncoderConfig, vocab_size: usize, device: &Device) -> Self {
        config.validate().expect("the config was validated when it was loaded");
        let has_final_norm = config.shape == Shape::Base;
        Self {
            embedding: Embedding::new(config, vocab_size, device),
            blocks: (0..config.n_layers).map(|i| Block::new(config, i, device)).collect(),
            final_norm: has_final_norm.then(|| initial::layer_norm(config, device)),
            config: config.clone(),
        }
    }

    /// The residual stream at the end, by the fastest way that the device has.
    ///
    /// # Shapes
    ///
    /// - `tokens`: `[batch, seq]`
    /// - `key_padding_mask`: `[batch, seq]`, `true` where the position is padding
    /// - result: `[batch, seq, d_model]`; that of padding means nothing
    ///
    /// # Panics
    ///
    /// If `seq` is greater than the config's `max_seq`.
    pub fn forward(&self, tokens: Tensor<2, Int>, key_padding_mask: Tensor<2, Bool>) -> Tensor<3> {
        self.check(&tokens, &key_padding_mask);
        let device = tokens.device();
        in_pool(&device, || self.forward_fused(tokens, key_padding_mask))
    }

    fn forward_fused(
        &self,
        tokens: Tensor<2, Int>,
        key_padding_mask: Tensor<2, Bool>,
    ) -> Tensor<3> {
        let hidden = self.embedding.forward(tokens);
        let Some(fused) = Fused::new(&self.config, &hidden, &key_padding_mask) else {
            return self.blocks(hidden, key_padding_mask, &Untouched, |_| ());
        };
        let blocks = self.blocks.iter().enumerate();
        let mut blocks = blocks.map(|(index, block)| (block, index));
        let through = |x: Tensor<3>, (block, index)| fused.block(block, index, x);
        match blocks.try_fold(hidden.clone(), through) {
            Some(hidden) => self.norm(hidden),
            None => self.blocks(hidden, key_padding_mask, &Untouched, |_| ()),
        }
    }

    /// The residual stream at the end, and what was seen on the way: the definition of this model,
    /// step by step.
    ///
    /// Shapes and panics are those of [`Encoder::forward`].
    pub fn forward_with_attention(
        &self,
        tokens: Tensor<2, Int>,
        key_padding_mask: Tensor<2, Bool>,
    ) -> EncoderOutput {
        self.check(&tokens, &key_padding_mask);
        self.forward_changed(self.embedding.forward(tokens), key_padding_mask, &Untouched)
    }

    /// The same from tokens that are embedded already, under an intervention.
    ///
    /// # Shapes
    ///
    /// - `embedded`: `[batch, seq, d_model]`, what [`Embedding::forward`] returns or something in its
    ///   place
    /// - `key_padding_mask`: `[batch, seq]`, `true` where no position may read
    ///
    /// # Panics
    ///
    /// If `seq` is greater than the config's `max_seq`.
    pub fn forward_changed(
        &self,
        embedded: Tensor<3>,
        key_padding_mask: Tensor<2, Bool>,
        intervention: &dyn Intervention,
    ) -> EncoderOutput {
        let [batch, seq, _] = embedded.dims();
        self.check_length(seq);
        assert_shape!(key_padding_mask, [batch, seq]);
        let mut attention = Vec::with_capacity(self.blocks.len());
        let mut streams = vec![embedded.clone()];
        let hidden = self.blocks(embedded, key_padding_mask, intervention, |output| {
            streams.push(output.hidden);
            attention.push(output.attention);
        });
        EncoderOutput { hidden, attention, streams }
    }

    fn check(&self, tokens: &Tensor<2, Int>, key_padding_mask: &Tensor<2, Bool>) {
        let [batch, seq] = tokens.dims();
        assert_shape!(key_padding_mask, [batch, seq]);
        self.check_length(seq);
    }

    fn check_length(&self, seq: usize) {
        let max_seq = self.config.max_seq;
        assert!(seq <= max_seq, "a text of {seq} tokens, expected at most max_seq = {max_seq}");
    }

    /// The residual stream at the end; `see` is shown what each block computed.
    ///
    /// # Shapes
    ///
    /// - `hidden`, result: `[batch, seq, d_model]`
    /// - `key_padding_mask`: `[batch, seq]`
    fn blocks(
        &self,
        mut hidden: Tensor<3>,
        key_padding_mask: Tensor<2, Bool>,
        intervention: &dyn Intervention,
        mut see: impl FnMut(BlockOutput),
    ) -> Tensor<3> {
        let [_, seq, _] = hidden.dims();
        let options = (&hidden.device(), hidden.dtype());
        let d_head = self.config.d_head();
        let rotation =
            self.config.rotary_theta.map(|theta| Rotation::new(seq, d_head, theta, options));
        for (layer, block) in self.blocks.iter().enumerate() {
            let change = InLayer { layer, intervention };
            let mask = key_padding_mask.clone();
            let output = block.forward_changed(hidden, mask, rotation.as_ref(), change);
            hidden = output.hidden.clone();
            see(output);
        }
        self.norm(hidden)
    }

    pub(crate) fn norm(&self, hidden: Tensor<3>) -> Tensor<3> {
        match &self.final_norm {
            Some(norm) => layer_norm(norm, hidden),
            None => hidden,
        }
    }
}

#[cfg(test)]
mod tests;
