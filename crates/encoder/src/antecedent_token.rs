//! The head of the auxiliary loss: the pronoun's vector has to predict the token of its antecedent,
//! among the tokens that begin a word of the batch.
//!
//! ```text
//! logits[token] = E[token] · h_pronoun            E: the embedding's own matrix
//! ```
//!
//! Some hundred tokens are enough to be right or wrong about, and those of the same text are the hard
//! ones; all of the vocabulary would cost a fifth of a training step.
//!
//! The pointer can tell *robot* from *pelota* by their features alone: a masculine pronoun finds the
//! masculine noun without ever having read from it. To predict the antecedent among the tokens of many
//! texts, the pronoun must fetch that token from where it stands, and only attention
//! fetches. So this loss makes attention do the work that it is said to do. Nothing at inference
//! needs the head.

use burn::tensor::{Int, Tensor};

use crate::{
    hidden_vectors::{HiddenVectors, select_rows},
    vocabulary_logits::vocabulary_logits,
};

/// The unnormalised score of each of `tokens` as the first token of what the pronoun stands for.
///
/// # Shapes
///
/// - `hidden`: `[texts, seq, d_model]`
/// - `pronouns`: `[texts, pronouns]` and `asked`: `[queries]`, as in
///   [`ResolverInput`](crate::resolver::ResolverInput)
/// - `tokens`: `[candidates]`
/// - `embedding`: `[vocab, d_model]`
/// - result: `[queries, candidates]`
pub fn antecedent_token_logits(
    hidden: Tensor<3>,
    pronouns: Tensor<2, Int>,
    asked: Tensor<1, Int>,
    tokens: Tensor<1, Int>,
    embedding: Tensor<2>,
) -> Tensor<2> {
    let [_, _, d_model] = hidden.dims();
    let [texts, n_pronouns] = pronouns.dims();
    let vectors = HiddenVectors::new(hidden).at(pronouns).reshape([texts * n_pronouns, d_model]);
    vocabulary_logits(vectors.select(0, asked), select_rows(embedding, tokens))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        naive,
        sample::{self, BATCH, D_MODEL, QUERIES, SEQ, VOCAB, assert_close},
    };

    #[test]
    fn each_token_is_scored_by_the_pronouns_vector_and_no_other() {
        let device = sample::device();
        let hidden = sample::random(1, [BATCH, SEQ, D_MODEL], &device);
        let embedding = sample::random(2, [VOCAB, D_MODEL], &device);
        let input = sample::input(&device);

        const TOKENS: [usize; 3] = [1, VOCAB - 1, 2];
        let tokens = Tensor::from_data(TOKENS.map(|token| token as i64), &device);
        let of_tokens = embedding.clone().select(0, tokens.clone());

        let (pronouns, asked) = (input.pronouns, input.asked);
        let logits = antecedent_token_logits(hidden.clone(), pronouns, asked, tokens, embedding);

        let rows = naive::rows(&hidden);
        let asked = naive::asked(&rows, SEQ);
        let expected = naive::vocabulary_logits(&asked, 1, &[[0]; QUERIES], &of_tokens);
        assert_eq!(logits.dims(), [QUERIES, TOKENS.len()]);
        assert_close(&logits, &expected, 1e-13);
    }
}
