//! The answers of a model to a split; all measures of this crate are pure functions of them.

use std::collections::BTreeMap;

use corpus::example::{Example, Language};
use serde::{Deserialize, Serialize};

use crate::{splits::EncodedSplit, statistics::wilson_interval};
use anafora::model::TrainedModel;

/// An example and what the model answered: an index of its candidates, or `None` for *none*.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The example that was answered.
    pub example: Example,
    /// The model's answer.
    pub answer: Option<usize>,
    /// The answer's probability in the distribution over the candidates and *none*.
    pub probability: f32,
}

impl Answered {
    /// Whether the answer is the antecedent.
    pub fn is_right(&self) -> bool {
        self.answer == self.example.antecedent
    }
}

/// The answers to the examples of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct AnsweredSplit {
    /// Name of the file, without extension.
    pub name: String,
    /// The answers, in the order of the file.
    pub answers: Vec<Answered>,
}

impl AnsweredSplit {
    /// The answers of `model` to every example of `split`.
    pub fn new(model: &TrainedModel, split: EncodedSplit) -> Self {
        let predictions = model.predict(&split.examples);
        let answers = (split.examples.into_iter().zip(predictions))
            .map(|(encoded, prediction)| {
                let (answer, probability) = prediction.answer_and_probability(&encoded.candidates);
                Answered { answer, probability, example: encoded.example }
            })
            .collect();
        Self { name: split.name, answers }
    }
}

/// A number of right answers with its accuracy and confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// Number of examples.
    pub n: usize,
    /// Number of right answers.
    pub correct: usize,
    /// `correct / n`
    pub accuracy: f64,
    /// Lower end of the 95 % Wilson interval.
    pub low: f64,
    /// Upper end of the 95 % Wilson interval.
    pub high: f64,
}

impl Share {
    /// The share of `correct` answers to `n` examples, of which there is at least one.
    pub fn new(correct: usize, n: usize) -> Self {
        let (low, high) = wilson_interval(correct, n);
        Self { n, correct, accuracy: correct as f64 / n as f64, low, high }
    }
}

/// Language and phenomenon of a slice; `None` stands for all of them.
pub(crate) type SliceKey<'a> = (Option<Language>, Option<&'a str>);

/// The slices that an example of `lang` and `phenomenon` belongs to.
pub(crate) fn slice_keys(lang: Language, phenomenon: &str) -> [SliceKey<'_>; 4] {
    let (lang, phenomenon) = (Some(lang), Some(phenomenon));
    [(None, None), (lang, None), (None, phenomenon), (lang, phenomenon)]
}

/// The share of right items for each key, in the order of the keys.
pub(crate) fn shares<K: Ord>(items: impl IntoIterator<Item = (K, bool)>) -> Vec<(K, Share)> {
    let mut counts: BTreeMap<K, (usize, usize)> = BTreeMap::new();
    for (key, is_right) in items {
        let (correct, n) = counts.entry(key).or_default();
        *correct += usize::from(is_right);
        *n += 1;
    }
    counts.into_iter().map(|(key, (correct, n))| (key, Share::new(correct, n))).collect()
}

#[cfg(test)]
pub(crate) mod tests;
