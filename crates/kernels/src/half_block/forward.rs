//! Forwards: one thread's texts, a chunk of them at a time.

use std::ops::Range;

use super::{Call, MiddleOf, NormPlace, Parameters};
use crate::{
    buffer::Buffer,
    elementwise::{add, add_bias},
    matmul::{Into, Matrix, MatrixMut, Panels},
    rows::{Run, split_off},
};

/// What one thread writes in the forward pass.
pub(super) struct ForwardPart<'a> {
    pub(super) texts: Range<usize>,
    pub(super) y: &'a mut [f32],
    pub(super) inner: &'a mut [f32],
    pub(super) read: &'a mut [f32],
    pub(super) log_sums: &'a mut [f32],
    pub(super) sum: &'a mut [f32],
}

impl Call<'_> {
    /// These texts' part of everything that the forward pass makes.
    pub(super) fn forward_part(&self, x: &[f32], part: ForwardPart, keep: bool) {
        let Self { level, rows, d_model, .. } = *self;
        let ForwardPart { texts, y, mut inner, mut read, mut log_sums, mut sum } = part;
        let first = rows.padded(&texts).start;
        let chunks = rows.chunks(&texts, self.d_model);
        let longest = chunks.iter().map(|texts| rows.packed(texts).len()).max().unwrap_or(0);
        let mut packed = Buffer::uninit(longest * d_model);
        let mut scratch = Scratch::new(self, if keep { 0 } else { longest });
        let Parameters { w_in, b_in, w_out, b_out, .. } = self.parameters;
        let n_rows = rows.packed(&texts).len();
        let w_in = Panels::for_rows(level, Matrix::new(w_in, self.inner), n_rows);
        let w_out = Panels::for_rows(level, Matrix::new(w_out, d_model), n_rows);
        for texts in chunks {
            let n = rows.packed(&texts).len();
            let runs = rows.runs(&texts);
            let (inner, read, log_sums) = if keep {
                (
                    split_off(&mut inner, n * self.inner),
                    split_off(&mut read, n * self.read),
                    split_off(&mut log_sums, n * self.n_heads()),
                )
            } else {
                scratch.take(self, n)
            };
            let packed = &mut packed[..n * d_model];
            self.input(x, &runs, packed);
            let into = MatrixMut::new(inner, self.inner);
            w_in.multiply(level, into, Into::Fresh, Matrix::new(packed, d_model));
            add_bias(level, b_in, inner);
            self.middle_forward(&texts, inner, read, log_sums);
            let into = MatrixMut::new(packed, d_model);
            w_out.multiply(level, into, Into::Fresh, Matrix::new(read, self.read));
            add_bias(level, b_out, packed);
            self.drop_sum(&texts, packed);
            self.output(x, &runs, first, packed, y);
            if keep && self.half_block.norm == NormPlace::Last {
                split_off(&mut sum, n * d_model).copy_from_slice(packed);
            }
        }
    }

    /// `y = x + change`, or the norm of it, where `y` begins at padded row `first` and is `x` already;
    /// where the norm comes last, `change` becomes the sum.
    pub(super) fn output(
        &self,
        x: &[f32],
        runs: &[Run],
        first: usize,
        change: &mut [f32],
        y: &mut [f32],
    ) {
        let Self { level, d_model, .. } = *self;
        for run in runs {
            let (change, y) =
                (&mut change[run.packed(d_model)], &mut y[run.padded(first, d_model)]);
            if self.half_block.norm == NormPlace::Last {
                add(level, change, &x[run.padded(0, d_model)]);
                self.norm().forward(level, change, y);
            } else {
                add(level, y, change);
            }
        }
    }

    pub(super) fn middle_forward(
        &self,
        texts: &Range<usize>,
        mut inner: &mut [f32],
        mut read: &mut [f32],
        mut log_sums: &mut [f32],
    ) {
        let Self { level, rows, .. } = *self;
        match &self.middle {
            MiddleOf::FeedForward(activation, site) => {
                let dropout = site.map(|site| (site, rows.places(texts).collect()));
                activation.forward(level, inner, read, self.read, dropout);
            }
            MiddleOf::Attention(heads) => {
                for number in texts.clone() {
                    let text = self.text(rows, number);
                    let n = text.positions.len();
                    if n > 0 {
                        heads.forward(
                            level,
                            text,
                            split_off(&mut inner, n * self.inner),
                            split_off(&mut read, n * self.read),
                            split_off(&mut log_sums, n * heads.n_heads),
                        );
                    }
                }
            }
        }
    }
}

/// Where a forward pass that keeps nothing writes.
struct Scratch {
    inner: Buffer,
    read: Buffer,
    log_sums: Buffer,
}

impl Scratch {
    fn new(call: &Call, rows: usize) -> Self {
        Self {
            inner: Buffer::uninit(rows * call.inner),
            read: Buffer::uninit(rows * call.read),
            log_sums: Buffer::uninit(rows * call.n_heads()),
        }
    }

    fn take(&mut self, call: &Call, n: usize) -> (&mut [f32], &mut [f32], &mut [f32]) {
        let Self { inner, read, log_sums } = self;
        let n_heads = call.n_heads();
        (&mut inner[..n * call.inner], &mut read[..n * call.read], &mut log_sums[..n * n_heads])
    }
}
