//! Half an encoder block as one operation, on packed rows.
//!
//! ```text
//! inner = norm(x) Wᵢ + bᵢ       the norm here, if it comes first
//! read  = middle(inner)         attention, or a nonlinearity
//! sum   = x + drop(read Wₒ + bₒ)
//! y     = norm(sum)             the norm here, if it comes last
//! ```
//!
//! A thread takes a chunk of texts through all of it, so what one step writes the next finds in the
//! cache. Positions of padding pass through untouched: `y = x` there, and `dx = dy`.

use std::{ops::Range, sync::Arc};

use crate::{
    activation::Activation,
    attention::{Heads, Rotary, Text},
    buffer::{Buffer, vec_with_rounded_capacity},
    dropout::{Dropout, Site},
    elementwise::{add, drop},
    norm::Norm,
    rows::{Rows, Run, split_off},
    simd::Level,
    threads::{for_each_part, map_parts},
};

mod backward;
mod by_width;
mod forward;

use backward::zeros;
use forward::ForwardPart;

/// What half a block does.
#[derive(Debug, Clone)]
pub struct HalfBlock {
    /// Where its norm stands.
    pub norm: NormPlace,
    /// ε of the norm.
    pub epsilon: f32,
    /// What happens between the two products.
    pub middle: Middle,
    /// Dropout, and the number of this half block in its model.
    pub dropout: Option<(Dropout, u64)>,
}

/// Where the norm of half a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NormPlace {
    /// Nowhere.
    Absent,
    /// Before the sub-layer: `x + f(norm(x))`.
    First,
    /// After the sum: `norm(x + f(x))`.
    Last,
}

/// What happens between the two products.
#[derive(Debug, Clone)]
pub enum Middle {
    /// Self-attention: `Wᵢ` is `[q | k | v]`.
    Attention {
        /// They share the columns of each of q, k and v.
        n_heads: usize,
        /// Turns queries and keys, if there.
        rotary: Option<Arc<Rotary>>,
    },
    /// A feed-forward network.
    FeedForward(Activation),
}

/// The parameters, or their gradients; what is absent is empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parameters<T> {
    /// γ: `[d_model]`
    pub gamma: T,
    /// β: `[d_model]`
    pub beta: T,
    /// Wᵢ: `[d_model, inner]`
    pub w_in: T,
    /// bᵢ: `[inner]`
    pub b_in: T,
    /// Wₒ: `[read, d_model]`
    pub w_out: T,
    /// bₒ: `[d_model]`
    pub b_out: T,
}

/// What the backward pass needs beside `x` and the parameters.
#[derive(Debug)]
pub struct Saved {
    /// `[q | k | v]`, or what the nonlinearity's gradient is multiplied by: `[rows, inner]`
    inner: Buffer,
    /// `[rows, read]`
    read: Buffer,
    /// Of attention: for each text, `[heads, positions]`.
    log_sums: Buffer,
    /// Where the norm comes last: `[rows, d_model]`
    sum: Buffer,
}

/// Gradients of `x` and of the parameters.
#[derive(Debug)]
pub struct HalfBlockGradients {
    /// `[batch · seq, d_model]`
    pub x: Vec<f32>,
    /// As the parameters.
    pub parameters: Parameters<Vec<f32>>,
}

/// The places in the model where one half block drops.
#[derive(Debug, Clone, Copy)]
pub enum DropoutSite {
    /// The attention weights: `[batch, heads, query, key]`
    Weights,
    /// What goes into `Wₒ`, after GeGLU: `[batch, seq, d_ff]`
    Hidden,
    /// What is added to `x`: `[batch, seq, d_model]`
    Sum,
}

impl DropoutSite {
    /// The number of this place of half block `half_block`.
    pub fn number(self, half_block: u64) -> u64 {
        half_block * 4 + self as u64
    }
}

/// One call: everything that does not change while it runs.
struct Call<'a> {
    level: Level,
    rows: &'a Rows,
    half_block: &'a HalfBlock,
    parameters: Parameters<&'a [f32]>,
    middle: MiddleOf,
    d_model: usize,
    inner: usize,
    read: usize,
    sum_site: Option<Site>,
}

/// The middle with its sizes and places.
enum MiddleOf {
    Attention(Heads),
    FeedForward(Activation, Option<Site>),
}

impl HalfBlock {
    fn call<'a>(
        &'a self,
        level: Level,
        rows: &'a Rows,
        parameters: Parameters<&'a [f32]>,
        x: &[f32],
    ) -> Call<'a> {
        assert!(!x.is_empty(), "a batch without texts");
        let d_model = x.len() / rows.n_padded();
        let inner = parameters.w_in.len() / d_model;
        let read = parameters.w_out.len() / d_model;
        let site = |site: DropoutSite| {
            self.dropout.map(|(dropout, number)| dropout.site(site.number(number)))
        };
        let (middle, sum_site) = match &self.middle {
            Middle::Attention { n_heads, rotary } => {
                let (n_heads, rotary) = (*n_heads, rotary.clone());
                assert_eq!((inner, read), (3 * d_model, d_model), "widths of attention");
                let dropout = site(DropoutSite::Weights);
                let heads = Heads { n_heads, d_head: d_model / n_heads, rotary, dropout };
                (MiddleOf::Attention(heads), site(DropoutSite::Sum))
            }
            Middle::FeedForward(activation) => {
                assert_eq!(inner, activation.parts() * read, "widths of the feed-forward network");
                match activation {
                    Activation::GeGlu => {
                        let site = site(DropoutSite::Hidden);
                        (MiddleOf::FeedForward(*activation, site), None)
                    }
                    Activation::Relu | Activation::Gelu => {
                        (MiddleOf::FeedForward(*activation, None), site(DropoutSite::Sum))
                    }
                }
            }
        };
        Call { level, rows, half_block: self, parameters, middle, d_model, inner, read, sum_site }
    }

    /// # Shapes
    ///
    /// - `x`, result: `[batch · seq, d_model]`
    ///
    /// With `keep`, what [`HalfBlock::backward`] needs comes back too.
    ///
    /// # Panics
    ///
    /// If there is no row, or if the widths do not agree with each other.
    pub fn forward(
        &self,
        level: Level,
        rows: &Rows,
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
            call.forward_by_width(x, &mut y);
            return (y, None);
        }
        let n_rows = if keep { rows.packed(&(0..rows.n_texts())).len() } else { 0 };
        let n_heads = if let MiddleOf::Attention(heads) = &call.middle { heads.n_heads } else { 0 };
        let n_sums = if self.norm == NormPlace::Last { n_rows * d_model } else { 0 };
        let mut saved = Saved {
            inner: Buffer::uninit(n_rows * call.inner),
            read: Buffer::uninit(n_rows * call.read),
            log_sums: Buffer::uninit(n_rows * n_heads),
            sum: Buffer::uninit(n_sums),
        };
        {
            let mut y = &mut y[..];
            let (mut inner, mut read) = (&mut saved.inner[..], &mut saved.read[..]);
            let (mut log_sums, mut sum) = (&mut saved.log_sums[..], &mut saved.sum[..]);
            let parts = parts.into_iter().map(|texts| {
                let n = if keep { rows.packed(&texts).len() } else { 0 };
                ForwardPart {
                    y: split_off(&mut y, rows.padded(&texts).len() * d_model),
                    inner: split_off(&mut inner, n * call.inner),
                    read: split_off(&mut read, n * call.read),
                    log_sums: split_off(&mut log_sums, n * n_heads),
                    sum: split_off(&mut sum, if n_sums > 0 { n * d_model } else { 0 }),
                    texts,
                }
            });
            for_each_part(parts, |part| call.forward_part(x, part, keep));
        }
        (y, keep.then_some(saved))
    }

    /// # Shapes
    ///
    /// - `x`, `dy`: `[batch · seq, d_model]`
    pub fn backward(
        &self,
        level: Level,
        rows: &Rows,
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
    /// Each of the parameters, changed to something else.
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
    fn parts(&self) -> Vec<Range<usize>> {
        self.rows.parts(rayon::current_num_threads())
    }

    fn norm(&self) -> Norm<'_> {
        let Parameters { gamma, beta, .. } = self.parameters;
        Norm { gamma, beta, epsilon: self.half_block.epsilon }
    }

    fn drop_sum(&self, texts: &Range<usize>, rows: &mut [f32]) {
        if let Some(site) = self.sum_site {
            let places: Vec<usize> = self.rows.places(texts).collect();
            drop(self.level, site, &places, rows, self.d_model);
        }
    }

    /// The rows that the sub-layer sees.
    fn input(&self, x: &[f32], runs: &[Run], packed: &mut [f32]) {
        let Self { level, d_model, .. } = *self;
        for run in runs {
            let (x, packed) = (&x[run.padded(0, d_model)], &mut packed[run.packed(d_model)]);
            match self.half_block.norm {
                NormPlace::First => self.norm().forward(level, x, packed),
                NormPlace::Absent | NormPlace::Last => packed.copy_from_slice(x),
            }
        }
    }

    fn n_heads(&self) -> usize {
        match &self.middle {
            MiddleOf::Attention(heads) => heads.n_heads,
            MiddleOf::FeedForward(..) => 0,
        }
    }

    fn text<'a>(&self, rows: &'a Rows, number: usize) -> Text<'a> {
        Text { number, seq: rows.seq(), positions: rows.positions(number) }
    }
}

#[cfg(test)]
mod tests;
