//! The encoder: an embedding and a stack of blocks.
//!
//! ```text
//! x₀     = embedding(tokens)
//! xᵢ     = blockᵢ(xᵢ₋₁)
//! hidden = LN(x_n)          where a block's norms stand before its sub-layers
//! hidden = x_n              where they stand after them
//! ```
//!
//! There are two forward passes:
//!
//! - [`Encoder::observe`] is the definition of the model: the operations of the files of this crate,
//!   one after the other. It returns the intermediate results and lets an intervention replace some.
//! - [`Encoder::forward`] computes the same hidden vectors by the fastest way that the device has,
//!   and nothing else; [`Encoder::forward_with_dropout`] is the same for training. Where the device has
//!   kernels (Burn's flex backend in `f32`), half a block is one operation, see `fused.rs`; elsewhere
//!   they run the definition and drop the intermediate results. `fused/tests.rs` compares the two.
//!
//! Reference: Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>, §3.1, the left half of
//! figure 1.

use burn::{
    module::Module,
    nn::LayerNorm,
    tensor::{Bool, Device, Int, Tensor, assert_shape},
};
use kernels::{burn_ops::in_pool, dropout::Dropout};

use crate::{
    attention::AttentionOutput,
    block::{Block, BlockOutput},
    dropout,
    embedding::Embedding,
    feed_forward::FeedForwardOutput,
    fused::{Fused, layer_norm},
    initial::Initialiser,
    intervention::{Intervention, Untouched},
    positions::rotary::Rotation,
};
use config::encoder::{
    EncoderConfig,
    architecture::{NormPosition, Positions},
};

/// Embedding, blocks and, where norms stand before the sub-layers, a final norm.
#[derive(Module, Debug)]
pub struct Encoder {
    pub(crate) embedding: Embedding,
    pub(crate) blocks: Vec<Block>,
    /// Where norms stand before the sub-layers.
    pub(crate) final_norm: Option<LayerNorm>,
    #[module(skip)]
    pub(crate) config: EncoderConfig,
}

/// The result of [`Encoder::observe`], and the intermediate results on the way to it.
#[derive(Debug, Clone)]
pub struct EncoderOutput {
    /// One vector for each token, what [`Encoder::forward`] returns: `[batch, seq, d_model]`
    pub hidden: Tensor<3>,
    /// Result and intermediate results of the attention of each block, the first block first.
    pub attention: Vec<AttentionOutput>,
    /// Result and hidden layer of the feed-forward network of each block, the first block first.
    pub feed_forward: Vec<FeedForwardOutput>,
    /// The residual stream before the first block and after each of them, before the final norm:
    /// `n_layers + 1` of `[batch, seq, d_model]`
    pub residual_stream: Vec<Tensor<3>>,
}

impl Encoder {
    /// An untrained encoder for `vocab_size` tokens, whose parameters are a function of `seed`.
    ///
    /// # Panics
    ///
    /// If `config` does not pass [`EncoderConfig::validate`].
    pub fn new(config: &EncoderConfig, vocab_size: usize, seed: u64, device: &Device) -> Self {
        Self::initialise(config, vocab_size, &mut Initialiser::new(seed, device))
    }

    /// The same as a part of a model, whose other parts are drawn before or after it.
    pub(crate) fn initialise(
        config: &EncoderConfig,
        vocab_size: usize,
        init: &mut Initialiser<'_>,
    ) -> Self {
        config.validate().expect("the config was validated when it was loaded");
        let has_final_norm = config.architecture().norm == NormPosition::Before;
        Self {
            embedding: Embedding::new(config, vocab_size, init),
            blocks: (0..config.n_layers).map(|i| Block::new(config, i, init)).collect(),
            final_norm: has_final_norm.then(|| init.layer_norm(config)),
            config: config.clone(),
        }
    }

    /// One hidden vector for each token, by the fastest way that the device has.
    ///
    /// # Shapes
    ///
    /// - `tokens`: `[batch, seq]`
    /// - `key_padding_mask`: `[batch, seq]`, `true` where the position is padding
    /// - result: `[batch, seq, d_model]`; the vectors of padding are meaningless
    ///
    /// # Panics
    ///
    /// If `seq` is greater than the config's `max_seq`.
    pub fn forward(&self, tokens: Tensor<2, Int>, key_padding_mask: Tensor<2, Bool>) -> Tensor<3> {
        self.pass(tokens, key_padding_mask, None)
    }

    /// As [`Encoder::forward`], with the dropout of the config: what is dropped is a function of
    /// `seed`.
    pub fn forward_with_dropout(
        &self,
        tokens: Tensor<2, Int>,
        key_padding_mask: Tensor<2, Bool>,
        seed: u64,
    ) -> Tensor<3> {
        self.pass(tokens, key_padding_mask, dropout::of_pass(self.config.dropout, seed))
    }

    fn pass(
        &self,
        tokens: Tensor<2, Int>,
        key_padding_mask: Tensor<2, Bool>,
        dropout: Option<Dropout>,
    ) -> Tensor<3> {
        let [batch, seq] = tokens.dims();
        assert_shape!(key_padding_mask, [batch, seq]);
        self.check_length(seq);
        let device = tokens.device();
        in_pool(&device, || {
            let embedded = self.embedding.forward(tokens, dropout);
            let hidden = match self.fused_blocks(&embedded, &key_padding_mask, dropout) {
                Some(hidden) => hidden,
                None => self.blocks(embedded, key_padding_mask, &Untouched, dropout, |_| ()),
            };
            self.norm(hidden)
        })
    }

    /// The residual stream before the first block, which [`Encoder::observe`] starts from.
    ///
    /// # Shapes
    ///
    /// - `tokens`: `[batch, seq]`
    /// - result: `[batch, seq, d_model]`
    ///
    /// # Panics
    ///
    /// If `seq` is greater than the config's `max_seq`.
    pub fn embed(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        let [_, seq] = tokens.dims();
        self.check_length(seq);
        self.embedding.forward(tokens, None)
    }

    /// The hidden vectors under an intervention, and all intermediate results, by the definition of
    /// the model.
    ///
    /// # Shapes
    ///
    /// - `embedded`: `[batch, seq, d_model]`, the result of [`Encoder::embed`] or something in its
    ///   place
    /// - `key_padding_mask`: `[batch, seq]`, `true` where no position may read
    ///
    /// # Panics
    ///
    /// If `seq` is greater than the config's `max_seq`.
    pub fn observe(
        &self,
        embedded: Tensor<3>,
        key_padding_mask: Tensor<2, Bool>,
        intervention: &dyn Intervention,
    ) -> EncoderOutput {
        let [batch, seq, _] = embedded.dims();
        self.check_length(seq);
        assert_shape!(key_padding_mask, [batch, seq]);
        let (mut attention, mut feed_forward) = (Vec::new(), Vec::new());
        let mut residual_stream = vec![embedded.clone()];
        let hidden = self.blocks(embedded, key_padding_mask, intervention, None, |output| {
            residual_stream.push(output.hidden);
            attention.push(output.attention);
            feed_forward.push(output.feed_forward);
        });
        EncoderOutput { hidden: self.norm(hidden), attention, feed_forward, residual_stream }
    }

    fn check_length(&self, seq: usize) {
        let max_seq = self.config.max_seq;
        assert!(seq <= max_seq, "a text of {seq} tokens, expected at most max_seq = {max_seq}");
    }

    /// The residual stream after the last block by the kernels; `None` where they do not compute
    /// this config, device or dtype.
    fn fused_blocks(
        &self,
        embedded: &Tensor<3>,
        key_padding_mask: &Tensor<2, Bool>,
        dropout: Option<Dropout>,
    ) -> Option<Tensor<3>> {
        let fused = Fused::new(&self.config, embedded, key_padding_mask, dropout)?;
        let mut blocks = self.blocks.iter().enumerate();
        blocks.try_fold(embedded.clone(), |x, (index, block)| fused.block(block, index, x))
    }

    /// The residual stream after the last block by the definition; the output of each block is
    /// handed to `keep`, so that whoever keeps none needs no memory for them.
    pub(crate) fn blocks(
        &self,
        embedded: Tensor<3>,
        key_padding_mask: Tensor<2, Bool>,
        intervention: &dyn Intervention,
        dropout: Option<Dropout>,
        mut keep: impl FnMut(BlockOutput),
    ) -> Tensor<3> {
        let rotation = self.rotation(&embedded);
        let mut hidden = embedded;
        for block in &self.blocks {
            let mask = key_padding_mask.clone();
            let output = block.forward(hidden, mask, rotation.as_ref(), intervention, dropout);
            hidden = output.hidden.clone();
            keep(output);
        }
        hidden
    }

    /// The rotation of queries and keys in all blocks, where positions are rotary.
    fn rotation(&self, embedded: &Tensor<3>) -> Option<Rotation> {
        let [_, seq, _] = embedded.dims();
        match self.config.architecture().positions {
            Positions::Rotary { theta } => {
                let options = (&embedded.device(), embedded.dtype());
                Some(Rotation::new(seq, self.config.d_head(), theta, options))
            }
            Positions::Sinusoidal | Positions::Learned => None,
        }
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
