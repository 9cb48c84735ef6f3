//! The global norm of all gradients, and their scaling.
//!
//! ```text
//! norm = √ Σ ‖g‖²          over every parameter's gradient g
//! g   ← factor · g
//! ```

use pulp::{Simd, WithSimd};

use crate::{
    simd::{Kernel, Level},
    threads::{for_each_part, len_per_thread},
};

/// Numbers whose squares are summed in `f32`; the sums of such blocks are added in `f64`.
const BLOCK: usize = 1 << 12;
/// Vectors of partial sums side by side, so that no addition waits for the one before.
const SUMS: usize = 4;

/// `√ Σ g²` over all numbers of all `gradients`, on all threads.
///
/// The bits do not depend on the number of threads: each block of numbers has its own sum. They do
/// depend on the width of the vectors, so on `level`.
pub fn global_norm<'a>(level: Level, gradients: impl IntoIterator<Item = &'a [f32]>) -> f64 {
    let blocks: Vec<&[f32]> =
        gradients.into_iter().flat_map(|gradient| gradient.chunks(BLOCK)).collect();
    let mut sums = vec![0.0; blocks.len()];
    let len = len_per_thread(blocks.len() * BLOCK).div_ceil(BLOCK);
    for_each_part(blocks.chunks(len).zip(sums.chunks_mut(len)), |(blocks, sums)| {
        for (block, sum) in blocks.iter().zip(sums) {
            *sum = level.vectorize(SumOfSquares(block));
        }
    });
    sums.iter().sum::<f64>().sqrt()
}

/// `g ← factor · g`, on all threads.
pub fn scale(level: Level, gradient: &mut [f32], factor: f32) {
    let len = len_per_thread(gradient.len());
    let parts = gradient.chunks_mut(len).map(|values| Scale { values, factor });
    for_each_part(parts, |scale| level.run(scale));
}

struct SumOfSquares<'a>(&'a [f32]);

impl WithSimd for SumOfSquares<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let (vectors, rest) = S::as_simd_f32s(self.0);
        let (rows, last) = vectors.as_chunks::<SUMS>();
        let mut sums = [simd.splat_f32s(0.0); SUMS];
        for row in rows {
            for (sum, &vector) in sums.iter_mut().zip(row) {
                *sum = simd.mul_add_e_f32s(vector, vector, *sum);
            }
        }
        for (sum, &vector) in sums.iter_mut().zip(last) {
            *sum = simd.mul_add_e_f32s(vector, vector, *sum);
        }
        let sums = sums.iter().map(|&sum| f64::from(simd.reduce_sum_f32s(sum)));
        sums.chain(rest.iter().map(|&value| f64::from(value * value))).sum()
    }
}

struct Scale<'a> {
    values: &'a mut [f32],
    factor: f32,
}

impl Kernel for Scale<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for value in self.values {
            *value *= self.factor;
        }
    }
}

#[cfg(test)]
mod tests;
