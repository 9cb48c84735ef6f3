//! Scaled dot-product attention between the two projections: from rows `[q | k | v]` to the context of
//! each position.
//!
//! ```text
//! S = q kᵀ / √d_head        P = softmax(S)        o = dropout(P) v         in each text and head
//!
//! dP = (do vᵀ) ⊙ mask       dS = P ⊙ (dP − Σ do ⊙ o)                       (row by row)
//! dq = dS k / √d_head       dk = dSᵀ q / √d_head          dv = dropout(P)ᵀ do
//! ```
//!
//! The whole `[query, key]` matrix never exists: a strip of queries meets all keys at a time, and the
//! strip is small enough for the cache of one core. Of P only the logarithm of each row's sum is
//! saved, from which the backward pass computes P again.
//!
//! Reference: Dao et al. 2022, <https://arxiv.org/abs/2205.14135>, for P from the saved row sums and
//! for `Σ do ⊙ o`.

use std::{ops::Range, sync::Arc};

use crate::{
    buffer::Buffer,
    dropout::Site,
    math::exp,
    matmul::{Matrix, MatrixMut, Panels, WriteMode, matmul},
    simd::{Kernel, LANES, Level, sum_by_2, tree_sum},
};

/// Numbers of a strip of scores: a quarter of a MiB.
const STRIP_LEN: usize = 1 << 16;

/// Cosines and sines of the rotary positions, for a half of `d_head`: `[seq, d_head / 2]`.
#[derive(Debug, Clone)]
pub struct Rotary {
    /// Of the angle of each position and pair: `[seq, d_head / 2]`.
    pub cos: Vec<f32>,
    /// Of the angle of each position and pair: `[seq, d_head / 2]`.
    pub sin: Vec<f32>,
}

/// Number and width of the heads, their positions and their dropout.
#[derive(Debug, Clone)]
pub(crate) struct Heads {
    pub(crate) n_heads: usize,
    pub(crate) d_head: usize,
    pub(crate) rotary: Option<Arc<Rotary>>,
    /// Of the attention weights.
    pub(crate) dropout: Option<Site>,
}

/// One text of a batch, without its padding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    /// Its index in the batch.
    pub(crate) number: usize,
    /// The width that texts are padded to.
    pub(crate) seq: usize,
    /// Those that are not padding.
    pub(crate) positions: &'a [u32],
}

/// A third of the columns of `[q | k | v]`.
#[derive(Debug, Clone, Copy)]
enum Part {
    Query,
    Key,
    Value,
}

impl Heads {
    fn d_model(&self) -> usize {
        self.n_heads * self.d_head
    }

    fn scale(&self) -> f32 {
        1.0 / (self.d_head as f32).sqrt()
    }

    /// Index in `[n, 3 · d_model]` of the first number that a head has of one row.
    fn start(&self, part: Part, head: usize, row: usize) -> usize {
        (3 * row + part as usize) * self.d_model() + head * self.d_head
    }

    /// What a head has of these rows: `[rows, d_head]`.
    fn part<'a>(&self, qkv: &'a [f32], part: Part, head: usize, rows: Range<usize>) -> Matrix<'a> {
        let shape = [rows.len(), self.d_head];
        Matrix::strided(&qkv[self.start(part, head, rows.start)..], shape, 3 * self.d_model())
    }

    fn part_mut<'a>(
        &self,
        qkv: &'a mut [f32],
        part: Part,
        head: usize,
        rows: Range<usize>,
    ) -> MatrixMut<'a> {
        let shape = [rows.len(), self.d_head];
        MatrixMut::strided(
            &mut qkv[self.start(part, head, rows.start)..],
            shape,
            3 * self.d_model(),
        )
    }

    /// # Shapes
    ///
    /// - `qkv`: `[n, 3 · d_model]`; with rotary positions, queries and keys are rotated in place
    /// - `context`, result: `[n, d_model]`
    /// - `log_sums`, result: `[heads, n]`, the logarithm of the sum of `exp(S)` of each row
    pub(crate) fn forward(
        &self,
        level: Level,
        text: Text,
        qkv: &mut [f32],
        context: &mut [f32],
        log_sums: &mut [f32],
    ) {
        let n = text.positions.len();
        let (d_model, d_head) = (self.d_model(), self.d_head);
        if let Some(rotary) = &self.rotary {
            level.run(Rotate { heads: self, rotary, text, rows: qkv, backwards: false });
        }
        let mut scores = Buffer::uninit(queries_per_strip(n) * n);
        let mut inverse_sums = Buffer::uninit(queries_per_strip(n));
        for (head, log_sums) in log_sums.chunks_exact_mut(n).enumerate() {
            let keys = self.part(qkv, Part::Key, head, 0..n);
            let keys_transposed = Panels::new(level, keys.transposed()).scaled(self.scale());
            let values = Panels::new(level, self.part(qkv, Part::Value, head, 0..n));
            for queries in strips(n) {
                let scores = &mut scores[..queries.len() * n];
                let inverse_sums = &mut inverse_sums[..queries.len()];
                let log_sums = &mut log_sums[queries.clone()];
                let context = &mut context[queries.start * d_model + head * d_head..];
                let q = self.part(qkv, Part::Query, head, queries.clone());

                let out = MatrixMut::new(scores, n);
                keys_transposed.multiply(level, out, WriteMode::Overwrite, q);
                level.run(Softmax { scores, inverse_sums, log_sums });
                self.apply_dropout(level, text, head, queries.start, scores);
                let out = MatrixMut::strided(context, [queries.len(), d_head], d_model);
                values.multiply(level, out, WriteMode::Overwrite, Matrix::new(scores, n));
                // P = exp(S − max) / sum: a row of the context has fewer numbers to divide than P.
                for (row, inverse_sum) in context.chunks_mut(d_model).zip(inverse_sums) {
                    for x in &mut row[..d_head] {
                        *x *= *inverse_sum;
                    }
                }
            }
        }
    }

    /// # Shapes
    ///
    /// - `saved`: as `forward` left them
    /// - `d_context`: `[n, d_model]`
    /// - `d_qkv`, result: `[n, 3 · d_model]`
    pub(crate) fn backward(
        &self,
        level: Level,
        text: Text,
        saved: Saved,
        d_context: &[f32],
        d_qkv: &mut [f32],
    ) {
        let n = text.positions.len();
        let mut scratch = Scratch::new(queries_per_strip(n) * n, self.dropout.is_some());
        for head in 0..self.n_heads {
            let head = HeadBackward::new(self, level, text, head, saved, d_context);
            for queries in strips(n) {
                head.add_strip(queries, &mut scratch, d_qkv);
            }
        }
        if let Some(rotary) = &self.rotary {
            level.run(Rotate { heads: self, rotary, text, rows: d_qkv, backwards: true });
        }
    }

    /// Applies dropout to a strip of weights whose first query is `first`.
    fn apply_dropout(
        &self,
        level: Level,
        text: Text,
        head: usize,
        first: usize,
        weights: &mut [f32],
    ) {
        if let Some(site) = self.dropout {
            let first_row = (text.number * self.n_heads + head) * text.seq;
            level.run(DropWeights { site, text, first_row, first, weights });
        }
    }
}

/// How many queries meet all `n` keys at a time.
fn queries_per_strip(n: usize) -> usize {
    (STRIP_LEN / n).clamp(16, 128).min(n)
}

/// All queries of `n` positions, strip by strip.
fn strips(n: usize) -> impl Iterator<Item = Range<usize>> {
    let len = queries_per_strip(n);
    (0..n).step_by(len).map(move |first| first..(first + len).min(n))
}

/// What the backward pass needs of a text's forward pass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Saved<'a> {
    pub(crate) qkv: &'a [f32],
    pub(crate) context: &'a [f32],
    pub(crate) log_sums: &'a [f32],
}

/// Strips that every head and every strip of the backward pass uses again: `[queries, n]`.
struct Scratch {
    /// P
    weights: Buffer,
    /// dropout(P), if there is dropout.
    dropped: Option<Buffer>,
    /// dP, then dS
    d_weights: Buffer,
}

impl Scratch {
    fn new(len: usize, has_dropout: bool) -> Self {
        Self {
            weights: Buffer::uninit(len),
            dropped: has_dropout.then(|| Buffer::uninit(len)),
            d_weights: Buffer::uninit(len),
        }
    }
}

/// The backward pass of one head.
///
/// ```text
/// P = exp(S − log sum)      dP = (do vᵀ) ⊙ mask           dS = P ⊙ (dP − Σ do ⊙ o)
/// dv = dropout(P)ᵀ do       dq = dS k / √d_head           dk = dSᵀ q / √d_head
/// ```
struct HeadBackward<'a> {
    heads: &'a Heads,
    level: Level,
    text: Text<'a>,
    head: usize,
    saved: Saved<'a>,
    d_context: &'a [f32],
    /// k / √d_head
    keys: Panels<'a>,
    /// kᵀ / √d_head
    keys_transposed: Panels<'a>,
    values_transposed: Panels<'a>,
}

impl<'a> HeadBackward<'a> {
    fn new(
        heads: &'a Heads,
        level: Level,
        text: Text<'a>,
        head: usize,
        saved: Saved<'a>,
        d_context: &'a [f32],
    ) -> Self {
        let n = text.positions.len();
        let [k, v] = [Part::Key, Part::Value].map(|part| heads.part(saved.qkv, part, head, 0..n));
        Self {
            keys: Panels::new(level, k).scaled(heads.scale()),
            keys_transposed: Panels::new(level, k.transposed()).scaled(heads.scale()),
            values_transposed: Panels::new(level, v.transposed()),
            heads,
            level,
            text,
            head,
            saved,
            d_context,
        }
    }

    /// Writes dq of these queries, and what they contribute to dk and dv.
    fn add_strip(&self, queries: Range<usize>, scratch: &mut Scratch, d_qkv: &mut [f32]) {
        let Self { heads, level, head, .. } = *self;
        let n = self.text.positions.len();
        let len = queries.len() * n;
        let Scratch { weights, dropped, d_weights } = scratch;
        let (weights, d_weights) = (&mut weights[..len], &mut d_weights[..len]);
        let d_context = self.d_context(&queries);
        // The first strip of a head overwrites dk and dv, the others add to them.
        let mode = if queries.start == 0 { WriteMode::Overwrite } else { WriteMode::Accumulate };

        self.recompute_weights(&queries, weights);
        let out = MatrixMut::new(d_weights, n);
        self.values_transposed.multiply(level, out, WriteMode::Overwrite, d_context);
        let dropped = match dropped {
            Some(dropped) => {
                let dropped = &mut dropped[..len];
                dropped.copy_from_slice(weights);
                for weights in [&mut *dropped, &mut *d_weights] {
                    heads.apply_dropout(level, self.text, head, queries.start, weights);
                }
                &*dropped
            }
            None => &*weights,
        };
        let dropped = Matrix::new(dropped, n).transposed();
        let dv = heads.part_mut(d_qkv, Part::Value, head, 0..n);
        matmul(level, dv, mode, 1.0, dropped, d_context);

        self.score_gradients(&queries, weights, d_weights);
        let d_scores = Matrix::new(d_weights, n);
        let dq = heads.part_mut(d_qkv, Part::Query, head, queries.clone());
        self.keys.multiply(level, dq, WriteMode::Overwrite, d_scores);
        let dk = heads.part_mut(d_qkv, Part::Key, head, 0..n);
        matmul(level, dk, mode, heads.scale(), d_scores.transposed(), self.q(&queries));
    }

    fn q(&self, queries: &Range<usize>) -> Matrix<'a> {
        self.heads.part(self.saved.qkv, Part::Query, self.head, queries.clone())
    }

    /// Index in `[n, d_model]` of the first number that the head has of a row.
    fn context_start(&self, row: usize) -> usize {
        row * self.heads.d_model() + self.head * self.heads.d_head
    }

    fn d_context(&self, queries: &Range<usize>) -> Matrix<'a> {
        let shape = [queries.len(), self.heads.d_head];
        let rows = &self.d_context[self.context_start(queries.start)..];
        Matrix::strided(rows, shape, self.heads.d_model())
    }

    /// `P = exp(S − log sum)`
    fn recompute_weights(&self, queries: &Range<usize>, weights: &mut [f32]) {
        let n = self.text.positions.len();
        let log_sums = &self.saved.log_sums[self.head * n..][queries.clone()];
        let out = MatrixMut::new(weights, n);
        self.keys_transposed.multiply(self.level, out, WriteMode::Overwrite, self.q(queries));
        self.level.run(Weights { scores: weights, log_sums });
    }

    /// `dS = P ⊙ (dP − Σ do ⊙ o)`, in place of dP.
    fn score_gradients(&self, queries: &Range<usize>, weights: &[f32], d_weights: &mut [f32]) {
        let start = self.context_start(queries.start);
        self.level.run(ScoreGradients {
            n: self.text.positions.len(),
            weights,
            d_weights,
            context: &self.saved.context[start..],
            d_context: &self.d_context[start..],
            d_model: self.heads.d_model(),
            d_head: self.heads.d_head,
        });
    }
}

/// Rotates the queries and keys of a text by the angles of their positions.
struct Rotate<'a> {
    heads: &'a Heads,
    rotary: &'a Rotary,
    text: Text<'a>,
    /// `[n, 3 · d_model]`
    rows: &'a mut [f32],
    backwards: bool,
}

impl Kernel for Rotate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { heads, rotary, text, rows, backwards } = self;
        let (d_model, half) = (heads.d_model(), heads.d_head / 2);
        let sign = if backwards { -1.0 } else { 1.0 };
        for (row, &position) in rows.chunks_exact_mut(3 * d_model).zip(text.positions) {
            let angles = position as usize * half..(position as usize + 1) * half;
            let (cos, sin) = (&rotary.cos[angles.clone()], &rotary.sin[angles]);
            for head in row[..2 * d_model].chunks_exact_mut(2 * half) {
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

/// `exp(S − max)` in place of S, row by row, one over the sum of each row of it, by which it becomes
/// `softmax(S)`, and the logarithm of the sum of `exp(S)`.
struct Softmax<'a> {
    scores: &'a mut [f32],
    inverse_sums: &'a mut [f32],
    log_sums: &'a mut [f32],
}

impl Kernel for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let n = self.scores.len() / self.log_sums.len();
        let sums = self.inverse_sums.iter_mut().zip(self.log_sums);
        for (row, (inverse_sum, log_sum)) in self.scores.chunks_exact_mut(n).zip(sums) {
            let max = row_max(row);
            let mut lanes = [0.0; LANES];
            let (blocks, rest) = row.as_chunks_mut::<LANES>();
            for block in blocks {
                for (x, sum) in block.iter_mut().zip(&mut lanes) {
                    *x = exp::<FMA>(*x - max);
                    *sum += *x;
                }
            }
            for (x, sum) in rest.iter_mut().zip(&mut lanes) {
                *x = exp::<FMA>(*x - max);
                *sum += *x;
            }
            let sum = tree_sum(lanes);
            *inverse_sum = 1.0 / sum;
            *log_sum = max + sum.ln();
        }
    }
}

#[inline(always)]
fn row_max(row: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let blocks = row.chunks_exact(LANES);
    let rest = blocks.remainder();
    for block in blocks {
        for (lane, x) in lanes.iter_mut().zip(block) {
            *lane = if *x > *lane { *x } else { *lane };
        }
    }
    lanes.iter().chain(rest).fold(f32::NEG_INFINITY, |max, &x| max.max(x))
}

/// `P = exp(S − log sum)`, in place of S.
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
    /// From the first number of the head on: `[queries, d_head]` in rows of `d_model`.
    context: &'a [f32],
    d_context: &'a [f32],
    d_model: usize,
    d_head: usize,
}

impl Kernel for ScoreGradients<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { n, weights, d_weights, context, d_context, d_model, d_head } = self;
        let contexts = context.chunks(d_model).zip(d_context.chunks(d_model));
        let rows = weights.chunks_exact(n).zip(d_weights.chunks_exact_mut(n));
        for ((weights, d_weights), (context, d_context)) in rows.zip(contexts) {
            let (context, d_context) = (&context[..d_head], &d_context[..d_head]);
            // Σ do ⊙ o = Σ P ⊙ dP, the mean of dP under P.
            let mean = sum_by_2(context, d_context, |o, d_o| o * d_o);
            for (d_weight, weight) in d_weights.iter_mut().zip(weights) {
                *d_weight = weight * (*d_weight - mean);
            }
        }
    }
}

/// Applies dropout to a strip of attention weights.
struct DropWeights<'a> {
    site: Site,
    text: Text<'a>,
    /// Row of this head's first query in `[batch · heads · query, key]`.
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
