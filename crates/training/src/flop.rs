//! How much a training has computed: the floating-point operations in the matrix products of the blocks,
//! forwards and backwards, and of Muon's iterations.
//!
//! ```text
//! of a token     3 · 2 · weights                    each weight multiplies and adds once forwards, twice backwards
//! of a pair      3 · 4 · d_model · n_layers         a token that may read a token: a score and a sum, in each block
//! of an update   N · (4 s² l + 2 s³) a matrix       s ≤ l: its rows and columns
//! ```
//!
//! What is left out (embedding, heads, norms, losses) is a few hundredths of it, and no other program's count
//! has it either.

use config::{
    encoder::{EncoderConfig, architecture::Activation, body::BodyConfig},
    experiment::ExperimentConfig,
};
use kernels::muon::N_ITERATIONS;
use run::window::Positions;

/// The operations of `n_updates` steps on these positions; `None` for a recurrent body, which has no blocks.
pub fn flop(config: &ExperimentConfig, positions: Positions, n_updates: usize) -> Option<f64> {
    let BodyConfig::Transformer(encoder) = &config.encoder else { return None };
    let matrices = matrices_of_block(encoder);
    let n_layers = encoder.n_layers as f64;
    let weights: f64 = matrices.iter().map(|[rows, columns]| rows * columns).sum();
    let of_token = 6.0 * weights;
    let of_pair = 12.0 * encoder.d_model as f64;
    let of_update = if config.training.muon_learning_rate > 0.0 {
        matrices.into_iter().map(of_muon).sum()
    } else {
        0.0
    };
    let of_tokens = positions.tokens as f64 * of_token + positions.pairs as f64 * of_pair;
    Some(n_layers * (of_tokens + n_updates as f64 * of_update))
}

/// Rows and columns of the matrices of a block.
fn matrices_of_block(config: &EncoderConfig) -> [[f64; 2]; 4] {
    let [d_model, d_ff] = [config.d_model, config.d_ff].map(|width| width as f64);
    let parts = match config.architecture().activation {
        Activation::GeGlu => 2.0,
        Activation::Relu | Activation::Gelu => 1.0,
    };
    [[d_model, 3.0 * d_model], [d_model, d_model], [d_model, parts * d_ff], [d_ff, d_model]]
}

/// The iterations of one matrix.
fn of_muon([rows, columns]: [f64; 2]) -> f64 {
    let (short, long) = (rows.min(columns), rows.max(columns));
    N_ITERATIONS as f64 * short * short * (4.0 * long + 2.0 * short)
}

#[cfg(test)]
mod tests {
    use config::overrides::resolve;

    use super::*;

    const BASE: &str = include_str!("../../../configs/base.toml");
    const BERT: &str = include_str!("../../../configs/bert.toml");
    const LSTM: &str = include_str!("../../../configs/lstm.toml");

    fn config(text: &str, muon_learning_rate: f64) -> ExperimentConfig {
        let mut config = resolve("test", text, &[]).unwrap().config;
        config.training.muon_learning_rate = muon_learning_rate;
        config
    }

    /// Counted by hand: `qkv` 128 × 384, `output` 128 × 128, `hidden` 128 × 512, `output` 256 × 128.
    #[test]
    fn every_product_counts() {
        let weights = 128 * 384 + 128 * 128 + 128 * 512 + 256 * 128;
        let positions = Positions { tokens: 10, computed: 99, pairs: 70 };
        let expected = f64::from(3 * (6 * weights * 10 + 12 * 128 * 70));
        assert_eq!(flop(&config(BASE, 0.0), positions, 7), Some(expected));

        let iteration = |long: i32| 128 * 128 * (4 * long + 2 * 128);
        let update = 4 * (iteration(384) + iteration(128) + iteration(512) + iteration(256));
        let expected = expected + 7.0 * f64::from(3 * update);
        assert_eq!(flop(&config(BASE, 1e-3), positions, 7), Some(expected));
    }

    #[test]
    fn a_feed_forward_network_without_a_gate_has_two_matrices_and_an_lstm_no_blocks() {
        let bert = config(BERT, 0.0);
        let BodyConfig::Transformer(encoder) = &bert.encoder else { panic!("BERT's shape") };
        let EncoderConfig { d_model, d_ff, n_layers, .. } = *encoder;
        let weights = n_layers * (4 * d_model * d_model + 2 * d_model * d_ff);
        let positions = Positions { tokens: 5, ..Positions::default() };
        assert_eq!(flop(&bert, positions, 0), Some((30 * weights) as f64));
        assert_eq!(flop(&config(LSTM, 0.0), positions, 9), None);
    }
}
