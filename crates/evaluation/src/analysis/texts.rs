//! Examples in batches, and the answers of a model to them under an intervention.

use burn::tensor::Tensor;
use corpus::example::Example;
use encoder::{
    intervention::{Intervention, Untouched},
    resolver::Observation,
};

use super::{AnalysedModel, positions::TokenPositions};
use anafora::{
    batch::{Batch, EncodedExample},
    prediction::predictions,
};

/// Maximum number of attention weights of one head in one forward pass. They grow with the square
/// of the length, and each layer keeps several such tensors, so long texts need smaller batches.
const MAX_WEIGHTS: usize = 1 << 22;

/// Examples in batches of similar length. All results are in the order of these batches, not in
/// that of the file.
pub(crate) struct Texts {
    pub(crate) batches: Vec<Batch>,
}

/// The attention of one text's pronoun, and the model's answer.
#[derive(Clone)]
pub(crate) struct ObservedText<'a> {
    pub(crate) example: &'a Example,
    pub(crate) positions: TokenPositions,
    /// The pronoun's rows of attention weights: `[layer][head][token]`
    pub(crate) rows: Vec<Vec<Vec<f32>>>,
    /// Index of a candidate, or `None` for *none*.
    pub(crate) answer: Option<usize>,
}

impl Texts {
    pub(crate) fn new(examples: &[EncodedExample], model: &AnalysedModel<'_>) -> Self {
        let mut sorted = examples.to_vec();
        sorted.sort_by_key(EncodedExample::n_tokens);
        let mut batches = Vec::new();
        let mut rest = &sorted[..];
        while !rest.is_empty() {
            // Texts are sorted, so the last of a batch is its longest.
            let fits = |n: &usize| rest[n - 1].n_tokens().pow(2) * n <= MAX_WEIGHTS;
            let max_n = model.batch_size.min(rest.len());
            let n = (1..=max_n).rev().find(fits).unwrap_or(1);
            batches.push(Batch::new(rest[..n].to_vec(), model.device));
            rest = &rest[n..];
        }
        Self { batches }
    }

    pub(crate) fn len(&self) -> usize {
        self.batches.iter().map(|batch| batch.examples.len()).sum()
    }

    pub(crate) fn examples(&self) -> impl Iterator<Item = &EncodedExample> {
        self.batches.iter().flat_map(|batch| &batch.examples)
    }

    /// The model's answers under `intervention`: index of a candidate, or `None` for *none*.
    pub(crate) fn answers(
        &self,
        model: &AnalysedModel<'_>,
        intervention: &dyn Intervention,
    ) -> Vec<Option<usize>> {
        let of = |batch| answers(batch, &observe(model, batch, intervention));
        self.batches.iter().flat_map(of).collect()
    }

    /// The attention of each text's pronoun, without intervention.
    pub(crate) fn observed(&self, model: &AnalysedModel<'_>) -> Vec<ObservedText<'_>> {
        let of = |batch| observed(batch, &observe(model, batch, &Untouched));
        self.batches.iter().flat_map(of).collect()
    }
}

/// One forward pass that keeps the attention of every layer.
pub(crate) fn observe(
    model: &AnalysedModel<'_>,
    batch: &Batch,
    intervention: &dyn Intervention,
) -> Observation {
    let embedded = model.resolver.embed(batch.input.tokens.clone());
    model.resolver.observe(&batch.input, embedded, intervention)
}

pub(crate) fn answers(batch: &Batch, observation: &Observation) -> Vec<Option<usize>> {
    let predictions = predictions(observation.output.logits.clone(), &batch.examples);
    let answer = |(example, prediction): (&EncodedExample, anafora::prediction::Prediction)| {
        prediction.answer(&example.candidates)
    };
    batch.examples.iter().zip(predictions).map(answer).collect()
}

fn observed<'a>(batch: &'a Batch, observation: &Observation) -> Vec<ObservedText<'a>> {
    let layers: Vec<Vec<Vec<Vec<f32>>>> =
        observation.attention.iter().map(|a| pronoun_rows(batch, &a.weights)).collect();
    (batch.examples.iter().zip(answers(batch, observation)).enumerate())
        .map(|(index, (encoded, answer))| ObservedText {
            example: &encoded.example,
            positions: TokenPositions::of(encoded),
            rows: layers.iter().map(|layer| layer[index].clone()).collect(),
            answer,
        })
        .collect()
}

/// The pronouns' rows of one layer's attention weights, without padding: `[text][head][token]`.
///
/// # Shapes
///
/// - `weights`: `[batch, heads, query, key]`
pub(crate) fn pronoun_rows(batch: &Batch, weights: &Tensor<4>) -> Vec<Vec<Vec<f32>>> {
    let [n, heads, _, key] = weights.dims();
    let pronoun = batch.input.pronouns.clone().reshape([n, 1, 1, 1]).expand([n, heads, 1, key]);
    let rows = weights.clone().gather(2, pronoun); // [batch, heads, 1, key]
    let rows: Vec<f32> = rows.into_data().iter::<f32>().collect();
    (rows.chunks(heads * key).zip(&batch.examples))
        .map(|(text, example)| {
            text.chunks(key).map(|row| row[..example.n_tokens()].to_vec()).collect()
        })
        .collect()
}

/// The accuracy of the answers in `observed`.
pub(crate) fn accuracy(observed: &[ObservedText<'_>]) -> f64 {
    let right = observed.iter().filter(|text| text.answer == text.example.antecedent);
    right.count() as f64 / observed.len() as f64
}
