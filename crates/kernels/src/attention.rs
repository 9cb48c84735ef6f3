//! Attention between the two projections: from rows `[q | k | v]` to what each position read.
//!
//! ```text
//! S = q kᵀ / √d_head        P = softmax(S)        o = dropout(P) v         in each text and head
//!
//! dP = (do vᵀ) ⊙ mask       dS = P ⊙ (dP − Σ do ⊙ o)                       (row by row)
//! dq = dS k / √d_head       dk = dSᵀ q / √d_head          dv = dropout(P)ᵀ do
//! ```
//!
//! No `[query, key]` matrix is ever whole: a strip of queries meets all keys, and the strip is small
//! enough for the cache of one core. Of P nothing is kept but the logarithm of each row's sum, from
//! which the backward pass makes it again.
//!
//! Reference: Dao et al. 2022, <https://arxiv.org/abs/2205.14135>, for the row sums that stand for P
//! and for `Σ do ⊙ o`.

use std::sync::Arc;

use crate::{
    buffer::Buffer,
    dropout::Site,
    math::exp,
    matmul::{Into, Matrix, MatrixMut, Panels, matmul},
    simd::{Kernel, LANES, Level, sum_by_2, tree},
};

/// Numbers of a strip of scores: a quarter of a MiB.
const STRIP: usize = 1 << 16;

/// Cosines and sines of the rotary positions, for a half of `d_head`: `[seq, d_head / 2]`.
#[derive(Debug, Clone)]
pub struct Rotary {
    /// Of each position and pair.
    pub cos: Vec<f32>,
    /// Of each position and pair.
    pub sin: Vec<f32>,
}

/// Sizes of the heads, and what happens to them.
#[derive(Debug, Clone)]
pub(crate) struct Heads {
    pub(crate) n_heads: usize,
    pub(crate) d_head: usize,
    pub(crate) rotary: Option<Arc<Rotary>>,
    /// Of the attention weights.
    pub(crate) dropout: Option<Site>,
}

/// One text: where its positions are in the whole of the batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) number: usize,
    /// The width that texts are padded to.
    pub(crate) seq: usize,
    pub(crate) positions: &'a [u32],
}

impl Heads {
    fn d_model(&self) -> usize {
        self.n_heads * self.d_head
    }

    fn scale(&self) -> f32 {
        1.0 / (self.d_head as f32).sqrt()
    }

    /// Queries that meet all `n` keys at a time.
    fn strip(n: usize) -> usize {
        (STRIP / n).clamp(16, 128).min(n)
    }

    /// # Shapes
    ///
    /// - `qkv`: `[n, 3 · d_model]`; queries and keys are turned in place, if at all
    /// - `read`, result: `[n, d_model]`
    /// - `log_sums`: `[heads, n]`, the logarithm of the sum of `exp(S)` of each row
    pub(crate) fn forward(
        &self,
        level: Level,
        text: Text,
        qkv: &mut [f32],
        read: &mut [f32],
        log_sums: &mut [f32],
    ) {
        let n = text.positions.len();
        let (d, dh) = (self.d_model(), self.d_head);
        if let Some(rotary) = &self.rotary {
            level.run(Turn { heads: self, rotary, text, rows: qkv, backwards: false });
        }
        let strip = Self::strip(n);
        let mut scores = Buffer::uninit(strip * n);
        let mut shares = Buffer::uninit(strip);
        for (head, log_sums) in log_sums.chunks_exact_mut(n).enumerate() {
            let part = |part: usize, first: usize, count| {
                let start = first * 3 * d + part * d + head * dh;
                Matrix::strided(&qkv[start..], [count, dh], 3 * d)
            };
            let keys = Panels::new(level, part(1, 0, n).transposed()).scaled(self.scale());
            let values = Panels::new(level, part(2, 0, n));
            for (first, log_sums) in (0..n).step_by(strip).zip(log_sums.chunks_mut(strip)) {
                let count = log_sums.len();
                let scores = &mut scores[..count * n];
                let into = MatrixMut::new(scores, n);
                keys.multiply(level, into, Into::Fresh, part(0, first, count));
                let shares = &mut shares[..count];
                level.run(Softmax { scores, shares, log_sums });
                self.drop(level, text, head, first, scores);
                let start = first * d + head * dh;
                let into = MatrixMut::strided(&mut read[start..], [count, dh], d);
                values.multiply(level, into, Into::Fresh, Matrix::new(scores, n));
                // It is less work to divide what was read than the weights that it was read with.
                for (row, share) in read[start..].chunks_mut(d).zip(shares) {
                    for x in &mut row[..dh] {
                        *x *= *share;
                    }
                }
            }
        }
    }

    /// # Shapes
    ///
    /// - `qkv`, `read`, `log_sums`: as `forward` left them
    /// - `d_read`: `[n, d_model]`
    /// - `d_qkv`, result: `[n, 3 · d_model]`
    pub(crate) fn backward(
        &self,
        level: Level,
        text: Text,
        saved: Saved,
        d_read: &[f32],
        d_qkv: &mut [f32],
    ) {
        let Saved { qkv, read, log_sums } = saved;
        let n = text.positions.len();
        let (d, dh) = (self.d_model(), self.d_head);
        let strip = Self::strip(n);
        let mut weights = Buffer::uninit(strip * n);
        let mut dropped = self.dropout.map(|_| Buffer::uninit(strip * n));
        let mut d_weights = Buffer::uninit(strip * n);
        for (head, log_sums) in log_sums.chunks_exact(n).enumerate() {
            let place = |part: usize, first: usize| first * 3 * d + part * d + head * dh;
            let part = |part: usize, first: usize, count| {
                Matrix::strided(&qkv[place(part, first)..], [count, dh], 3 * d)
            };
            let (k, v) = (part(1, 0, n), part(2, 0, n));
            let keys = Panels::new(level, k).scaled(self.scale());
            let keys_transposed = Panels::new(level, k.transposed()).scaled(self.scale());
            let values_transposed = Panels::new(level, v.transposed());
            for (first, log_sums) in (0..n).step_by(strip).zip(log_sums.chunks(strip)) {
                let count = log_sums.len();
                let row = first * d + head * dh;
                let weights = &mut weights[..count * n];
                let d_weights = &mut d_weights[..count * n];
                let q = part(0, first, count);
                let d_out = Matrix::strided(&d_read[row..], [count, dh], d);
                let into = MatrixMut::new(weights, n);
                keys_transposed.multiply(level, into, Into::Fresh, q);
                level.run(Weights { scores: weights, log_sums });
                let into = MatrixMut::new(d_weights, n);
                values_transposed.multiply(level, into, Into::Fresh, d_out);

                // The first strip of a head replaces what is in dk and dv, the others add to it.
                let mode = if first == 0 { Into::Fresh } else { Into::Sum };
                let used = match &mut dropped {
                    Some(dropped) => {
                        let dropped = &mut dropped[..count * n];
                        dropped.copy_from_slice(weights);
                        self.drop(level, text, head, first, dropped);
                        self.drop(level, text, head, first, d_weights);
                        &*dropped
                    }
                    None => &*weights,
                };
                let used = Matrix::new(used, n).transposed();
                let into = MatrixMut::strided(&mut d_qkv[place(2, 0)..], [n, dh], 3 * d);
                matmul(level, into, mode, 1.0, used, d_out);

                let (out, d_out) = (&read[row..], &d_read[row..]);
                level.run(ScoreGradients {
                    n,
                    weights,
                    d_weights,
                    out,
                    d_out,
                    row_stride: d,
                    d_head: dh,
                });
                let d_scores = Matrix::new(d_weights, n);
                let into = MatrixMut::strided(&mut d_qkv[place(0, first)..], [count, dh], 3 * d);
                keys.multiply(level, into, Into::Fresh, d_scores);
                let into = MatrixMut::strided(&mut d_qkv[place(1, 0)..], [n, dh], 3 * d);
                matmul(level, into, mode, self.scale(), d_scores.transposed(), q);
            }
        }
        if let Some(rotary) = &self.rotary {
            level.run(Turn { heads: self, rotary, text, rows: d_qkv, backwards: true });
        }
    }

    /// Drops from a strip of weights whose first query is `first`.
    fn drop(&self, level: Level, text: Text, head: usize, first: usize, weights: &mut [f32]) {
        if let Some(site) = self.dropout {
            let first_row = (text.number * self.n_heads + head) * text.seq;
            level.run(DropWeights { site, text, first_row, first, weights });
        }
    }
}

/// What the backward pass needs of a text's forward pass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Saved<'a> {
    pub(crate) qkv: &'a [f32],
    pub(crate) read: &'a [f32],
    pub(crate) log_sums: &'a [f32],
}

/// Turns the queries and keys of a text by the angles of their positions.
struct Turn<'a> {
    heads: &'a Heads,
    rotary: &'a Rotary,
    text: Text<'a>,
    rows: &'a mut [f32],
    backwards: bool,
}

impl Kernel for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { heads, rotary, text, rows, backwards } = self;
        let (d, half) = (heads.d_model(), heads.d_head / 2);
        let sign = if backwards { -1.0 } else { 1.0 };
        for (row, &position) in rows.chunks_exact_mut(3 * d).zip(text.positions) {
            let angles = position as usize * half..(position as usize + 1) * half;
            let (cos, sin) = (&rotary.cos[angles.clone()], &rotary.sin[angles]);
            for head in row[..2 * d].chunks_exact_mut(2 * half) {
                let (left, right) = head.split_at_mut(half);
                let pairs = left.iter_mut().zip(right).zip(cos.iter().zip(sin));
                for ((x, y), (cos, sin)) in pairs {
                    let sin = sign * sin;
                    (*x, *y) = (*x * cos - *y * sin, *y * cos + *x * sin);
                }
            }
        }
    }
}

/// `exp(S − max)` in place, row by row; one over each row's sum, which makes it `softmax(S)`; and the
/// logarithm of the sum of `exp(S)`.
struct Softmax<'a> {
    scores: &'a mut [f32],
    shares: &'a mut [f32],
    log_sums: &'a mut [f32],
}

impl Kernel for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let n = self.scores.len() / self.log_sums.len();
        let sums = self.shares.iter_mut().zip(self.log_sums);
        for (row, (share, log_sum)) in self.scores.chunks_exact_mut(n).zip(sums) {
            let greatest = greatest(row);
            let mut lanes = [0.0; LANES];
            let (blocks, rest) = row.as_chunks_mut::<LANES>();
            for block in blocks {
                for (x, sum) in block.iter_mut().zip(&mut lanes) {
                    *x = exp::<FMA>(*x - greatest);
                    *sum += *x;
                }
            }
            for (x, sum) in rest.iter_mut().zip(&mut lanes) {
                *x = exp::<FMA>(*x - greatest);
                *sum += *x;
            }
            let sum = tree(lanes);
            *share = 1.0 / sum;
            *log_sum = greatest + sum.ln();
        }
    }
}

#[inline(always)]
fn greatest(row: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let blocks = row.chunks_exact(LANES);
    let rest = blocks.remainder();
    for block in blocks {
        for (lane, x) in lanes.iter_mut().zip(block) {
            *lane = if *x > *lane { *x } else { *lane };
        }
    }
    lanes.iter().chain(rest).fold(f32::NEG_INFINITY, |greatest, &x| greatest.max(x))
}

/// The same weights again, from the logarithm of their sum.
struct Weights<'a> {
    scores: &'a mut [f32],
    log_sums: &'a [f32],
}

impl Kernel for Weights<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let n = self.scores.len() / self.log_sums.len();
        for (row, log_sum) in self.scores.chunks_exact_mut(n).zip(self.log_sums) {
            for x in row {
                *x = exp::<FMA>(*x - log_sum);
            }
        }
    }
}

/// `dS = P ⊙ (dP − Σ do ⊙ o)`, in place of dP.
struct ScoreGradients<'a> {
    n: usize,
    weights: &'a [f32],
    d_weights: &'a mut [f32],
    out: &'a [f32],
    d_out: &'a [f32],
    row_stride: usize,
    d_head: usize,
}

impl Kernel for ScoreGradients<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { n, weights, d_weights, out, d_out, row_stride, d_head } = self;
        let outs = out.chunks(row_stride).zip(d_out.chunks(row_stride));
        let rows = weights.chunks_exact(n).zip(d_weights.chunks_exact_mut(n));
        for ((weights, d_weights), (out, d_out)) in rows.zip(outs) {
            let (out, d_out) = (&out[..d_head], &d_out[..d_head]);
            let mean = sum_by_2(out, d_out, |out, d_out| out * d_out);
            for (d_weight, weight) in d_weights.iter_mut().zip(weights) {
                *d_weight = weight * (*d_weight - mean);
            }
        }
    }
}

/// Drops from a strip of attention weights.
struct DropWeights<'a> {
    site: Site,
    text: Text<'a>,
    /// Row of the text's and head's first position among those of all texts and heads.
    first_row: usize,
    /// The first query of the strip.
    first: usize,
    weights: &'a mut [f32],
}

impl Kernel for DropWeights<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { site, text: Text { seq, positions, .. }, first_row, first, weights } = self;
        let rows = weights.chunks_exact_mut(positions.len()).zip(&positions[first..]);
        for (row, &query) in rows {
            let start = ((first_row + query as usize) * seq) as u32;
            for (weight, &key) in row.iter_mut().zip(positions) {
                *weight *= site.factor(start.wrapping_add(key));
            }
        }
    }
}

#[cfg(test)]
mod tests;
