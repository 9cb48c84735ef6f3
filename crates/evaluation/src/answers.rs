//! The answers of a model, which every other measure here is a pure function of.

use std::collections::BTreeMap;

use corpus::example::{Example, Language};
use serde::{Deserialize, Serialize};

use crate::{splits::EncodedSplit, statistics::wilson_interval};
use anafora::model::TrainedModel;

/// An example and what the model answered: an index of its candidates, or `None` for *none*.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The question.
    pub example: Example,
    /// The answer.
    pub answer: Option<usize>,
    /// What the model gave it, among the candidates and *none*.
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
    /// The name of the file.
    pub name: String,
    /// In the order of the file.
    pub answers: Vec<Answered>,
}

impl AnsweredSplit {
    /// Lets `model` answer every example of `split`.
    pub fn new(model: &TrainedModel, split: EncodedSplit) -> Self {
        let predictions = model.predict(&split.examples);
        let answers = (split.examples.into_iter().zip(predictions))
            .map(|(encoded, prediction)| {
                let among = prediction.among(&encoded.candidates);
                let answer = prediction.answer(&encoded.candidates);
                let probability = among[answer.unwrap_or(encoded.candidates.len())];
                Answered { answer, probability, example: encoded.example }
            })
            .collect();
        Self { name: split.name, answers }
    }
}

/// A count of right answers, and what it says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// How many examples.
    pub n: usize,
    /// How many right answers.
    pub correct: usize,
    /// `correct / n`
    pub accuracy: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
}

impl Share {
    /// `correct` of `n`, which is not 0.
    pub fn new(correct: usize, n: usize) -> Self {
        let (low, high) = wilson_interval(correct, n);
        Self { n, correct, accuracy: correct as f64 / n as f64, low, high }
    }
}

/// A language and a phenomenon, `None` standing for all of them.
pub(crate) type Kind<'a> = (Option<Language>, Option<&'a str>);

/// The kinds that something of `lang` and `phenomenon` belongs to.
pub(crate) fn kinds(lang: Language, phenomenon: &str) -> [Kind<'_>; 4] {
    let (lang, phenomenon) = (Some(lang), Some(phenomenon));
    [(None, None), (lang, None), (None, phenomenon), (lang, phenomenon)]
}

/// Counts what is right under each of its keys, in the order of the keys.
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
