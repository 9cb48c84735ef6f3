//! The forward pass: the texts of one thread, a chunk of them at a time.

use std::ops::Range;

use super::{Call, NormPlacement, Parameters, SubLayerCall};
use crate::{
    buffer::Buffer,
    elementwise::{add, add_bias},
    matmul::{Matrix, MatrixMut, Panels, WriteMode},
    rows::{Run, split_off},
};

/// What one thread writes in the forward pass. All but `y` are what is saved, and empty if nothing is.
pub(super) struct ForwardPart<'a> {
    pub(super) texts: Range<usize>,
    pub(super) y: &'a mut [f32],
    pub(super) projected: &'a mut [f32],
    pub(super) intermediate: &'a mut [f32],
    pub(super) log_sums: &'a mut [f32],
    pub(super) sum: &'a mut [f32],
}

impl Call<'_> {
    /// Writes `y` of these texts and, with `keep`, what the backward pass needs of them.
    pub(super) fn forward_part(&self, x: &[f32], part: ForwardPart, keep: bool) {
        let Self { level, rows, d_model, projected_width, intermediate_width, .. } = *self;
        let ForwardPart { texts, y, mut projected, mut intermediate, mut log_sums, mut sum } = part;
        let first = rows.padded(&texts).start;
        let chunks = rows.chunks(&texts, d_model);
        let max_rows = chunks.iter().map(|texts| rows.packed(texts).len()).max().unwrap_or(0);
        // What the input projection is given, and then what is added to x.
        let mut packed = Buffer::uninit(max_rows * d_model);
        let mut scratch = Scratch::new(self, if keep { 0 } else { max_rows });
        let Parameters { w_in, b_in, w_out, b_out, .. } = self.parameters;
        let n_rows = rows.packed(&texts).len();
        let w_in = Panels::for_rows(level, Matrix::new(w_in, projected_width), n_rows);
        let w_out = Panels::for_rows(level, Matrix::new(w_out, d_model), n_rows);
        for texts in chunks {
            let n = rows.packed(&texts).len();
            let runs = rows.runs(&texts);
            let (projected, intermediate, log_sums) = if keep {
                (
                    split_off(&mut projected, n * projected_width),
                    split_off(&mut intermediate, n * intermediate_width),
                    split_off(&mut log_sums, n * self.n_heads()),
                )
            } else {
                scratch.take(self, n)
            };
            let packed = &mut packed[..n * d_model];
            self.input(x, &runs, packed);
            let out = MatrixMut::new(projected, projected_width);
            w_in.multiply(level, out, WriteMode::Overwrite, Matrix::new(packed, d_model));
            add_bias(level, b_in, projected);
            self.sub_layer_forward(&texts, projected, intermediate, log_sums);
            let out = MatrixMut::new(packed, d_model);
            let intermediate = Matrix::new(intermediate, intermediate_width);
            w_out.multiply(level, out, WriteMode::Overwrite, intermediate);
            add_bias(level, b_out, packed);
            self.apply_sum_dropout(&texts, packed);
            self.output(x, &runs, first, packed, y);
            if keep && self.half_block.norm == NormPlacement::Post {
                split_off(&mut sum, n * d_model).copy_from_slice(packed);
            }
        }
    }

    /// `y = x + branch`, or the norm of it, where `y` begins with padded row `first` and is `x` at
    /// first. If the norm comes last, `branch` becomes the sum.
    pub(super) fn output(
        &self,
        x: &[f32],
        runs: &[Run],
        first: usize,
        branch: &mut [f32],
        y: &mut [f32],
    ) {
        let Self { level, d_model, .. } = *self;
        for run in runs {
            let (branch, y) =
                (&mut branch[run.packed(d_model)], &mut y[run.padded(first, d_model)]);
            if self.half_block.norm == NormPlacement::Post {
                add(level, branch, &x[run.padded(0, d_model)]);
                self.norm().forward(level, branch, y);
            } else {
                add(level, y, branch);
            }
        }
    }

    /// Attention or the nonlinearity: what is given to the output projection.
    ///
    /// # Shapes
    ///
    /// - `projected`: `[rows, projected_width]`; becomes what the backward pass needs of it
    /// - `intermediate`, result: `[rows, intermediate_width]`
    /// - `log_sums`, result: for each text, `[heads, positions]`; empty without attention
    pub(super) fn sub_layer_forward(
        &self,
        texts: &Range<usize>,
        mut projected: &mut [f32],
        mut intermediate: &mut [f32],
        mut log_sums: &mut [f32],
    ) {
        let Self { level, rows, projected_width, intermediate_width, .. } = *self;
        match &self.sub_layer {
            SubLayerCall::FeedForward(activation, site) => {
                let dropout = site.map(|site| (site, rows.padded_indices(texts).collect()));
                activation.forward(level, projected, intermediate, intermediate_width, dropout);
            }
            SubLayerCall::Attention(heads) => {
                for number in texts.clone() {
                    let text = self.text(number);
                    let n = text.positions.len();
                    if n > 0 {
                        heads.forward(
                            level,
                            text,
                            split_off(&mut projected, n * projected_width),
                            split_off(&mut intermediate, n * intermediate_width),
                            split_off(&mut log_sums, n * heads.n_heads),
                        );
                    }
                }
            }
        }
    }
}

/// Where a forward pass that saves nothing writes, chunk after chunk.
struct Scratch {
    projected: Buffer,
    intermediate: Buffer,
    log_sums: Buffer,
}

impl Scratch {
    fn new(call: &Call, n_rows: usize) -> Self {
        Self {
            projected: Buffer::uninit(n_rows * call.projected_width),
            intermediate: Buffer::uninit(n_rows * call.intermediate_width),
            log_sums: Buffer::uninit(n_rows * call.n_heads()),
        }
    }

    fn take(&mut self, call: &Call, n_rows: usize) -> (&mut [f32], &mut [f32], &mut [f32]) {
        (
            &mut self.projected[..n_rows * call.projected_width],
            &mut self.intermediate[..n_rows * call.intermediate_width],
            &mut self.log_sums[..n_rows * call.n_heads()],
        )
    }
}
