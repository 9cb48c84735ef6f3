//! The feed-forward network: what a position has read, it now works on by itself.
//!
//! ```text
//! base      W₂ (gelu(a) ⊙ g),  [a | g] = W₁ x          GeGLU: one half gates the other
//! vaswani   W₂ relu(W₁ x + b₁) + b₂
//! bert      W₂ gelu(W₁ x + b₁) + b₂
//! ```
//!
//! `gelu(a) = a · Φ(a)` with the exact normal distribution, not its tanh approximation. Dropout
//! stands before W₂ in the base shape and after it in the others.
//!
//! Reference: Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>, §3.3; Shazeer 2020,
//! <https://arxiv.org/abs/2002.05202>, for the gate.

use burn::{
    module::Module,
    nn::{Dropout, DropoutConfig, Linear},
    tensor::{
        Device, Tensor,
        activation::{gelu, relu},
    },
};

use crate::{initial, projection::side_by_side};
use config::encoder::{EncoderConfig, Shape};

/// Two projections with a nonlinearity between them.
#[derive(Module, Debug)]
pub struct FeedForward {
    /// W₁: `[d_model, d_ff]`, or `[d_model, 2 · d_ff]` for a and g side by side.
    pub(crate) hidden: Linear,
    /// W₂: `[d_ff, d_model]`
    pub(crate) output: Linear,
    dropout: Dropout,
    #[module(skip)]
    pub(crate) shape: Shape,
}

impl FeedForward {
    /// Widths and nonlinearity as the config says.
    pub fn new(config: &EncoderConfig, device: &Device) -> Self {
        let EncoderConfig { shape, d_model, d_ff, .. } = *config;
        let n_parts = if shape == Shape::Base { 2 } else { 1 };
        Self {
            hidden: initial::linear(config, [d_model, n_parts * d_ff], n_parts, device),
            output: initial::linear(config, [d_ff, d_model], 1, device),
            dropout: DropoutConfig::new(config.dropout).init(),
            shape,
        }
    }

    /// # Shapes
    ///
    /// - `x` and result: `[batch, seq, d_model]`
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let Self { hidden, output, dropout, shape } = self;
        match shape {
            Shape::Base => {
                let [a, g] = side_by_side(hidden, &x); // [batch, seq, d_ff] each
                output.forward(dropout.forward(gelu(a) * g))
            }
            Shape::Vaswani => dropout.forward(output.forward(relu(hidden.forward(x)))),
            Shape::Bert => dropout.forward(output.forward(gelu(hidden.forward(x)))),
        }
    }
}

#[cfg(test)]
mod tests;
