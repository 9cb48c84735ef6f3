//! What the heads that predict a token share: a score for each token of the vocabulary, from some
//! hidden vectors and the matrix of the embedding.
//!
//! ```text
//! logits[i, token] = E[token] · vectors[i]            E: the embedding's own matrix
//! ```
//!
//! So these heads have no parameters of their own: a model has the same checkpoint with them and
//! without. Reference: the tied output matrix of Press & Wolf 2017,
//! <https://arxiv.org/abs/1608.05859>.

use burn::tensor::{Tensor, assert_shape};

use crate::projection::operand;

/// # Shapes
///
/// - `vectors`: `[n, d_model]`
/// - `embedding`: `[vocab, d_model]`
/// - result: `[n, vocab]`
pub(crate) fn vocabulary_logits(vectors: Tensor<2>, embedding: Tensor<2>) -> Tensor<2> {
    let [_, d_model] = vectors.dims();
    let [vocab, _] = embedding.dims();
    assert_shape!(embedding, [vocab, d_model]);
    let embedding = operand(embedding, vectors.dtype());
    vectors.matmul(embedding.transpose())
}
