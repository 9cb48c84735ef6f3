//! Naming: the pronoun's vector should say its antecedent's name.
//!
//! ```text
//! logits[token] = E[token] · h_pronoun            E: the embedding's own matrix
//! ```
//!
//! The pointer can tell *robot* from *pelota* by their features alone: a masculine pronoun finds the
//! masculine noun without ever having read from it. To name its antecedent among all the words of
//! the vocabulary, the pronoun must fetch that word from where it stands, and only attention
//! fetches. So this second task is what makes attention do the work that it is said to do. It has
//! no parameters of its own, and nothing at inference needs it.
//!
//! Reference: the tied output of Press & Wolf 2017, <https://arxiv.org/abs/1608.05859>.

use burn::tensor::{Int, Tensor, assert_shape};

/// Scores every token of the vocabulary as the name of what the pronoun stands for.
///
/// # Shapes
///
/// - `hidden`: `[batch, seq, d_model]`
/// - `pronoun`: `[batch]`, the position of the pronoun's first token
/// - `embedding`: `[vocab, d_model]`
/// - result: `[batch, vocab]`
pub fn name_antecedent(
    hidden: Tensor<3>,
    pronoun: Tensor<1, Int>,
    embedding: Tensor<2>,
) -> Tensor<2> {
    let [batch, _, d_model] = hidden.dims();
    assert_shape!(pronoun, [batch]);

    let pronoun = pronoun.reshape([batch, 1, 1]).expand([batch, 1, d_model]);
    let pronoun = hidden.gather(1, pronoun).reshape([batch, d_model]);
    pronoun.matmul(embedding.transpose())
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution, Tensor, Tolerance};

    use super::*;

    const BATCH: usize = 2;
    const SEQ: usize = 5;
    const VOCAB: usize = 7;
    const D_MODEL: usize = 3;

    #[test]
    fn each_token_is_scored_by_the_pronouns_vector_and_no_other() {
        let device = Device::flex();
        let random = Distribution::Normal(0.0, 1.0);
        let hidden: Tensor<3> = Tensor::random([BATCH, SEQ, D_MODEL], random, &device);
        let embedding: Tensor<2> = Tensor::random([VOCAB, D_MODEL], random, &device);
        let pronouns = [3, 1];

        let logits = name_antecedent(
            hidden.clone(),
            Tensor::from_data(pronouns, &device),
            embedding.clone(),
        );

        let hidden: Vec<f32> = hidden.into_data().iter::<f32>().collect();
        let embedding: Vec<f32> = embedding.into_data().iter::<f32>().collect();
        let mut expected: Tensor<2> = Tensor::zeros([BATCH, VOCAB], &device);
        for (row, position) in pronouns.into_iter().enumerate() {
            for token in 0..VOCAB {
                let dot: f32 = (0..D_MODEL)
                    .map(|d| {
                        hidden[(row * SEQ + position) * D_MODEL + d]
                            * embedding[token * D_MODEL + d]
                    })
                    .sum();
                let dot: Tensor<2> = Tensor::from_data([[dot]], &device);
                expected = expected.slice_assign([row..row + 1, token..token + 1], dot);
            }
        }
        let tolerance = Tolerance::<f32>::absolute(1e-6);
        logits.into_data().assert_approx_eq(&expected.into_data(), tolerance);
    }
}
