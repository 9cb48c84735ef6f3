//! The size of a model, computed from its config before the model is made, since a config can ask
//! for more memory than any machine has.

use super::{
    ConfigError, EncoderConfig,
    body::{BodyConfig, RecurrentConfig},
    check,
};

/// Limit of the number of parameters and entries of position tables of a model: with gradients and
/// AdamW's two moments, 16 GiB in `f32`.
pub const MAX_NUMBERS: usize = 1 << 30;
/// Limit of the number of attention heads in all layers together: a snapshot holds a square matrix
/// for each.
pub const MAX_HEADS: usize = 1 << 14;
/// Limit of the number of activations that a forward pass keeps for its backward pass: 64 GiB.
const MAX_ACTIVATIONS: usize = 1 << 34;
/// Length of a typical text of the grammar, in tokens.
const TYPICAL_TOKENS: usize = 32;

impl BodyConfig {
    /// Checks that a model of these sizes, with `vocab_size` tokens, is not larger than
    /// [`MAX_NUMBERS`].
    ///
    /// # Errors
    ///
    /// If it is larger.
    ///
    /// # Panics
    ///
    /// If the config does not pass [`BodyConfig::validate`].
    pub fn check_size(&self, vocab_size: usize) -> Result<(), ConfigError> {
        let n_numbers = self.n_numbers(vocab_size);
        let found = format!("a model of {n_numbers} numbers");
        let expected = "at most 1073741824: a smaller d_model, d_ff, d_hidden, n_layers or max_seq";
        check("encoder", found, n_numbers <= MAX_NUMBERS, expected)
    }

    /// An upper bound of the number of parameters and entries of position tables, less than twice
    /// the true number.
    ///
    /// # Panics
    ///
    /// If the config does not pass [`BodyConfig::validate`].
    pub fn n_numbers(&self, vocab_size: usize) -> usize {
        let n_body = match self {
            Self::Transformer(config) => config.n_numbers(),
            Self::Recurrent(config) => config.n_numbers(),
        };
        let d_model = self.d_model();
        n_body + vocab_size * d_model + d_model * d_model
    }

    /// The number of texts of typical length whose activations fit the memory of one training step,
    /// at least 1.
    pub fn max_batch_size(&self) -> usize {
        let per_token = match self {
            Self::Transformer(config) => config.n_layers * (8 * config.d_model + 2 * config.d_ff),
            Self::Recurrent(config) => {
                config.n_layers * (2 * config.d_model + 10 * config.d_hidden)
            }
        };
        (MAX_ACTIVATIONS / (per_token * TYPICAL_TOKENS)).max(1)
    }
}

impl EncoderConfig {
    /// An upper bound of the number of parameters of the blocks and entries of the position table.
    fn n_numbers(&self) -> usize {
        let Self { d_model, n_layers, d_ff, max_seq, .. } = *self;
        let n_projections = self.architecture().activation.n_parts() + 1;
        let weights = 4 * d_model * d_model + n_projections * d_model * d_ff;
        let biases_and_norms = 9 * d_model + d_ff;
        n_layers * (weights + biases_and_norms) + max_seq * d_model + 4 * d_model
    }
}

impl RecurrentConfig {
    /// An upper bound of the number of parameters of the LSTM layers and the output projection.
    fn n_numbers(&self) -> usize {
        let Self { d_model, d_hidden, n_layers, .. } = *self;
        // Two directions, four gates, a bias each; a layer reads both directions of the one below.
        let layer = |d_input| 8 * d_hidden * (d_input + d_hidden + 1);
        layer(d_model) + (n_layers - 1) * layer(2 * d_hidden) + (2 * d_hidden + 4) * d_model
    }
}

#[cfg(test)]
mod tests;
