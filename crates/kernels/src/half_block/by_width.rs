//! One text alone, forwards: its rows all read each other and stay together, but each thread can take
//! some of the heads, or some columns of the hidden layer, and with them a part of both matrices.
//!
//! ```text
//! y = x + Σ middle(norm(x) Wᵢ[:, share]) Wₒ[share, :] + bₒ          over the threads' shares
//! ```
//!
//! Reference: Shoeybi et al. 2019, <https://arxiv.org/abs/1909.08053>, §3, where the threads are
//! GPUs.

use std::ops::Range;

use super::{Call, MiddleOf};
use crate::{
    attention::Heads,
    buffer::Buffer,
    elementwise::{add, add_bias},
    matmul::{Into, Matrix, MatrixMut, Panels},
    threads::map_parts,
};

/// Columns of the hidden layer are shared out in so many, which no panel of a matrix is wider than.
const COLUMNS: usize = 32;

impl Call<'_> {
    /// The forward pass without dropout, of all texts at once; `y` is `x` at first.
    pub(super) fn forward_by_width(&self, x: &[f32], y: &mut [f32]) {
        let Self { level, rows, d_model, .. } = *self;
        let texts = 0..rows.n_texts();
        let runs = rows.runs(&texts);
        if runs.is_empty() {
            return;
        }
        let mut input = Buffer::uninit(rows.packed(&texts).len() * d_model);
        self.input(x, &runs, &mut input);
        let shares = self.shares(rayon::current_num_threads());
        let changes = map_parts(shares, |share| self.change(&input, &texts, share));
        let mut changes = changes.into_iter();
        let mut change = changes.next().expect("there are columns to be shared out");
        for part in changes {
            add(level, &mut change, &part);
        }
        add_bias(level, self.parameters.b_out, &mut change);
        self.output(x, &runs, 0, &mut change, y);
    }

    /// The columns of what goes into `Wₒ`, in at most `n` ranges of about the same length.
    fn shares(&self, n: usize) -> Vec<Range<usize>> {
        let unit = match &self.middle {
            MiddleOf::Attention(heads) => heads.d_head,
            MiddleOf::FeedForward(..) => COLUMNS,
        };
        let width = self.read.div_ceil(unit).div_ceil(n) * unit;
        let starts = (0..self.read).step_by(width);
        starts.map(|start| start..(start + width).min(self.read)).collect()
    }

    /// What the columns `share` add to `x`, without the bias.
    fn change(&self, input: &[f32], texts: &Range<usize>, share: Range<usize>) -> Buffer {
        let Self { level, d_model, .. } = *self;
        let (n, width, n_parts) = (input.len() / d_model, share.len(), self.inner / self.read);
        let narrow = self.narrow(width);
        let mut inner = Buffer::uninit(n * narrow.inner);
        let mut read = Buffer::uninit(n * width);
        let mut log_sums = Buffer::uninit(n * narrow.n_heads());
        let mut bias = Vec::new();
        // q, k and v, or the two halves of GeGLU, lie beside each other.
        for part in 0..n_parts {
            let first = part * self.read + share.start;
            let shape = [d_model, width];
            let w_in = Matrix::strided(&self.parameters.w_in[first..], shape, self.inner);
            let into = MatrixMut::strided(&mut inner[part * width..], [n, width], n_parts * width);
            let input = Matrix::new(input, d_model);
            Panels::for_rows(level, w_in, n).multiply(level, into, Into::Fresh, input);
            if !self.parameters.b_in.is_empty() {
                bias.extend_from_slice(&self.parameters.b_in[first..first + width]);
            }
        }
        add_bias(level, &bias, &mut inner);
        narrow.middle_forward(texts, &mut inner, &mut read, &mut log_sums);
        let mut change = Buffer::uninit(n * d_model);
        let w_out = &self.parameters.w_out[share.start * d_model..share.end * d_model];
        let into = MatrixMut::new(&mut change, d_model);
        let w_out = Panels::for_rows(level, Matrix::new(w_out, d_model), n);
        w_out.multiply(level, into, Into::Fresh, Matrix::new(&read, width));
        change
    }

    /// The same call for `width` of the columns alone.
    fn narrow(&self, width: usize) -> Call<'_> {
        let middle = match &self.middle {
            MiddleOf::Attention(heads) => {
                let n_heads = width / heads.d_head;
                MiddleOf::Attention(Heads { n_heads, ..heads.clone() })
            }
            MiddleOf::FeedForward(activation, site) => MiddleOf::FeedForward(*activation, *site),
        };
        let inner = self.inner / self.read * width;
        Call { middle, inner, read: width, ..*self }
    }
}

#[cfg(test)]
mod tests;
