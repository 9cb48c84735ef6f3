//! The whole model: an encoder reads the text, a pointer chooses the antecedent of its pronoun.
//!
//! ```text
//! logits = pointer(encoder(tokens), pronoun, words)
//! ```
//!
//! There is no loss here and no softmax over the answer: the caller has the logits, and decides
//! whether to train on them, or to restrict them to given candidates.

use burn::{
    module::Module,
    tensor::{Bool, Device, Int, Tensor, assert_shape},
};

use crate::{
    attention::AttentionOutput, config::EncoderConfig, encoder::Encoder, naming::name_antecedent,
    pointer::Pointer,
};

/// Encoder and pointer head.
#[derive(Module, Debug)]
pub struct Resolver {
    pub(crate) encoder: Encoder,
    pub(crate) pointer: Pointer,
}

/// A batch of texts with one pronoun each.
#[derive(Debug, Clone)]
pub struct ResolverInput {
    /// Numbers of the tokens: `[batch, seq]`
    pub tokens: Tensor<2, Int>,
    /// `true` where a position is padding: `[batch, seq]`
    pub key_padding_mask: Tensor<2, Bool>,
    /// Position of the pronoun's first token: `[batch]`
    pub pronoun: Tensor<1, Int>,
    /// Position of each word's first token, 0 for padding: `[batch, words]`
    pub words: Tensor<2, Int>,
    /// `true` where a word is padding: `[batch, words]`
    pub word_padding_mask: Tensor<2, Bool>,
}

/// What [`Resolver::forward`] computed.
#[derive(Debug, Clone)]
pub struct ResolverOutput {
    /// The unnormalised score of each word as the antecedent, and in the last column that of
    /// *none*: `[batch, words + 1]`
    pub logits: Tensor<2>,
    /// The residual stream at the end of the encoder: `[batch, seq, d_model]`
    pub hidden: Tensor<3>,
}

impl Resolver {
    /// A model that knows nothing yet: its parameters are a function of `config`, `vocab_size` and
    /// the seed that the caller gave to `device`.
    ///
    /// # Panics
    ///
    /// If `config` does not pass [`EncoderConfig::validate`], or the vocabulary is empty.
    pub fn new(config: &EncoderConfig, vocab_size: usize, device: &Device) -> Self {
        config.validate().expect("the config was validated when it was loaded");
        assert!(vocab_size > 0, "a tokenizer has at least one token");
        Self {
            encoder: Encoder::new(config, vocab_size, device),
            pointer: Pointer::new(config, device),
        }
    }

    /// # Shapes
    ///
    /// - `tokens`, `key_padding_mask`: `[batch, seq]`
    /// - `pronoun`: `[batch]`
    /// - `words`, `word_padding_mask`: `[batch, words]`
    /// - `logits`: `[batch, words + 1]`
    ///
    /// # Panics
    ///
    /// If the shapes of `input` do not agree, or `seq` is greater than the config's `max_seq`.
    pub fn forward(&self, input: &ResolverInput) -> ResolverOutput {
        let hidden = self.encoder.forward(input.tokens.clone(), input.key_padding_mask.clone());
        self.point(input, hidden)
    }

    /// The same, and what the attention of each block did, the first block first.
    pub fn forward_with_attention(
        &self,
        input: &ResolverInput,
    ) -> (ResolverOutput, Vec<AttentionOutput>) {
        let ResolverInput { tokens, key_padding_mask, .. } = input.clone();
        let output = self.encoder.forward_with_attention(tokens, key_padding_mask);
        (self.point(input, output.hidden), output.attention)
    }

    fn point(&self, input: &ResolverInput, hidden: Tensor<3>) -> ResolverOutput {
        let ResolverInput { tokens, key_padding_mask, pronoun, words, word_padding_mask } =
            input.clone();
        let [batch, seq] = tokens.dims();
        let [_, n_words] = words.dims();
        assert_shape!(key_padding_mask, [batch, seq]);
        assert_shape!(pronoun, [batch]);
        assert_shape!(words, [batch, n_words]);
        assert_shape!(word_padding_mask, [batch, n_words]);

        let logits = self.pointer.forward(hidden.clone(), pronoun, words, word_padding_mask);
        ResolverOutput { logits, hidden }
    }

    /// The second task of training: every token of the vocabulary scored as the name of what the
    /// pronoun stands for, see [`crate::naming`].
    ///
    /// # Shapes
    ///
    /// - `hidden`: `[batch, seq, d_model]`, as [`Resolver::forward`] returned it
    /// - `pronoun`: `[batch]`
    /// - result: `[batch, vocab]`
    pub fn name_antecedent(&self, hidden: Tensor<3>, pronoun: Tensor<1, Int>) -> Tensor<2> {
        name_antecedent(hidden, pronoun, self.encoder.embedding.tokens.weight.val())
    }

    /// How many numbers training adjusts.
    pub fn n_parameters(&self) -> usize {
        self.num_params()
    }
}

#[cfg(test)]
mod tests;
