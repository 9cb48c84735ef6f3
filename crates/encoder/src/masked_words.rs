//! The head of masked language modelling: the vectors at masked positions have to predict the tokens
//! that stood there.
//!
//! ```text
//! logits[i, token] = E[token] · h_masked[i]            E: the embedding's own matrix
//! ```
//!
//! Which positions are masked, what stands there instead and the loss are the caller's. BERT has one
//! more layer between the hidden vector and E, and a bias for each token; they are absent here, so
//! that the head has no parameters and every checkpoint has it.
//!
//! Reference: Devlin et al. 2018, <https://arxiv.org/abs/1810.04805>, §3.1, task 1.

use burn::tensor::{Int, Tensor};

use crate::{hidden_vectors::HiddenVectors, vocabulary_logits::vocabulary_logits};

/// The unnormalised score of every token of the vocabulary at each masked position.
///
/// Texts with fewer masked positions than others are padded with any position, such as 0, whose
/// logits the loss has to leave out.
///
/// # Shapes
///
/// - `hidden`: `[texts, seq, d_model]`
/// - `positions`: `[texts, masked]`, each less than `seq`
/// - `embedding`: `[vocab, d_model]`
/// - result: `[texts, masked, vocab]`
pub fn masked_word_logits(
    hidden: Tensor<3>,
    positions: Tensor<2, Int>,
    embedding: Tensor<2>,
) -> Tensor<3> {
    let [texts, _, d_model] = hidden.dims();
    let [_, masked] = positions.dims();
    let [vocab, _] = embedding.dims();
    let vectors = HiddenVectors::new(hidden).at(positions).reshape([texts * masked, d_model]);
    vocabulary_logits(vectors, embedding).reshape([texts, masked, vocab])
}

#[cfg(test)]
mod tests {
    use burn::{module::Param, nn::Embedding, tensor::Device};

    use super::*;
    use crate::{
        finite_difference, naive,
        sample::{self, BATCH, D_MODEL, SEQ, VOCAB, assert_close},
    };

    const MASKED: usize = 3;
    /// In no order, one of them twice as in a padded list, and the last position of a text.
    const POSITIONS: [[usize; MASKED]; BATCH] = [[5, 0, 2], [6, 3, 3]];

    fn positions(device: &Device) -> Tensor<2, Int> {
        Tensor::from_data(POSITIONS.map(|row| row.map(|position| position as i64)), device)
    }

    #[test]
    fn each_masked_position_is_scored_by_its_own_vector() {
        let device = sample::device();
        let hidden = sample::random(1, [BATCH, SEQ, D_MODEL], &device);
        let embedding = sample::random(2, [VOCAB, D_MODEL], &device);

        let logits = masked_word_logits(hidden.clone(), positions(&device), embedding.clone());

        let expected = naive::vocabulary_logits(&naive::rows(&hidden), SEQ, &POSITIONS, &embedding);
        assert_eq!(logits.dims(), [BATCH, MASKED, VOCAB]);
        assert_close(&logits, &expected, 1e-13);
    }

    /// Both by way of the hidden vectors and by way of the matrix that the embedding shares.
    #[test]
    fn the_gradient_matches_finite_differences() {
        let device = sample::autodiff_device();
        let hidden = sample::random(1, [BATCH, SEQ, D_MODEL], &device);
        let embedding = sample::random(2, [VOCAB, D_MODEL], &device);
        let probe = sample::random(3, [BATCH, MASKED, VOCAB], &device);
        let module = Embedding { weight: Param::from_tensor(embedding) };

        finite_difference::check(&module, &hidden, |module, hidden| {
            let logits = masked_word_logits(hidden, positions(&device), module.weight.val());
            (logits * probe.clone()).sum()
        });
    }
}
