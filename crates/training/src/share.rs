//! How much of a step each of its batches is. A loss is a mean over what it counts in the whole step, so
//! that gradient accumulation changes nothing but the memory: 2 batches of 32 give the gradient of one of
//! 64, however the antecedents are distributed among the two.

use anafora::batch::{Batch, EncodedExample};
use config::experiment::ObjectiveConfig;

use crate::masked_words::MaskedWords;

/// For each loss how much is counted: the numbers of a batch or, as [`Share`], their parts of a step's.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Share {
    /// The pointer's loss: queries.
    pub pointer: f64,
    /// That of the antecedent's token: queries that have an antecedent.
    pub antecedent_token: f64,
    /// The detector's of classes: words whose class is known.
    pub classes: f64,
    /// Its of heads: words of texts of which all phrases are known.
    pub heads: f64,
    /// Its of edges: phrases.
    pub phrases: f64,
    /// That of masked words: masked tokens.
    pub masked: f64,
}

impl Share {
    /// All of a step.
    pub const WHOLE: Self = Self {
        pointer: 1.0,
        antecedent_token: 1.0,
        classes: 1.0,
        heads: 1.0,
        phrases: 1.0,
        masked: 1.0,
    };

    /// The share of each batch of a step; `seeds` are those of the batches.
    pub fn of_each(batches: &[Batch], seeds: &[u64], weights: &ObjectiveConfig) -> Vec<Self> {
        if let [_] = batches {
            return vec![Self::WHOLE]; // nothing has to be counted
        }
        let counts: Vec<Self> = (batches.iter().zip(seeds))
            .map(|(batch, &seed)| Self::counts(batch, seed, weights))
            .collect();
        let zero = Self::default();
        let totals = counts.iter().fold(zero, |sum, count| sum.with(count, |a, b| a + b));
        counts.iter().map(|count| count.with(&totals, |part, all| part / all.max(1.0))).collect()
    }

    /// What `f` makes of each number and that of `other`.
    fn with(&self, other: &Self, f: impl Fn(f64, f64) -> f64) -> Self {
        Self {
            pointer: f(self.pointer, other.pointer),
            antecedent_token: f(self.antecedent_token, other.antecedent_token),
            classes: f(self.classes, other.classes),
            heads: f(self.heads, other.heads),
            phrases: f(self.phrases, other.phrases),
            masked: f(self.masked, other.masked),
        }
    }

    fn counts(batch: &Batch, seed: u64, weights: &ObjectiveConfig) -> Self {
        let labels = || batch.texts.iter().filter_map(|text| text.labels.as_ref());
        let has_antecedent = |example: &&EncodedExample| example.target().is_some();
        let masked = (weights.masked_words != 0.0).then(|| MaskedWords::new(batch, seed)).flatten();
        Self {
            pointer: batch.examples.len() as f64,
            antecedent_token: batch.examples.iter().filter(has_antecedent).count() as f64,
            classes: labels().map(|labels| labels.classes.iter().flatten().count() as f64).sum(),
            heads: labels()
                .filter(|labels| labels.has_all_phrases)
                .map(|labels| labels.classes.len() as f64)
                .sum(),
            phrases: labels().map(|labels| labels.phrases.len() as f64).sum(),
            masked: masked.map_or(0.0, |masked| masked.n_masked as f64),
        }
    }
}
