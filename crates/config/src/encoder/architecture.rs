//! How an encoder is put together: the ideas that one word in the config, its [`Shape`], stands
//! for. This is the only file that says which shape has which; each layer asks for its own idea.
//!
//! | shape | norm | positions | activation | biases | initial weights |
//! |---|---|---|---|---|---|
//! | `base` | before each sub-layer | rotary | GeGLU | no | normal |
//! | `vaswani` | after each sub-layer | sinusoidal | ReLU | yes | Glorot, uniform |
//! | `bert` | after each sub-layer | learned | GELU | yes | normal |
//!
//! A shape is chosen whole, so what can be built is what somebody has published.

use super::{ConfigError, Shape};

/// One choice for each idea.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Architecture {
    /// Where the layer norms of a block stand.
    pub norm: NormPosition,
    /// How the order of the tokens enters.
    pub positions: Positions,
    /// The nonlinearity of the feed-forward network.
    pub activation: Activation,
    /// Whether projections and layer norms add a learned bias.
    pub biases: bool,
    /// The distribution that the weights of a projection are drawn from.
    pub weight_init: WeightInit,
}

/// Where the layer norm of a sub-layer stands, see [`encoder::block`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NormPosition {
    /// Pre-norm, `x + f(LN(x))`: the residual stream runs through without a norm, so one more
    /// follows the last block.
    Before,
    /// Post-norm, `LN(x + f(x))`.
    After,
}

/// How the order of the tokens enters, see [`encoder::positions`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Positions {
    /// Queries and keys are rotated by angles that grow with the position.
    Rotary {
        /// The larger, the slower the slowest rotation. Greater than 1.
        theta: f64,
    },
    /// A fixed vector of sines and cosines is added to the embedding.
    Sinusoidal,
    /// A vector that is learned for each position is added to the embedding.
    Learned,
}

/// The nonlinearity of the feed-forward network, see [`encoder::feed_forward`].
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
    /// The ideas that the shape stands for.
    ///
    /// # Errors
    ///
    /// If `rotary_theta` is missing where positions are rotary, or there where they are not.
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
    /// Whether the embedding ends in a layer norm. With sinusoidal positions it is scaled to their
    /// size instead.
    pub fn has_embedding_norm(&self) -> bool {
        match self.positions {
            Positions::Rotary { .. } | Positions::Learned => true,
            Positions::Sinusoidal => false,
        }
    }
}

impl Activation {
    /// How many projections the first matrix of the feed-forward network holds side by side: two
    /// where one of them is a gate.
    pub fn n_parts(self) -> usize {
        match self {
            Self::GeGlu => 2,
            Self::Relu | Self::Gelu => 1,
        }
    }
}
