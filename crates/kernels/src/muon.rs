//! Muon: the momentum of a matrix, replaced by the orthogonal matrix nearest to it.
//!
//! ```text
//! v ← μ v + g                              u = g + μ v                       Nesterov's momentum
//! X = u / ‖u‖      N times  X ← a X + (b A + c A²) X,   A = X Xᵀ             Newton–Schulz
//! p ← (1 − η λ) p − η · 0.2 √max(rows, columns) · X
//! ```
//!
//! If `u = U Σ Vᵀ`, the iteration brings every singular value near 1, so that X ≈ U Vᵀ: directions of
//! which the gradient has little are learned as fast as the others. The last factor gives the update of
//! a matrix of any shape the root mean square 0.2, about that of AdamW's, so that one learning rate fits
//! both.
//!
//! Reference: Jordan et al. 2024, <https://kellerjordan.github.io/posts/muon/>; Liu et al. 2025,
//! <https://arxiv.org/abs/2502.16982>, §2.2, for the factor.

use crate::{
    buffer::Buffer,
    clipping::{global_norm, scale},
    matmul::{Matrix, MatrixMut, Panels, WriteMode},
    simd::{Kernel, Level},
    threads::{for_each_part, n_threads},
};

/// Jordan's a, b and c: the steepest at 0, so that small singular values grow the fastest.
const COEFFICIENTS: [f32; 3] = [3.4445, -4.7750, 2.0315];
/// N, after which singular values are between about 0.7 and 1.2.
const N_ITERATIONS: usize = 5;
/// The root mean square of an update, but for the learning rate.
const UPDATE_SIZE: f64 = 0.2;
/// The least norm that is divided by.
const EPSILON: f64 = 1e-7;
/// Multiplications below which a second thread takes longer to begin than it saves.
const MIN_SHARED: usize = 1 << 18;
/// Rows of a tile of the product.
const TILE_ROWS: usize = 8;

/// Updates `weights`, a matrix row by row, in place on all threads; the bits do not depend on their
/// number. `momentum` is u, and is overwritten.
///
/// # Panics
///
/// If the slices are not of one length, or have no whole rows.
pub fn step(
    level: Level,
    weight_decay: f32,
    learning_rate: f64,
    n_columns: usize,
    [weights, momentum]: [&mut [f32]; 2],
) {
    assert_eq!(weights.len(), momentum.len(), "weights and momentum");
    if weights.is_empty() {
        return;
    }
    let n_rows = weights.len() / n_columns;
    assert_eq!(n_rows * n_columns, weights.len(), "{n_columns} columns");
    orthogonalise(level, momentum, n_columns);
    let size = UPDATE_SIZE * (n_rows.max(n_columns) as f64).sqrt();
    let keep = (1.0 - learning_rate * f64::from(weight_decay)) as f32;
    let rate = (learning_rate * size) as f32;
    level.run(Update { weights, keep, rate, update: momentum });
}

/// Replaces a matrix, row by row, by one that is nearly orthogonal: Newton–Schulz.
fn orthogonalise(level: Level, matrix: &mut [f32], n_columns: usize) {
    let n_rows = matrix.len() / n_columns;
    // The products are smaller if there are no more rows than columns.
    if n_rows > n_columns {
        let mut transposed = Buffer::uninit(matrix.len());
        transpose(matrix, n_columns, &mut transposed);
        iterate(level, &mut transposed, n_rows);
        transpose(&transposed, n_rows, matrix);
    } else {
        iterate(level, matrix, n_columns);
    }
}

fn iterate(level: Level, x: &mut [f32], n_columns: usize) {
    let n_rows = x.len() / n_columns;
    let norm = global_norm(level, [&*x]).max(EPSILON);
    scale(level, x, norm.recip() as f32);
    let [a, b, c] = COEFFICIENTS;
    let [mut gram, mut polynomial] = [(); 2].map(|()| Buffer::uninit(n_rows * n_rows));
    let mut before = Buffer::uninit(x.len());
    for _ in 0..N_ITERATIONS {
        before.copy_from_slice(x);
        let columns = Matrix::new(&before, n_columns);
        multiply(level, &mut gram, WriteMode::Overwrite, 1.0, &before, columns.transposed());
        polynomial.copy_from_slice(&gram);
        scale(level, &mut polynomial, b);
        let square = Matrix::new(&gram, n_rows);
        multiply(level, &mut polynomial, WriteMode::Accumulate, c, &gram, square);
        scale(level, x, a);
        multiply(level, x, WriteMode::Accumulate, 1.0, &polynomial, columns);
    }
}

/// `out (+)= scale · a b`, on all threads; `a` and `out` row by row.
fn multiply(level: Level, out: &mut [f32], mode: WriteMode, scale: f32, a: &[f32], b: Matrix) {
    let [inner, n_columns] = b.shape();
    let n_rows = a.len() / inner;
    let panels = Panels::for_rows(level, b, n_rows).scaled(scale);
    let is_shared = n_rows * inner * n_columns >= MIN_SHARED;
    let rows = n_rows.div_ceil(if is_shared { n_threads() } else { 1 });
    let rows = rows.next_multiple_of(TILE_ROWS);
    let parts = out.chunks_mut(rows * n_columns).zip(a.chunks(rows * inner));
    for_each_part(parts, |(out, a)| {
        panels.multiply(level, MatrixMut::new(out, n_columns), mode, Matrix::new(a, inner));
    });
}

/// Writes the transpose of a matrix, both row by row.
fn transpose(matrix: &[f32], n_columns: usize, transposed: &mut [f32]) {
    let n_rows = matrix.len() / n_columns;
    for (column, row) in transposed.chunks_exact_mut(n_rows).enumerate() {
        for (to, from) in row.iter_mut().zip(matrix[column..].iter().step_by(n_columns)) {
            *to = *from;
        }
    }
}

struct Update<'a> {
    weights: &'a mut [f32],
    /// 1 − η λ
    keep: f32,
    rate: f32,
    update: &'a [f32],
}

impl Kernel for Update<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (p, x) in self.weights.iter_mut().zip(self.update) {
            *p = *p * self.keep - self.rate * x;
        }
    }
}

#[cfg(test)]
mod tests;
