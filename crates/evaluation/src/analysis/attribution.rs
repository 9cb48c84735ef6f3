//! Attribution methods, compared with the effect of masking each word ([`super::masking`]).
//!
//! | name | attribution of a word |
//! |---|---|
//! | `attention` | the pronoun's weight on it, mean over the heads of all layers |
//! | `rollout` | the pronoun's weight on it through all layers, see [`super::rollout`] |
//! | `value_weighted` | weight times norm of the transformed value, `α ‖v Wo‖`, mean over all heads |
//! | `gradient_x_input`, `integrated_gradients` | see [`super::gradients`] |
//!
//! Reference: Kobayashi et al. 2020, <https://arxiv.org/abs/2004.10102>, for the weighted values.

use burn::tensor::Tensor;
use encoder::{intervention::Untouched, resolver::Observation};
use serde::{Deserialize, Serialize};

use super::{
    AnalysedModel, argmax,
    gradients::Differentiable,
    masking::{AnsweredText, effects},
    ranks::spearman,
    rollout::rollout,
    texts::{Texts, observe, pronoun_rows},
};
use anafora::{
    batch::{Batch, EncodedExample},
    prediction::predictions,
};

/// Maximum number of tokens of a text that is analysed, because the cost grows with the number of
/// words times the length.
const MAX_TOKENS: usize = 128;

/// How well one attribution method agrees with the effect of masking words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MethodAgreement {
    /// Name of the method, as in the table of this module.
    pub name: String,
    /// Number of texts.
    pub n: usize,
    /// Spearman's ρ over the words of a text except the pronoun, mean over the texts.
    pub rank_correlation: f64,
    /// How often the word with the highest attribution is the one with the greatest effect.
    pub top: f64,
}

/// One value for each word of a text: its attribution or its effect.
type Values = Vec<f64>;

const NAMES: [&str; 5] =
    ["attention", "rollout", "value_weighted", "gradient_x_input", "integrated_gradients"];

/// Compares each method on `examples`; `validation` gives the baseline of integrated gradients.
pub(crate) fn compare(
    examples: &[EncodedExample],
    validation: &Texts,
    model: &AnalysedModel<'_>,
) -> Vec<MethodAgreement> {
    let differentiable = Differentiable::new(model, validation);
    let mut found: [Vec<(f64, bool)>; NAMES.len()] = Default::default();
    for encoded in examples.iter().filter(|encoded| encoded.n_tokens() <= MAX_TOKENS) {
        let batch = Batch::new(vec![encoded.clone()], model.device);
        let observation = observe(model, &batch, &Untouched);
        let logits = observation.output.logits.clone();
        let answer = predictions(logits, &batch.examples)[0].word();
        let answered = AnsweredText::new(encoded, answer);
        let effects = effects(&answered, model);
        let methods = methods(&answered, &batch, &observation, model, &differentiable);
        for (found, values) in found.iter_mut().zip(methods) {
            // A rank correlation is undefined where all values are equal.
            let Some(correlation) = spearman(&values, &effects) else { continue };
            found.push((correlation, argmax(values) == argmax(effects.iter().copied())));
        }
    }
    let method = |(name, found): (&str, &Vec<(f64, bool)>)| {
        let n = found.len();
        (n > 0).then(|| MethodAgreement {
            name: name.to_owned(),
            n,
            rank_correlation: found.iter().map(|(correlation, _)| correlation).sum::<f64>()
                / n as f64,
            top: found.iter().filter(|(_, is_top)| *is_top).count() as f64 / n as f64,
        })
    };
    NAMES.into_iter().zip(&found).filter_map(method).collect()
}

/// The attributions of the words of a text by each method, in the order of [`NAMES`].
fn methods(
    answered: &AnsweredText<'_>,
    batch: &Batch,
    observation: &Observation,
    model: &AnalysedModel<'_>,
    differentiable: &Differentiable,
) -> [Values; NAMES.len()] {
    let layers = &observation.attention;
    let weighted = layers.iter().enumerate().map(|(layer, attention)| {
        let norms = model.resolver.value_norms(layer, attention.values.clone());
        let [batch, heads, key] = norms.dims();
        attention.weights.clone() * norms.reshape([batch, heads, 1, key])
    });
    let weights: Vec<Tensor<4>> = layers.iter().map(|layer| layer.weights.clone()).collect();
    let means: Vec<Vec<f32>> =
        weights.iter().map(|w| w.clone().mean_dim(1).into_data().iter::<f32>().collect()).collect();
    let seq = answered.encoded.n_tokens();
    let attributions = differentiable.attributions(answered);
    [
        mean_row(batch, weights.into_iter()),
        rollout(&means, seq, answered.positions.pronoun),
        mean_row(batch, weighted),
        attributions.gradient_x_input,
        attributions.integrated_gradients,
    ]
    .map(|tokens| answered.of_words(&tokens))
}

/// The pronoun's row of the single text in `batch`, mean over the heads of all layers: `[token]`
fn mean_row(batch: &Batch, layers: impl Iterator<Item = Tensor<4>>) -> Vec<f64> {
    let rows: Vec<Vec<f32>> =
        layers.flat_map(|weights| pronoun_rows(batch, &weights).swap_remove(0)).collect();
    let mean = |token: usize| {
        rows.iter().map(|row| f64::from(row[token])).sum::<f64>() / rows.len() as f64
    };
    (0..rows[0].len()).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};

    fn of(encoded: &EncodedExample, answer: usize) -> [Values; NAMES.len()] {
        sample::with_model(|model| {
            let differentiable =
                Differentiable::new(model, &Texts::new(&sample::examples(), model));
            let batch = Batch::new(vec![encoded.clone()], model.device);
            let observation = observe(model, &batch, &Untouched);
            let answered = AnsweredText::new(encoded, Some(answer));
            methods(&answered, &batch, &observation, model, &differentiable)
        })
    }

    #[track_caller]
    fn assert_close(actual: &[f64], expected: [f64; 5]) {
        let is_near = |(a, e): (&f64, f64)| (a - e).abs() < 1e-4;
        assert!(actual.iter().zip(expected).all(is_near), "{actual:?}, expected {expected:?}");
    }

    /// Of six heads, two attend to the man, one to the woman, one to `[CLS]`, and two uniformly to
    /// the eight tokens. Only the copying head has an output: the man's feature, √(15/2) in each of
    /// two columns.
    #[test]
    fn weights_are_those_of_the_table_and_only_written_values_weigh() {
        let [he, _] = sample::pair("p", [0, 1], 0);
        let [attention, rollout, weighted, ..] = of(&he, 0);
        let each = 2.0 / 8.0;
        let sixth = |n: f64| (n + each) / 6.0;
        assert_close(&attention, [2.0, 0.0, 1.0, 0.0, 0.0].map(sixth));
        assert_close(&weighted, [(7.5_f64 * 2.0).sqrt() / 6.0, 0.0, 0.0, 0.0, 0.0]);
        // Two of three heads of the second layer read the man; in the first, one reads the woman.
        assert_eq!(super::super::argmax(rollout.iter().copied()), Some(0));
        assert!(rollout[2] > rollout[1] && rollout[1] > 0.0, "{rollout:?}");
    }

    #[test]
    fn every_method_finds_the_word_that_alone_has_an_effect() {
        for method in sample::report().methods {
            assert_eq!((method.n, method.top), (sample::N, 1.0), "{method:?}");
            assert!(method.rank_correlation > 0.0, "{method:?}");
        }
        let names: Vec<String> = sample::report().methods.into_iter().map(|m| m.name).collect();
        assert_eq!(names, NAMES);
    }
}
