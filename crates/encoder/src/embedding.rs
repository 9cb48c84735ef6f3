//! Embedding: each token number becomes a vector, the start of the residual stream.
//!
//! ```text
//! base      x₀ = LN(E[token])
//! vaswani   x₀ = √d_model · E[token] + PE(position)
//! bert      x₀ = LN(E[token] + P(position))
//! ```
//!
//! Dropout follows in each. Reference: Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>,
//! §3.4 and §3.5; Devlin et al. 2018, <https://arxiv.org/abs/1810.04805>, §3. BERT's segment
//! embedding is absent: our texts have one segment.

use burn::{
    module::Module,
    nn::{self, Dropout, DropoutConfig, LayerNorm},
    tensor::{Device, Distribution, Int, Tensor},
};

use crate::{
    fused::layer_norm,
    initial,
    positions::{learned::LearnedPositions, sinusoidal::sinusoid},
};
use config::encoder::{EncoderConfig, Shape};

/// Token embedding with the positions, the norm and the dropout of its shape.
#[derive(Module, Debug)]
pub struct Embedding {
    pub(crate) tokens: nn::Embedding,
    /// In the bert shape only.
    pub(crate) positions: Option<LearnedPositions>,
    /// Not in the vaswani shape.
    pub(crate) norm: Option<LayerNorm>,
    dropout: Dropout,
    #[module(skip)]
    shape: Shape,
}

impl Embedding {
    /// Vectors for `vocab_size` tokens.
    pub fn new(config: &EncoderConfig, vocab_size: usize, device: &Device) -> Self {
        let shape = config.shape;
        Self {
            tokens: nn::Embedding { weight: initial::vectors(config, vocab_size, device) },
            positions: (shape == Shape::Bert).then(|| LearnedPositions::new(config, device)),
            norm: (shape != Shape::Vaswani).then(|| initial::layer_norm(config, device)),
            dropout: DropoutConfig::new(config.dropout).init(),
            shape,
        }
    }

    /// That of the base shape, for a body that has no shape.
    pub(crate) fn of_tokens(
        d_model: usize,
        dropout: f64,
        vocab_size: usize,
        device: &Device,
    ) -> Self {
        let small = Distribution::Normal(0.0, initial::SMALL);
        let weight = initial::random([vocab_size, d_model], small, device);
        Self {
            tokens: nn::Embedding { weight },
            positions: None,
            norm: Some(initial::norm(d_model, false, device)),
            dropout: DropoutConfig::new(dropout).init(),
            shape: Shape::Base,
        }
    }

    /// # Shapes
    ///
    /// - `tokens`: `[batch, seq]`
    /// - result: `[batch, seq, d_model]`
    pub fn forward(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        let x = self.tokens.forward(tokens); // [batch, seq, d_model]
        let [_, seq, d_model] = x.dims();

        let x = match self.shape {
            Shape::Vaswani => {
                let positions = sinusoid(seq, d_model, (&x.device(), x.dtype()));
                x * (d_model as f64).sqrt() + positions.unsqueeze()
            }
            Shape::Base | Shape::Bert => x,
        };
        let x = match &self.positions {
            Some(positions) => x + positions.forward(seq).unsqueeze(),
            None => x,
        };
        let x = match &self.norm {
            Some(norm) => layer_norm(norm, x),
            None => x,
        };
        self.dropout.forward(x)
    }
}

#[cfg(test)]
mod tests;
