//! Backwards: one thread's texts, a chunk of them at a time.

use std::ops::Range;

use super::{Call, MiddleOf, NormPlace, Parameters, Saved};
use crate::{
    attention,
    buffer::Buffer,
    elementwise::add_rows,
    matmul::{Into, Matrix, MatrixMut, Panels, matmul},
    norm::NormGradients,
};

/// Sums to which nothing has been added.
pub(super) fn zeros(parameters: &Parameters<&[f32]>) -> Parameters<Vec<f32>> {
    parameters.map(|values| vec![0.0; values.len()])
}

impl Call<'_> {
    /// `dx`, which is `dy` at first, and the parameters' gradients from these texts.
    pub(super) fn backward_part(
        &self,
        x: &[f32],
        saved: &Saved,
        texts: Range<usize>,
        dx: &mut [f32],
    ) -> Parameters<Vec<f32>> {
        let Self { level, rows, d_model, .. } = *self;
        let mut sums = zeros(&self.parameters);
        let mut is_first = true;
        let first = rows.padded(&texts).start;
        let chunks = rows.chunks(&texts, self.d_model);
        let longest = chunks.iter().map(|texts| rows.packed(texts).len()).max().unwrap_or(0);
        let mut input = Buffer::uninit(longest * d_model);
        let mut d_sum = Buffer::uninit(longest * d_model);
        let mut d_change = Buffer::uninit(longest * d_model);
        let mut d_read = Buffer::uninit(longest * self.read);
        let mut d_inner = Buffer::uninit(longest * self.inner);
        let Parameters { w_in, w_out, .. } = self.parameters;
        let w_in = Panels::new(level, Matrix::new(w_in, self.inner).transposed());
        let w_out = Panels::new(level, Matrix::new(w_out, d_model).transposed());
        for texts in chunks {
            let packed = rows.packed(&texts);
            let n = packed.len();
            let runs = rows.runs(&texts);
            let of = |width: usize| packed.start * width..packed.end * width;
            let (inner, read) = (&saved.inner[of(self.inner)], &saved.read[of(self.read)]);
            let input = &mut input[..n * d_model];
            let d_sum = &mut d_sum[..n * d_model];
            let d_change = &mut d_change[..n * d_model];
            let d_read = &mut d_read[..n * self.read];
            let d_inner = &mut d_inner[..n * self.inner];
            // The first chunk replaces what is in the sums.
            let mode = if is_first { Into::Fresh } else { Into::Sum };
            is_first = false;

            // Through the norm behind the sum, and the sum itself.
            if self.half_block.norm == NormPlace::Last {
                d_sum.fill(0.0);
                for run in &runs {
                    let sum = &saved.sum[of(d_model)][run.packed(d_model)];
                    let (dy, d_sum) =
                        (&dx[run.padded(first, d_model)], &mut d_sum[run.packed(d_model)]);
                    let gradients = NormGradients { gamma: &mut sums.gamma, beta: &mut sums.beta };
                    self.norm().backward(level, sum, dy, d_sum, gradients);
                }
            } else {
                for run in &runs {
                    let dy = &dx[run.padded(first, d_model)];
                    d_sum[run.packed(d_model)].copy_from_slice(dy);
                }
            }
            let d_out = if self.sum_site.is_some() {
                d_change.copy_from_slice(d_sum);
                self.drop_sum(&texts, d_change);
                &*d_change
            } else {
                &*d_sum
            };

            // Through the output product.
            add_rows(level, d_out, &mut sums.b_out);
            let d_out = Matrix::new(d_out, d_model);
            let into = MatrixMut::new(&mut sums.w_out, d_model);
            matmul(level, into, mode, 1.0, Matrix::new(read, self.read).transposed(), d_out);
            w_out.multiply(level, MatrixMut::new(d_read, self.read), Into::Fresh, d_out);

            self.middle_backward(&texts, saved, inner, read, d_read, d_inner);

            // Through the input product, and the norm before it.
            self.input(x, &runs, input);
            add_rows(level, d_inner, &mut sums.b_in);
            let into = MatrixMut::new(&mut sums.w_in, self.inner);
            let d_rows = Matrix::new(d_inner, self.inner);
            matmul(level, into, mode, 1.0, Matrix::new(input, d_model).transposed(), d_rows);
            if self.half_block.norm == NormPlace::First {
                w_in.multiply(level, MatrixMut::new(d_change, d_model), Into::Fresh, d_rows);
                for run in &runs {
                    let (x, d_input) = (&x[run.padded(0, d_model)], &d_change[run.packed(d_model)]);
                    let dx = &mut dx[run.padded(first, d_model)]; // d_sum is in it already
                    let gradients = NormGradients { gamma: &mut sums.gamma, beta: &mut sums.beta };
                    self.norm().backward(level, x, d_input, dx, gradients);
                }
            } else {
                w_in.multiply(level, MatrixMut::new(d_sum, d_model), Into::Sum, d_rows);
                for run in &runs {
                    let d_sum = &d_sum[run.packed(d_model)];
                    dx[run.padded(first, d_model)].copy_from_slice(d_sum);
                }
            }
        }
        sums
    }

    fn middle_backward(
        &self,
        texts: &Range<usize>,
        saved: &Saved,
        inner: &[f32],
        read: &[f32],
        d_read: &[f32],
        d_inner: &mut [f32],
    ) {
        let Self { level, rows, .. } = *self;
        match &self.middle {
            MiddleOf::FeedForward(activation, _) => {
                activation.backward(level, inner, d_read, d_inner, self.read);
            }
            MiddleOf::Attention(heads) => {
                let start = rows.packed(texts).start;
                for number in texts.clone() {
                    let text = self.text(rows, number);
                    let packed = rows.packed(&(number..number + 1));
                    let here = packed.start - start..packed.end - start;
                    let of = |width: usize| here.start * width..here.end * width;
                    let log_sums = packed.start * heads.n_heads..packed.end * heads.n_heads;
                    if !here.is_empty() {
                        let saved = attention::Saved {
                            qkv: &inner[of(self.inner)],
                            read: &read[of(self.read)],
                            log_sums: &saved.log_sums[log_sums],
                        };
                        let d_inner = &mut d_inner[of(self.inner)];
                        heads.backward(level, text, saved, &d_read[of(self.read)], d_inner);
                    }
                }
            }
        }
    }
}
