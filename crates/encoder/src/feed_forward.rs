//! The feed-forward network: each position is transformed by itself.
//!
//! ```text
//! h = x W₁ + b₁
//! GeGLU     (gelu(a) ⊙ g) W₂ + b₂,  h = [a | g]        one half gates the other
//! ReLU      relu(h) W₂ + b₂
//! GELU      gelu(h) W₂ + b₂
//! ```
//!
//! Biases are there if the architecture has them. `gelu(a) = a · Φ(a)` with the exact normal
//! distribution, not its tanh approximation. Dropout stands before W₂ with GeGLU and after it with
//! the others, as each was published.
//!
//! Reference: Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>, §3.3; Shazeer 2020,
//! <https://arxiv.org/abs/2002.05202>, for the gate.

use burn::{
    module::Module,
    nn::{Dropout, DropoutConfig},
    tensor::{
        Device, Tensor,
        activation::{gelu, relu},
    },
};

use crate::{initial, projection::Projection};
use config::encoder::{EncoderConfig, architecture::Activation};

/// Two projections with a nonlinearity between them.
#[derive(Module, Debug)]
pub struct FeedForward {
    /// W₁: `[d_model, d_ff]`, or `[d_model, 2 · d_ff]` for a and g side by side.
    pub(crate) hidden: Projection,
    /// W₂: `[d_ff, d_model]`
    pub(crate) output: Projection,
    pub(crate) dropout: Dropout,
    #[module(skip)]
    pub(crate) activation: Activation,
}

impl FeedForward {
    /// An untrained network.
    pub fn new(config: &EncoderConfig, device: &Device) -> Self {
        let EncoderConfig { d_model, d_ff, .. } = *config;
        let activation = config.architecture().activation;
        let n_parts = activation.n_parts();
        Self {
            hidden: initial::projection(config, [d_model, n_parts * d_ff], n_parts, device),
            output: initial::projection(config, [d_ff, d_model], 1, device),
            dropout: DropoutConfig::new(config.dropout).init(),
            activation,
        }
    }

    /// # Shapes
    ///
    /// - `x` and result: `[batch, seq, d_model]`
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let Self { hidden, output, dropout, activation } = self;
        match activation {
            Activation::GeGlu => {
                let [a, g] = hidden.forward_parts(&x); // [batch, seq, d_ff] each
                output.forward(dropout.forward(gelu(a) * g))
            }
            Activation::Relu => dropout.forward(output.forward(relu(hidden.forward(x)))),
            Activation::Gelu => dropout.forward(output.forward(gelu(hidden.forward(x)))),
        }
    }
}

#[cfg(test)]
mod tests;
