//! AdamW in one pass: each weight and its moments are read once and written once.
//!
//! ```text
//! m ← β₁ m + (1 − β₁) g                    m̂ = m / (1 − β₁ᵗ)
//! v ← β₂ v + (1 − β₂) g²                   v̂ = v / (1 − β₂ᵗ)
//! p ← (1 − η λ) p − η · m̂ / (√v̂ + ε)
//! ```
//!
//! Reference: Loshchilov & Hutter 2019, <https://arxiv.org/abs/1711.05101>, algorithm 2.

use crate::{
    simd::{Kernel, Level},
    threads::{for_each_part, len_per_thread},
};

/// The constants of AdamW, beside the learning rate.
#[derive(Debug, Clone, Copy)]
pub struct Constants {
    /// β₁, decay of the first moment.
    pub beta_1: f32,
    /// β₂, decay of the second moment.
    pub beta_2: f32,
    /// ε, against division by zero.
    pub epsilon: f32,
    /// λ, decoupled from the gradient.
    pub weight_decay: f32,
}

/// Updates `weights` and both `moments` in place, on all threads; the bits do not depend on their
/// number.
///
/// `time` is the number of this update, counted from 1.
///
/// # Panics
///
/// If the slices are not of one length.
pub fn step(
    level: Level,
    constants: Constants,
    learning_rate: f64,
    time: usize,
    weights: &mut [f32],
    moments: [&mut [f32]; 2],
    gradient: &[f32],
) {
    let [first, second] = moments;
    let lengths = [weights.len(), first.len(), second.len()];
    assert_eq!(lengths, [gradient.len(); 3], "weights and moments, and the gradient");
    let factors = Factors::new(constants, learning_rate, time);
    let len = len_per_thread(gradient.len());
    let parts = (weights.chunks_mut(len))
        .zip(first.chunks_mut(len))
        .zip(second.chunks_mut(len))
        .zip(gradient.chunks(len))
        .map(|(((p, m), v), g)| Update { factors, p, m, v, g });
    for_each_part(parts, |update| level.run(update));
}

/// What is the same for every weight, so that it is computed once.
#[derive(Debug, Clone, Copy)]
struct Factors {
    beta: [f32; 2],
    one_minus_beta: [f32; 2],
    /// η / (1 − β₁ᵗ)
    rate: f32,
    /// 1 / √(1 − β₂ᵗ)
    root: f32,
    epsilon: f32,
    /// 1 − η λ
    keep: f32,
}

impl Factors {
    fn new(constants: Constants, learning_rate: f64, time: usize) -> Self {
        let Constants { beta_1, beta_2, epsilon, weight_decay } = constants;
        let beta = [beta_1, beta_2];
        let correction = beta.map(|beta| f64::from(1.0 - beta.powi(time as i32)));
        Self {
            beta,
            one_minus_beta: beta.map(|beta| 1.0 - beta),
            rate: (learning_rate / correction[0]) as f32,
            root: correction[1].sqrt().recip() as f32,
            epsilon,
            keep: (1.0 - learning_rate * f64::from(weight_decay)) as f32,
        }
    }
}

struct Update<'a> {
    factors: Factors,
    p: &'a mut [f32],
    m: &'a mut [f32],
    v: &'a mut [f32],
    g: &'a [f32],
}

impl Kernel for Update<'_> {
    type Output = ();

    /// Never with `mul_add`: Burn's AdamW rounds after each operation, and the moments are to be
    /// the same bits as its own.
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { factors, p, m, v, g } = self;
        let Factors { beta, one_minus_beta, rate, root, epsilon, keep } = factors;
        for (((p, m), v), g) in p.iter_mut().zip(m).zip(v).zip(g) {
            *m = *m * beta[0] + g * one_minus_beta[0];
            *v = *v * beta[1] + g * g * one_minus_beta[1];
            *p = *p * keep - *m * rate / (v.sqrt() * root + epsilon);
        }
    }
}

#[cfg(test)]
mod tests;
