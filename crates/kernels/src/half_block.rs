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
    attention::{self, Heads, Rotary, Text},
    buffer::Buffer,
    dropout::{Dropout, Site},
    elementwise::{add, add_bias, add_rows, drop},
    matmul::{Into, Matrix, MatrixMut, Panels, matmul},
    norm::{Norm, NormGradients},
    rows::{Rows, Run, for_each_part, split_off},
    simd::Level,
};

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
        let mut y = x.to_vec();
        let parts = call.parts();
        if !keep && self.dropout.is_none() && parts.len() == 1 {
            call.forward_by_width(x, &mut y);
            return (y, None);
        }
        let n_rows = if keep { rows.packed(&(0..rows.n_texts())).len() } else { 0 };
        let n_heads = if let MiddleOf::Attention(heads) = &call.middle { heads.n_heads } else { 0 };
        let n_sums = if self.norm == NormPlace::Last { n_rows * d_model } else { 0 };
        let mut saved = Saved {
            inner: Buffer::dirty(n_rows * call.inner),
            read: Buffer::dirty(n_rows * call.read),
            log_sums: Buffer::dirty(n_rows * n_heads),
            sum: Buffer::dirty(n_sums),
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
            for_each_part(parts.collect(), |part| call.forward_part(x, part, keep));
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
            for_each_part(parts.collect(), |(texts, dx)| call.backward_part(x, saved, texts, dx))
        };
        let mut sums = sums.into_iter();
        let mut total = sums.next().unwrap_or_else(|| call.zeros());
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
    fn each(&self) -> [&T; 6] {
        let Self { gamma, beta, w_in, b_in, w_out, b_out } = self;
        [gamma, beta, w_in, b_in, w_out, b_out]
    }

    fn each_mut(&mut self) -> [&mut T; 6] {
        let Self { gamma, beta, w_in, b_in, w_out, b_out } = self;
        [gamma, beta, w_in, b_in, w_out, b_out]
    }
}

/// What one thread writes in the forward pass.
struct ForwardPart<'a> {
    texts: Range<usize>,
    y: &'a mut [f32],
    inner: &'a mut [f32],
    read: &'a mut [f32],
    log_sums: &'a mut [f32],
    sum: &'a mut [f32],
}

impl Call<'_> {
    fn parts(&self) -> Vec<Range<usize>> {
        self.rows.parts(rayon::current_num_threads())
    }

    fn norm(&self) -> Norm<'_> {
        let Parameters { gamma, beta, .. } = self.parameters;
        Norm { gamma, beta, epsilon: self.half_block.epsilon }
    }

    fn forward_part(&self, x: &[f32], part: ForwardPart, keep: bool) {
        let Self { level, rows, d_model, .. } = *self;
        let ForwardPart { texts, y, mut inner, mut read, mut log_sums, mut sum } = part;
        let first = rows.padded(&texts).start;
        let chunks = rows.chunks(&texts, self.d_model);
        let longest = chunks.iter().map(|texts| rows.packed(texts).len()).max().unwrap_or(0);
        let mut packed = Buffer::dirty(longest * d_model);
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

    /// `y = x + change`, or the norm of it, where `y` begins at padded row `first` and is `x` already;
    /// where the norm comes last, `change` becomes the sum.
    fn output(&self, x: &[f32], runs: &[Run], first: usize, change: &mut [f32], y: &mut [f32]) {
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

    fn n_heads(&self) -> usize {
        match &self.middle {
            MiddleOf::Attention(heads) => heads.n_heads,
            MiddleOf::FeedForward(..) => 0,
        }
    }

    fn middle_forward(
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

    fn text<'a>(&self, rows: &'a Rows, number: usize) -> Text<'a> {
        Text { number, seq: rows.seq(), positions: rows.positions(number) }
    }

    fn zeros(&self) -> Parameters<Vec<f32>> {
        let Parameters { gamma, beta, w_in, b_in, w_out, b_out } = &self.parameters;
        let zeros = |values: &[f32]| vec![0.0; values.len()];
        Parameters {
            gamma: zeros(gamma),
            beta: zeros(beta),
            w_in: zeros(w_in),
            b_in: zeros(b_in),
            w_out: zeros(w_out),
            b_out: zeros(b_out),
        }
    }

    /// `dx`, which is `dy` at first, and the parameters' gradients from these texts.
    fn backward_part(
        &self,
        x: &[f32],
        saved: &Saved,
        texts: Range<usize>,
        dx: &mut [f32],
    ) -> Parameters<Vec<f32>> {
        let Self { level, rows, d_model, .. } = *self;
        let mut sums = self.zeros();
        let mut is_first = true;
        let first = rows.padded(&texts).start;
        let chunks = rows.chunks(&texts, self.d_model);
        let longest = chunks.iter().map(|texts| rows.packed(texts).len()).max().unwrap_or(0);
        let mut input = Buffer::dirty(longest * d_model);
        let mut d_sum = Buffer::dirty(longest * d_model);
        let mut d_change = Buffer::dirty(longest * d_model);
        let mut d_read = Buffer::dirty(longest * self.read);
        let mut d_inner = Buffer::dirty(longest * self.inner);
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

/// Where a forward pass that keeps nothing writes.
struct Scratch {
    inner: Buffer,
    read: Buffer,
    log_sums: Buffer,
}

impl Scratch {
    fn new(call: &Call, rows: usize) -> Self {
        Self {
            inner: Buffer::dirty(rows * call.inner),
            read: Buffer::dirty(rows * call.read),
            log_sums: Buffer::dirty(rows * call.n_heads()),
        }
    }

    fn take(&mut self, call: &Call, n: usize) -> (&mut [f32], &mut [f32], &mut [f32]) {
        let Self { inner, read, log_sums } = self;
        let n_heads = call.n_heads();
        (&mut inner[..n * call.inner], &mut read[..n * call.read], &mut log_sums[..n * n_heads])
    }
}

mod by_width;
#[cfg(test)]
mod tests;
