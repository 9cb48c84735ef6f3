//! Sinusoidal positions: a fixed vector for each position, of sines and cosines of many wavelengths.
//!
//! ```text
//! PE(p, 2i)     = sin(p / 10000^(2i/d_model))
//! PE(p, 2i + 1) = cos(p / 10000^(2i/d_model))
//! ```
//!
//! Reference: Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>, §3.5.

use burn::tensor::{Tensor, TensorCreationOptions, TensorData};

/// The longest wavelength is 10000 · 2π positions, as in the paper.
const MAX_WAVELENGTH_OVER_2PI: f64 = 10_000.0;

/// The vectors of the positions from 0: `[seq, d_model]`.
///
/// Computed in `f64` and rounded once, to the dtype of `options`.
pub fn sinusoid(
    seq: usize,
    d_model: usize,
    options: impl Into<TensorCreationOptions>,
) -> Tensor<2> {
    let value = |position: usize, column: usize| {
        let pair = (column - column % 2) as f64; // 2i
        let angle = position as f64 / MAX_WAVELENGTH_OVER_2PI.powf(pair / d_model as f64);
        if column.is_multiple_of(2) { angle.sin() } else { angle.cos() }
    };
    let values: Vec<f64> =
        (0..seq).flat_map(|p| (0..d_model).map(move |column| value(p, column))).collect();
    Tensor::from_data(TensorData::new(values, [seq, d_model]), options)
}

#[cfg(test)]
mod tests;
