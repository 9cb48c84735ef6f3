//! The detector heads: which words of a text are anaphors, which are heads of phrases that an anaphor
//! could stand for, and where these phrases begin and end.
//!
//! ```text
//! class(word)    = softmax(W h_word + b)                 one of ANAPHOR_CLASSES
//! is_head(word)  = σ(w · h_word + b)
//! first(head)    = softmax over words of h_word · (W_first h_head + b) / √d_model
//! last(head)     = softmax over words of h_word · (W_last h_head + b) / √d_model
//! ```
//!
//! A word is a hidden vector at its first token. Reference for heads that point at the edges of their
//! phrase: the word-level coreference of Dobrovolskii 2021, <https://arxiv.org/abs/2109.04127>.

use burn::{
    module::{Module, Param},
    tensor::{Bool, Distribution, Int, Tensor},
};

use crate::{
    hidden_vectors::HiddenVectors,
    initial::{Initialiser, SMALL_STD},
    projection::{Projection, operand},
};

/// The number of classes of a word as an anaphor: none, a pronoun of its own, a verb without subject,
/// a verb with a pronoun attached, a verb with two.
pub const ANAPHOR_CLASSES: usize = 5;

/// Scores the words of a text as anaphors and as heads of phrases.
#[derive(Module, Debug)]
pub struct Detector {
    /// To the scores of the classes, and that of a head: `[d_model, ANAPHOR_CLASSES + 1]`
    pub(crate) words: Projection,
    /// From a head's vector to that of the first word of its phrase.
    pub(crate) first: Projection,
    /// From a head's vector to that of the last word of its phrase.
    pub(crate) last: Projection,
    /// Added to the vector of a word that is asked for the second pronoun attached to it:
    /// `[1, d_model]`
    pub(crate) second: Param<Tensor<2>>,
}

impl Detector {
    /// Untrained heads, with weights so small that every answer is about as likely as any other.
    pub fn new(d_model: usize, init: &mut Initialiser<'_>) -> Self {
        let small = Distribution::Normal(0.0, SMALL_STD);
        let mut projection = |d_output: usize| Projection {
            weight: init.random([d_model, d_output], small),
            bias: Some(init.zeros(d_output)),
        };
        let [words, first, last] = [ANAPHOR_CLASSES + 1, d_model, d_model].map(&mut projection);
        Self { words, first, last, second: init.random([1, d_model], small) }
    }

    /// The scores of each word's classes and, in the last column, that of being a head.
    ///
    /// # Shapes
    ///
    /// - `hidden`: `[texts, seq, d_model]`
    /// - `words`: `[texts, words]`, the position of each word's first token
    /// - result: `[texts, words, ANAPHOR_CLASSES + 1]`
    pub fn words(&self, hidden: Tensor<3>, words: Tensor<2, Int>) -> Tensor<3> {
        self.words.forward(HiddenVectors::new(hidden).at(words))
    }

    /// The score of each word as the first word of a head's phrase, and as its last.
    ///
    /// # Shapes
    ///
    /// - `hidden`: `[texts, seq, d_model]`
    /// - `words`: `[texts, words]`, the position of each word's first token
    /// - `word_padding_mask`: `[texts, words]`, `true` where the word is padding
    /// - `heads`: `[texts, heads]`, the position of each head's first token, any where there are fewer
    /// - each result: `[texts, heads, words]`
    pub fn edges(
        &self,
        hidden: Tensor<3>,
        words: Tensor<2, Int>,
        word_padding_mask: Tensor<2, Bool>,
        heads: Tensor<2, Int>,
    ) -> [Tensor<3>; 2] {
        let hidden = HiddenVectors::new(hidden);
        let words = hidden.words(words, word_padding_mask);
        let vectors = hidden.at(heads);
        [&self.first, &self.last].map(|projection| {
            let wanted = projection.forward(vectors.clone()) / (hidden.d_model() as f64).sqrt();
            hidden.scores(wanted, &words)
        })
    }

    /// `vectors` with what distinguishes the second pronoun of a word from its first.
    ///
    /// # Shapes
    ///
    /// - `vectors`: `[texts, pronouns, d_model]`
    /// - `is_second`: `[texts, pronouns]`
    pub(crate) fn mark_second(&self, vectors: Tensor<3>, is_second: Tensor<2, Bool>) -> Tensor<3> {
        let [texts, n, d_model] = vectors.dims();
        let mark = operand(self.second.val(), vectors.dtype()).reshape([1, 1, d_model]);
        let is_second = is_second.float().cast(vectors.dtype()).reshape([texts, n, 1]);
        vectors + mark * is_second
    }
}

#[cfg(test)]
mod tests;
