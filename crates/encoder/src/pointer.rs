//! The pointer head: scores the words of a text as the antecedent of its pronoun.
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

/// Scores every word of a text, and *none*, as the antecedent of its pronoun.
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

    /// # Shapes
    ///
    /// - `hidden`: `[batch, seq, d_model]`
    /// - `pronoun`: `[batch]`, the position of the pronoun's first token
    /// - `words`: `[batch, words]`, the position of each word's first token
    /// - `word_padding_mask`: `[batch, words]`, `true` where the word is padding
    /// - result: `[batch, words + 1]`, *none* in the last column
    pub fn forward(
        &self,
        hidden: Tensor<3>,
        pronoun: Tensor<1, Int>,
        words: Tensor<2, Int>,
        word_padding_mask: Tensor<2, Bool>,
    ) -> Tensor<2> {
        let [batch, seq, d_model] = hidden.dims();
        let [_, n_words] = words.dims();
        assert_shape!(pronoun, [batch]);
        assert_shape!(words, [batch, n_words]);
        assert_shape!(word_padding_mask, [batch, n_words]);

        let pronoun = pronoun.reshape([batch, 1, 1]).expand([batch, 1, d_model]);
        let wanted = self.wanted.forward(hidden.clone().gather(1, pronoun)); // [batch, 1, d_model]
        let wanted = wanted / (d_model as f64).sqrt();

        // A reshape instead of a transpose, which would give the same numbers: with a transpose, Burn
        // 0.22.1 computes a wrong gradient of `wanted` on wgpu (found by cli/tests/backends.rs).
        let column = wanted.clone().reshape([batch, d_model, 1]);
        let tokens = hidden.matmul(column); // [batch, seq, 1]
        let tokens = tokens.reshape([batch, seq]);
        let words = tokens.gather(1, words).mask_fill(word_padding_mask, MASKED_SCORE); // [batch, words]
        let none = operand(self.none.val(), wanted.dtype()).transpose(); // [d_model, 1]
        let none = wanted.reshape([batch, d_model]).matmul(none); // [batch, 1]
        Tensor::cat(vec![words, none], 1)
    }
}

#[cfg(test)]
mod tests;
