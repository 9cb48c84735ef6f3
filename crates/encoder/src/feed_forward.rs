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
//! distribution, not its tanh approximation. In training, dropout stands before W₂ with GeGLU and after
//! it with the others, as each was published.
//!
//! Reference: Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>, §3.3; Shazeer 2020,
//! <https://arxiv.org/abs/2002.05202>, for the gate.

use burn::{
    module::Module,
    tensor::{
        Tensor,
        activation::{gelu, relu},
    },
};
use kernels::dropout::Dropout;

use crate::{
    dropout::{self, Site},
    initial::Initialiser,
    projection::Projection,
};
use config::encoder::{EncoderConfig, architecture::Activation};

/// Two projections with a nonlinearity between them.
#[derive(Module, Debug)]
pub struct FeedForward {
    /// W₁: `[d_model, d_ff]`, or `[d_model, 2 · d_ff]` for a and g side by side.
    pub(crate) hidden: Projection,
    /// W₂: `[d_ff, d_model]`
    pub(crate) output: Projection,
    #[module(skip)]
    pub(crate) activation: Activation,
    /// The number of its block, from 0, which dropout depends on.
    pub(crate) layer: usize,
}

/// The result of [`FeedForward::forward`], and its hidden layer.
#[derive(Debug, Clone)]
pub struct FeedForwardOutput {
    /// What the network adds to the residual stream: `[batch, seq, d_model]`
    pub added: Tensor<3>,
    /// The hidden layer after the activation, and after the gate if there is one:
    /// `[batch, seq, d_ff]`
    pub hidden: Tensor<3>,
}

impl FeedForward {
    /// The untrained network of block `layer`, from 0.
    pub fn new(config: &EncoderConfig, layer: usize, init: &mut Initialiser<'_>) -> Self {
        let EncoderConfig { d_model, d_ff, .. } = *config;
        let activation = config.architecture().activation;
        let n_parts = activation.n_parts();
        Self {
            hidden: init.projection(config, [d_model, n_parts * d_ff], n_parts),
            output: init.projection(config, [d_ff, d_model], 1),
            activation,
            layer,
        }
    }

    /// # Shapes
    ///
    /// - `x`: `[batch, seq, d_model]`
    ///
    /// With `dropout`, some of the hidden layer or of the result is dropped, after the hidden layer
    /// is reported.
    pub fn forward(&self, x: Tensor<3>, dropout: Option<Dropout>) -> FeedForwardOutput {
        let Self { hidden, output, activation, layer } = self;
        let drop_hidden = |h| dropout::apply(h, dropout, Site::FeedForwardHidden(*layer));
        let drop_output = |y| dropout::apply(y, dropout, Site::FeedForwardOutput(*layer));
        let hidden = match activation {
            Activation::GeGlu => {
                let [a, g] = hidden.forward_parts(&x); // [batch, seq, d_ff] each
                gelu(a) * g
            }
            Activation::Relu => relu(hidden.forward(x)),
            Activation::Gelu => gelu(hidden.forward(x)),
        };
        let added = match activation {
            Activation::GeGlu => output.forward(drop_hidden(hidden.clone())),
            Activation::Relu | Activation::Gelu => drop_output(output.forward(hidden.clone())),
        };
        FeedForwardOutput { added, hidden }
    }
}

#[cfg(test)]
mod tests;
