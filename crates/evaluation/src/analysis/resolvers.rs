//! Answering by attention alone: the candidate that the pronoun reads most.
//!
//! As the baselines Transformer-Single and Transformer-Multi of GAP (Webster et al. 2018,
//! <https://arxiv.org/abs/1810.05201>, §4.2): one head, or all heads through a classifier. Both are
//! chosen on the validation examples; there the classifier was a tree ensemble, here it is the
//! logistic one.

use serde::{Deserialize, Serialize};

use super::{
    greatest, heads,
    logistic::{Choice, Logistic},
    texts::Reading,
};

/// What is right by attention alone, *none* included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resolvers {
    /// The head that gets most validation examples right, which never answers *none*.
    pub single: Single,
    /// All heads together.
    pub all: All,
}

/// One head's answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Single {
    /// Index of the block.
    pub layer: usize,
    /// Index of the head in it.
    pub head: usize,
    /// Share of right answers.
    pub accuracy: f64,
}

/// The answers of all heads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct All {
    /// Share of right answers.
    pub accuracy: f64,
}

impl Resolvers {
    /// Chosen on `validation`, counted on `readings`.
    pub(crate) fn new(readings: &[Reading<'_>], validation: &[Reading<'_>]) -> Self {
        let [n_layers, n_heads] = [validation[0].rows.len(), validation[0].rows[0].len()];
        let heads: Vec<[usize; 2]> = heads(n_layers, n_heads).collect();
        let of_head = |readings, head| share(readings, |reading| single_answer(reading, head));
        let best = greatest(heads.iter().map(|&head| of_head(validation, head)));
        let [layer, head] = heads[best.expect("a model has at least one head")];
        let choices: Vec<Choice> = validation.iter().map(choice).collect();
        let model = Logistic::fit(&choices, heads.len());
        Self {
            single: Single { layer, head, accuracy: of_head(readings, [layer, head]) },
            all: All { accuracy: share(readings, |reading| model.answer(&choice(reading))) },
        }
    }
}

fn single_answer(reading: &Reading<'_>, [layer, head]: [usize; 2]) -> Option<usize> {
    greatest(reading.places.masses(&reading.rows[layer][head]))
}

/// The weight of every head on each candidate.
fn choice(reading: &Reading<'_>) -> Choice {
    let of_heads: Vec<Vec<f64>> =
        reading.rows.iter().flatten().map(|row| reading.places.masses(row)).collect();
    let candidates = 0..reading.places.candidates.len();
    let features = candidates.map(|c| of_heads.iter().map(|masses| masses[c]).collect()).collect();
    Choice { features, right: reading.places.antecedent }
}

fn share(readings: &[Reading<'_>], answer: impl Fn(&Reading<'_>) -> Option<usize>) -> f64 {
    let right = readings.iter().filter(|&reading| answer(reading) == reading.example.antecedent);
    right.count() as f64 / readings.len() as f64
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};
    use encoder::by_hand::{DECOY, READS_WRONG};

    #[test]
    fn a_head_that_reads_the_antecedent_answers_everything() {
        let resolvers = sample::readings(|readings| Resolvers::new(readings, readings));
        let [layer, head] = DECOY; // the first of the two
        assert_eq!(resolvers.single, Single { layer, head, accuracy: 1.0 });
        assert_eq!(resolvers.all.accuracy, 1.0);
    }

    /// If validation says that the wrong person is right, the head that reads it is chosen, and
    /// everything is wrong.
    #[test]
    fn the_choice_is_made_on_other_examples() {
        sample::readings(|readings| {
            let mut examples: Vec<_> = readings.iter().map(|r| r.example.clone()).collect();
            examples.iter_mut().for_each(|e| e.antecedent = e.antecedent.map(|a| 1 - a));
            let mut swapped: Vec<_> = readings.to_vec();
            for (reading, example) in swapped.iter_mut().zip(&examples) {
                reading.example = example;
                reading.places.antecedent = example.antecedent;
            }
            let resolvers = Resolvers::new(readings, &swapped);
            let [layer, head] = READS_WRONG;
            assert_eq!(resolvers.single, Single { layer, head, accuracy: 0.0 });
            assert_eq!(resolvers.all.accuracy, 0.0);
        });
    }
}
