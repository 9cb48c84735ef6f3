//! Examples in batches, and what a model answers to them under an intervention.

use burn::tensor::Tensor;
use corpus::example::Example;
use encoder::{
    intervention::{Intervention, Untouched},
    resolver::Observation,
};

use super::{Subject, places::Places};
use anafora::{
    batch::{Batch, EncodedExample},
    prediction::predictions,
};

/// Weights of one head and one pass: a long text's are many, and there are several such tensors for
/// each layer.
const MAX_WEIGHTS: usize = 1 << 22;

/// Examples in batches of about equal length, which is also the order of everything that is said
/// about them.
pub(crate) struct Texts {
    pub(crate) batches: Vec<Batch>,
}

/// What one text's pronoun reads, and the answer.
#[derive(Clone)]
pub(crate) struct Reading<'a> {
    pub(crate) example: &'a Example,
    pub(crate) places: Places,
    /// The pronoun's weights: `[layer][head][token]`
    pub(crate) rows: Vec<Vec<Vec<f32>>>,
    /// Index of a candidate, or *none*.
    pub(crate) answer: Option<usize>,
}

impl Texts {
    pub(crate) fn new(examples: &[EncodedExample], subject: &Subject<'_>) -> Self {
        let mut sorted = examples.to_vec();
        sorted.sort_by_key(EncodedExample::n_tokens);
        let mut batches = Vec::new();
        let mut rest = &sorted[..];
        while !rest.is_empty() {
            // The last of a batch is its longest.
            let fits = |n: &usize| rest[n - 1].n_tokens().pow(2) * n <= MAX_WEIGHTS;
            let most = subject.batch_size.min(rest.len());
            let n = (1..=most).rev().find(fits).unwrap_or(1);
            batches.push(Batch::new(rest[..n].to_vec(), subject.device));
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

    /// What the model answers under `intervention`, as the index of a candidate or *none*.
    pub(crate) fn answers(
        &self,
        subject: &Subject<'_>,
        intervention: &dyn Intervention,
    ) -> Vec<Option<usize>> {
        let of = |batch| answers(batch, &observe(subject, batch, intervention));
        self.batches.iter().flat_map(of).collect()
    }

    /// What the pronoun of each text reads.
    pub(crate) fn readings(&self, subject: &Subject<'_>) -> Vec<Reading<'_>> {
        let of = |batch| readings(batch, &observe(subject, batch, &Untouched));
        self.batches.iter().flat_map(of).collect()
    }
}

/// One pass.
pub(crate) fn observe(
    subject: &Subject<'_>,
    batch: &Batch,
    intervention: &dyn Intervention,
) -> Observation {
    let embedded = subject.resolver.embed(batch.input.tokens.clone());
    subject.resolver.observe(&batch.input, embedded, intervention)
}

pub(crate) fn answers(batch: &Batch, observation: &Observation) -> Vec<Option<usize>> {
    let predictions = predictions(observation.output.logits.clone(), &batch.examples);
    let answer = |(example, prediction): (&EncodedExample, anafora::prediction::Prediction)| {
        prediction.answer(&example.candidates)
    };
    batch.examples.iter().zip(predictions).map(answer).collect()
}

fn readings<'a>(batch: &'a Batch, observation: &Observation) -> Vec<Reading<'a>> {
    let layers: Vec<Vec<Vec<Vec<f32>>>> =
        observation.attention.iter().map(|a| pronoun_rows(batch, &a.weights)).collect();
    (batch.examples.iter().zip(answers(batch, observation)).enumerate())
        .map(|(index, (encoded, answer))| Reading {
            example: &encoded.example,
            places: Places::of(encoded),
            rows: layers.iter().map(|layer| layer[index].clone()).collect(),
            answer,
        })
        .collect()
}

/// What the pronouns of a batch have of one layer, without the padding: `[text][head][token]`.
///
/// # Shapes
///
/// - `weights`: `[batch, heads, query, key]`
pub(crate) fn pronoun_rows(batch: &Batch, weights: &Tensor<4>) -> Vec<Vec<Vec<f32>>> {
    let [n, heads, _, key] = weights.dims();
    let pronoun = batch.input.pronoun.clone().reshape([n, 1, 1, 1]).expand([n, heads, 1, key]);
    let rows = weights.clone().gather(2, pronoun); // [batch, heads, 1, key]
    let rows: Vec<f32> = rows.into_data().iter::<f32>().collect();
    (rows.chunks(heads * key).zip(&batch.examples))
        .map(|(text, example)| {
            text.chunks(key).map(|row| row[..example.n_tokens()].to_vec()).collect()
        })
        .collect()
}

/// The share of right answers.
pub(crate) fn accuracy(readings: &[Reading<'_>]) -> f64 {
    let right = readings.iter().filter(|reading| reading.answer == reading.example.antecedent);
    right.count() as f64 / readings.len() as f64
}
