//! Ways to say which words an answer came from, measured against what happens without each word.
//!
//! | name | what a word gets |
//! |---|---|
//! | `attention` | the pronoun's weight on it, mean over the heads of all layers |
//! | `rollout` | the same through all layers, see [`super::rollout`] |
//! | `value_weighted` | weight times length of what is read, `α ‖v Wo‖`, mean over the same heads |
//! | `gradient_x_input`, `integrated_gradients` | see [`super::gradients`] |
//!
//! Reference: Kobayashi et al. 2020, <https://arxiv.org/abs/2004.10102>, for the weighted values.

use burn::tensor::Tensor;
use encoder::{intervention::Untouched, resolver::Observation};
use serde::{Deserialize, Serialize};

use super::{
    Subject,
    effects::{Question, effects},
    gradients::Differentiable,
    greatest,
    ranks::spearman,
    rollout::rollout,
    texts::{Texts, observe, pronoun_rows},
};
use anafora::{
    batch::{Batch, EncodedExample},
    prediction::predictions,
};

/// Longer texts are left out: each of their words is one pass more over a longer text.
const LONGEST: usize = 128;

/// How a way to explain agrees with what was found by taking words away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Method {
    /// Of the table above.
    pub name: String,
    /// How many texts.
    pub n: usize,
    /// Spearman's over the words of a text but the pronoun, mean over the texts.
    pub rank_correlation: f64,
    /// How often the word that gets most is the one of the greatest effect.
    pub top: f64,
}

/// What one method gives the words of a text, or what they are worth.
type Values = Vec<f64>;

const NAMES: [&str; 5] =
    ["attention", "rollout", "value_weighted", "gradient_x_input", "integrated_gradients"];

/// Each method on `examples`; `validation` decides what a text without words is.
pub(crate) fn compare(
    examples: &[EncodedExample],
    validation: &Texts,
    subject: &Subject<'_>,
) -> Vec<Method> {
    let differentiable = Differentiable::new(subject, validation);
    let mut found: [Vec<(f64, bool)>; NAMES.len()] = Default::default();
    for encoded in examples.iter().filter(|encoded| encoded.n_tokens() <= LONGEST) {
        let batch = Batch::new(vec![encoded.clone()], subject.device);
        let observation = observe(subject, &batch, &Untouched);
        let logits = observation.output.logits.clone();
        let answer = predictions(logits, &batch.examples)[0].word();
        let question = Question::new(encoded, answer);
        let effects = effects(&question, subject);
        let methods = methods(&question, &batch, &observation, subject, &differentiable);
        for (found, values) in found.iter_mut().zip(methods) {
            // Without an order there is nothing to compare.
            let Some(correlation) = spearman(&values, &effects) else { continue };
            found.push((correlation, greatest(values) == greatest(effects.iter().copied())));
        }
    }
    let method = |(name, found): (&str, &Vec<(f64, bool)>)| {
        let n = found.len();
        (n > 0).then(|| Method {
            name: name.to_owned(),
            n,
            rank_correlation: found.iter().map(|(correlation, _)| correlation).sum::<f64>()
                / n as f64,
            top: found.iter().filter(|(_, is_top)| *is_top).count() as f64 / n as f64,
        })
    };
    NAMES.into_iter().zip(&found).filter_map(method).collect()
}

/// In the order of the names.
fn methods(
    question: &Question<'_>,
    batch: &Batch,
    observation: &Observation,
    subject: &Subject<'_>,
    differentiable: &Differentiable,
) -> [Values; NAMES.len()] {
    let layers = &observation.attention;
    let weighted = layers.iter().enumerate().map(|(layer, attention)| {
        let norms = subject.resolver.value_norms(layer, attention.values.clone());
        let [batch, heads, key] = norms.dims();
        attention.weights.clone() * norms.reshape([batch, heads, 1, key])
    });
    let weights: Vec<Tensor<4>> = layers.iter().map(|layer| layer.weights.clone()).collect();
    let means: Vec<Vec<f32>> =
        weights.iter().map(|w| w.clone().mean_dim(1).into_data().iter::<f32>().collect()).collect();
    let seq = question.encoded.n_tokens();
    let slopes = differentiable.slopes(question);
    [
        mean_row(batch, weights.into_iter()),
        rollout(&means, seq, question.places.pronoun),
        mean_row(batch, weighted),
        slopes.gradient_x_input,
        slopes.integrated_gradients,
    ]
    .map(|tokens| question.of_words(&tokens))
}

/// The pronoun's row of the only text, mean over the heads of all layers: `[token]`
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
        sample::with(|subject| {
            let differentiable =
                Differentiable::new(subject, &Texts::new(&sample::examples(), subject));
            let batch = Batch::new(vec![encoded.clone()], subject.device);
            let observation = observe(subject, &batch, &Untouched);
            let question = Question::new(encoded, Some(answer));
            methods(&question, &batch, &observation, subject, &differentiable)
        })
    }

    #[track_caller]
    fn assert_close(actual: &[f64], expected: [f64; 5]) {
        let is_near = |(a, e): (&f64, f64)| (a - e).abs() < 1e-4;
        assert!(actual.iter().zip(expected).all(is_near), "{actual:?}, expected {expected:?}");
    }

    /// Of six heads two read the man and one the woman, one reads `[CLS]`, and two read each of the
    /// eight tokens alike. Only the head that copies writes something: the man's feature, of the size
    /// √(15/2) in each of two columns, from the one of six heads.
    #[test]
    fn weights_are_those_of_the_table_and_only_written_values_weigh() {
        let [he, _] = sample::pair("p", [0, 1], 0);
        let [attention, rollout, weighted, ..] = of(&he, 0);
        let each = 2.0 / 8.0;
        let sixth = |n: f64| (n + each) / 6.0;
        assert_close(&attention, [2.0, 0.0, 1.0, 0.0, 0.0].map(sixth));
        assert_close(&weighted, [(7.5_f64 * 2.0).sqrt() / 6.0, 0.0, 0.0, 0.0, 0.0]);
        // Two of three heads of the second layer read the man; in the first, one reads the woman.
        assert_eq!(super::super::greatest(rollout.iter().copied()), Some(0));
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
