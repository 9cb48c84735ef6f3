//! The forward pass of one text alone, by tensor parallelism: its rows all attend to each other and
//! cannot be divided, but each thread can take some of the heads, or some columns of the hidden layer,
//! and with them a part of both matrices.
//!
//! ```text
//! y = x + Σ f(norm(x) Wᵢ[:, columns]) Wₒ[columns, :] + bₒ          over the threads
//! ```
//!
//! Reference: Shoeybi et al. 2019, <https://arxiv.org/abs/1909.08053>, §3, with threads for GPUs.

use std::ops::Range;

use super::{Call, SubLayerCall};
use crate::{
    attention::Heads,
    buffer::Buffer,
    elementwise::{add, add_bias},
    matmul::{Matrix, MatrixMut, Panels, WriteMode},
    threads::map_parts,
};

/// The columns of a hidden layer are divided in multiples of this, that of the widest panel.
const COLUMNS: usize = 32;

impl Call<'_> {
    /// The forward pass without dropout, of all texts at once; `y` is `x` at first.
    pub(super) fn forward_tensor_parallel(&self, x: &[f32], y: &mut [f32]) {
        let Self { level, rows, d_model, .. } = *self;
        let texts = 0..rows.n_texts();
        let runs = rows.runs(&texts);
        if runs.is_empty() {
            return;
        }
        let mut input = Buffer::uninit(rows.packed(&texts).len() * d_model);
        self.input(x, &runs, &mut input);
        let parts = self.column_ranges(rayon::current_num_threads());
        let branches = map_parts(parts, |columns| self.branch(&input, &texts, columns));
        let mut branches = branches.into_iter();
        let mut branch = branches.next().expect("intermediate_width is not 0");
        for part in branches {
            add(level, &mut branch, &part);
        }
        add_bias(level, self.parameters.b_out, &mut branch);
        self.output(x, &runs, 0, &mut branch, y);
    }

    /// The columns of what is given to `Wₒ`, in at most `n` ranges of about the same length.
    fn column_ranges(&self, n: usize) -> Vec<Range<usize>> {
        let unit = match &self.sub_layer {
            SubLayerCall::Attention(heads) => heads.d_head,
            SubLayerCall::FeedForward(..) => COLUMNS,
        };
        let end = self.intermediate_width;
        let width = end.div_ceil(unit).div_ceil(n) * unit;
        (0..end).step_by(width).map(|start| start..(start + width).min(end)).collect()
    }

    /// What these columns contribute to what is added to `x`, without the bias.
    fn branch(&self, input: &[f32], texts: &Range<usize>, columns: Range<usize>) -> Buffer {
        let Self { level, d_model, projected_width, intermediate_width, .. } = *self;
        let (n, width) = (input.len() / d_model, columns.len());
        let narrow = self.narrow(width);
        let mut projected = Buffer::uninit(n * narrow.projected_width);
        let mut intermediate = Buffer::uninit(n * width);
        let mut log_sums = Buffer::uninit(n * narrow.n_heads());
        let mut bias = Vec::new();
        // The parts are q, k and v, or the two halves of GeGLU: `columns` of each, side by side.
        for part in 0..projected_width / intermediate_width {
            let first = part * intermediate_width + columns.start;
            let shape = [d_model, width];
            let w_in = Matrix::strided(&self.parameters.w_in[first..], shape, projected_width);
            let out = &mut projected[part * width..];
            let out = MatrixMut::strided(out, [n, width], narrow.projected_width);
            let input = Matrix::new(input, d_model);
            Panels::for_rows(level, w_in, n).multiply(level, out, WriteMode::Overwrite, input);
            if !self.parameters.b_in.is_empty() {
                bias.extend_from_slice(&self.parameters.b_in[first..first + width]);
            }
        }
        add_bias(level, &bias, &mut projected);
        narrow.sub_layer_forward(texts, &mut projected, &mut intermediate, &mut log_sums);
        let mut branch = Buffer::uninit(n * d_model);
        let w_out = &self.parameters.w_out[columns.start * d_model..columns.end * d_model];
        let w_out = Panels::for_rows(level, Matrix::new(w_out, d_model), n);
        let out = MatrixMut::new(&mut branch, d_model);
        w_out.multiply(level, out, WriteMode::Overwrite, Matrix::new(&intermediate, width));
        branch
    }

    /// The same call for `width` of the columns alone.
    fn narrow(&self, width: usize) -> Call<'_> {
        let sub_layer = match &self.sub_layer {
            SubLayerCall::Attention(heads) => {
                let n_heads = width / heads.d_head;
                SubLayerCall::Attention(Heads { n_heads, ..heads.clone() })
            }
            SubLayerCall::FeedForward(activation, site) => {
                SubLayerCall::FeedForward(*activation, *site)
            }
        };
        let projected_width = self.projected_width / self.intermediate_width * width;
        Call { sub_layer, projected_width, intermediate_width: width, ..*self }
    }
}

#[cfg(test)]
mod tests;
