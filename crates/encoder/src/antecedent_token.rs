//! The head of the auxiliary loss: the pronoun's vector has to predict the token of its antecedent.
//!
//! ```text
//! logits[token] = E[token] · h_pronoun            E: the embedding's own matrix
//! ```
//!
//! The pointer can tell *robot* from *pelota* by their features alone: a masculine pronoun finds the
//! masculine noun without ever having read from it. To predict the antecedent among all tokens of
//! the vocabulary, the pronoun must fetch that token from where it stands, and only attention
//! fetches. So this loss makes attention do the work that it is said to do. Nothing at inference
//! needs the head.

use burn::tensor::{Int, Tensor, assert_shape};

use crate::vocabulary_logits::vocabulary_logits;

/// The unnormalised score of every token of the vocabulary as the first token of what the pronoun
/// stands for.
///
/// # Shapes
///
/// - `hidden`: `[batch, seq, d_model]`
/// - `pronoun`: `[batch]`, the position of the pronoun's first token
/// - `embedding`: `[vocab, d_model]`
/// - result: `[batch, vocab]`
pub fn antecedent_token_logits(
    hidden: Tensor<3>,
    pronoun: Tensor<1, Int>,
    embedding: Tensor<2>,
) -> Tensor<2> {
    let [batch, ..] = hidden.dims();
    assert_shape!(pronoun, [batch]);
    let [vocab, _] = embedding.dims();
    vocabulary_logits(hidden, pronoun.reshape([batch, 1]), embedding).reshape([batch, vocab])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        naive,
        sample::{self, BATCH, D_MODEL, PRONOUN, SEQ, VOCAB, assert_close},
    };

    #[test]
    fn each_token_is_scored_by_the_pronouns_vector_and_no_other() {
        let device = sample::device();
        let hidden = sample::random(1, [BATCH, SEQ, D_MODEL], &device);
        let embedding = sample::random(2, [VOCAB, D_MODEL], &device);
        let pronoun = sample::input(&device).pronoun;

        let logits = antecedent_token_logits(hidden.clone(), pronoun, embedding.clone());

        let rows = naive::rows(&hidden);
        let expected = naive::vocabulary_logits(&rows, SEQ, &PRONOUN.map(|p| [p]), &embedding);
        assert_eq!(logits.dims(), [BATCH, VOCAB]);
        assert_close(&logits, &expected, 1e-13);
    }
}
