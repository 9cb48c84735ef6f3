//! The nonlinearity between the two products of a feed-forward network.
//!
//! | | `u` of the hidden row `h` | factors: what is saved for the backward pass, in place of `h` |
//! |---|---|---|
//! | ReLU | max(h, 0) | 1 where h > 0 |
//! | GELU | h Φ(h) | Φ(h) + h φ(h) |
//! | GeGLU | a Φ(a) ⊙ g, h = [a ∣ g] | [(Φ(a) + a φ(a)) ⊙ g ∣ a Φ(a)] |
//!
//! The backward pass of each is one multiplication by its factors.

use std::array;

use crate::{
    dropout::Site,
    math::normal_cdf_pdf,
    simd::{Kernel, LANES, Level, mul_add},
};

/// The nonlinearity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// `max(h, 0)`
    Relu,
    /// `h Φ(h)`, exact
    Gelu,
    /// `GELU(a) ⊙ g` of the two halves `[a ∣ g]` of the hidden layer, then dropout, if any.
    GeGlu,
}

impl Activation {
    /// Columns of the hidden layer for each column of `u`.
    pub(crate) fn parts(self) -> usize {
        match self {
            Self::Relu | Self::Gelu => 1,
            Self::GeGlu => 2,
        }
    }

    /// From `h` to `u`, whose rows are `width` wide; `h` becomes the factors of the backward pass.
    ///
    /// `dropout` is that of GeGLU, with the index of each row in the padded batch.
    pub(crate) fn forward(
        self,
        level: Level,
        h: &mut [f32],
        u: &mut [f32],
        width: usize,
        dropout: Option<(Site, Vec<usize>)>,
    ) {
        match self {
            Self::Relu => level.run(Forward { f: Relu, h, u }),
            Self::Gelu => level.run(Forward { f: Gelu, h, u }),
            Self::GeGlu => level.run(Gated { h, u, width, dropout }),
        }
    }

    /// `dh = du ⊙ factors`
    pub(crate) fn backward(
        self,
        level: Level,
        factors: &[f32],
        du: &[f32],
        dh: &mut [f32],
        width: usize,
    ) {
        level.run(Backward { parts: self.parts(), factors, du, dh, width });
    }
}

/// An activation that takes each number by itself.
trait Pointwise: Copy {
    /// The function and its derivative at `h`.
    fn value_and_slope<const FMA: bool>(self, h: f32) -> [f32; 2];
}

#[derive(Clone, Copy)]
struct Relu;

impl Pointwise for Relu {
    #[inline(always)]
    fn value_and_slope<const FMA: bool>(self, h: f32) -> [f32; 2] {
        // Not `max`, which turns NaN into 0.
        [if h < 0.0 { 0.0 } else { h }, if h > 0.0 { 1.0 } else { 0.0 }]
    }
}

#[derive(Clone, Copy)]
struct Gelu;

impl Pointwise for Gelu {
    #[inline(always)]
    fn value_and_slope<const FMA: bool>(self, h: f32) -> [f32; 2] {
        let [cumulative, density] = normal_cdf_pdf::<FMA>(h);
        [h * cumulative, mul_add::<FMA>(h, density, cumulative)]
    }
}

struct Forward<'a, F> {
    f: F,
    h: &'a mut [f32],
    u: &'a mut [f32],
}

impl<F: Pointwise> Kernel for Forward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { f, h, u } = self;
        for (h, u) in h.iter_mut().zip(u) {
            [*u, *h] = f.value_and_slope::<FMA>(*h);
        }
    }
}

struct Gated<'a> {
    h: &'a mut [f32],
    u: &'a mut [f32],
    width: usize,
    dropout: Option<(Site, Vec<usize>)>,
}

impl Kernel for Gated<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { h, u, width, dropout } = self;
        let rows = h.chunks_exact_mut(2 * width).zip(u.chunks_exact_mut(width));
        for (row, (h, u)) in rows.enumerate() {
            let (a, g) = h.split_at_mut(width);
            let (a_blocks, a_rest) = a.as_chunks_mut::<LANES>();
            let (g_blocks, g_rest) = g.as_chunks_mut::<LANES>();
            let (u_blocks, u_rest) = u.as_chunks_mut::<LANES>();
            for ((a, g), u) in a_blocks.iter_mut().zip(g_blocks).zip(u_blocks) {
                gate::<FMA, LANES>(a, g, u);
            }
            for ((a, g), u) in a_rest.iter_mut().zip(g_rest).zip(u_rest) {
                gate::<FMA, 1>(array::from_mut(a), array::from_mut(g), array::from_mut(u));
            }
            if let Some((site, padded_rows)) = &dropout {
                let first = (padded_rows[row] * width) as u32;
                for (i, ((a, g), u)) in (0_u32..).zip(a.iter_mut().zip(g).zip(u)) {
                    let factor = site.factor(first.wrapping_add(i));
                    *u *= factor;
                    *a *= factor;
                    *g *= factor;
                }
            }
        }
    }
}

/// `u = GELU(a) ⊙ g`, with the factors in place of a and g.
///
/// Reads all of `a` and `g` before it writes: a loop in place over three slices is not vectorised.
#[inline(always)]
fn gate<const FMA: bool, const N: usize>(a: &mut [f32; N], g: &mut [f32; N], u: &mut [f32; N]) {
    let (x, gate) = (*a, *g);
    for i in 0..N {
        let [value, slope] = Gelu.value_and_slope::<FMA>(x[i]);
        [u[i], a[i], g[i]] = [value * gate[i], slope * gate[i], value];
    }
}

struct Backward<'a> {
    parts: usize,
    factors: &'a [f32],
    du: &'a [f32],
    dh: &'a mut [f32],
    width: usize,
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { parts, factors, du, dh, width } = self;
        let hidden = parts * width;
        let rows = factors.chunks_exact(hidden).zip(dh.chunks_exact_mut(hidden));
        for ((factors, dh), du) in rows.zip(du.chunks_exact(width)) {
            for (factors, dh) in factors.chunks_exact(width).zip(dh.chunks_exact_mut(width)) {
                for ((dh, factor), du) in dh.iter_mut().zip(factors).zip(du) {
                    *dh = factor * du;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
