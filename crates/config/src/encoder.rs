//! The config of an encoder: its sizes, and its architecture as one word.
//!
//! The size of the vocabulary is not part of it, since the tokenizer decides it. The recurrent
//! network that the encoder is compared with has its own config, see [`body`].

pub mod architecture;
pub mod body;
pub mod size;

use architecture::{Architecture, Positions};
use serde::{Deserialize, Serialize};

/// The published encoder whose architecture is used; [`architecture`] lists the differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// ModernBERT (Warner et al. 2024, <https://arxiv.org/abs/2412.13663>), every layer global.
    Base,
    /// The encoder half of Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>.
    Vaswani,
    /// BERT (Devlin et al. 2018, <https://arxiv.org/abs/1810.04805>).
    Bert,
}

impl Shape {
    /// The name of the shape in a config file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Vaswani => "vaswani",
            Self::Bert => "bert",
        }
    }
}

/// Sizes and shape of an encoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderConfig {
    /// The architecture.
    pub shape: Shape,
    /// Width of the residual stream.
    pub d_model: usize,
    /// Attention heads of a block. Divides `d_model`.
    pub n_heads: usize,
    /// Number of blocks.
    pub n_layers: usize,
    /// Width of the hidden layer of the feed-forward network.
    pub d_ff: usize,
    /// Length of the longest text that can be read, in tokens.
    pub max_seq: usize,
    /// Probability of dropping a value while training, in `0.0..1.0`; one for all layers.
    pub dropout: f64,
    /// Base θ of the rotary position embeddings, greater than 1: the larger, the slower the slowest
    /// rotation. Required by the base shape and refused by the others, which have no rotary
    /// positions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotary_theta: Option<f64>,
}

/// A value of the right type that no encoder can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value}, expected {expected}")]
pub struct ConfigError {
    /// The key, as `encoder.d_model`.
    pub field: &'static str,
    /// The value that was found, as text.
    pub value: String,
    /// Which values are valid, as text.
    pub expected: &'static str,
}

impl EncoderConfig {
    /// Width of one head.
    pub fn d_head(&self) -> usize {
        self.d_model / self.n_heads
    }

    /// The architectural choices that the shape stands for.
    ///
    /// # Panics
    ///
    /// If the config does not pass [`EncoderConfig::validate`].
    pub fn architecture(&self) -> Architecture {
        let architecture = self.shape.architecture(self.rotary_theta);
        architecture.expect("the config was validated when it was loaded")
    }

    /// Checks the range of each value.
    ///
    /// The upper bounds are beyond any encoder that was ever trained, and within them the size of a
    /// single parameter cannot overflow. The model as a whole can still be too large for any
    /// machine, which [`size`] checks.
    ///
    /// # Errors
    ///
    /// The first key whose value no encoder can have.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let Self { shape, d_model, n_heads, n_layers, d_ff, max_seq, dropout, rotary_theta } =
            *self;
        check("encoder.d_model", d_model, (1..=16_384).contains(&d_model), "1 to 16384")?;
        let divides = n_heads > 0 && d_model.is_multiple_of(n_heads);
        check("encoder.n_heads", n_heads, divides, "a divisor of encoder.d_model")?;
        check("encoder.n_layers", n_layers, (1..=1_024).contains(&n_layers), "1 to 1024")?;
        let n_all_heads = n_heads.saturating_mul(n_layers);
        let expected = "at most 16384 in all layers together";
        check("encoder.n_heads", n_heads, n_all_heads <= size::MAX_HEADS, expected)?;
        check("encoder.d_ff", d_ff, (1..=65_536).contains(&d_ff), "1 to 65536")?;
        check("encoder.max_seq", max_seq, (1..=131_072).contains(&max_seq), "1 to 131072")?;
        let keeps_some = (0.0..1.0).contains(&dropout);
        check("encoder.dropout", dropout, keeps_some, "at least 0 and less than 1")?;
        self.validate_positions(shape.architecture(rotary_theta)?.positions)
    }

    fn validate_positions(&self, positions: Positions) -> Result<(), ConfigError> {
        match positions {
            Positions::Rotary { theta } => {
                let is_valid = theta.is_finite() && theta > 1.0;
                check("encoder.rotary_theta", theta, is_valid, "a number greater than 1")?;
                let d_head = self.d_head();
                let expected = "an even number: rotary positions turn pairs";
                let is_even = d_head.is_multiple_of(2);
                check("encoder.d_model / encoder.n_heads", d_head, is_even, expected)
            }
            Positions::Sinusoidal => {
                let is_even = self.d_model.is_multiple_of(2);
                let expected = "an even number: sinusoidal positions are pairs of sine and cosine";
                check("encoder.d_model", self.d_model, is_even, expected)
            }
            Positions::Learned => Ok(()),
        }
    }
}

fn check(
    field: &'static str,
    value: impl ToString,
    is_valid: bool,
    expected: &'static str,
) -> Result<(), ConfigError> {
    if is_valid { Ok(()) } else { Err(ConfigError { field, value: value.to_string(), expected }) }
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
