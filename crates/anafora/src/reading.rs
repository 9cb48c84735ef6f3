//! What a model makes of texts while something is changed: tokens that none reads from, heads whose
//! output is replaced; and the vectors that one head works with.

use burn::tensor::{Bool, Device, Tensor, TensorData, s};
use encoder::{
    attention::AttentionOutput,
    resolver::{Observation, Resolver, ResolverInput},
};
use snapshot::content::Probe;

use crate::{
    ablation::{Ablation, HeadMeans},
    batch::{Batch, EncodedExample},
    model::TrainedModel,
    observe::probes,
};

/// What is changed.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Tokens that none reads from, in any layer.
    pub masked: Vec<usize>,
    /// Heads, as layer and head, whose output is replaced at every token.
    pub ablated: Vec<(usize, usize)>,
    /// By what; without it, by zeros.
    pub means: Option<HeadMeans>,
}

/// What one head works with, for one text: each `[token, d_head]`.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadVectors {
    /// Width of each vector.
    pub d_head: usize,
    /// What each token asks, after the rotation.
    pub queries: Vec<f32>,
    /// What each token can be found by, after the rotation.
    pub keys: Vec<f32>,
    /// What each token hands over.
    pub values: Vec<f32>,
}

/// What `model` answers and looks at, for each of `examples`, under a change.
///
/// # Panics
///
/// If `examples` is empty, if the change names what is not there, or if the model is recurrent.
pub fn read(model: &TrainedModel, examples: &[EncodedExample], change: &Change) -> Vec<Probe> {
    let Observation { output, attention, .. } =
        observe(&model.resolver, examples, change, &model.device);
    let weights: Vec<Tensor<4>> = attention.into_iter().map(|layer| layer.weights).collect();
    probes(&model.tokenizer, examples, output.logits, &weights)
}

/// What the head `head` of the block `layer` works with when `model` reads `example`.
///
/// # Panics
///
/// As [`read`], and if there is no such head.
pub fn vectors(
    model: &TrainedModel,
    example: &EncodedExample,
    change: &Change,
    layer: usize,
    head: usize,
) -> HeadVectors {
    let examples = [example.clone()];
    let Observation { attention, .. } = observe(&model.resolver, &examples, change, &model.device);
    let AttentionOutput { queries, keys, values, .. } = attention[layer].clone();
    let [.., d_head] = queries.dims();
    let of_head = |vectors: Tensor<4>| numbers(vectors.slice(s![.., head..head + 1, .., ..]));
    HeadVectors { d_head, queries: of_head(queries), keys: of_head(keys), values: of_head(values) }
}

/// The mean output of each head over all tokens of `examples`.
///
/// # Panics
///
/// As [`read`].
pub fn head_means(model: &TrainedModel, examples: &[EncodedExample]) -> HeadMeans {
    HeadMeans::new(&model.resolver, [&Batch::new(examples.to_vec(), &model.device)])
}

/// Everything that is computed on the way.
pub fn observe(
    model: &Resolver,
    examples: &[EncodedExample],
    change: &Change,
    device: &Device,
) -> Observation {
    let mut input = Batch::new(examples.to_vec(), device).input;
    mask(&mut input, &change.masked, device);
    let embedded = model.embed(input.tokens.clone());
    let ablation = Ablation::new(change.ablated.iter().copied(), change.means.as_ref());
    model.observe(&input, embedded, &ablation)
}

/// A token is taken away as padding is.
fn mask(input: &mut ResolverInput, masked: &[usize], device: &Device) {
    let [batch, seq] = input.tokens.dims();
    for &token in masked {
        let one: Tensor<2, Bool> =
            Tensor::from_data(TensorData::new(vec![true; batch], [batch, 1]), device);
        assert!(token < seq, "token {token} is masked, expected one of {seq}");
        let mask = input.key_padding_mask.clone();
        input.key_padding_mask = mask.slice_assign(s![.., token..token + 1], one);
    }
}

fn numbers(tensor: Tensor<4>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

#[cfg(test)]
mod tests;
