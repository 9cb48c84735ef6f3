//! The pointer head: scores the words of a text as the antecedent of each of its pronouns.
//!
//! ```text
//! wanted         = W h_pronoun + b
//! logits[word]   = h_word · wanted / √d_model      h_word: hidden vector of its first token
//! logits[none]   = n · wanted / √d_model           n: a learned vector, "no word of this text"
//! ```
//!
//! `h_word · W h_pronoun` is the bilinear part of a biaffine score, `h_word · b` its part that is
//! linear in the word; a part that is linear in the pronoun would be the same for every word and
//! vanish in the softmax.
//!
//! Reference: Dozat & Manning 2016, <https://arxiv.org/abs/1611.01734>, §3.2 for the biaffine
//! score; Vinyals et al. 2015, <https://arxiv.org/abs/1506.03134>, for pointing at the input.

use burn::{
    module::{Module, Param},
    tensor::{Bool, Distribution, Int, Tensor, assert_shape},
};

use crate::{
    attention::MASKED_SCORE,
    initial::{Initialiser, SMALL_STD},
    projection::{Projection, operand},
};

/// Scores every word of a text, and *none*, as the antecedent of each pronoun asked for.
#[derive(Module, Debug)]
pub struct Pointer {
    /// W and b: from a pronoun's hidden vector to the one that its antecedent should have.
    pub(crate) wanted: Projection,
    /// n: `[1, d_model]`
    pub(crate) none: Param<Tensor<2>>,
}

impl Pointer {
    /// An untrained head, with weights so small that every logit is near 0 and every answer about as
    /// likely as any other.
    pub fn new(d_model: usize, init: &mut Initialiser<'_>) -> Self {
        let small = Distribution::Normal(0.0, SMALL_STD);
        Self {
            wanted: Projection {
                weight: init.random([d_model, d_model], small),
                bias: Some(init.zeros(d_model)),
            },
            none: init.random([1, d_model], small),
        }
    }

    /// The head whose logits are those of this one, divided by `temperature`.
    pub(crate) fn at_temperature(mut self, temperature: f64) -> Self {
        self.wanted.weight = self.wanted.weight.map(|weight| weight / temperature);
        self.wanted.bias = self.wanted.bias.map(|bias| bias.map(|bias| bias / temperature));
        self
    }

    pub(crate) fn d_model(&self) -> usize {
        self.none.val().dims()[1]
    }

    /// The vectors that the antecedents should have, divided by `√d_model`: the product of one with
    /// a word's vector is the word's logit.
    ///
    /// # Shapes
    ///
    /// - `vectors` and result: `[texts, pronouns, d_model]`
    pub(crate) fn wanted_vectors(&self, vectors: Tensor<3>) -> Tensor<3> {
        self.wanted.forward(vectors) / (self.d_model() as f64).sqrt()
    }

    /// # Shapes
    ///
    /// - `hidden`: `[texts, seq, d_model]`
    /// - `vectors`: `[texts, pronouns, d_model]`, the hidden vectors of the pronouns
    /// - `asked`: `[queries]`, as in [`ResolverInput`](crate::resolver::ResolverInput)
    /// - `words`: `[texts, words]`, the position of each word's first token
    /// - `word_padding_mask`: `[texts, words]`, `true` where the word is padding
    /// - result: `[queries, words + 1]`, *none* in the last column
    pub fn forward(
        &self,
        hidden: Tensor<3>,
        vectors: Tensor<3>,
        asked: Tensor<1, Int>,
        words: Tensor<2, Int>,
        word_padding_mask: Tensor<2, Bool>,
    ) -> Tensor<2> {
        let [texts, seq, d_model] = hidden.dims();
        let [_, n_words] = words.dims();
        let [_, n_pronouns, _] = vectors.dims();
        assert_shape!(vectors, [texts, n_pronouns, d_model]);
        assert_shape!(words, [texts, n_words]);
        assert_shape!(word_padding_mask, [texts, n_words]);

        let wanted = self.wanted_vectors(vectors);
        let tokens = products(hidden, wanted.clone()); // [texts, pronouns, seq]
        assert_shape!(tokens, [texts, n_pronouns, seq]);
        let of_each = [texts, n_pronouns, n_words];
        let words = words.reshape([texts, 1, n_words]).expand(of_each);
        let padding = word_padding_mask.reshape([texts, 1, n_words]).expand(of_each);
        let words = tokens.gather(2, words).mask_fill(padding, MASKED_SCORE);
        let words = words.reshape([texts * n_pronouns, n_words]);
        let none = operand(self.none.val(), wanted.dtype()).transpose(); // [d_model, 1]
        let none = wanted.reshape([texts * n_pronouns, d_model]).matmul(none);
        Tensor::cat(vec![words, none], 1).select(0, asked)
    }
}

/// The vectors at some positions of each text.
///
/// # Shapes
///
/// - `hidden`: `[texts, seq, d_model]`
/// - `positions`: `[texts, positions]`, each less than `seq`
/// - result: `[texts, positions, d_model]`
pub(crate) fn vectors_at(hidden: Tensor<3>, positions: Tensor<2, Int>) -> Tensor<3> {
    let [texts, seq, d_model] = hidden.dims();
    let [_, n] = positions.dims();
    // Whole rows are selected: `gather` would look up an index for each of their numbers.
    let first_rows = Tensor::<1, Int>::arange(0..texts as i64, &positions.device()) * seq as i64;
    let rows = (positions + first_rows.reshape([texts, 1])).reshape([texts * n]);
    hidden.reshape([texts * seq, d_model]).select(0, rows).reshape([texts, n, d_model])
}

/// The scalar product of each of `wanted` with the vector of each token of its text.
///
/// # Shapes
///
/// - `hidden`: `[texts, seq, d_model]`
/// - `wanted`: `[texts, n, d_model]`
/// - result: `[texts, n, seq]`
pub(crate) fn products(hidden: Tensor<3>, wanted: Tensor<3>) -> Tensor<3> {
    let [texts, n, d_model] = wanted.dims();
    let [_, seq, _] = hidden.dims();
    // A reshape instead of a transpose of one row, which would give the same numbers: with the
    // transpose, Burn 0.22.1 computes a wrong gradient of `wanted` on wgpu (found by
    // cli/tests/backends.rs).
    match n {
        1 => hidden.matmul(wanted.reshape([texts, d_model, 1])).reshape([texts, 1, seq]),
        _ => wanted.matmul(hidden.swap_dims(1, 2)),
    }
}

#[cfg(test)]
mod tests;
