//! `exp` and the error function, as short polynomials that vectorise.
//!
//! | function | error, at most | where |
//! |---|---|---|
//! | [`exp`] | 2e-7 relative | −87 to 88; 0 below, the value at 88 above |
//! | [`normal_cdf_pdf`], Φ | 3.5e-7 absolute | everywhere |
//! | [`normal_cdf_pdf`], φ | 1e-7 absolute | everywhere |
//!
//! The tests go over the whole range and compare with `f64`.

use crate::simd::mul_add;

/// `eˣ = 2ⁿ · eʳ` with an integer `n` and `|r| ≤ ln 2 / 2`, `eʳ` by the polynomial of Cephes.
#[inline(always)]
pub(crate) fn exp<const FMA: bool>(x: f32) -> f32 {
    /// Adding it to a number rounds that to an integer, which the low bits of the sum then hold.
    const ROUND: f32 = 1.5 * (1 << 23) as f32;
    const MIN: f32 = -87.0;
    /// `ln 2` in two parts: the products of the first one are exact.
    const LN2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let is_zero = x < MIN;
    let x = x.clamp(MIN, 88.0);
    let shifted = mul_add::<FMA>(x, std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = mul_add::<FMA>(-n, LN2[0], x);
    let r = mul_add::<FMA>(-n, LN2[1], r);
    let mut p = 1.987_569_1e-4;
    for c in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        p = mul_add::<FMA>(p, r, c);
    }
    let p = mul_add::<FMA>(p, r * r, r) + 1.0;
    // 2ⁿ by its exponent bits. Adding n to the exponent of p instead would turn NaN into a number.
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits()) << 23;
    let power = f32::from_bits(1.0_f32.to_bits().wrapping_add(exponent));
    if is_zero { 0.0 } else { p * power }
}

/// The standard normal distribution, `[Φ(x), φ(x)]`: both need the same exponential.
///
/// Abramowitz & Stegun 7.1.26, with `z = x/√2`:
/// `Φ(−|x|) = ½ P(t) e^(−z²)`, `t = 1 / (1 + 0.3275911 |z|)`.
#[inline(always)]
pub(crate) fn normal_cdf_pdf<const FMA: bool>(x: f32) -> [f32; 2] {
    const P: f32 = 0.327_591_1 * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / mul_add::<FMA>(P, x.abs(), 1.0);
    let mut p = 1.061_405_4;
    for c in [-1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6] {
        p = mul_add::<FMA>(p, t, c);
    }
    let e = exp::<FMA>(-0.5 * x * x);
    let tail = 0.5 * p * t * e;
    let cumulative = if x > 0.0 { 1.0 - tail } else { tail };
    [cumulative, e * 0.398_942_3]
}

#[cfg(test)]
mod tests;
