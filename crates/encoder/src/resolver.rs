//! The whole model: a body reads the text, a pointer chooses the antecedent of its pronoun.
//!
//! ```text
//! logits = pointer(body(tokens), pronoun, words)      body: the encoder, or the recurrent network
//! ```
//!
//! There is no loss here and no softmax over the answer: the caller has the logits, and decides
//! whether to train on them, or to restrict them to given candidates.

use burn::{
    module::Module,
    tensor::{Bool, Device, Int, Tensor, assert_shape},
};

use crate::{
    attention::AttentionOutput,
    embedding::Embedding,
    encoder::{Encoder, EncoderOutput},
    initial,
    intervention::Intervention,
    naming::name_antecedent,
    pointer::Pointer,
    recurrent::Recurrent,
};
use config::encoder::body::BodyConfig;

/// One of two bodies, and the pointer head.
///
/// Two fields and no enum: Burn would put the variant into the name of each parameter, and
/// `encoder.blocks.…` is what checkpoints and other programs call them.
#[derive(Module, Debug)]
pub struct Resolver {
    pub(crate) encoder: Option<Encoder>,
    /// Where there is no encoder.
    pub(crate) recurrent: Option<Recurrent>,
    pub(crate) pointer: Pointer,
}

/// What reads the text.
pub(crate) enum Body<'a> {
    Transformer(&'a Encoder),
    Recurrent(&'a Recurrent),
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
    /// What the body knows of each token at its end: `[batch, seq, d_model]`
    pub hidden: Tensor<3>,
}

/// What [`Resolver::observe`] computed.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The answer.
    pub output: ResolverOutput,
    /// What the attention of each block did, the first block first.
    pub attention: Vec<AttentionOutput>,
    /// The residual stream before the first block and after each of them:
    /// `n_layers + 1` of `[batch, seq, d_model]`
    pub streams: Vec<Tensor<3>>,
}

impl Resolver {
    /// A model that knows nothing yet: its parameters are a function of `config`, `vocab_size` and
    /// the seed that the caller gave to `device`.
    ///
    /// # Panics
    ///
    /// If `config` does not pass [`BodyConfig::validate`], or the vocabulary is empty.
    pub fn new(config: &BodyConfig, vocab_size: usize, device: &Device) -> Self {
        config.validate().expect("the config was validated when it was loaded");
        assert!(vocab_size > 0, "a tokenizer has at least one token");
        let (encoder, recurrent) = match config {
            BodyConfig::Transformer(config) => {
                (Some(Encoder::new(config, vocab_size, device)), None)
            }
            BodyConfig::Recurrent(config) => {
                (None, Some(Recurrent::new(config, vocab_size, device)))
            }
        };
        let pointer = Pointer::new(config.d_model(), device);
        Self { encoder, recurrent, pointer }.map(&mut initial::Number(0))
    }

    pub(crate) fn body(&self) -> Body<'_> {
        match (&self.encoder, &self.recurrent) {
            (Some(encoder), _) => Body::Transformer(encoder),
            (None, Some(recurrent)) => Body::Recurrent(recurrent),
            (None, None) => unreachable!("a resolver is made with one of them"),
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
        let ResolverInput { tokens, key_padding_mask, .. } = input.clone();
        let hidden = match self.body() {
            Body::Transformer(encoder) => encoder.forward(tokens, key_padding_mask),
            Body::Recurrent(recurrent) => recurrent.forward(tokens, key_padding_mask),
        };
        self.point(input, hidden)
    }

    /// The same, and what the attention of each block did, the first block first; of a recurrent
    /// network, which has none, an empty list.
    pub fn forward_with_attention(
        &self,
        input: &ResolverInput,
    ) -> (ResolverOutput, Vec<AttentionOutput>) {
        let ResolverInput { tokens, key_padding_mask, .. } = input.clone();
        let (hidden, attention) = match self.body() {
            Body::Transformer(encoder) => {
                let output = encoder.forward_with_attention(tokens, key_padding_mask);
                (output.hidden, output.attention)
            }
            Body::Recurrent(recurrent) => (recurrent.forward(tokens, key_padding_mask), Vec::new()),
        };
        (self.point(input, hidden), attention)
    }

    /// The vector of each token before anything is read.
    ///
    /// # Shapes
    ///
    /// - `tokens`: `[batch, seq]`
    /// - result: `[batch, seq, d_model]`
    pub fn embed(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        self.embedding().forward(tokens)
    }

    /// Reads tokens that are `embedded` already, under an intervention, and shows everything on the
    /// way; `input.tokens` is not looked at.
    ///
    /// # Shapes
    ///
    /// - `embedded`: `[batch, seq, d_model]`, of [`Resolver::embed`] or something in its place
    ///
    /// # Panics
    ///
    /// If the body is the recurrent one, which has no attention to intervene in, and as
    /// [`Resolver::forward`] does.
    pub fn observe(
        &self,
        input: &ResolverInput,
        embedded: Tensor<3>,
        intervention: &dyn Intervention,
    ) -> Observation {
        let Body::Transformer(encoder) = self.body() else {
            panic!("a recurrent network has no attention, expected an encoder");
        };
        let mask = input.key_padding_mask.clone();
        let EncoderOutput { hidden, attention, streams } =
            encoder.forward_changed(embedded, mask, intervention);
        Observation { output: self.point(input, hidden), attention, streams }
    }

    /// How much each position could add through each head of block `layer`, see
    /// [`crate::attention::SelfAttention::value_norms`].
    ///
    /// # Shapes
    ///
    /// - `values`: `[batch, heads, key, d_head]`, of the same block
    /// - result: `[batch, heads, key]`
    ///
    /// # Panics
    ///
    /// If there is no such block; a recurrent network has none.
    pub fn value_norms(&self, layer: usize, values: Tensor<4>) -> Tensor<3> {
        let Body::Transformer(encoder) = self.body() else {
            panic!("a recurrent network has no attention, expected an encoder");
        };
        encoder.blocks[layer].attention.value_norms(values)
    }

    pub(crate) fn point(&self, input: &ResolverInput, hidden: Tensor<3>) -> ResolverOutput {
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
        name_antecedent(hidden, pronoun, self.embedding().tokens.weight.val())
    }

    fn embedding(&self) -> &Embedding {
        match self.body() {
            Body::Transformer(encoder) => &encoder.embedding,
            Body::Recurrent(recurrent) => &recurrent.embedding,
        }
    }

    /// How many numbers training adjusts.
    pub fn n_parameters(&self) -> usize {
        self.num_params()
    }
}

#[cfg(test)]
mod tests;
