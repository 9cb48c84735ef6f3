//! What a model computes at each token of many texts: the residual stream after each block, what each
//! head hands on, and what each head reads.

use burn::tensor::Tensor;

use crate::{
    batch::EncodedExample,
    intervene::{Change, observe},
    model::TrainedModel,
};

/// One text's, without padding.
#[derive(Debug, Clone, PartialEq)]
pub struct States {
    /// After so many blocks: `[token, d_model]`
    pub streams: Vec<Vec<f32>>,
    /// Of each layer: `[head, token, d_head]`
    pub heads: Vec<Vec<f32>>,
    /// Of each layer: `[head, query, key]`
    pub weights: Vec<Vec<f32>>,
}

/// One for each of `examples`, which go through the model together.
///
/// # Panics
///
/// As [`crate::intervene::read`].
pub fn states(model: &TrainedModel, examples: &[EncodedExample], change: &Change) -> Vec<States> {
    let seen = observe(&model.resolver, examples, change, &model.device);
    let (n_examples, streams) = (examples.len(), seen.residual_stream);
    let streams: Vec<Rows> =
        streams.into_iter().map(|stream| Rows::new(stream, n_examples)).collect();
    let of_heads = |tensor: &Tensor<4>| {
        let [batch, n_heads, seq, width] = tensor.dims();
        Rows::new(tensor.clone().reshape([batch * n_heads, seq, width]), n_examples)
    };
    let heads: Vec<Rows> = seen.attention.iter().map(|layer| of_heads(&layer.heads)).collect();
    let weights: Vec<Rows> = seen.attention.iter().map(|layer| of_heads(&layer.weights)).collect();
    (examples.iter().enumerate())
        .map(|(index, example)| {
            let n_tokens = example.n_tokens();
            let cut = |rows: &[Rows], width: Option<usize>| {
                rows.iter().map(|rows| rows.of(index, n_tokens, width)).collect()
            };
            States {
                streams: cut(&streams, None),
                heads: cut(&heads, None),
                weights: cut(&weights, Some(n_tokens)),
            }
        })
        .collect()
}

/// Numbers of all examples: `[example · part, seq, width]`
struct Rows {
    numbers: Vec<f32>,
    n_parts: usize,
    seq: usize,
    width: usize,
}

impl Rows {
    fn new(tensor: Tensor<3>, n_examples: usize) -> Self {
        let [rows, seq, width] = tensor.dims();
        let numbers = tensor.into_data().iter::<f32>().collect();
        Self { numbers, n_parts: rows / n_examples, seq, width }
    }

    /// Those of one example, up to its `n_tokens` and, of each, the first `width`.
    fn of(&self, example: usize, n_tokens: usize, width: Option<usize>) -> Vec<f32> {
        let width = width.unwrap_or(self.width);
        let parts = example * self.n_parts..(example + 1) * self.n_parts;
        let places = parts.flat_map(|part| (0..n_tokens).map(move |token| part * self.seq + token));
        places
            .flat_map(|place| self.numbers[place * self.width..][..width].iter().copied())
            .collect()
    }
}
