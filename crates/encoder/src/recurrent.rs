//! The recurrent network that attention is measured against: a long short-term memory that reads
//! the text from both ends.
//!
//! ```text
//! x₀              = LN(E[token])                       the embedding of the base shape
//! [i | f | o | g] = W x_t + U h_(t-1) + b              three gates, and a candidate
//! c_t             = σ(f) ⊙ c_(t-1) + σ(i) ⊙ tanh(g)    the memory
//! h_t             = σ(o) ⊙ tanh(c_t)                   what it shows
//! layer(x)_t      = [h_t | h'_t]                       h' runs from the last token to the first
//! hidden          = LN(W_out layer_n(… layer_1(x₀)))
//! ```
//!
//! Reference: Hochreiter & Schmidhuber 1997, <https://doi.org/10.1162/neco.1997.9.8.1735>, with the
//! forget gate f of Gers et al. 2000, <https://doi.org/10.1162/089976600300015015>; Schuster &
//! Paliwal 1997, <https://doi.org/10.1109/78.650093>, for the two directions. Dropout lies between
//! the layers and not in the recurrence: Zaremba et al. 2014, <https://arxiv.org/abs/1409.2329>.
//!
//! There is no attention here: what the pronoun knows of a word has come through every state
//! between the two. A step waits for the one before it, so only what does not depend on the state,
//! W x + b of all steps, is one matrix product.

use burn::{
    module::{Module, Param},
    nn::{Dropout, DropoutConfig, LayerNorm, Linear},
    tensor::{Bool, Device, Int, Tensor, TensorCreationOptions, activation::sigmoid, assert_shape},
};
use kernels::burn_ops::in_pool;

use crate::{attention::MASKED_SCORE, embedding::Embedding, fused::layer_norm, initial};
use config::encoder::body::RecurrentConfig;

/// From the first token to the last, and back.
const DIRECTIONS: usize = 2;

/// Input, forget and output gate, and the candidate for the memory.
const GATES: usize = 4;

/// Embedding, layers of two directions each, and a projection to the width of the embedding.
#[derive(Module, Debug)]
pub struct Recurrent {
    pub(crate) embedding: Embedding,
    pub(crate) layers: Vec<BiLstm>,
    dropout: Dropout,
    pub(crate) output: Linear,
    pub(crate) final_norm: LayerNorm,
    #[module(skip)]
    max_seq: usize,
}

/// One layer: an LSTM for each direction, computed side by side.
#[derive(Module, Debug)]
pub struct BiLstm {
    /// W: `[direction, d_input, i f o g]`
    pub(crate) input: Param<Tensor<3>>,
    /// U: `[direction, d_hidden, i f o g]`
    pub(crate) recurrent: Param<Tensor<3>>,
    /// b: `[direction, 1, i f o g]`
    pub(crate) bias: Param<Tensor<3>>,
}

impl Recurrent {
    /// An untrained network for `vocab_size` tokens.
    ///
    /// # Panics
    ///
    /// If `config` does not pass [`RecurrentConfig::validate`].
    pub fn new(config: &RecurrentConfig, vocab_size: usize, device: &Device) -> Self {
        config.validate().expect("the config was validated when it was loaded");
        let RecurrentConfig { d_model, d_hidden, n_layers, max_seq, dropout } = *config;
        let both = DIRECTIONS * d_hidden;
        let d_input = |layer| if layer == 0 { d_model } else { both };
        Self {
            embedding: Embedding::of_tokens(d_model, dropout, vocab_size, device),
            layers: (0..n_layers).map(|i| BiLstm::new(d_input(i), d_hidden, device)).collect(),
            dropout: DropoutConfig::new(dropout).init(),
            output: Linear {
                weight: initial::random([both, d_model], initial::fan_in(both), device),
                bias: None,
            },
            final_norm: initial::norm(d_model, false, device),
            max_seq,
        }
    }

    /// What is known of each token at the end.
    ///
    /// # Shapes
    ///
    /// - `tokens`: `[batch, seq]`
    /// - `key_padding_mask`: `[batch, seq]`, `true` where the position is padding
    /// - result: `[batch, seq, d_model]`; that of padding means nothing
    ///
    /// # Panics
    ///
    /// If `seq` is greater than the config's `max_seq`.
    pub fn forward(&self, tokens: Tensor<2, Int>, key_padding_mask: Tensor<2, Bool>) -> Tensor<3> {
        let [batch, seq] = tokens.dims();
        assert_shape!(key_padding_mask, [batch, seq]);
        let max_seq = self.max_seq;
        assert!(seq <= max_seq, "a text of {seq} tokens, expected at most max_seq = {max_seq}");

        let device = tokens.device();
        in_pool(&device, || self.read(tokens, key_padding_mask))
    }

    fn read(&self, tokens: Tensor<2, Int>, key_padding_mask: Tensor<2, Bool>) -> Tensor<3> {
        let mut x = self.embedding.forward(tokens).swap_dims(0, 1); // [seq, batch, d_model]
        let padding = key_padding_mask.transpose(); // [seq, batch]
        for layer in &self.layers {
            x = self.dropout.forward(layer.forward(x, padding.clone()));
        }
        layer_norm(&self.final_norm, self.output.forward(x.swap_dims(0, 1)))
    }
}

impl BiLstm {
    /// A layer that remembers: its forget gates start nearly open (Jozefowicz et al. 2015,
    /// <https://proceedings.mlr.press/v37/jozefowicz15.html>).
    pub fn new(d_input: usize, d_hidden: usize, device: &Device) -> Self {
        let matrix =
            |n| initial::random([DIRECTIONS, n, GATES * d_hidden], initial::fan_in(n), device);
        let bias = for_gates([0.0, 1.0, 0.0, 0.0], d_hidden, device);
        Self {
            input: matrix(d_input),
            recurrent: matrix(d_hidden),
            bias: Param::from_tensor(bias.repeat_dim(0, DIRECTIONS)),
        }
    }

    /// # Shapes
    ///
    /// - `x`: `[seq, batch, d_input]`
    /// - `padding`: `[seq, batch]`, `true` where there is nothing, which is behind each text
    /// - result: `[seq, batch, 2 · d_hidden]`
    pub fn forward(&self, x: Tensor<3>, padding: Tensor<2, Bool>) -> Tensor<3> {
        let [seq, batch, _] = x.dims();
        assert_shape!(padding, [seq, batch]);

        let offered = self.offered(x, padding); // [direction, seq, batch, i f o g]
        let forth = steps(offered.clone().narrow(0, 0, 1));
        let back = steps(offered.narrow(0, 1, 1)).into_iter().rev();

        let recurrent = with_double_g(self.recurrent.val());
        let mut state = State::empty(batch, &recurrent);
        let mut shown = Vec::with_capacity(seq);
        for (forth, back) in forth.into_iter().zip(back) {
            let offered = Tensor::cat(vec![forth, back], 0).squeeze_dim(1); // [direction, batch, i f o g]
            state = state.next(offered, recurrent.clone());
            shown.push(state.hidden.clone().unsqueeze_dim::<4>(1)); // [direction, 1, batch, d_hidden]
        }
        let forth = Tensor::cat(shown.clone(), 1).narrow(0, 0, 1); // [1, seq, batch, d_hidden]
        shown.reverse();
        let back = Tensor::cat(shown, 1).narrow(0, 1, 1); // [1, seq, batch, d_hidden]
        Tensor::cat(vec![forth, back], 3).squeeze_dim(0)
    }

    /// `W x + b` of all steps, with the input gate shut on padding: the memory stays as empty as it
    /// began until the direction that comes from behind has reached the last token.
    ///
    /// # Shapes
    ///
    /// - `x`: `[seq, batch, d_input]`
    /// - `padding`: `[seq, batch]`
    /// - result: `[direction, seq, batch, i f o g]`
    fn offered(&self, x: Tensor<3>, padding: Tensor<2, Bool>) -> Tensor<4> {
        let [seq, batch, d_input] = x.dims();
        let [_, _, width] = self.input.dims();
        let options = (&x.device(), x.dtype());
        let is_padding = padding.float().cast(x.dtype()).reshape([1, seq * batch, 1]);
        let shut = is_padding * for_gates([MASKED_SCORE, 0.0, 0.0, 0.0], width / GATES, options);

        let x = x.reshape([1, seq * batch, d_input]);
        let offered = x.matmul(with_double_g(self.input.val()));
        let offered = offered + (with_double_g(self.bias.val()) + shut); // [direction, seq · batch, i f o g]
        offered.reshape([DIRECTIONS, seq, batch, width])
    }
}

/// What one step hands to the next, for both directions: `[direction, batch, d_hidden]`
struct State {
    /// c
    memory: Tensor<3>,
    /// h
    hidden: Tensor<3>,
}

impl State {
    /// Before the first step.
    fn empty(batch: usize, recurrent: &Tensor<3>) -> Self {
        let [_, d_hidden, _] = recurrent.dims();
        let options = (&recurrent.device(), recurrent.dtype());
        let zeros = Tensor::zeros([DIRECTIONS, batch, d_hidden], options);
        Self { memory: zeros.clone(), hidden: zeros }
    }

    /// One step, with `g` doubled already: `tanh(g) = 2 σ(2g) - 1`. Burn keeps the result of σ for the
    /// backward pass, and would compute that of tanh twice.
    ///
    /// # Shapes
    ///
    /// - `offered`: `[direction, batch, i f o g]`
    /// - `recurrent`: `[direction, d_hidden, i f o g]`
    fn next(self, offered: Tensor<3>, recurrent: Tensor<3>) -> Self {
        let [_, d_hidden, _] = recurrent.dims();
        let gates = sigmoid(offered + self.hidden.matmul(recurrent)); // [direction, batch, i f o g]
        let [input, forget, output, candidate] =
            std::array::from_fn(|gate| gates.clone().narrow(2, gate * d_hidden, d_hidden));
        let admitted = input.clone() * candidate * 2.0 - input; // σ(i) ⊙ tanh(g)
        let memory = forget * self.memory + admitted;
        let hidden = output * (sigmoid(memory.clone() * 2.0) * 2.0 - 1.0);
        Self { memory, hidden }
    }
}

/// The same with the columns of `g` doubled, see [`State::next`].
fn with_double_g(parameter: Tensor<3>) -> Tensor<3> {
    let [_, _, width] = parameter.dims();
    let options = (&parameter.device(), parameter.dtype());
    parameter * for_gates([1.0, 1.0, 1.0, 2.0], width / GATES, options)
}

/// One number for each of `i f o g`: `[1, 1, i f o g]`
fn for_gates(
    numbers: [f64; GATES],
    d_hidden: usize,
    options: impl Into<TensorCreationOptions>,
) -> Tensor<3> {
    let options = options.into();
    let columns = numbers.map(|number| Tensor::full([1, 1, d_hidden], number, options.clone()));
    Tensor::cat(columns.to_vec(), 2)
}

/// The steps of `x`, by halves of halves: the backward pass of a part fills a tensor as large as
/// the whole, so that parts of a single step, cut from all of them, would take time that grows with
/// the square of their number.
///
/// # Shapes
///
/// - `x`: `[direction, seq, batch, i f o g]`
/// - each result: `[direction, 1, batch, i f o g]`
fn steps(x: Tensor<4>) -> Vec<Tensor<4>> {
    let [_, seq, ..] = x.dims();
    if seq == 1 {
        return vec![x];
    }
    let half = seq / 2;
    let mut first = steps(x.clone().narrow(1, 0, half));
    first.extend(steps(x.narrow(1, half, seq - half)));
    first
}

#[cfg(test)]
mod tests;
