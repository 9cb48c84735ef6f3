//! The architectural choices that the [`Shape`] in a config stands for.
//!
//! This is the only place that maps a shape to its choices: each layer of the encoder is given its
//! own choice and knows nothing of shapes.
//!
//! | shape | norm | positions | activation | biases | initial weights |
//! |---|---|---|---|---|---|
//! | `base` | before each sub-layer | rotary | GeGLU | no | normal |
//! | `vaswani` | after each sub-layer | sinusoidal | ReLU | yes | Glorot, uniform |
//! | `bert` | after each sub-layer | learned | GELU | yes | normal |
//!
//! Only these three published combinations can be chosen.

use super::{ConfigError, Shape};

/// The choices that make up an architecture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Architecture {
    /// Position of the layer norms in a block.
    pub norm: NormPosition,
    /// How positions are encoded.
    pub positions: Positions,
    /// The nonlinearity of the feed-forward network.
    pub activation: Activation,
    /// Whether projections and layer norms add a learned bias.
    pub biases: bool,
    /// The distribution that the weights of a projection are drawn from.
    pub weight_init: WeightInit,
}

/// Position of the layer norm of a sub-layer, see `encoder::block`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NormPosition {
    /// Pre-norm, `x + f(LN(x))`: the residual stream itself is not normalised, so a final norm
    /// follows the last block.
    Before,
    /// Post-norm, `LN(x + f(x))`.
    After,
}

/// How positions are encoded, see `encoder::positions`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Positions {
    /// Queries and keys are rotated by angles that grow with the position.
    Rotary {
        /// Base of the angles, greater than 1: the larger, the slower the slowest rotation.
        theta: f64,
    },
    /// A fixed vector of sines and cosines is added to the embedding.
    Sinusoidal,
    /// A learned vector for each position is added to the embedding.
    Learned,
}

/// The nonlinearity of the feed-forward network, see `encoder::feed_forward`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// `gelu(a) ⊙ g`, where one half of the hidden layer gates the other.
    GeGlu,
    /// `max(h, 0)`
    Relu,
    /// `h Φ(h)`
    Gelu,
}

/// The distribution of a projection's untrained weights, see the file `initial.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightInit {
    /// A normal distribution whose variance depends on the width of the input.
    Normal,
    /// A uniform distribution whose bounds depend on the widths of input and output (Glorot).
    GlorotUniform,
}

impl Shape {
    /// The choices that the shape stands for.
    ///
    /// # Errors
    ///
    /// If `rotary_theta` is missing although positions are rotary, or given although they are not.
    pub(super) fn architecture(
        self,
        rotary_theta: Option<f64>,
    ) -> Result<Architecture, ConfigError> {
        let no_theta = || match rotary_theta {
            None => Ok(()),
            Some(theta) => Err(ConfigError {
                field: "encoder.rotary_theta",
                value: theta.to_string(),
                expected: "no such key: only encoder.shape = \"base\" turns by it",
            }),
        };
        match self {
            Self::Base => Ok(Architecture {
                norm: NormPosition::Before,
                positions: Positions::Rotary {
                    theta: rotary_theta.ok_or_else(|| ConfigError {
                        field: "encoder.rotary_theta",
                        value: "missing".to_owned(),
                        expected: "a number greater than 1",
                    })?,
                },
                activation: Activation::GeGlu,
                biases: false,
                weight_init: WeightInit::Normal,
            }),
            Self::Vaswani => no_theta().map(|()| Architecture {
                norm: NormPosition::After,
                positions: Positions::Sinusoidal,
                activation: Activation::Relu,
                biases: true,
                weight_init: WeightInit::GlorotUniform,
            }),
            Self::Bert => no_theta().map(|()| Architecture {
                norm: NormPosition::After,
                positions: Positions::Learned,
                activation: Activation::Gelu,
                biases: true,
                weight_init: WeightInit::Normal,
            }),
        }
    }
}

impl Architecture {
    /// Whether a layer norm follows the embedding. With sinusoidal positions the embedding is
    /// scaled to their size instead.
    pub fn has_embedding_norm(&self) -> bool {
        match self.positions {
            Positions::Rotary { .. } | Positions::Learned => true,
            Positions::Sinusoidal => false,
        }
    }
}

impl Activation {
    /// Number of projections that the first matrix of the feed-forward network holds side by side:
    /// two if one of them is a gate, otherwise one.
    pub fn n_parts(self) -> usize {
        match self {
            Self::GeGlu => 2,
            Self::Relu | Self::Gelu => 1,
        }
    }
}
