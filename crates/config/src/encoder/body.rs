//! The network below the pointer: a Transformer encoder, or the recurrent network that it is
//! compared with.
//!
//! Both are configured in the section `[encoder]`, and `shape` selects one: `"lstm"` is the
//! recurrent network, every other value a [`Shape`] of the encoder. Keys of the other network are
//! refused, and no key has a default.

use serde::{Deserialize, Serialize, de::Error};

use super::{ConfigError, EncoderConfig, Shape, check};

/// The config of the network that turns tokens into vectors.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum BodyConfig {
    /// A Transformer encoder.
    Transformer(EncoderConfig),
    /// A bidirectional LSTM.
    Recurrent(RecurrentConfig),
}

/// The config of a bidirectional LSTM.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "shape", rename = "lstm")]
pub struct RecurrentConfig {
    /// Width of the embedding and of the vectors that the pointer reads.
    pub d_model: usize,
    /// Width of the hidden state of one direction.
    pub d_hidden: usize,
    /// Number of layers, each of two directions.
    pub n_layers: usize,
    /// Length of the longest text that can be read, in tokens.
    pub max_seq: usize,
    /// Probability of dropping a value between two layers while training, in `0.0..1.0`.
    pub dropout: f64,
}

impl BodyConfig {
    /// The value of `encoder.shape` in a config file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Transformer(config) => config.shape.name(),
            Self::Recurrent(_) => "lstm",
        }
    }

    /// Whether the network has attention, and so attention weights that can be shown.
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

    /// Length of the longest text that can be read, in tokens.
    pub fn max_seq(&self) -> usize {
        match self {
            Self::Transformer(config) => config.max_seq,
            Self::Recurrent(config) => config.max_seq,
        }
    }

    /// Checks the range of each value.
    ///
    /// # Errors
    ///
    /// The first key whose value no model can have.
    pub fn validate(&self) -> Result<(), ConfigError> {
        match self {
            Self::Transformer(config) => config.validate(),
            Self::Recurrent(config) => config.validate(),
        }
    }
}

impl RecurrentConfig {
    /// Checks the range of each value; the bounds are those of an encoder.
    ///
    /// # Errors
    ///
    /// The first key whose value no network can have.
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

/// The keys of both networks. A file is deserialised into this struct first, so that serde can name
/// the line of a misspelled key; which keys belong to the selected network is checked afterwards.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    shape: BodyName,
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
enum BodyName {
    Base,
    Vaswani,
    Bert,
    Lstm,
}

impl<'de> Deserialize<'de> for BodyConfig {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let keys = Keys::deserialize(deserializer)?;
        let body = match keys.shape {
            BodyName::Base => keys.transformer(Shape::Base).map(Self::Transformer),
            BodyName::Vaswani => keys.transformer(Shape::Vaswani).map(Self::Transformer),
            BodyName::Bert => keys.transformer(Shape::Bert).map(Self::Transformer),
            BodyName::Lstm => keys.recurrent().map(Self::Recurrent),
        };
        body.map_err(Error::custom)
    }
}

impl Keys {
    fn transformer(self, shape: Shape) -> Result<EncoderConfig, String> {
        let Self {
            shape: _,
            d_model,
            d_hidden,
            n_heads,
            n_layers,
            d_ff,
            max_seq,
            dropout,
            rotary_theta,
        } = self;
        absent("d_hidden", d_hidden.is_some(), shape.name())?;
        let n_heads = present("n_heads", n_heads, shape.name())?;
        let d_ff = present("d_ff", d_ff, shape.name())?;
        Ok(EncoderConfig {
            shape,
            d_model,
            n_heads,
            n_layers,
            d_ff,
            max_seq,
            dropout,
            rotary_theta,
        })
    }

    fn recurrent(self) -> Result<RecurrentConfig, String> {
        let Self {
            shape: _,
            d_model,
            d_hidden,
            n_heads,
            n_layers,
            d_ff,
            max_seq,
            dropout,
            rotary_theta,
        } = self;
        absent("n_heads", n_heads.is_some(), "lstm")?;
        absent("d_ff", d_ff.is_some(), "lstm")?;
        absent("rotary_theta", rotary_theta.is_some(), "lstm")?;
        let d_hidden = present("d_hidden", d_hidden, "lstm")?;
        Ok(RecurrentConfig { d_model, d_hidden, n_layers, max_seq, dropout })
    }
}

/// The value of a key that the selected network needs; the message is worded as serde's.
fn present<T>(key: &str, value: Option<T>, shape: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("missing field `{key}` of encoder.shape = \"{shape}\""))
}

/// Refuses a key that the selected network does not have; the message is worded as serde's.
fn absent(key: &str, is_there: bool, shape: &str) -> Result<(), String> {
    if is_there {
        return Err(format!("unknown field `{key}`: encoder.shape = \"{shape}\" has no such key"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
