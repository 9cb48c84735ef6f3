//! Elementwise passes over rows: biases, dropout, sums.

use crate::{
    dropout::Site,
    simd::{Kernel, Level},
};

/// `row += bias` for every row.
pub(crate) fn add_bias(level: Level, bias: &[f32], rows: &mut [f32]) {
    struct AddBias<'a>(&'a [f32], &'a mut [f32]);
    impl Kernel for AddBias<'_> {
        type Output = ();
        #[inline(always)]
        fn run<const FMA: bool>(self) {
            for row in self.1.chunks_exact_mut(self.0.len()) {
                for (x, bias) in row.iter_mut().zip(self.0) {
                    *x += bias;
                }
            }
        }
    }
    if !bias.is_empty() {
        level.run(AddBias(bias, rows));
    }
}

/// `sum += Σ rows`: the gradient of a bias.
pub(crate) fn add_rows(level: Level, rows: &[f32], sum: &mut [f32]) {
    struct AddRows<'a>(&'a [f32], &'a mut [f32]);
    impl Kernel for AddRows<'_> {
        type Output = ();
        #[inline(always)]
        fn run<const FMA: bool>(self) {
            for row in self.0.chunks_exact(self.1.len()) {
                for (sum, x) in self.1.iter_mut().zip(row) {
                    *sum += x;
                }
            }
        }
    }
    if !sum.is_empty() {
        level.run(AddRows(rows, sum));
    }
}

/// `x += y`
pub(crate) fn add(level: Level, x: &mut [f32], y: &[f32]) {
    struct Add<'a>(&'a mut [f32], &'a [f32]);
    impl Kernel for Add<'_> {
        type Output = ();
        #[inline(always)]
        fn run<const FMA: bool>(self) {
            for (x, y) in self.0.iter_mut().zip(self.1) {
                *x += y;
            }
        }
    }
    level.run(Add(x, y));
}

/// Applies dropout to packed `rows`, each `width` wide; `padded_rows` are their indices in the padded
/// batch, which decide what is dropped.
pub(crate) fn apply_dropout(
    level: Level,
    site: Site,
    padded_rows: &[usize],
    rows: &mut [f32],
    width: usize,
) {
    struct ApplyDropout<'a>(Site, &'a [usize], &'a mut [f32], usize);
    impl Kernel for ApplyDropout<'_> {
        type Output = ();
        #[inline(always)]
        fn run<const FMA: bool>(self) {
            let Self(site, padded_rows, rows, width) = self;
            for (row, padded_row) in rows.chunks_exact_mut(width).zip(padded_rows) {
                let first = (padded_row * width) as u32;
                for (i, x) in (0_u32..).zip(row) {
                    *x *= site.factor(first.wrapping_add(i));
                }
            }
        }
    }
    level.run(ApplyDropout(site, padded_rows, rows, width));
}

#[cfg(test)]
mod tests;
