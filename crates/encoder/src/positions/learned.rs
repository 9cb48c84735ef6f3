//! Learned positions: one vector for each position, found by training like the embedding.
//!
//! ```text
//! P(p) = row p of a learned table
//! ```
//!
//! Reference: Devlin et al. 2018, <https://arxiv.org/abs/1810.04805>, §3. A position that no
//! training text reached has learned nothing.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use crate::initial;
use config::encoder::EncoderConfig;

/// A vector for each position up to the longest text.
#[derive(Module, Debug)]
pub struct LearnedPositions {
    /// `[max_seq, d_model]`
    pub(crate) table: Param<Tensor<2>>,
}

impl LearnedPositions {
    /// Room for `config.max_seq` positions.
    pub fn new(config: &EncoderConfig, device: &Device) -> Self {
        Self { table: initial::vectors(config, config.max_seq, device) }
    }

    /// The vectors of the positions from 0: `[seq, d_model]`.
    pub fn forward(&self, seq: usize) -> Tensor<2> {
        self.table.val().narrow(0, 0, seq)
    }
}

#[cfg(test)]
mod tests;
