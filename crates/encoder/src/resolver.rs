//! The whole model: a body computes a hidden vector for each token, and heads compute logits from
//! them.
//!
//! ```text
//! hidden = body(tokens)                               body: the encoder, or the recurrent network
//! logits = pointer(hidden, pronouns, words)           the answers
//! ```
//!
//! Two more heads serve losses of training only and have no parameters of their own:
//! [`crate::antecedent_token`] and [`crate::masked_words`].
//!
//! As in [`crate::encoder`], [`Resolver::forward`] is the fast path and [`Resolver::observe`] the
//! definition with all intermediate results. There is no loss here and no softmax over the answer:
//! the caller trains on the logits or restricts them to given candidates.

use burn::{
    module::Module,
    tensor::{Bool, Device, Int, Tensor, assert_shape},
};

use crate::{
    antecedent_token::antecedent_token_logits,
    attention::AttentionOutput,
    detector::Detector,
    encoder::{Encoder, EncoderOutput},
    feed_forward::FeedForwardOutput,
    hidden_vectors::HiddenVectors,
    initial::{Initialiser, NumberParameters},
    intervention::Intervention,
    masked_words::masked_word_logits,
    pointer::Pointer,
    recurrent::Recurrent,
};
use config::encoder::body::BodyConfig;

/// One of the two bodies, and the pointer head.
///
/// There are two fields instead of an enum because Burn would put the enum's variant into the name of
/// each parameter, and checkpoints and other programs call them `encoder.blocks.…`.
#[derive(Module, Debug)]
pub struct Resolver {
    pub(crate) encoder: Option<Encoder>,
    /// There if, and only if, there is no encoder.
    pub(crate) recurrent: Option<Recurrent>,
    pub(crate) pointer: Pointer,
    /// There if the model was trained to find anaphors by itself.
    pub(crate) detector: Option<Detector>,
}

const NO_ATTENTION: &str = "a recurrent network has no attention, expected an encoder";

/// The body that a resolver has.
enum Body<'a> {
    Transformer(&'a Encoder),
    Recurrent(&'a Recurrent),
}

/// A batch of texts, each read once for all of its pronouns that are asked for.
#[derive(Debug, Clone)]
pub struct ResolverInput {
    /// Token numbers in the vocabulary: `[texts, seq]`
    pub tokens: Tensor<2, Int>,
    /// `true` where a position is padding: `[texts, seq]`
    pub key_padding_mask: Tensor<2, Bool>,
    /// Position of the first token of each pronoun of a text, 0 where it has fewer than another text:
    /// `[texts, pronouns]`
    pub pronouns: Tensor<2, Int>,
    /// `true` where a pronoun is the second that is attached to its word, as *lo* in *dárselo*:
    /// `[texts, pronouns]`
    pub is_second: Tensor<2, Bool>,
    /// The pronouns that are asked for, as indices into the flattened `pronouns`: `[queries]`. So
    /// padding is never asked for.
    pub asked: Tensor<1, Int>,
    /// Position of each word's first token, 0 for padding: `[texts, words]`
    pub words: Tensor<2, Int>,
    /// `true` where a word is padding: `[texts, words]`
    pub word_padding_mask: Tensor<2, Bool>,
}

/// The result of [`Resolver::forward`].
#[derive(Debug, Clone)]
pub struct ResolverOutput {
    /// For each pronoun asked for, the unnormalised score of each word as its antecedent, and in the
    /// last column that of *none*: `[queries, words + 1]`
    pub logits: Tensor<2>,
    /// The hidden vector of each token, the output of the body: `[texts, seq, d_model]`
    pub hidden: Tensor<3>,
}

/// The result of [`Resolver::observe`], and the intermediate results on the way to it.
#[derive(Debug, Clone)]
pub struct Observation {
    /// What [`Resolver::forward`] returns.
    pub output: ResolverOutput,
    /// Result and intermediate results of the attention of each block, the first block first. Empty
    /// if the body is recurrent.
    pub attention: Vec<AttentionOutput>,
    /// Result and hidden layer of the feed-forward network of each block. Empty if the body is
    /// recurrent.
    pub feed_forward: Vec<FeedForwardOutput>,
    /// The residual stream before the first block and after each of them, before the final norm:
    /// `n_layers + 1` of `[texts, seq, d_model]`. Empty if the body is recurrent.
    pub residual_stream: Vec<Tensor<3>>,
}

impl Resolver {
    /// An untrained model. Its parameters are a function of `config`, `vocab_size` and `seed`, the
    /// same on every device.
    ///
    /// # Panics
    ///
    /// If `config` does not pass [`BodyConfig::validate`], or the vocabulary is empty.
    pub fn new(config: &BodyConfig, vocab_size: usize, seed: u64, device: &Device) -> Self {
        config.validate().expect("the config was validated when it was loaded");
        assert!(vocab_size > 0, "a tokenizer has at least one token");
        let init = &mut Initialiser::new(seed, device);
        let (encoder, recurrent) = match config {
            BodyConfig::Transformer(config) => {
                (Some(Encoder::initialise(config, vocab_size, init)), None)
            }
            BodyConfig::Recurrent(config) => {
                (None, Some(Recurrent::initialise(config, vocab_size, init)))
            }
        };
        let pointer = Pointer::new(config.d_model(), init);
        Self { encoder, recurrent, pointer, detector: None }.map(&mut NumberParameters(0))
    }

    /// The model whose logits are those of this one, divided by `temperature`.
    pub fn at_temperature(mut self, temperature: f64) -> Self {
        self.pointer = self.pointer.at_temperature(temperature);
        self
    }

    /// The model with an untrained detector, whose parameters are a function of `seed`.
    pub fn with_detector(mut self, seed: u64, device: &Device) -> Self {
        const STREAM: u64 = 0xde7e_c702;
        let init = &mut Initialiser::new(seed ^ STREAM, device);
        self.detector = Some(Detector::new(self.pointer.d_model(), init));
        self.map(&mut NumberParameters(0))
    }

    /// The heads that find anaphors and phrases, if the model was trained with them.
    pub fn detector(&self) -> Option<&Detector> {
        self.detector.as_ref()
    }

    fn body(&self) -> Body<'_> {
        match (&self.encoder, &self.recurrent) {
            (Some(encoder), _) => Body::Transformer(encoder),
            (None, Some(recurrent)) => Body::Recurrent(recurrent),
            (None, None) => unreachable!("a resolver is made with one of the two bodies"),
        }
    }

    /// The logits of the answer, by the fastest way that the device has.
    ///
    /// # Shapes
    ///
    /// - `tokens`, `key_padding_mask`: `[texts, seq]`
    /// - `pronouns`: `[texts, pronouns]`
    /// - `asked`: `[queries]`
    /// - `words`, `word_padding_mask`: `[texts, words]`
    /// - `logits`: `[queries, words + 1]`
    ///
    /// # Panics
    ///
    /// If the shapes of `input` do not agree, or `seq` is greater than the config's `max_seq`.
    pub fn forward(&self, input: &ResolverInput) -> ResolverOutput {
        let hidden = self.hidden(input.tokens.clone(), input.key_padding_mask.clone());
        self.point(input, hidden)
    }

    /// The hidden vectors alone, for heads other than the pointer.
    ///
    /// # Shapes
    ///
    /// - `tokens`, `key_padding_mask`: `[texts, seq]`
    /// - result: `[texts, seq, d_model]`
    ///
    /// # Panics
    ///
    /// As [`Resolver::forward`].
    pub fn hidden(&self, tokens: Tensor<2, Int>, key_padding_mask: Tensor<2, Bool>) -> Tensor<3> {
        match self.body() {
            Body::Transformer(encoder) => encoder.forward(tokens, key_padding_mask),
            Body::Recurrent(recurrent) => recurrent.forward(tokens, key_padding_mask),
        }
    }

    /// As [`Resolver::forward`], with the dropout of the config: what is dropped is a function of
    /// `seed`, and each pass of a training needs another one.
    pub fn forward_with_dropout(&self, input: &ResolverInput, seed: u64) -> ResolverOutput {
        let ResolverInput { tokens, key_padding_mask, .. } = input.clone();
        let hidden = match self.body() {
            Body::Transformer(encoder) => {
                encoder.forward_with_dropout(tokens, key_padding_mask, seed)
            }
            Body::Recurrent(recurrent) => {
                recurrent.forward_with_dropout(tokens, key_padding_mask, seed)
            }
        };
        self.point(input, hidden)
    }

    /// The embedding of the tokens, which [`Resolver::observe`] starts from.
    ///
    /// # Shapes
    ///
    /// - `tokens`: `[texts, seq]`
    /// - result: `[texts, seq, d_model]`
    ///
    /// # Panics
    ///
    /// If `seq` is greater than the config's `max_seq`.
    pub fn embed(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        match self.body() {
            Body::Transformer(encoder) => encoder.embed(tokens),
            Body::Recurrent(recurrent) => recurrent.embed(tokens),
        }
    }

    /// The logits under an intervention and all intermediate results, by the definition of the model,
    /// from tokens that are embedded already; of `input.tokens` only the shape is used.
    ///
    /// # Shapes
    ///
    /// - `embedded`: `[texts, seq, d_model]`, the result of [`Resolver::embed`] or something in its
    ///   place
    ///
    /// # Panics
    ///
    /// If the body is recurrent and the intervention is not [`Intervention::is_identity`], since
    /// there is no attention to intervene in; else as [`Resolver::forward`].
    pub fn observe(
        &self,
        input: &ResolverInput,
        embedded: Tensor<3>,
        intervention: &dyn Intervention,
    ) -> Observation {
        let mask = input.key_padding_mask.clone();
        let EncoderOutput { hidden, attention, feed_forward, residual_stream } = match self.body() {
            Body::Transformer(encoder) => encoder.observe(embedded, mask, intervention),
            Body::Recurrent(recurrent) => {
                assert!(intervention.is_identity(), "{NO_ATTENTION}");
                let hidden = recurrent.forward_embedded(embedded, mask);
                EncoderOutput {
                    hidden,
                    attention: Vec::new(),
                    feed_forward: Vec::new(),
                    residual_stream: Vec::new(),
                }
            }
        };
        let output = self.point(input, hidden);
        Observation { output, attention, feed_forward, residual_stream }
    }

    /// The length of the vector that each head of block `layer`, from 0, would write if it read one
    /// position alone, see [`crate::attention::SelfAttention::value_norms`].
    ///
    /// # Shapes
    ///
    /// - `values`: `[batch, heads, key, d_head]`, of the same block
    /// - result: `[batch, heads, key]`
    ///
    /// # Panics
    ///
    /// If there is no such block, as in a recurrent network.
    pub fn value_norms(&self, layer: usize, values: Tensor<4>) -> Tensor<3> {
        self.transformer().blocks[layer].attention.value_norms(values)
    }

    /// The logits of the answer if the pointer read the residual stream as it is somewhere on the
    /// way, after the encoder's final norm; of the stream after the last block, those of
    /// [`Resolver::forward`].
    ///
    /// # Shapes
    ///
    /// - `stream`: `[texts, seq, d_model]`, one of [`Observation::residual_stream`]
    /// - result: `[queries, words + 1]`
    ///
    /// # Panics
    ///
    /// If the body is recurrent, which has no residual stream.
    pub fn logits_of_stream(&self, input: &ResolverInput, stream: Tensor<3>) -> Tensor<2> {
        self.point(input, self.transformer().norm(stream)).logits
    }

    /// The vectors that the antecedents of the pronouns should have, divided by `√d_model`: the
    /// product of one with the vector of a word's first token is the word's logit.
    ///
    /// # Shapes
    ///
    /// - `hidden`: `[texts, seq, d_model]`, as [`Resolver::forward`] returned it for `input`
    /// - result: `[texts, pronouns, d_model]`
    pub fn wanted_vectors(&self, input: &ResolverInput, hidden: Tensor<3>) -> Tensor<3> {
        self.pointer.wanted_vectors(self.pronoun_vectors(input, &HiddenVectors::new(hidden)))
    }

    /// The vector of *none*, whose product with a wanted vector is the logit of *none*:
    /// `[1, d_model]`.
    pub fn none_vector(&self) -> Tensor<2> {
        self.pointer.none.val()
    }

    /// The row of the embedding matrix of each token, before positions and norm.
    ///
    /// # Shapes
    ///
    /// - `tokens`: `[texts, seq]`
    /// - result: `[texts, seq, d_model]`
    pub fn token_vectors(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        let [texts, seq] = tokens.dims();
        let matrix = self.embedding_matrix();
        let d_model = matrix.dims()[1];
        matrix.select(0, tokens.reshape([texts * seq])).reshape([texts, seq, d_model])
    }

    /// What is added to the embedding for the positions from 0: `[seq, d_model]`. `None` where
    /// nothing is: rotary positions rotate queries and keys instead.
    ///
    /// # Panics
    ///
    /// If the body is recurrent, or `seq` is greater than the config's `max_seq`.
    pub fn position_vectors(&self, seq: usize) -> Option<Tensor<2>> {
        self.transformer().embedding.position_vectors(seq)
    }

    fn transformer(&self) -> &Encoder {
        self.encoder.as_ref().expect(NO_ATTENTION)
    }

    /// The hidden vectors of the pronouns, which the pointer asks with: `[texts, pronouns, d_model]`.
    fn pronoun_vectors(&self, input: &ResolverInput, hidden: &HiddenVectors) -> Tensor<3> {
        let vectors = hidden.at(input.pronouns.clone());
        match &self.detector {
            Some(detector) => detector.mark_second(vectors, input.is_second.clone()),
            None => vectors,
        }
    }

    fn point(&self, input: &ResolverInput, hidden: Tensor<3>) -> ResolverOutput {
        let ResolverInput { tokens, key_padding_mask, words, word_padding_mask, .. } =
            input.clone();
        let [texts, seq] = tokens.dims();
        assert_shape!(key_padding_mask, [texts, seq]);

        let vectors_of = HiddenVectors::new(hidden.clone());
        let words = vectors_of.words(words, word_padding_mask);
        let vectors = self.pronoun_vectors(input, &vectors_of);
        let logits = self.pointer.forward(&vectors_of, vectors, input.asked.clone(), &words);
        ResolverOutput { logits, hidden }
    }

    /// The logits of the auxiliary loss: the unnormalised score of each of `tokens` as the first token
    /// of what the pronoun stands for, see [`crate::antecedent_token`].
    ///
    /// # Shapes
    ///
    /// - `hidden`: `[texts, seq, d_model]`, as [`Resolver::forward`] returned it for `input`
    /// - `tokens`: `[candidates]`
    /// - result: `[queries, candidates]`
    pub fn antecedent_token_logits(
        &self,
        hidden: Tensor<3>,
        input: &ResolverInput,
        tokens: Tensor<1, Int>,
    ) -> Tensor<2> {
        let (pronouns, asked) = (input.pronouns.clone(), input.asked.clone());
        antecedent_token_logits(hidden, pronouns, asked, tokens, self.embedding_matrix())
    }

    /// The logits of masked language modelling: the unnormalised score of every token of the
    /// vocabulary at each masked position, see [`crate::masked_words`].
    ///
    /// # Shapes
    ///
    /// - `hidden`: `[texts, seq, d_model]`, as [`Resolver::forward`] returned it for masked tokens
    /// - `positions`: `[texts, masked]`, each less than `seq`; any position where a text has fewer
    /// - result: `[texts, masked, vocab]`
    pub fn masked_word_logits(&self, hidden: Tensor<3>, positions: Tensor<2, Int>) -> Tensor<3> {
        masked_word_logits(hidden, positions, self.embedding_matrix())
    }

    /// `[vocab, d_model]`
    fn embedding_matrix(&self) -> Tensor<2> {
        let embedding = match self.body() {
            Body::Transformer(encoder) => &encoder.embedding,
            Body::Recurrent(recurrent) => &recurrent.embedding,
        };
        embedding.tokens.weight.val()
    }

    /// The number of trainable numbers.
    pub fn n_parameters(&self) -> usize {
        self.num_params()
    }
}

#[cfg(test)]
mod tests;
