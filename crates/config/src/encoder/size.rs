//! How large a model would be, before there is one: a config can ask for more than any machine has.

use super::{ConfigError, check};
use super::{
    EncoderConfig, Shape,
    body::{BodyConfig, RecurrentConfig},
};

/// The most parameters and entries of position tables: with gradients and two moments 16 GiB.
pub const MAX_NUMBERS: usize = 1 << 30;
/// The most attention heads in all layers: snapshots hold a square for each.
pub const MAX_HEADS: usize = 1 << 14;
/// The most numbers of one forward pass that its backward pass needs: 64 GiB.
const MAX_ACTIVATIONS: usize = 1 << 34;
/// As long as the texts of the grammar are.
const TYPICAL_TOKENS: usize = 32;

impl BodyConfig {
    /// Whether a model of these sizes, with a vocabulary of `vocab_size`, fits the largest machine
    /// that this program is for.
    ///
    /// # Errors
    ///
    /// If it has more than [`MAX_NUMBERS`].
    pub fn check_size(&self, vocab_size: usize) -> Result<(), ConfigError> {
        let n_numbers = self.n_numbers(vocab_size);
        let found = format!("a model of {n_numbers} numbers");
        let expected = "at most 1073741824: a smaller d_model, d_ff, d_hidden, n_layers or max_seq";
        check("encoder", found, n_numbers <= MAX_NUMBERS, expected)
    }

    /// At least as many as the model has parameters and entries of position tables, and less than
    /// twice as many.
    pub fn n_numbers(&self, vocab_size: usize) -> usize {
        let n_body = match self {
            Self::Transformer(config) => config.n_numbers(),
            Self::Recurrent(config) => config.n_numbers(),
        };
        let d_model = self.d_model();
        n_body + vocab_size * d_model + d_model * d_model
    }

    /// How many texts of the usual length fit one forward pass, at least 1.
    pub fn max_texts(&self) -> usize {
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
    /// An upper bound of the numbers in blocks and position table.
    fn n_numbers(&self) -> usize {
        let Self { shape, d_model, n_layers, d_ff, max_seq, .. } = *self;
        let n_projections = if shape == Shape::Base { 3 } else { 2 };
        let weights = 4 * d_model * d_model + n_projections * d_model * d_ff;
        let biases_and_norms = 9 * d_model + d_ff;
        n_layers * (weights + biases_and_norms) + max_seq * d_model + 4 * d_model
    }
}

impl RecurrentConfig {
    /// An upper bound of the numbers in layers and output.
    fn n_numbers(&self) -> usize {
        let Self { d_model, d_hidden, n_layers, .. } = *self;
        // Two directions, four gates, a bias each; a layer reads both directions of the one below.
        let layer = |d_input| 8 * d_hidden * (d_input + d_hidden + 1);
        layer(d_model) + (n_layers - 1) * layer(2 * d_hidden) + (2 * d_hidden + 4) * d_model
    }
}

#[cfg(test)]
mod tests;
