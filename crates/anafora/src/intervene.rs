//! The answers of a model under an intervention: with tokens masked, heads ablated, or outputs of
//! heads patched in from another text. Also the queries, keys and values of a head.

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

/// Which tokens are masked and which heads are ablated; the default is no intervention.
#[derive(Debug, Clone, Default)]
pub struct InterventionSettings {
    /// Indices of tokens to which no token attends, in any layer.
    pub masked: Vec<usize>,
    /// Heads, as layer and head from 0, whose output is replaced at every token.
    pub ablated: Vec<(usize, usize)>,
    /// The replacements of their outputs; zeros if `None`.
    pub means: Option<HeadMeans>,
}

/// Activation patching: replaces the outputs of some heads, at every token, by their outputs for
/// another text.
struct Patch {
    /// Layer and head of each.
    heads: Vec<(usize, usize)>,
    /// The outputs for the other text, for each layer `[batch, heads, token, d_head]`
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

/// Queries, keys and values of one head for one text, each `[token, d_head]`.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadVectors {
    /// Width of each vector.
    pub d_head: usize,
    /// The queries, with rotary positions applied.
    pub queries: Vec<f32>,
    /// The keys, with rotary positions applied.
    pub keys: Vec<f32>,
    /// The values, whose sum weighted by the attention weights is the output of the head.
    pub values: Vec<f32>,
}

/// The answers and attention weights of `model` for each of `examples`, under an intervention.
///
/// # Panics
///
/// If `examples` is empty, if a masked token or an ablated head does not exist, or if the model is
/// recurrent.
pub fn resolve(
    model: &TrainedModel,
    examples: &[EncodedExample],
    settings: &InterventionSettings,
) -> Vec<Probe> {
    let Observation { output, attention, .. } =
        observe(&model.resolver, examples, settings, &model.device);
    let weights: Vec<Tensor<4>> = attention.into_iter().map(|layer| layer.weights).collect();
    probes(&model.tokenizer, examples, output.logits, &weights)
}

/// The answer and attention weights of `model` for `example` when the outputs of `heads` (layer and
/// head) are replaced by their outputs for `source`.
///
/// # Panics
///
/// As [`resolve`], and if the two texts have different numbers of tokens.
pub fn patch(
    model: &TrainedModel,
    example: &EncodedExample,
    source: &EncodedExample,
    heads: &[(usize, usize)],
) -> Probe {
    assert_eq!(
        example.n_tokens(),
        source.n_tokens(),
        "each token gets the outputs of the token at its position"
    );
    let device = &model.device;
    let seen = observe(
        &model.resolver,
        std::slice::from_ref(source),
        &InterventionSettings::default(),
        device,
    );
    let source = seen.attention.into_iter().map(|layer| layer.heads).collect();
    let patch = Patch { heads: heads.to_vec(), source };
    let input = Batch::new(vec![example.clone()], device).input;
    let embedded = model.resolver.embed(input.tokens.clone());
    let seen = model.resolver.observe(&input, embedded, &patch);
    let weights: Vec<Tensor<4>> = seen.attention.into_iter().map(|layer| layer.weights).collect();
    probes(&model.tokenizer, std::slice::from_ref(example), seen.output.logits, &weights).remove(0)
}

/// The queries, keys and values of the head `head` of the block `layer` for `example`, under an
/// intervention.
///
/// # Panics
///
/// As [`resolve`], and if there is no such head.
pub fn vectors(
    model: &TrainedModel,
    example: &EncodedExample,
    settings: &InterventionSettings,
    layer: usize,
    head: usize,
) -> HeadVectors {
    let examples = [example.clone()];
    let Observation { attention, .. } =
        observe(&model.resolver, &examples, settings, &model.device);
    let AttentionOutput { queries, keys, values, .. } = attention[layer].clone();
    let [.., d_head] = queries.dims();
    let of_head = |vectors: Tensor<4>| values_of(vectors.slice(s![.., head..head + 1, .., ..]));
    HeadVectors { d_head, queries: of_head(queries), keys: of_head(keys), values: of_head(values) }
}

/// The mean output of each head over all tokens of `examples`.
///
/// # Panics
///
/// As [`resolve`].
pub fn head_means(model: &TrainedModel, examples: &[EncodedExample]) -> HeadMeans {
    HeadMeans::new(&model.resolver, [&Batch::new(examples.to_vec(), &model.device)])
}

/// All intermediate results of `model` for `examples` as one batch, under an intervention.
///
/// # Panics
///
/// As [`resolve`].
pub fn observe(
    model: &Resolver,
    examples: &[EncodedExample],
    settings: &InterventionSettings,
    device: &Device,
) -> Observation {
    observe_input(model, &masked_input(examples, settings, device), settings)
}

/// `examples` as one batch, with the tokens masked that `settings` names.
pub(crate) fn masked_input(
    examples: &[EncodedExample],
    settings: &InterventionSettings,
    device: &Device,
) -> ResolverInput {
    let mut input = Batch::new(examples.to_vec(), device).input;
    mask(&mut input, &settings.masked, device);
    input
}

/// All intermediate results of `model` for `input`, with the heads ablated that `settings` names.
pub(crate) fn observe_input(
    model: &Resolver,
    input: &ResolverInput,
    settings: &InterventionSettings,
) -> Observation {
    let embedded = model.embed(input.tokens.clone());
    let ablation = Ablation::new(settings.ablated.iter().copied(), settings.means.as_ref());
    model.observe(input, embedded, &ablation)
}

/// Masks tokens in the same way as padding.
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

fn values_of(tensor: Tensor<4>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

#[cfg(test)]
mod tests;
