//! Learned positions: one vector for each position, trained like the embedding.
//!
//! ```text
//! P(p) = row p of a learned table
//! ```
//!
//! Reference: Devlin et al. 2018, <https://arxiv.org/abs/1810.04805>, §3. The vector of a
//! position that no training text reached stays as it was initialised.

use burn::{
    module::{Module, Param},
    tensor::{Distribution, Tensor},
};

use crate::initial::{Initialiser, SMALL_STD};
use config::encoder::EncoderConfig;

/// A vector for each position of the longest text.
#[derive(Module, Debug)]
pub struct LearnedPositions {
    /// `[max_seq, d_model]`
    pub(crate) table: Param<Tensor<2>>,
}

impl LearnedPositions {
    /// Untrained vectors for `config.max_seq` positions.
    pub fn new(config: &EncoderConfig, init: &mut Initialiser<'_>) -> Self {
        let distribution = Distribution::Normal(0.0, SMALL_STD);
        Self { table: init.random([config.max_seq, config.d_model], distribution) }
    }

    /// The vectors of the positions from 0: `[seq, d_model]`.
    pub fn forward(&self, seq: usize) -> Tensor<2> {
        self.table.val().narrow(0, 0, seq)
    }
}

#[cfg(test)]
mod tests;
