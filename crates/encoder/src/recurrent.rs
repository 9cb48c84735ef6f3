//! The recurrent network that attention is measured against: a long short-term memory that reads
//! the text in both directions.
//!
//! ```text
//! x₀              = LN(E[token])
//! [i | f | o | g] = W x_t + U h_(t-1) + b              three gates and the cell candidate
//! c_t             = σ(f) ⊙ c_(t-1) + σ(i) ⊙ tanh(g)    the cell state
//! h_t             = σ(o) ⊙ tanh(c_t)                   the hidden state
//! layer(x)_t      = [h_t | h'_t]                       h' runs from the last token to the first
//! hidden          = LN(W_out layer_n(… layer_1(x₀)))
//! ```
//!
//! Reference: Hochreiter & Schmidhuber 1997, <https://doi.org/10.1162/neco.1997.9.8.1735>, with the
//! forget gate f of Gers et al. 2000, <https://doi.org/10.1162/089976600300015015>; Schuster &
//! Paliwal 1997, <https://doi.org/10.1109/78.650093>, for the two directions. In training, dropout
//! follows the embedding and each layer and is not in the recurrence: Zaremba et al. 2014,
//! <https://arxiv.org/abs/1409.2329>.
//!
//! There is no attention here: what the pronoun's vector knows of a word has come through every state
//! between the two. A step has to wait for the one before it; only W x + b does not depend on the
//! state and is one matrix product for all steps.

use burn::{
    module::{Module, Param},
    nn::LayerNorm,
    tensor::{Bool, Device, Int, Tensor, TensorCreationOptions, activation::sigmoid, assert_shape},
};
use kernels::{burn_ops::in_pool, dropout::Dropout};

use crate::{
    attention::MASKED_SCORE,
    dropout::{self, Site},
    embedding::Embedding,
    fused::layer_norm,
    initial::{Initialiser, by_fan_in},
    projection::{Projection, operand},
};
use config::encoder::body::RecurrentConfig;

/// From the first token to the last, and from the last to the first.
const DIRECTIONS: usize = 2;

/// i, f, o and g: input, forget and output gate, and the cell candidate.
const GATES: usize = 4;

/// Embedding, layers of two directions each, and a projection to the width of the embedding.
#[derive(Module, Debug)]
pub struct Recurrent {
    pub(crate) embedding: Embedding,
    pub(crate) layers: Vec<BiLstm>,
    pub(crate) output: Projection,
    pub(crate) final_norm: LayerNorm,
    #[module(skip)]
    max_seq: usize,
    /// The probability of dropping a number.
    #[module(skip)]
    dropout: f64,
}

/// One layer: an LSTM for each direction, both computed at once.
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
    /// An untrained network for `vocab_size` tokens, whose parameters are a function of `seed`.
    ///
    /// # Panics
    ///
    /// If `config` does not pass [`RecurrentConfig::validate`].
    pub fn new(config: &RecurrentConfig, vocab_size: usize, seed: u64, device: &Device) -> Self {
        Self::initialise(config, vocab_size, &mut Initialiser::new(seed, device))
    }

    /// The same as a part of a model, whose other parts are drawn before or after it.
    pub(crate) fn initialise(
        config: &RecurrentConfig,
        vocab_size: usize,
        init: &mut Initialiser<'_>,
    ) -> Self {
        config.validate().expect("the config was validated when it was loaded");
        let RecurrentConfig { d_model, d_hidden, n_layers, max_seq, dropout } = *config;
        let both = DIRECTIONS * d_hidden;
        let d_input = |layer| if layer == 0 { d_model } else { both };
        Self {
            embedding: Embedding::without_positions(d_model, vocab_size, init),
            layers: (0..n_layers).map(|i| BiLstm::new(d_input(i), d_hidden, init)).collect(),
            output: Projection {
                weight: init.random([both, d_model], by_fan_in(both)),
                bias: None,
            },
            final_norm: init.norm(d_model, false),
            max_seq,
            dropout,
        }
    }

    /// One hidden vector for each token.
    ///
    /// # Shapes
    ///
    /// - `tokens`: `[batch, seq]`
    /// - `key_padding_mask`: `[batch, seq]`, `true` where the position is padding
    /// - result: `[batch, seq, d_model]`; the vectors of padding are meaningless
    ///
    /// # Panics
    ///
    /// If `seq` is greater than the config's `max_seq`.
    pub fn forward(&self, tokens: Tensor<2, Int>, key_padding_mask: Tensor<2, Bool>) -> Tensor<3> {
        self.pass(tokens, key_padding_mask, None)
    }

    /// As [`Recurrent::forward`], with the dropout of the config: what is dropped is a function of
    /// `seed`.
    pub fn forward_with_dropout(
        &self,
        tokens: Tensor<2, Int>,
        key_padding_mask: Tensor<2, Bool>,
        seed: u64,
    ) -> Tensor<3> {
        self.pass(tokens, key_padding_mask, dropout::of_pass(self.dropout, seed))
    }

    fn pass(
        &self,
        tokens: Tensor<2, Int>,
        key_padding_mask: Tensor<2, Bool>,
        dropout: Option<Dropout>,
    ) -> Tensor<3> {
        let device = tokens.device();
        in_pool(&device, || {
            self.check_length(&tokens);
            let embedded = self.embedding.forward(tokens, dropout);
            self.layers(embedded, key_padding_mask, dropout)
        })
    }

    /// The vectors that [`Recurrent::forward_embedded`] reads.
    ///
    /// # Shapes
    ///
    /// - `tokens`: `[batch, seq]`
    /// - result: `[batch, seq, d_model]`
    ///
    /// # Panics
    ///
    /// If `seq` is greater than the config's `max_seq`.
    pub fn embed(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        self.check_length(&tokens);
        self.embedding.forward(tokens, None)
    }

    /// As [`Recurrent::forward`], from tokens that are embedded already.
    ///
    /// # Shapes
    ///
    /// - `embedded`: `[batch, seq, d_model]`
    /// - `key_padding_mask`: `[batch, seq]`, `true` where the position is padding
    /// - result: `[batch, seq, d_model]`
    pub fn forward_embedded(
        &self,
        embedded: Tensor<3>,
        key_padding_mask: Tensor<2, Bool>,
    ) -> Tensor<3> {
        let device = embedded.device();
        in_pool(&device, || self.layers(embedded, key_padding_mask, None))
    }

    /// All layers, and the projection behind them.
    fn layers(
        &self,
        embedded: Tensor<3>,
        key_padding_mask: Tensor<2, Bool>,
        dropout: Option<Dropout>,
    ) -> Tensor<3> {
        let [batch, seq, _] = embedded.dims();
        assert_shape!(key_padding_mask, [batch, seq]);
        let mut x = embedded.swap_dims(0, 1); // [seq, batch, d_model]
        let padding = key_padding_mask.transpose(); // [seq, batch]
        for (index, layer) in self.layers.iter().enumerate() {
            let states = layer.forward(x, padding.clone());
            x = dropout::apply(states, dropout, Site::RecurrentLayer(index));
        }
        layer_norm(&self.final_norm, self.output.forward(x.swap_dims(0, 1)))
    }

    fn check_length(&self, tokens: &Tensor<2, Int>) {
        let ([_, seq], max_seq) = (tokens.dims(), self.max_seq);
        assert!(seq <= max_seq, "a text of {seq} tokens, expected at most max_seq = {max_seq}");
    }
}

impl BiLstm {
    /// An untrained layer. The biases of its forget gates are 1, so that at first it keeps most of its
    /// cell state (Jozefowicz et al. 2015, <https://proceedings.mlr.press/v37/jozefowicz15.html>).
    pub fn new(d_input: usize, d_hidden: usize, init: &mut Initialiser<'_>) -> Self {
        let bias = for_gates([0.0, 1.0, 0.0, 0.0], d_hidden, init.device());
        let mut matrix = |n| init.random([DIRECTIONS, n, GATES * d_hidden], by_fan_in(n));
        Self {
            input: matrix(d_input),
            recurrent: matrix(d_hidden),
            bias: Param::from_tensor(bias.repeat_dim(0, DIRECTIONS)),
        }
    }

    /// # Shapes
    ///
    /// - `x`: `[seq, batch, d_input]`
    /// - `padding`: `[seq, batch]`, `true` where the position is padding, which is behind each text
    /// - result: `[seq, batch, 2 · d_hidden]`
    pub fn forward(&self, x: Tensor<3>, padding: Tensor<2, Bool>) -> Tensor<3> {
        let [seq, batch, _] = x.dims();
        assert_shape!(padding, [seq, batch]);
        let dtype = x.dtype();

        let from_input = self.project_input(x, padding); // [direction, seq, batch, i f o g]
        let from_first = split_steps(from_input.clone().narrow(0, 0, 1));
        let from_last = split_steps(from_input.narrow(0, 1, 1)).into_iter().rev();

        let recurrent = with_double_g(operand(self.recurrent.val(), dtype));
        let mut state = State::zeros(batch, &recurrent);
        let mut outputs = Vec::with_capacity(seq);
        for (from_first, from_last) in from_first.into_iter().zip(from_last) {
            let from_input = Tensor::cat(vec![from_first, from_last], 0).squeeze_dim(1); // [direction, batch, i f o g]
            state = state.next(from_input, recurrent.clone());
            outputs.push(state.hidden.clone().unsqueeze_dim::<4>(1)); // [direction, 1, batch, d_hidden]
        }
        let from_first = Tensor::cat(outputs.clone(), 1).narrow(0, 0, 1); // [1, seq, batch, d_hidden]
        outputs.reverse();
        let from_last = Tensor::cat(outputs, 1).narrow(0, 1, 1); // [1, seq, batch, d_hidden]
        Tensor::cat(vec![from_first, from_last], 3).squeeze_dim(0)
    }

    /// `W x + b` of all steps, with the input gate shut on padding: the cell state of the direction
    /// that comes from the last position stays zero until it has reached the last token.
    ///
    /// # Shapes
    ///
    /// - `x`: `[seq, batch, d_input]`
    /// - `padding`: `[seq, batch]`
    /// - result: `[direction, seq, batch, i f o g]`
    fn project_input(&self, x: Tensor<3>, padding: Tensor<2, Bool>) -> Tensor<4> {
        let [seq, batch, d_input] = x.dims();
        let [_, _, width] = self.input.dims();
        let dtype = x.dtype();
        let is_padding = padding.float().cast(dtype).reshape([1, seq * batch, 1]);
        let shut = for_gates([MASKED_SCORE, 0.0, 0.0, 0.0], width / GATES, (&x.device(), dtype));
        let shut = is_padding * shut;

        let x = x.reshape([1, seq * batch, d_input]);
        let product = x.matmul(with_double_g(operand(self.input.val(), dtype)));
        let sum = product + (with_double_g(operand(self.bias.val(), dtype)) + shut); // [direction, seq · batch, i f o g]
        sum.reshape([DIRECTIONS, seq, batch, width])
    }
}

/// The state of both directions after a step: `[direction, batch, d_hidden]`
struct State {
    /// c
    cell: Tensor<3>,
    /// h
    hidden: Tensor<3>,
}

impl State {
    /// The state before the first step.
    fn zeros(batch: usize, recurrent: &Tensor<3>) -> Self {
        let [_, d_hidden, _] = recurrent.dims();
        let options = (&recurrent.device(), recurrent.dtype());
        let zeros = Tensor::zeros([DIRECTIONS, batch, d_hidden], options);
        Self { cell: zeros.clone(), hidden: zeros }
    }

    /// One step, with the columns of `g` doubled already, so that one sigmoid serves all four:
    /// `tanh(g) = 2 σ(2g) - 1`. Also Burn keeps the result of σ for the backward pass, while it would
    /// compute that of tanh twice.
    ///
    /// # Shapes
    ///
    /// - `from_input`: `[direction, batch, i f o g]`
    /// - `recurrent`: `[direction, d_hidden, i f o g]`
    fn next(self, from_input: Tensor<3>, recurrent: Tensor<3>) -> Self {
        let [_, d_hidden, _] = recurrent.dims();
        let gates = sigmoid(from_input + self.hidden.matmul(recurrent)); // [direction, batch, i f o g]
        let [input, forget, output, candidate] =
            std::array::from_fn(|gate| gates.clone().narrow(2, gate * d_hidden, d_hidden));
        let added = input.clone() * candidate * 2.0 - input; // σ(i) ⊙ tanh(g)
        let cell = forget * self.cell + added;
        let hidden = output * (sigmoid(cell.clone() * 2.0) * 2.0 - 1.0);
        Self { cell, hidden }
    }
}

/// The parameter with its columns of `g` doubled, see [`State::next`].
fn with_double_g(parameter: Tensor<3>) -> Tensor<3> {
    let [_, _, width] = parameter.dims();
    let options = (&parameter.device(), parameter.dtype());
    parameter * for_gates([1.0, 1.0, 1.0, 2.0], width / GATES, options)
}

/// One number for all columns of each of i, f, o and g: `[1, 1, i f o g]`
fn for_gates(
    numbers: [f64; GATES],
    d_hidden: usize,
    options: impl Into<TensorCreationOptions>,
) -> Tensor<3> {
    let options = options.into();
    let columns = numbers.map(|number| Tensor::full([1, 1, d_hidden], number, options.clone()));
    Tensor::cat(columns.to_vec(), 2)
}

/// Cuts `x` into its steps by halving it again and again. The backward pass of a cut fills a tensor as
/// large as what was cut, so cutting each step from the whole would take time that grows with the
/// square of their number.
///
/// # Shapes
///
/// - `x`: `[direction, seq, batch, i f o g]`
/// - each result: `[direction, 1, batch, i f o g]`
fn split_steps(x: Tensor<4>) -> Vec<Tensor<4>> {
    let [_, seq, ..] = x.dims();
    if seq == 1 {
        return vec![x];
    }
    let half = seq / 2;
    let mut first = split_steps(x.clone().narrow(1, 0, half));
    first.extend(split_steps(x.narrow(1, half, seq - half)));
    first
}

#[cfg(test)]
mod tests;
