//! The hidden vectors of a batch as the heads read them: some of them by their positions, and the scores
//! of words.
//!
//! ```text
//! at(positions)[i]       = h_{positions[i]}
//! scores(wanted)[q, w]   = h_w · wanted_q           h_w: the hidden vector of the word's first token
//! ```
//!
//! On the CPU backend that has kernels, the gradients of all that is read go into one buffer.

use std::sync::Arc;

use burn::tensor::{Bool, Int, Tensor, assert_shape};
use kernels::{burn_ops::SharedRows, selection::TextWords};

use crate::attention::MASKED_SCORE;

/// The hidden vectors of a batch: `[texts, seq, d_model]`
pub(crate) struct HiddenVectors {
    hidden: Tensor<3>,
    /// The same, row by row, where there are kernels.
    rows: Option<SharedRows>,
}

/// The words of a batch, to be scored.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    /// The position of each word's first token, any for padding: `[texts, words]`
    positions: Tensor<2, Int>,
    /// `true` where a word is padding: `[texts, words]`
    padding: Tensor<2, Bool>,
    /// The same as the kernels read them, where there are kernels.
    of_rows: Option<Arc<TextWords>>,
}

impl Words {
    /// The number of words of a text, padding included.
    pub(crate) fn n_words(&self) -> usize {
        self.positions.dims()[1]
    }
}

impl HiddenVectors {
    /// # Shapes
    ///
    /// - `hidden`: `[texts, seq, d_model]`
    pub(crate) fn new(hidden: Tensor<3>) -> Self {
        let [texts, seq, d_model] = hidden.dims();
        let rows = SharedRows::new(hidden.clone().reshape([texts * seq, d_model]));
        Self { hidden, rows }
    }

    pub(crate) fn d_model(&self) -> usize {
        self.hidden.dims()[2]
    }

    /// The vectors at some positions of each text.
    ///
    /// # Shapes
    ///
    /// - `positions`: `[texts, positions]`, each less than `seq`
    /// - result: `[texts, positions, d_model]`
    pub(crate) fn at(&self, positions: Tensor<2, Int>) -> Tensor<3> {
        let [texts, seq, d_model] = self.hidden.dims();
        let [_, n] = positions.dims();
        assert_shape!(positions, [texts, n]);
        let first_rows =
            Tensor::<1, Int>::arange(0..texts as i64, &positions.device()) * seq as i64;
        let rows = (positions + first_rows.reshape([texts, 1])).reshape([texts * n]);
        let selected = match &self.rows {
            Some(shared) => shared.select(rows),
            // Whole rows are selected: `gather` would look up an index for each of their numbers.
            None => self.hidden.clone().reshape([texts * seq, d_model]).select(0, rows),
        };
        selected.reshape([texts, n, d_model])
    }

    /// The words whose first tokens these are.
    ///
    /// # Shapes
    ///
    /// - `positions`: `[texts, words]`, any for padding
    /// - `padding`: `[texts, words]`, `true` where a word is padding
    pub(crate) fn words(&self, positions: Tensor<2, Int>, padding: Tensor<2, Bool>) -> Words {
        let [texts, seq, _] = self.hidden.dims();
        let [_, n_words] = positions.dims();
        assert_shape!(positions, [texts, n_words]);
        assert_shape!(padding, [texts, n_words]);
        let of_rows = self.rows.as_ref().map(|_| {
            let positions = positions.to_data().iter::<i64>().map(|at| at as usize).collect();
            let is_padding = padding.to_data().iter::<bool>().collect();
            Arc::new(TextWords::new(seq, n_words, positions, is_padding))
        });
        Words { positions, padding, of_rows }
    }

    /// The scalar product of each of `wanted` with the vector of each word of its text, and
    /// [`MASKED_SCORE`] for padding.
    ///
    /// # Shapes
    ///
    /// - `wanted`: `[texts, n, d_model]`
    /// - result: `[texts, n, words]`
    pub(crate) fn scores(&self, wanted: Tensor<3>, words: &Words) -> Tensor<3> {
        let [texts, _, d_model] = self.hidden.dims();
        let [_, n, _] = wanted.dims();
        assert_shape!(wanted, [texts, n, d_model]);
        let Words { positions, padding, of_rows } = words.clone();
        if let (Some(rows), Some(words)) = (&self.rows, of_rows) {
            return rows.word_scores(wanted, words, MASKED_SCORE as f32);
        }
        let of_each = [texts, n, words.n_words()];
        let padding = padding.unsqueeze_dim::<3>(1).expand(of_each);
        products(self.at(positions), wanted).mask_fill(padding, MASKED_SCORE)
    }
}

/// The rows of `matrix` with these numbers.
///
/// # Shapes
///
/// - `matrix`: `[rows, columns]`
/// - `rows`: `[n]`
/// - result: `[n, columns]`
pub(crate) fn select_rows(matrix: Tensor<2>, rows: Tensor<1, Int>) -> Tensor<2> {
    match SharedRows::new(matrix.clone()) {
        Some(shared) => shared.select(rows),
        None => matrix.select(0, rows),
    }
}

/// The scalar product of each of `wanted` with each vector of its text.
///
/// # Shapes
///
/// - `vectors`: `[texts, m, d_model]`
/// - `wanted`: `[texts, n, d_model]`
/// - result: `[texts, n, m]`
fn products(vectors: Tensor<3>, wanted: Tensor<3>) -> Tensor<3> {
    let [texts, n, d_model] = wanted.dims();
    let [_, m, _] = vectors.dims();
    // A reshape instead of a transpose of one row, which would give the same numbers: with the
    // transpose, Burn 0.22.1 computes a wrong gradient of `wanted` on wgpu (found by
    // cli/tests/backends.rs).
    match n {
        1 => vectors.matmul(wanted.reshape([texts, d_model, 1])).reshape([texts, 1, m]),
        _ => wanted.matmul(vectors.swap_dims(1, 2)),
    }
}

#[cfg(test)]
mod tests;
