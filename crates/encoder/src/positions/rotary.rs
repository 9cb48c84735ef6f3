//! Rotary positions: queries and keys are rotated by angles that grow with their position, so that a
//! score depends on how far apart two tokens stand and not on where they stand.
//!
//! ```text
//! rotary(x, p) = x · cos(p f) + [-x₂ | x₁] · sin(p f)     x = [x₁ | x₂], halves of d_head/2
//! f            = [f₀ … | f₀ …],  f_i = θ^(-2i/d_head),  i = 0 … d_head/2 - 1
//! ```
//!
//! Each pair (x₁ᵢ, x₂ᵢ) is a point of a plane, rotated by the angle p·f_i; the scalar product of two
//! points rotated by p·f_i and q·f_i depends on p - q alone.
//!
//! Reference: Su et al. 2021, <https://arxiv.org/abs/2104.09864>, §3.4.2, in the half-split order
//! of `transformers`, which a checkpoint for that library needs (the paper pairs neighbours).

use burn::tensor::{Tensor, TensorCreationOptions, TensorData};

/// The angles `p · f_i` of each position and pair: `[seq, d_head / 2]`, row by row.
pub(crate) fn angles(seq: usize, d_head: usize, theta: f64) -> impl Iterator<Item = f64> {
    let pairs = (0..d_head / 2).map(|i| theta.powf(-2.0 * i as f64 / d_head as f64));
    let frequencies: Vec<f64> = pairs.collect();
    (0..seq * frequencies.len()).map(move |i| {
        let (p, pair) = (i / frequencies.len(), i % frequencies.len());
        p as f64 * frequencies[pair]
    })
}

/// Cosines and sines for the positions of one forward pass: computed once, used in every block.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// `[1, 1, seq, d_head]`
    cos: Tensor<4>,
    /// `[1, 1, seq, d_head]`
    sin: Tensor<4>,
}

impl Rotation {
    /// Rotations for the positions from 0 to `seq - 1` and heads of width `d_head`.
    ///
    /// Computed in `f64` and rounded once, to the dtype of `options`.
    pub fn new(
        seq: usize,
        d_head: usize,
        theta: f64,
        options: impl Into<TensorCreationOptions>,
    ) -> Self {
        let angles: Vec<f64> = angles(seq, d_head, theta).collect();
        let options = options.into();
        let table = |wave: fn(f64) -> f64| {
            let values: Vec<f64> = (angles.chunks(d_head / 2))
                .flat_map(|row| row.iter().chain(row)) // the same for both halves
                .map(|&angle| wave(angle))
                .collect();
            Tensor::from_data(TensorData::new(values, [1, 1, seq, d_head]), options.clone())
        };
        Self { cos: table(f64::cos), sin: table(f64::sin) }
    }

    /// Rotates the vector at each position by that position's angles.
    ///
    /// # Shapes
    ///
    /// - `x` and result: `[batch, heads, seq, d_head]`
    pub fn apply(&self, x: Tensor<4>) -> Tensor<4> {
        let half = x.dims()[3] / 2;
        let x1 = x.clone().narrow(3, 0, half);
        let x2 = x.clone().narrow(3, half, half);
        let quarter_turn = Tensor::cat(vec![-x2, x1], 3); // [-x₂ | x₁]
        x * self.cos.clone() + quarter_turn * self.sin.clone()
    }
}

#[cfg(test)]
mod tests;
