//! What a model answers under an intervention: with tokens masked, heads ablated, or the outputs of
//! heads patched in from another text; and the queries, keys and values of a head.

use burn::tensor::{Bool, Device, Tensor, TensorData, s};
use encoder::{
    attention::AttentionOutput,
    intervention::Intervention,
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
    /// Tokens that no token reads from, in any layer.
    pub masked: Vec<usize>,
    /// Heads, as layer and head, whose output is replaced at every token.
    pub ablated: Vec<(usize, usize)>,
    /// Their replacement; zeros without it.
    pub means: Option<HeadMeans>,
}

/// Replaces the outputs of some heads, at every token, by those that they had for another text.
struct Patch {
    /// As layer and head.
    heads: Vec<(usize, usize)>,
    /// Of each layer: `[batch, heads, token, d_head]`
    source: Vec<Tensor<4>>,
}

impl Intervention for Patch {
    fn heads(&self, layer: usize, mut heads: Tensor<4>) -> Tensor<4> {
        for &(_, head) in self.heads.iter().filter(|(of, _)| *of == layer) {
            let patch = self.source[layer].clone().slice(s![.., head..head + 1, .., ..]);
            heads = heads.slice_assign(s![.., head..head + 1, .., ..], patch);
        }
        heads
    }
}

/// Queries, keys and values of one head for one text: each `[token, d_head]`.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadVectors {
    /// Width of each vector.
    pub d_head: usize,
    /// After the rotation.
    pub queries: Vec<f32>,
    /// After the rotation.
    pub keys: Vec<f32>,
    /// As they are added up by the attention weights.
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

/// What `model` answers and looks at for `example` when the outputs of `heads` (layer and head) are
/// those that they have for `source`.
///
/// # Panics
///
/// As [`read`], and if the two texts have different numbers of tokens.
pub fn patch(
    model: &TrainedModel,
    example: &EncodedExample,
    source: &EncodedExample,
    heads: &[(usize, usize)],
) -> Probe {
    assert_eq!(example.n_tokens(), source.n_tokens(), "the outputs of a token replace a token's");
    let device = &model.device;
    let seen = observe(&model.resolver, &[source.clone()], &Change::default(), device);
    let source = seen.attention.into_iter().map(|layer| layer.heads).collect();
    let patch = Patch { heads: heads.to_vec(), source };
    let input = Batch::new(vec![example.clone()], device).input;
    let embedded = model.resolver.embed(input.tokens.clone());
    let seen = model.resolver.observe(&input, embedded, &patch);
    let weights: Vec<Tensor<4>> = seen.attention.into_iter().map(|layer| layer.weights).collect();
    probes(&model.tokenizer, &[example.clone()], seen.output.logits, &weights).remove(0)
}

/// The queries, keys and values of the head `head` of the block `layer` when `model` reads `example`.
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

/// All intermediate results, under a change.
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

/// Masks a token as padding is masked.
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
