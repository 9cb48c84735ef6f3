//! The objective: the pointer should fall on the antecedent.
//!
//! ```text
//! loss      = −log Σ p(w)                 over the words w of the antecedent, or *none*
//! objective = loss + Σ weight · auxiliary loss      see [`ObjectiveConfig`] for the weights
//!
//! antecedent token: −log p(antecedent's first token | the pronoun's vector), where there is one
//! masked words:     see [`crate::masked_words`]
//! detection:        see [`crate::detection`]
//! ```
//!
//! The loss is over every word of the text, never only over the candidates: so the same model
//! answers for a sentence that somebody types, where no candidates are given. Accuracy is over the
//! candidates, as the benchmark counts it.

use anafora::{
    batch::{Batch, EncodedExample},
    prediction::predictions,
};
use burn::tensor::{Bool, Int, Tensor};
use config::experiment::ObjectiveConfig;
use encoder::resolver::Resolver;
use run::metrics::Metrics;

use crate::{
    cross_entropy::{cross_entropy, cross_entropy_of_several},
    detection::{DetectionLoss, detection_loss},
    masked_words::MaskedWords,
    share::Share,
};

/// What a forward pass gives, still on the device.
#[derive(Debug, Clone)]
pub struct StepOutput {
    /// How far the pointer is off, mean over the queries: `[1]`
    pub loss: Tensor<1>,
    /// What this batch adds to what the step minimises, the loss and the weighted auxiliary losses: `[1]`
    pub objective: Tensor<1>,
    /// *none* in the last column: `[queries, words + 1]`
    pub logits: Tensor<2>,
}

/// Forward pass and losses of a batch that is this share of a training step: the objectives of the
/// step's batches add up to that of the step. `seed` decides what dropout drops.
pub fn forward(
    model: &Resolver,
    batch: &Batch,
    weights: &ObjectiveConfig,
    share: Share,
    seed: u64,
) -> StepOutput {
    let ObjectiveConfig { antecedent_token, masked_words, detection } = *weights;
    let output = model.forward_with_dropout(&batch.input, seed);
    let loss = pointer_loss(output.logits.clone(), batch.targets.clone());
    let mut objective = loss.clone() * share.pointer;
    if antecedent_token != 0.0 {
        let tokens = batch.word_tokens.clone();
        let logits = model.antecedent_token_logits(output.hidden.clone(), &batch.input, tokens);
        let (token, has_antecedent) =
            (batch.antecedent_token.clone(), batch.has_antecedent.clone());
        let auxiliary = antecedent_token_loss(logits, token, has_antecedent);
        objective = objective + auxiliary * (antecedent_token * share.antecedent_token);
    }
    if detection != 0.0
        && let (Some(detector), Some(labels)) = (model.detector(), &batch.labels)
    {
        let DetectionLoss { classes, heads, phrases } =
            detection_loss(detector, output.hidden, &batch.input, labels);
        let of_words = classes * share.classes + heads * share.heads;
        objective = objective + (of_words + phrases * share.phrases) * detection;
    }
    if masked_words != 0.0
        && let Some(masked) = MaskedWords::new(batch, seed)
    {
        objective = objective + masked.loss(model, seed) * (masked_words * share.masked);
    }
    StepOutput { objective, loss, logits: output.logits }
}

/// Loss and accuracy of a batch, without auxiliary losses.
pub fn evaluate(model: &Resolver, batch: &Batch) -> Metrics {
    let logits = model.forward(&batch.input).logits;
    let loss = pointer_loss(logits.clone(), batch.targets.clone());
    metrics(loss, logits, &batch.examples)
}

/// Waits for the device and counts the right answers.
///
/// # Shapes
///
/// - `loss`: `[1]`
/// - `logits`: `[queries, words + 1]`
pub fn metrics(loss: Tensor<1>, logits: Tensor<2>, examples: &[EncodedExample]) -> Metrics {
    let right = (predictions(logits, examples).iter())
        .zip(examples)
        .filter(|(prediction, example)| {
            prediction.answer(&example.candidates) == example.example.antecedent
        })
        .count();
    Metrics {
        loss: loss.into_scalar::<f32>().into(),
        accuracy: right as f64 / examples.len() as f64,
        n_examples: examples.len(),
        gradient_norm: None,
        tokens_per_second: None,
    }
}

/// Mean negative logarithm of the probability of the antecedent's token, where there is one.
///
/// # Shapes
///
/// - `logits`: `[queries, candidates]`
/// - `names`, `has_name`: `[queries]`
/// - result: `[1]`
pub fn antecedent_token_loss(
    logits: Tensor<2>,
    names: Tensor<1, Int>,
    has_name: Tensor<1>,
) -> Tensor<1> {
    cross_entropy(logits, names, has_name)
}

/// Mean negative logarithm of the probability of the right words.
///
/// # Shapes
///
/// - `logits`, `targets`: `[queries, words + 1]`, `true` where right
/// - result: `[1]`
pub fn pointer_loss(logits: Tensor<2>, targets: Tensor<2, Bool>) -> Tensor<1> {
    cross_entropy_of_several(logits, targets)
}

impl StepOutput {
    /// Without the graph of the backward pass, which would otherwise stay in memory.
    pub fn detached(self) -> Self {
        let Self { loss, objective, logits } = self;
        Self { loss: loss.inner(), objective: objective.inner(), logits: logits.inner() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn loss(logits: [[f32; 3]; 2], targets: [[bool; 3]; 2]) -> f32 {
        let device = Device::flex();
        let (logits, targets) =
            (Tensor::from_data(logits, &device), Tensor::from_data(targets, &device));
        pointer_loss(logits, targets).into_scalar()
    }

    #[test]
    fn the_loss_is_minus_the_logarithm_of_the_right_words_probability() {
        let logits = [[1.0, 2.0, 3.0], [0.5, -1.0, -1.0e4]]; // the last is padding
        let targets = [[true, true, false], [false, true, false]];
        let row = |logits: [f32; 3], right: [bool; 3]| -> f64 {
            let exp = logits.map(|logit| f64::from(logit).exp());
            let sum: f64 = exp.iter().sum();
            -(exp.iter().zip(right).filter(|(_, right)| *right).map(|(e, _)| e / sum).sum::<f64>())
                .ln()
        };
        let expected = (row(logits[0], targets[0]) + row(logits[1], targets[1])) / 2.0;
        let actual = f64::from(loss(logits, targets));
        assert!((actual - expected).abs() < 1e-6, "{actual}, expected {expected}");
    }

    #[test]
    fn the_loss_of_hopeless_logits_is_finite() {
        let loss = loss([[-200.0, 0.0, 200.0]; 2], [[true, false, false]; 2]);
        assert!((loss - 400.0).abs() < 1e-3, "{loss}");
    }

    #[test]
    fn the_antecedent_token_loss_is_a_mean_over_the_examples_that_have_an_antecedent() {
        let device = Device::flex();
        let logits = Tensor::<2>::from_data([[1.0, 3.0], [0.0, 0.0], [9.0, -9.0]], &device);
        let loss = |has_name: [f32; 3]| -> f32 {
            let names = Tensor::from_data([0, 1, 0], &device);
            antecedent_token_loss(logits.clone(), names, Tensor::from_data(has_name, &device))
                .into_scalar()
        };
        let first = (1.0_f32 + 2.0_f32.exp()).ln(); // −ln(e¹ / (e¹ + e³))
        let second = 2.0_f32.ln();
        let actual = loss([1.0, 1.0, 0.0]);
        assert!((actual - (first + second) / 2.0).abs() < 1e-6, "{actual}");
        assert_eq!(loss([0.0; 3]), 0.0);
    }
}
