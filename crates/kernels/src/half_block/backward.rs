//! The backward pass: the texts of one thread, a chunk of them at a time.
//!
//! ```text
//! d_sum          = dy, or its gradient through the norm, if that comes last
//! d_branch       = d_sum ⊙ dropout mask
//! d_intermediate = d_branch Wₒᵀ          dWₒ = intermediateᵀ d_branch      dbₒ = Σ rows of d_branch
//! d_projected    = the sub-layer's gradient of d_intermediate
//! d_input        = d_projected Wᵢᵀ       dWᵢ = inputᵀ d_projected          dbᵢ = Σ rows of d_projected
//! dx             = d_sum + d_input, or its gradient through the norm, if that comes first
//! ```

use std::ops::Range;

use super::{Call, NormPlacement, Parameters, Saved, SubLayerCall};
use crate::{
    attention::{self, Heads},
    buffer::Buffer,
    elementwise::add_rows,
    matmul::{Matrix, MatrixMut, Panels, WriteMode, matmul},
    norm::NormGradients,
    rows::Run,
};

/// Gradients to which nothing has been added.
pub(super) fn zeros(parameters: &Parameters<&[f32]>) -> Parameters<Vec<f32>> {
    parameters.map(|values| vec![0.0; values.len()])
}

impl Call<'_> {
    /// Makes dx of `dx`, which is dy of these texts at first, and returns their part of the gradients
    /// of the parameters.
    pub(super) fn backward_part(
        &self,
        x: &[f32],
        saved: &Saved,
        texts: Range<usize>,
        dx: &mut [f32],
    ) -> Parameters<Vec<f32>> {
        let Self { rows, d_model, .. } = *self;
        let mut gradients = zeros(&self.parameters);
        let first = rows.padded(&texts).start;
        let chunks = rows.chunks(&texts, d_model);
        let max_rows = chunks.iter().map(|texts| rows.packed(texts).len()).max().unwrap_or(0);
        let mut scratch = Scratch::new(self, max_rows);
        let weights = TransposedWeights::new(self);
        let mut mode = WriteMode::Overwrite;
        for texts in chunks {
            let chunk = Chunk {
                call: self,
                x,
                saved,
                weights: &weights,
                packed: rows.packed(&texts),
                runs: rows.runs(&texts),
                texts,
                first,
                mode,
            };
            chunk.sum_backward(dx, &mut scratch, &mut gradients);
            chunk.output_projection_backward(&mut scratch, &mut gradients);
            chunk.sub_layer_backward(&mut scratch);
            chunk.input_projection_backward(&mut scratch, &mut gradients);
            chunk.input_backward(dx, &mut scratch, &mut gradients);
            mode = WriteMode::Accumulate;
        }
        gradients
    }
}

/// Wᵢᵀ and Wₒᵀ, packed for the products of all chunks.
struct TransposedWeights<'a> {
    w_in: Panels<'a>,
    w_out: Panels<'a>,
}

impl<'a> TransposedWeights<'a> {
    fn new(call: &Call<'a>) -> Self {
        let Parameters { w_in, w_out, .. } = call.parameters;
        let panels = |w, columns| Panels::new(call.level, Matrix::new(w, columns).transposed());
        Self { w_in: panels(w_in, call.projected_width), w_out: panels(w_out, call.d_model) }
    }
}

/// Rows that all chunks of one thread use again.
struct Scratch {
    /// What the input projection was given: `[rows, d_model]`
    input: Buffer,
    /// `[rows, d_model]`
    d_sum: Buffer,
    /// d_branch, if there is dropout, and then d_input, if the norm comes first: `[rows, d_model]`
    d_branch: Buffer,
    /// `[rows, intermediate_width]`
    d_intermediate: Buffer,
    /// `[rows, projected_width]`
    d_projected: Buffer,
}

impl Scratch {
    fn new(call: &Call, n_rows: usize) -> Self {
        Self {
            input: Buffer::uninit(n_rows * call.d_model),
            d_sum: Buffer::uninit(n_rows * call.d_model),
            d_branch: Buffer::uninit(n_rows * call.d_model),
            d_intermediate: Buffer::uninit(n_rows * call.intermediate_width),
            d_projected: Buffer::uninit(n_rows * call.projected_width),
        }
    }
}

/// A few texts on their way back through half a block.
struct Chunk<'a> {
    call: &'a Call<'a>,
    x: &'a [f32],
    saved: &'a Saved,
    weights: &'a TransposedWeights<'a>,
    texts: Range<usize>,
    /// Their packed rows.
    packed: Range<usize>,
    runs: Vec<Run>,
    /// The padded row that dx begins with.
    first: usize,
    /// The first chunk overwrites the gradients of the weights, the others add to them.
    mode: WriteMode,
}

impl Chunk<'_> {
    /// How many numbers its rows have if they are `width` wide.
    fn len(&self, width: usize) -> usize {
        self.packed.len() * width
    }

    /// Its rows of what the forward pass saved, `width` wide.
    fn rows_of<'b>(&self, saved: &'b [f32], width: usize) -> &'b [f32] {
        &saved[self.packed.start * width..self.packed.end * width]
    }

    /// d_sum, from dy in `dx`.
    fn sum_backward(
        &self,
        dx: &[f32],
        scratch: &mut Scratch,
        gradients: &mut Parameters<Vec<f32>>,
    ) {
        let Call { level, d_model, half_block, .. } = *self.call;
        let d_sum = &mut scratch.d_sum[..self.len(d_model)];
        if half_block.norm == NormPlacement::Post {
            d_sum.fill(0.0);
            let sum = self.rows_of(&self.saved.sum, d_model);
            for run in &self.runs {
                let dy = &dx[run.padded(self.first, d_model)];
                let (sum, d_sum) = (&sum[run.packed(d_model)], &mut d_sum[run.packed(d_model)]);
                self.call.norm().backward(level, sum, dy, d_sum, norm_gradients(gradients));
            }
        } else {
            for run in &self.runs {
                let dy = &dx[run.padded(self.first, d_model)];
                d_sum[run.packed(d_model)].copy_from_slice(dy);
            }
        }
    }

    /// d_intermediate, from d_sum through dropout and `Wₒ`.
    fn output_projection_backward(
        &self,
        scratch: &mut Scratch,
        gradients: &mut Parameters<Vec<f32>>,
    ) {
        let Call { level, d_model, intermediate_width: width, sum_site, .. } = *self.call;
        let d_sum = &scratch.d_sum[..self.len(d_model)];
        let d_branch = if sum_site.is_some() {
            let d_branch = &mut scratch.d_branch[..self.len(d_model)];
            d_branch.copy_from_slice(d_sum);
            self.call.apply_sum_dropout(&self.texts, d_branch);
            &*d_branch
        } else {
            d_sum
        };
        add_rows(level, d_branch, &mut gradients.b_out);
        let d_branch = Matrix::new(d_branch, d_model);
        let intermediate = Matrix::new(self.rows_of(&self.saved.intermediate, width), width);
        let d_w_out = MatrixMut::new(&mut gradients.w_out, d_model);
        matmul(level, d_w_out, self.mode, 1.0, intermediate.transposed(), d_branch);
        let out = MatrixMut::new(&mut scratch.d_intermediate[..self.len(width)], width);
        self.weights.w_out.multiply(level, out, WriteMode::Overwrite, d_branch);
    }

    /// d_projected, from d_intermediate.
    fn sub_layer_backward(&self, scratch: &mut Scratch) {
        let Call { level, projected_width, intermediate_width, .. } = *self.call;
        let d_intermediate = &scratch.d_intermediate[..self.len(intermediate_width)];
        let d_projected = &mut scratch.d_projected[..self.len(projected_width)];
        match &self.call.sub_layer {
            SubLayerCall::FeedForward(activation, _) => {
                let factors = self.rows_of(&self.saved.projected, projected_width);
                let width = intermediate_width;
                activation.backward(level, factors, d_intermediate, d_projected, width);
            }
            SubLayerCall::Attention(heads) => {
                for text in self.texts.clone() {
                    self.attention_backward(heads, text, d_intermediate, d_projected);
                }
            }
        }
    }

    /// The rows of d_qkv that belong to one text, from those of d_context.
    fn attention_backward(&self, heads: &Heads, text: usize, d_context: &[f32], d_qkv: &mut [f32]) {
        let Call { level, rows, projected_width, intermediate_width, .. } = *self.call;
        let packed = rows.packed(&(text..text + 1));
        if packed.is_empty() {
            return;
        }
        let in_batch = |width: usize| packed.start * width..packed.end * width;
        let saved = attention::Saved {
            qkv: &self.saved.projected[in_batch(projected_width)],
            context: &self.saved.intermediate[in_batch(intermediate_width)],
            log_sums: &self.saved.log_sums[in_batch(heads.n_heads)],
        };
        let (start, end) = (packed.start - self.packed.start, packed.end - self.packed.start);
        let d_context = &d_context[start * intermediate_width..end * intermediate_width];
        let d_qkv = &mut d_qkv[start * projected_width..end * projected_width];
        heads.backward(level, self.call.text(text), saved, d_context, d_qkv);
    }

    /// The gradients of `Wᵢ` and `bᵢ`, from d_projected.
    fn input_projection_backward(
        &self,
        scratch: &mut Scratch,
        gradients: &mut Parameters<Vec<f32>>,
    ) {
        let Call { level, d_model, projected_width: width, .. } = *self.call;
        let input = &mut scratch.input[..self.len(d_model)];
        self.call.input(self.x, &self.runs, input);
        let d_projected = &scratch.d_projected[..self.len(width)];
        add_rows(level, d_projected, &mut gradients.b_in);
        let input = Matrix::new(input, d_model).transposed();
        let d_w_in = MatrixMut::new(&mut gradients.w_in, width);
        matmul(level, d_w_in, self.mode, 1.0, input, Matrix::new(d_projected, width));
    }

    /// dx, from d_sum and d_projected.
    fn input_backward(
        &self,
        dx: &mut [f32],
        scratch: &mut Scratch,
        gradients: &mut Parameters<Vec<f32>>,
    ) {
        let Call { level, d_model, projected_width: width, half_block, .. } = *self.call;
        let d_projected = Matrix::new(&scratch.d_projected[..self.len(width)], width);
        let w_in = &self.weights.w_in;
        if half_block.norm == NormPlacement::Pre {
            let d_input = &mut scratch.d_branch[..self.len(d_model)];
            let out = MatrixMut::new(d_input, d_model);
            w_in.multiply(level, out, WriteMode::Overwrite, d_projected);
            for run in &self.runs {
                let (x, d_input) = (&self.x[run.padded(0, d_model)], &d_input[run.packed(d_model)]);
                let dx = &mut dx[run.padded(self.first, d_model)]; // still dy, which is d_sum
                self.call.norm().backward(level, x, d_input, dx, norm_gradients(gradients));
            }
        } else {
            let d_sum = &mut scratch.d_sum[..self.len(d_model)];
            let out = MatrixMut::new(d_sum, d_model);
            w_in.multiply(level, out, WriteMode::Accumulate, d_projected);
            for run in &self.runs {
                dx[run.padded(self.first, d_model)].copy_from_slice(&d_sum[run.packed(d_model)]);
            }
        }
    }
}

fn norm_gradients(gradients: &mut Parameters<Vec<f32>>) -> NormGradients<'_> {
    NormGradients { gamma: &mut gradients.gamma, beta: &mut gradients.beta }
}
