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
    tensor::{Distribution, Int, Tensor},
};

use crate::{
    hidden_vectors::{HiddenVectors, Words},
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
    /// - `words`: `[texts, words]`
    /// - result: `[queries, words + 1]`, *none* in the last column
    pub(crate) fn forward(
        &self,
        hidden: &HiddenVectors,
        vectors: Tensor<3>,
        asked: Tensor<1, Int>,
        words: &Words,
    ) -> Tensor<2> {
        let [texts, n_pronouns, d_model] = vectors.dims();
        let wanted = self.wanted_vectors(vectors);
        let of_words = hidden.scores(wanted.clone(), words); // [texts, pronouns, words]
        let of_words = of_words.reshape([texts * n_pronouns, words.n_words()]);
        let none = operand(self.none.val(), wanted.dtype()).transpose(); // [d_model, 1]
        let none = wanted.reshape([texts * n_pronouns, d_model]).matmul(none);
        Tensor::cat(vec![of_words, none], 1).select(0, asked)
    }
}

#[cfg(test)]
mod tests;
