//! Layer norm, forwards and backwards, row by row.
//!
//! ```text
//! x̂ = (x − mean) / √(variance + ε)         y = x̂ γ + β
//! dx = (d − mean(d) − x̂ mean(d x̂)) / √(variance + ε),      d = dy γ
//! ```
//!
//! The backward pass computes mean and variance again, which is cheaper than to save and load them.

use crate::{
    buffer::vec_with_rounded_capacity,
    elementwise::add,
    simd::{Kernel, Level, mul_add, sum_by, sum_by_2},
    threads::{for_each_part, map_parts},
};

/// Numbers of a row for which the backward pass keeps dy γ on the stack.
const BLOCK: usize = 128;

/// The parameters of a layer norm; `beta` is empty if there is none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Norm<'a> {
    /// γ: `[d_model]`
    pub(crate) gamma: &'a [f32],
    /// β: `[d_model]`
    pub(crate) beta: &'a [f32],
    /// ε
    pub(crate) epsilon: f32,
}

/// Gradients of γ and β, to which the backward pass adds; `beta` is empty if there is none.
#[derive(Debug)]
pub(crate) struct NormGradients<'a> {
    pub(crate) gamma: &'a mut [f32],
    pub(crate) beta: &'a mut [f32],
}

impl Norm<'_> {
    /// `y = LN(x)` for all rows.
    pub(crate) fn forward(self, level: Level, x: &[f32], y: &mut [f32]) {
        level.run(Forward { norm: self, x, y });
    }

    /// `dx += ∂LN(x)/∂x · dy`, and the gradients of γ and β.
    pub(crate) fn backward(
        self,
        level: Level,
        x: &[f32],
        dy: &[f32],
        dx: &mut [f32],
        gradients: NormGradients,
    ) {
        level.run(Backward { norm: self, x, dy, dx, gradients });
    }
}

/// Mean, and one over the standard deviation.
#[inline(always)]
fn statistics<const FMA: bool>(x: &[f32], epsilon: f32) -> [f32; 2] {
    let n = x.len() as f32;
    let mean = sum_by(x, |x| x) / n;
    let variance = sum_by(x, |x| (x - mean) * (x - mean)) / n;
    [mean, 1.0 / (variance + epsilon).sqrt()]
}

struct Forward<'a> {
    norm: Norm<'a>,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { norm: Norm { gamma, beta, epsilon }, x, y } = self;
        let d = gamma.len();
        for (x, y) in x.chunks_exact(d).zip(y.chunks_exact_mut(d)) {
            let [mean, scale] = statistics::<FMA>(x, epsilon);
            for ((y, x), gamma) in y.iter_mut().zip(x).zip(gamma) {
                *y = (x - mean) * scale * gamma;
            }
            for (y, beta) in y.iter_mut().zip(beta) {
                *y += beta;
            }
        }
    }
}

struct Backward<'a> {
    norm: Norm<'a>,
    x: &'a [f32],
    dy: &'a [f32],
    dx: &'a mut [f32],
    gradients: NormGradients<'a>,
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { norm: Norm { gamma, epsilon, .. }, x, dy, dx, gradients } = self;
        let d = gamma.len();
        let rows = x.chunks_exact(d).zip(dy.chunks_exact(d)).zip(dx.chunks_exact_mut(d));
        for ((x, dy), dx) in rows {
            let [mean, scale] = statistics::<FMA>(x, epsilon);
            let mean_d = sum_by_2(dy, gamma, |dy, gamma| dy * gamma) / d as f32;
            // Σ d (x − mean): d x̂ but for the scale, which is the same for the whole row.
            let mut centred = 0.0;
            for ((dy, x), gamma) in dy.chunks(BLOCK).zip(x.chunks(BLOCK)).zip(gamma.chunks(BLOCK)) {
                let mut d = [0.0; BLOCK];
                for ((d, dy), gamma) in d.iter_mut().zip(dy).zip(gamma) {
                    *d = dy * gamma;
                }
                centred += sum_by_2(&d[..dy.len()], x, |d, x| d * (x - mean));
            }
            let slope = scale * scale * centred / d as f32;
            for (((dx, x), dy), gamma) in dx.iter_mut().zip(x).zip(dy).zip(gamma) {
                let d = mul_add::<FMA>(*dy, *gamma, -mean_d);
                *dx = mul_add::<FMA>(scale, mul_add::<FMA>(mean - x, slope, d), *dx);
            }
            for ((g, x), dy) in gradients.gamma.iter_mut().zip(x).zip(dy) {
                *g = mul_add::<FMA>((x - mean) * scale, *dy, *g);
            }
            for (g, dy) in gradients.beta.iter_mut().zip(dy) {
                *g += dy;
            }
        }
    }
}

/// How many of `n` numbers, in rows of `d`, one thread should take: whole rows.
fn len_per_thread(n: usize, d: usize) -> usize {
    let rows = n / d.max(1);
    // A few rows take less time than another thread takes to wake up.
    let n_threads = if rows < 64 { 1 } else { rayon::current_num_threads() };
    rows.div_ceil(n_threads).max(1) * d
}

/// `LN(x)` of any number of rows, on all threads.
pub(crate) fn forward(level: Level, norm: Norm, x: &[f32]) -> Vec<f32> {
    let mut y = vec_with_rounded_capacity(x.len());
    y.resize(x.len(), 0.0);
    let len = len_per_thread(x.len(), norm.gamma.len());
    let parts = x.chunks(len).zip(y.chunks_mut(len));
    for_each_part(parts, |(x, y)| norm.forward(level, x, y));
    y
}

/// The gradients of `x`, γ and β, on all threads; the bits of the latter two depend on their number.
pub(crate) fn backward(level: Level, norm: Norm, x: &[f32], dy: &[f32]) -> [Vec<f32>; 3] {
    let mut dx = vec_with_rounded_capacity(x.len());
    dx.resize(x.len(), 0.0);
    let len = len_per_thread(x.len(), norm.gamma.len());
    let parts = x.chunks(len).zip(dy.chunks(len)).zip(dx.chunks_mut(len)).collect();
    type Part<'a> = ((&'a [f32], &'a [f32]), &'a mut [f32]);
    let sums = map_parts(parts, |((x, dy), dx): Part| {
        let (mut gamma, mut beta) = (vec![0.0; norm.gamma.len()], vec![0.0; norm.beta.len()]);
        let gradients = NormGradients { gamma: &mut gamma, beta: &mut beta };
        norm.backward(level, x, dy, dx, gradients);
        [gamma, beta]
    });
    let mut total = [vec![0.0; norm.gamma.len()], vec![0.0; norm.beta.len()]];
    for part in &sums {
        for (total, part) in total.iter_mut().zip(part) {
            add(level, total, part);
        }
    }
    let [gamma, beta] = total;
    [dx, gamma, beta]
}

#[cfg(test)]
mod tests;
