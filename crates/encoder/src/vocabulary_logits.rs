//! What the heads that predict a token share: a score for each token of the vocabulary, from the
//! vectors at some positions and the matrix of the embedding.
//!
//! ```text
//! logits[i, token] = E[token] · hidden[positions[i]]            E: the embedding's own matrix
//! ```
//!
//! So these heads have no parameters of their own: a model has the same checkpoint with them and
//! without. Reference: the tied output matrix of Press & Wolf 2017,
//! <https://arxiv.org/abs/1608.05859>.

use burn::tensor::{Int, Tensor, assert_shape};

use crate::projection::operand;

/// # Shapes
///
/// - `hidden`: `[batch, seq, d_model]`
/// - `positions`: `[batch, positions]`, each less than `seq`
/// - `embedding`: `[vocab, d_model]`
/// - result: `[batch, positions, vocab]`
pub(crate) fn vocabulary_logits(
    hidden: Tensor<3>,
    positions: Tensor<2, Int>,
    embedding: Tensor<2>,
) -> Tensor<3> {
    let [batch, _, d_model] = hidden.dims();
    let [_, n_positions] = positions.dims();
    let [vocab, _] = embedding.dims();
    assert_shape!(positions, [batch, n_positions]);
    assert_shape!(embedding, [vocab, d_model]);

    let index = positions.reshape([batch, n_positions, 1]).expand([batch, n_positions, d_model]);
    let vectors = hidden.gather(1, index).reshape([batch * n_positions, d_model]);
    let embedding = operand(embedding, vectors.dtype());
    vectors.matmul(embedding.transpose()).reshape([batch, n_positions, vocab])
}
