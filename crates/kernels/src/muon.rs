//! Muon: the momentum of a matrix, replaced by the orthogonal matrix nearest to it.
//!
//! ```text
//! v ← μ v + g                              u = g + μ v                       Nesterov's momentum
//! X = u / ‖u‖      N times  X ← X (a I + b A + c A²),   A = Xᵀ X             Newton–Schulz
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
    simd::{Kernel, Level, mul_add},
    threads::{for_each_part, len_per_thread, n_threads},
};

/// Jordan's a, b and c: the steepest at 0, so that small singular values grow the fastest.
const COEFFICIENTS: [f32; 3] = [3.4445, -4.7750, 2.0315];
/// N. One more brings small singular values nearer to 1, which the base model learns no better from.
pub const N_ITERATIONS: usize = 4;
/// The root mean square of an update, but for the learning rate.
const UPDATE_SIZE: f64 = 0.2;
/// The least norm that is divided by.
const EPSILON: f64 = 1e-7;
/// Multiplications below which a second thread takes longer to begin than it saves.
const MIN_SHARED: usize = 1 << 18;
/// Rows of a tile of the product.
const TILE_ROWS: usize = 8;
/// Rows of X whose products with each other are added up at once: they fit into the first-level cache.
const GRAM_ROWS: usize = 128;

/// The constants of the formulas.
#[derive(Debug, Clone, Copy)]
pub struct Constants {
    /// μ
    pub momentum: f32,
    /// λ
    pub weight_decay: f32,
    /// η
    pub learning_rate: f64,
}

/// Updates `weights`, a matrix row by row, in place on all threads; the bits do not depend on their
/// number. `velocity` is the new v.
///
/// # Panics
///
/// If the slices are not of one length, or have no whole rows.
pub fn step(
    level: Level,
    constants: Constants,
    n_columns: usize,
    weights: &mut [f32],
    velocity: &[f32],
    gradient: &[f32],
) {
    let lengths = (velocity.len(), gradient.len());
    assert_eq!(lengths, (weights.len(), weights.len()), "velocity and gradient of the weights");
    if weights.is_empty() {
        return;
    }
    let n_rows = weights.len() / n_columns;
    assert_eq!(n_rows * n_columns, weights.len(), "{n_columns} columns");
    let Constants { momentum, weight_decay, learning_rate } = constants;
    let mut update = Buffer::uninit(weights.len());
    let len = len_per_thread(weights.len());
    let parts = (velocity.chunks(len)).zip(gradient.chunks(len)).zip(update.chunks_mut(len));
    for_each_part(parts, |((velocity, gradient), update)| {
        level.run(Nesterov { momentum, velocity, gradient, update });
    });
    let update = orthogonal(level, update, n_columns);
    let size = UPDATE_SIZE * (n_rows.max(n_columns) as f64).sqrt();
    let keep = (1.0 - learning_rate * f64::from(weight_decay)) as f32;
    let rate = (learning_rate * size) as f32;
    let parts = weights.chunks_mut(len).zip(update.chunks(len));
    for_each_part(parts, |(weights, update)| level.run(Update { weights, keep, rate, update }));
}

/// A matrix, row by row, that is nearly orthogonal and near to `matrix`, but for its size: Newton–Schulz.
fn orthogonal(level: Level, mut matrix: Buffer, n_columns: usize) -> Buffer {
    let norm = global_norm(level, [&matrix[..]]).max(EPSILON);
    scale(level, &mut matrix, norm.recip() as f32);
    let n_rows = matrix.len() / n_columns;
    if n_rows >= n_columns {
        return iterate(level, matrix, n_columns);
    }
    // The products are smaller if there are no more columns than rows.
    let tall = iterate(level, transpose(&matrix, n_columns), n_rows);
    transpose(&tall, n_rows)
}

/// The iterations of a matrix with at least as many rows as columns.
fn iterate(level: Level, mut x: Buffer, n_columns: usize) -> Buffer {
    let [a, b, c] = COEFFICIENTS;
    let [mut gram, mut polynomial] = [(); 2].map(|()| Buffer::uninit(n_columns * n_columns));
    let mut next = Buffer::uninit(x.len());
    for _ in 0..N_ITERATIONS {
        gram_matrix(level, &x, n_columns, &mut gram);
        multiply(level, c, &gram, &gram, &mut polynomial);
        level.run(AddTerms { n_columns, a, b, gram: &gram, polynomial: &mut polynomial });
        multiply(level, 1.0, &x, &polynomial, &mut next);
        std::mem::swap(&mut x, &mut next);
    }
    x
}

/// `Xᵀ X`, on all threads.
fn gram_matrix(level: Level, x: &[f32], n_columns: usize, gram: &mut [f32]) {
    let rows = rows_per_thread(n_columns, x.len());
    let parts = gram.chunks_mut(rows * n_columns).enumerate();
    for_each_part(parts, |(part, gram)| {
        let columns = part * rows..part * rows + gram.len() / n_columns;
        let mut mode = WriteMode::Overwrite;
        for x in x.chunks(GRAM_ROWS * n_columns) {
            let x = Matrix::new(x, n_columns);
            let out = MatrixMut::new(gram, n_columns);
            Panels::new(level, x).multiply(level, out, mode, x.transposed().rows(columns.clone()));
            mode = WriteMode::Accumulate;
        }
    });
}

/// `out = scale · a b`, where `b` is square, on all threads.
fn multiply(level: Level, scale: f32, a: &[f32], b: &[f32], out: &mut [f32]) {
    let n = b.len().isqrt();
    let panels = Panels::new(level, Matrix::new(b, n)).scaled(scale);
    let rows = rows_per_thread(a.len() / n, b.len());
    for_each_part(out.chunks_mut(rows * n).zip(a.chunks(rows * n)), |(out, a)| {
        panels.multiply(level, MatrixMut::new(out, n), WriteMode::Overwrite, Matrix::new(a, n));
    });
}

/// Rows of a product that one thread takes, if each takes so many multiplications.
fn rows_per_thread(n_rows: usize, multiplications: usize) -> usize {
    let is_shared = n_rows * multiplications >= MIN_SHARED;
    n_rows.div_ceil(if is_shared { n_threads() } else { 1 }).next_multiple_of(TILE_ROWS)
}

/// The transpose of a matrix, both row by row.
fn transpose(matrix: &[f32], n_columns: usize) -> Buffer {
    let n_rows = matrix.len() / n_columns;
    let mut transposed = Buffer::uninit(matrix.len());
    for (column, row) in transposed.chunks_exact_mut(n_rows).enumerate() {
        for (to, from) in row.iter_mut().zip(matrix[column..].iter().step_by(n_columns)) {
            *to = *from;
        }
    }
    transposed
}

/// `u = g + μ v`
struct Nesterov<'a> {
    momentum: f32,
    velocity: &'a [f32],
    gradient: &'a [f32],
    update: &'a mut [f32],
}

impl Kernel for Nesterov<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { momentum, velocity, gradient, update } = self;
        for ((v, g), u) in velocity.iter().zip(gradient).zip(update) {
            *u = mul_add::<FMA>(*v, momentum, *g);
        }
    }
}

/// `polynomial += a I + b gram`
struct AddTerms<'a> {
    n_columns: usize,
    a: f32,
    b: f32,
    gram: &'a [f32],
    polynomial: &'a mut [f32],
}

impl Kernel for AddTerms<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { n_columns, a, b, gram, polynomial } = self;
        for (p, g) in polynomial.iter_mut().zip(gram) {
            *p = mul_add::<FMA>(b, *g, *p);
        }
        for p in polynomial.iter_mut().step_by(n_columns + 1) {
            *p += a;
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
