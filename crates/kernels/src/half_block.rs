//! Half an encoder block, a sub-layer with its norm and its residual connection, as one operation.
//!
//! ```text
//! projected    = norm(x) Wᵢ + bᵢ               the norm here, if it comes first
//! intermediate = f(projected)                  attention, or a nonlinearity
//! sum          = x + dropout(intermediate Wₒ + bₒ)
//! y            = norm(sum)                     the norm here, if it comes last
//! ```
//!
//! A thread takes a chunk of texts through all of it, so that each step finds in the cache what the
//! one before it wrote. It works on packed rows; at padding, `y = x` and `dx = dy`.

use std::{ops::Range, sync::Arc};

use crate::{
    activation::Activation,
    attention::{Heads, Rotary, Text},
    buffer::{Buffer, vec_with_rounded_capacity},
    dropout::{Dropout, Site},
    elementwise::{add, apply_dropout},
    norm::Norm,
    rows::{PackedRows, Run, split_off},
    simd::Level,
    threads::{for_each_part, map_parts},
};

mod backward;
mod forward;
mod tensor_parallel;

use backward::zeros;
use forward::ForwardPart;

/// What half a block computes, beside its parameters.
#[derive(Debug, Clone)]
pub struct HalfBlock {
    /// Where it has its norm.
    pub norm: NormPlacement,
    /// ε of the norm.
    pub epsilon: f32,
    /// Attention, or a feed-forward network.
    pub sub_layer: SubLayer,
    /// Dropout, if any, and the number of this half block in its model, which makes its masks differ
    /// from those of the others.
    pub dropout: Option<(Dropout, u64)>,
}

/// Where half a block has its layer norm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NormPlacement {
    /// It has none: `x + f(x)`.
    Absent,
    /// Pre-norm: `x + f(norm(x))`.
    Pre,
    /// Post-norm: `norm(x + f(x))`.
    Post,
}

/// The two sub-layers of a block, by what they do between their two projections.
#[derive(Debug, Clone)]
pub enum SubLayer {
    /// Self-attention: `Wᵢ` is `[q | k | v]`.
    Attention {
        /// The heads have `d_model / n_heads` columns each of q, k and v.
        n_heads: usize,
        /// Rotary positions of queries and keys, if any.
        rotary: Option<Arc<Rotary>>,
    },
    /// The nonlinearity of a feed-forward network.
    FeedForward(Activation),
}

/// The parameters, or their gradients; those that are absent are empty.
///
/// `projected_width` is 3 · `d_model` for attention, `d_ff` for ReLU and GELU, 2 · `d_ff` for GeGLU;
/// `intermediate_width` is `d_model` for attention, `d_ff` for the others.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parameters<T> {
    /// γ: `[d_model]`
    pub gamma: T,
    /// β: `[d_model]`
    pub beta: T,
    /// Wᵢ: `[d_model, projected_width]`
    pub w_in: T,
    /// bᵢ: `[projected_width]`
    pub b_in: T,
    /// Wₒ: `[intermediate_width, d_model]`
    pub w_out: T,
    /// bₒ: `[d_model]`
    pub b_out: T,
}

/// What the backward pass needs of the forward pass, beside `x` and the parameters.
#[derive(Debug)]
pub struct Saved {
    /// `[q | k | v]`, or the factors of the nonlinearity's gradient: `[rows, projected_width]`
    projected: Buffer,
    /// `[rows, intermediate_width]`
    intermediate: Buffer,
    /// Of attention: for each text, `[heads, positions]`.
    log_sums: Buffer,
    /// If the norm comes last: `[rows, d_model]`
    sum: Buffer,
}

/// Gradients of `x` and of the parameters.
#[derive(Debug)]
pub struct HalfBlockGradients {
    /// `[batch · seq, d_model]`
    pub x: Vec<f32>,
    /// Of the shapes of the parameters.
    pub parameters: Parameters<Vec<f32>>,
}

/// The dropouts of one half block.
#[derive(Debug, Clone, Copy)]
pub enum DropoutSite {
    /// The attention weights: `[batch, heads, query, key]`
    Weights,
    /// What is given to `Wₒ`, after GeGLU: `[batch, seq, d_ff]`
    Hidden,
    /// What is added to `x`: `[batch, seq, d_model]`
    Sum,
}

impl DropoutSite {
    /// The number in the whole model of this dropout of half block `half_block`.
    pub fn number(self, half_block: u64) -> u64 {
        half_block * 4 + self as u64
    }
}

/// One forward or backward pass: everything that does not change during it.
struct Call<'a> {
    level: Level,
    rows: &'a PackedRows,
    half_block: &'a HalfBlock,
    parameters: Parameters<&'a [f32]>,
    sub_layer: SubLayerCall,
    d_model: usize,
    projected_width: usize,
    intermediate_width: usize,
    /// The dropout of what is added to `x`, if any.
    sum_site: Option<Site>,
}

/// A sub-layer with its widths and the site of its dropout.
enum SubLayerCall {
    Attention(Heads),
    FeedForward(Activation, Option<Site>),
}

impl HalfBlock {
    fn call<'a>(
        &'a self,
        level: Level,
        rows: &'a PackedRows,
        parameters: Parameters<&'a [f32]>,
        x: &[f32],
    ) -> Call<'a> {
        assert!(!x.is_empty(), "a batch without texts");
        let d_model = x.len() / rows.n_padded();
        let projected_width = parameters.w_in.len() / d_model;
        let intermediate_width = parameters.w_out.len() / d_model;
        let (sub_layer, sum_site) = self.sub_layer_call(d_model);
        match &sub_layer {
            SubLayerCall::Attention(_) => {
                let widths = (projected_width, intermediate_width);
                assert_eq!(widths, (3 * d_model, d_model), "widths of attention");
            }
            SubLayerCall::FeedForward(activation, _) => {
                let expected = activation.parts() * intermediate_width;
                assert_eq!(projected_width, expected, "width of the hidden layer");
            }
        }
        Call {
            level,
            rows,
            half_block: self,
            parameters,
            sub_layer,
            d_model,
            projected_width,
            intermediate_width,
            sum_site,
        }
    }

    /// The sub-layer with its dropout, and the dropout of what is added to `x`.
    fn sub_layer_call(&self, d_model: usize) -> (SubLayerCall, Option<Site>) {
        let site = |site: DropoutSite| {
            self.dropout.map(|(dropout, number)| dropout.site(site.number(number)))
        };
        match &self.sub_layer {
            SubLayer::Attention { n_heads, rotary } => {
                let (n_heads, rotary) = (*n_heads, rotary.clone());
                let dropout = site(DropoutSite::Weights);
                let heads = Heads { n_heads, d_head: d_model / n_heads, rotary, dropout };
                (SubLayerCall::Attention(heads), site(DropoutSite::Sum))
            }
            SubLayer::FeedForward(activation @ Activation::GeGlu) => {
                (SubLayerCall::FeedForward(*activation, site(DropoutSite::Hidden)), None)
            }
            SubLayer::FeedForward(activation @ (Activation::Relu | Activation::Gelu)) => {
                (SubLayerCall::FeedForward(*activation, None), site(DropoutSite::Sum))
            }
        }
    }

    /// The forward pass, on all threads; with `keep`, what [`HalfBlock::backward`] needs is saved.
    ///
    /// # Shapes
    ///
    /// - `x`, result: `[batch · seq, d_model]`
    ///
    /// # Panics
    ///
    /// If there is no row, or if the widths do not agree with each other.
    pub fn forward(
        &self,
        level: Level,
        rows: &PackedRows,
        parameters: Parameters<&[f32]>,
        x: &[f32],
        keep: bool,
    ) -> (Vec<f32>, Option<Saved>) {
        let call = self.call(level, rows, parameters, x);
        let d_model = call.d_model;
        let mut y = vec_with_rounded_capacity(x.len());
        y.extend_from_slice(x);
        let parts = call.parts();
        if !keep && self.dropout.is_none() && parts.len() == 1 {
            call.forward_tensor_parallel(x, &mut y);
            return (y, None);
        }
        let n_rows = if keep { rows.packed(&(0..rows.n_texts())).len() } else { 0 };
        let n_heads = call.n_heads();
        let n_sums = if self.norm == NormPlacement::Post { n_rows * d_model } else { 0 };
        let mut saved = Saved {
            projected: Buffer::uninit(n_rows * call.projected_width),
            intermediate: Buffer::uninit(n_rows * call.intermediate_width),
            log_sums: Buffer::uninit(n_rows * n_heads),
            sum: Buffer::uninit(n_sums),
        };
        {
            let mut y = &mut y[..];
            let (mut projected, mut intermediate) =
                (&mut saved.projected[..], &mut saved.intermediate[..]);
            let (mut log_sums, mut sum) = (&mut saved.log_sums[..], &mut saved.sum[..]);
            let parts = parts.into_iter().map(|texts| {
                let n = if keep { rows.packed(&texts).len() } else { 0 };
                ForwardPart {
                    y: split_off(&mut y, rows.padded(&texts).len() * d_model),
                    projected: split_off(&mut projected, n * call.projected_width),
                    intermediate: split_off(&mut intermediate, n * call.intermediate_width),
                    log_sums: split_off(&mut log_sums, n * n_heads),
                    sum: split_off(&mut sum, if n_sums > 0 { n * d_model } else { 0 }),
                    texts,
                }
            });
            for_each_part(parts, |part| call.forward_part(x, part, keep));
        }
        (y, keep.then_some(saved))
    }

    /// The backward pass, on all threads; the bits of the parameters' gradients depend on their number.
    ///
    /// # Shapes
    ///
    /// - `x`, `dy`: `[batch · seq, d_model]`
    ///
    /// # Panics
    ///
    /// If there is no row, or if the widths do not agree with each other or with the forward pass.
    pub fn backward(
        &self,
        level: Level,
        rows: &PackedRows,
        parameters: Parameters<&[f32]>,
        x: &[f32],
        saved: &Saved,
        dy: Vec<f32>,
    ) -> HalfBlockGradients {
        let call = self.call(level, rows, parameters, x);
        let mut dx = dy;
        let sums = {
            let mut rest = &mut dx[..];
            let parts = call.parts().into_iter().map(|texts| {
                let dx = split_off(&mut rest, rows.padded(&texts).len() * call.d_model);
                (texts, dx)
            });
            map_parts(parts.collect(), |(texts, dx)| call.backward_part(x, saved, texts, dx))
        };
        let mut sums = sums.into_iter();
        let mut total = sums.next().unwrap_or_else(|| zeros(&call.parameters));
        for part in sums {
            let pairs = total.each_mut().into_iter().zip(part.each());
            for (total, part) in pairs {
                add(level, total, part);
            }
        }
        HalfBlockGradients { x: dx, parameters: total }
    }
}

impl<T> Parameters<T> {
    /// `f` of each of the parameters.
    pub(crate) fn map<'a, U>(&'a self, f: impl Fn(&'a T) -> U) -> Parameters<U> {
        let [gamma, beta, w_in, b_in, w_out, b_out] = self.each().map(f);
        Parameters { gamma, beta, w_in, b_in, w_out, b_out }
    }

    fn each(&self) -> [&T; 6] {
        let Self { gamma, beta, w_in, b_in, w_out, b_out } = self;
        [gamma, beta, w_in, b_in, w_out, b_out]
    }

    fn each_mut(&mut self) -> [&mut T; 6] {
        let Self { gamma, beta, w_in, b_in, w_out, b_out } = self;
        [gamma, beta, w_in, b_in, w_out, b_out]
    }
}

impl Call<'_> {
    /// The texts of each thread.
    fn parts(&self) -> Vec<Range<usize>> {
        self.rows.parts(rayon::current_num_threads())
    }

    fn norm(&self) -> Norm<'_> {
        let Parameters { gamma, beta, .. } = self.parameters;
        Norm { gamma, beta, epsilon: self.half_block.epsilon }
    }

    /// Applies dropout to what is added to `x`, or to its gradient.
    fn apply_sum_dropout(&self, texts: &Range<usize>, rows: &mut [f32]) {
        if let Some(site) = self.sum_site {
            let padded_rows: Vec<usize> = self.rows.padded_indices(texts).collect();
            apply_dropout(self.level, site, &padded_rows, rows, self.d_model);
        }
    }

    /// What the input projection is given: packed rows of `x`, or of its norm.
    fn input(&self, x: &[f32], runs: &[Run], packed: &mut [f32]) {
        let Self { level, d_model, .. } = *self;
        for run in runs {
            let (x, packed) = (&x[run.padded(0, d_model)], &mut packed[run.packed(d_model)]);
            match self.half_block.norm {
                NormPlacement::Pre => self.norm().forward(level, x, packed),
                NormPlacement::Absent | NormPlacement::Post => packed.copy_from_slice(x),
            }
        }
    }

    /// 0 without attention.
    fn n_heads(&self) -> usize {
        match &self.sub_layer {
            SubLayerCall::Attention(heads) => heads.n_heads,
            SubLayerCall::FeedForward(..) => 0,
        }
    }

    fn text(&self, number: usize) -> Text<'_> {
        Text { number, seq: self.rows.seq(), positions: self.rows.positions(number) }
    }
}

#[cfg(test)]
mod tests;
