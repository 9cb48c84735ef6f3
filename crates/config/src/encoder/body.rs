//! The two bodies that can read a text for the pointer: a Transformer encoder, or the recurrent
//! network that it is measured against.
//!
//! In a config file both stand in the section `[encoder]`, and `shape` says which one it is:
//! `"lstm"` is the recurrent one, every other word a [`Shape`]. Each has keys that
//! the other has not; those are refused, and none of its own has a default.

use serde::{Deserialize, Serialize, de::Error};

use super::{ConfigError, EncoderConfig, Shape, check};

/// Sizes of what reads the text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum BodyConfig {
    /// Attention, block after block.
    Transformer(EncoderConfig),
    /// An LSTM in both directions, layer after layer.
    Recurrent(RecurrentConfig),
}

/// Sizes of one recurrent network.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "shape", rename = "lstm")]
pub struct RecurrentConfig {
    /// Width of the embedding and of the vectors that the pointer reads.
    pub d_model: usize,
    /// Width of the state of one direction.
    pub d_hidden: usize,
    /// Number of layers, each of two directions.
    pub n_layers: usize,
    /// The longest text, in tokens.
    pub max_seq: usize,
    /// Probability of dropping a value on its way from layer to layer, in `0.0..1.0`.
    pub dropout: f64,
}

impl BodyConfig {
    /// The word that stands for the body in a config file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Transformer(config) => config.shape.name(),
            Self::Recurrent(_) => "lstm",
        }
    }

    /// Whether there are attention weights to look at.
    pub fn has_attention(&self) -> bool {
        matches!(self, Self::Transformer(_))
    }

    /// Width of the vectors that the pointer reads.
    pub fn d_model(&self) -> usize {
        match self {
            Self::Transformer(config) => config.d_model,
            Self::Recurrent(config) => config.d_model,
        }
    }

    /// The longest text, in tokens.
    pub fn max_seq(&self) -> usize {
        match self {
            Self::Transformer(config) => config.max_seq,
            Self::Recurrent(config) => config.max_seq,
        }
    }

    /// Checks what the types of the fields cannot say.
    pub fn validate(&self) -> Result<(), ConfigError> {
        match self {
            Self::Transformer(config) => config.validate(),
            Self::Recurrent(config) => config.validate(),
        }
    }
}

impl RecurrentConfig {
    /// Checks what the types of the fields cannot say; the bounds are those of an encoder.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let Self { d_model, d_hidden, n_layers, max_seq, dropout } = *self;
        check("encoder.d_model", d_model, (1..=16_384).contains(&d_model), "1 to 16384")?;
        check("encoder.d_hidden", d_hidden, (1..=16_384).contains(&d_hidden), "1 to 16384")?;
        check("encoder.n_layers", n_layers, (1..=1_024).contains(&n_layers), "1 to 1024")?;
        check("encoder.max_seq", max_seq, (1..=131_072).contains(&max_seq), "1 to 131072")?;
        let keeps_some = (0.0..1.0).contains(&dropout);
        check("encoder.dropout", dropout, keeps_some, "at least 0 and less than 1")
    }
}

/// Every key that a body can have. Read first, so that a misspelled one is found where it stands;
/// which of them a body has is decided after that.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    shape: Word,
    d_model: usize,
    d_hidden: Option<usize>,
    n_heads: Option<usize>,
    n_layers: usize,
    d_ff: Option<usize>,
    max_seq: usize,
    dropout: f64,
    rotary_theta: Option<f64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Base,
    Vaswani,
    Bert,
    Lstm,
}

impl<'de> Deserialize<'de> for BodyConfig {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let keys = Keys::deserialize(deserializer)?;
        let body = match keys.shape {
            Word::Base => keys.transformer(Shape::Base).map(Self::Transformer),
            Word::Vaswani => keys.transformer(Shape::Vaswani).map(Self::Transformer),
            Word::Bert => keys.transformer(Shape::Bert).map(Self::Transformer),
            Word::Lstm => keys.recurrent().map(Self::Recurrent),
        };
        body.map_err(Error::custom)
    }
}

impl Keys {
    fn transformer(self, shape: Shape) -> Result<EncoderConfig, String> {
        let Self { shape: _, d_model, d_hidden, n_heads, n_layers, d_ff, max_seq, dropout, .. } =
            self;
        absent("d_hidden", d_hidden.is_some(), shape.name())?;
        Ok(EncoderConfig {
            shape,
            d_model,
            n_heads: present("n_heads", n_heads, shape.name())?,
            n_layers,
            d_ff: present("d_ff", d_ff, shape.name())?,
            max_seq,
            dropout,
            rotary_theta: self.rotary_theta,
        })
    }

    fn recurrent(self) -> Result<RecurrentConfig, String> {
        let Self { shape: _, d_model, d_hidden, n_heads, n_layers, d_ff, .. } = self;
        absent("n_heads", n_heads.is_some(), "lstm")?;
        absent("d_ff", d_ff.is_some(), "lstm")?;
        absent("rotary_theta", self.rotary_theta.is_some(), "lstm")?;
        let d_hidden = present("d_hidden", d_hidden, "lstm")?;
        let Self { max_seq, dropout, .. } = self;
        Ok(RecurrentConfig { d_model, d_hidden, n_layers, max_seq, dropout })
    }
}

/// In the words of serde, and which body wants the key.
fn present<T>(key: &str, value: Option<T>, shape: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("missing field `{key}` of encoder.shape = \"{shape}\""))
}

fn absent(key: &str, is_there: bool, shape: &str) -> Result<(), String> {
    if is_there {
        return Err(format!("unknown field `{key}`: encoder.shape = \"{shape}\" has no such key"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
