//! Embedding: each token number becomes a vector, the start of the residual stream.
//!
//! ```text
//! rotary positions       x₀ = LN(E[token])
//! sinusoidal positions   x₀ = √d_model · E[token] + PE(position)
//! learned positions      x₀ = LN(E[token] + P(position))
//! ```
//!
//! In training, dropout follows in each. Untrained, E ~ N(0, 0.02²), and N(0, 1/d_model) with sinusoidal
//! positions, which makes `√d_model · E[token]` as large as they are.
//!
//! Reference: Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>, §3.4 and §3.5; Devlin et al.
//! 2018, <https://arxiv.org/abs/1810.04805>, §3. BERT's segment embedding is absent: our texts have
//! one segment.

use burn::{
    module::Module,
    nn::{self, LayerNorm},
    tensor::{Distribution, Int, Tensor},
};
use kernels::dropout::Dropout;

use crate::{
    dropout::{self, Site},
    fused::layer_norm,
    hidden_vectors::select_rows,
    initial::{Initialiser, SMALL_STD},
    positions::{learned::LearnedPositions, sinusoidal::sinusoid},
};
use config::encoder::{EncoderConfig, architecture::Positions};

/// Token embedding with positions and norm.
#[derive(Module, Debug)]
pub struct Embedding {
    pub(crate) tokens: nn::Embedding,
    /// Where positions are learned.
    pub(crate) positions: Option<LearnedPositions>,
    /// Absent where positions are sinusoidal.
    pub(crate) norm: Option<LayerNorm>,
    has_sinusoid: bool,
}

impl Embedding {
    /// Vectors for `vocab_size` tokens.
    pub fn new(config: &EncoderConfig, vocab_size: usize, init: &mut Initialiser<'_>) -> Self {
        let architecture = config.architecture();
        let d_model = config.d_model;
        let std = match architecture.positions {
            Positions::Sinusoidal => (d_model as f64).sqrt().recip(),
            Positions::Rotary { .. } | Positions::Learned => SMALL_STD,
        };
        let has_positions = architecture.positions == Positions::Learned;
        let has_norm = architecture.has_embedding_norm();
        Self {
            tokens: table([vocab_size, d_model], std, init),
            positions: has_positions.then(|| LearnedPositions::new(config, init)),
            norm: has_norm.then(|| init.layer_norm(config)),
            has_sinusoid: architecture.positions == Positions::Sinusoidal,
        }
    }

    /// An embedding without positions, for a network that reads the tokens in their order.
    pub(crate) fn without_positions(
        d_model: usize,
        vocab_size: usize,
        init: &mut Initialiser<'_>,
    ) -> Self {
        Self {
            tokens: table([vocab_size, d_model], SMALL_STD, init),
            positions: None,
            norm: Some(init.norm(d_model, false)),
            has_sinusoid: false,
        }
    }

    /// The result has the dtype of the table, and with it all activations that are computed from it.
    /// With `dropout`, some of it is dropped.
    ///
    /// # Shapes
    ///
    /// - `tokens`: `[batch, seq]`
    /// - result: `[batch, seq, d_model]`
    pub fn forward(&self, tokens: Tensor<2, Int>, dropout: Option<Dropout>) -> Tensor<3> {
        let [batch, seq] = tokens.dims();
        let table = self.tokens.weight.val();
        let [_, d_model] = table.dims();
        let x = select_rows(table, tokens.reshape([batch * seq])).reshape([batch, seq, d_model]);

        let x = if self.has_sinusoid { x * (d_model as f64).sqrt() } else { x };
        let x = match self.position_vectors(seq) {
            Some(positions) => x + positions.unsqueeze(),
            None => x,
        };
        let x = match &self.norm {
            Some(norm) => layer_norm(norm, x),
            None => x,
        };
        dropout::apply(x, dropout, Site::Embedding)
    }

    /// What is added to the embedding for the positions from 0, in the dtype of the table:
    /// `[seq, d_model]`. `None` where nothing is: rotary positions rotate queries and keys instead.
    pub(crate) fn position_vectors(&self, seq: usize) -> Option<Tensor<2>> {
        let table = self.tokens.weight.val();
        let [_, d_model] = table.dims();
        let sinusoid = || sinusoid(seq, d_model, (&table.device(), table.dtype()));
        match &self.positions {
            Some(positions) => Some(positions.forward(seq)),
            None => self.has_sinusoid.then(sinusoid),
        }
    }
}

/// A table of vectors, one for each token: `[vocab_size, d_model]`.
fn table(dims: [usize; 2], std: f64, init: &mut Initialiser<'_>) -> nn::Embedding {
    nn::Embedding { weight: init.random(dims, Distribution::Normal(0.0, std)) }
}

#[cfg(test)]
mod tests;
