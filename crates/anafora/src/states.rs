//! The intermediate results of a model at each token: the residual stream after each block, and the
//! outputs and attention weights of each head.

use burn::tensor::Tensor;

use crate::{
    batch::EncodedExample,
    intervene::{InterventionSettings, observe},
    model::TrainedModel,
};

/// The intermediate results for one text, without padding.
#[derive(Debug, Clone, PartialEq)]
pub struct States {
    /// The residual stream after 0, 1, … blocks, each `[token, d_model]`
    pub residual_stream: Vec<Vec<f32>>,
    /// The outputs of the heads of each layer: `[head, token, d_head]`
    pub heads: Vec<Vec<f32>>,
    /// The attention weights of each layer: `[head, query, key]`
    pub weights: Vec<Vec<f32>>,
}

/// The intermediate results for each of `examples` under an intervention. The examples are one
/// batch.
///
/// # Panics
///
/// As [`crate::intervene::resolve`].
pub fn states(
    model: &TrainedModel,
    examples: &[EncodedExample],
    settings: &InterventionSettings,
) -> Vec<States> {
    let seen = observe(&model.resolver, examples, settings, &model.device);
    let n_examples = examples.len();
    let residual_stream: Vec<Rows> =
        seen.residual_stream.into_iter().map(|stream| Rows::new(stream, n_examples)).collect();
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
                residual_stream: cut(&residual_stream, None),
                heads: cut(&heads, None),
                weights: cut(&weights, Some(n_tokens)),
            }
        })
        .collect()
}

/// A tensor of a whole batch, read from the device: `[example · part, seq, width]`. An example has
/// one part for each head, or a single one.
struct Rows {
    values: Vec<f32>,
    n_parts: usize,
    seq: usize,
    width: usize,
}

impl Rows {
    fn new(tensor: Tensor<3>, n_examples: usize) -> Self {
        let [rows, seq, width] = tensor.dims();
        let values = tensor.into_data().iter::<f32>().collect();
        Self { values, n_parts: rows / n_examples, seq, width }
    }

    /// The values of one example without padding: its first `n_tokens` rows, and of each row the
    /// first `width` values.
    fn of(&self, example: usize, n_tokens: usize, width: Option<usize>) -> Vec<f32> {
        let width = width.unwrap_or(self.width);
        let parts = example * self.n_parts..(example + 1) * self.n_parts;
        let places = parts.flat_map(|part| (0..n_tokens).map(move |token| part * self.seq + token));
        places
            .flat_map(|place| self.values[place * self.width..][..width].iter().copied())
            .collect()
    }
}
