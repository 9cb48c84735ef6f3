//! Resolving pronouns by attention weights alone: the candidate that the pronoun attends to most.
//!
//! These are the baselines Transformer-Single and Transformer-Multi of GAP (Webster et al. 2018,
//! <https://arxiv.org/abs/1810.05201>, §4.2): one head, or all heads through a classifier. The head
//! is chosen and the classifier fitted on the validation examples. The paper's classifier is an
//! ensemble of trees, this one a conditional logit.

use serde::{Deserialize, Serialize};

use super::{
    argmax, heads,
    logistic::{Choice, ConditionalLogit},
    texts::ObservedText,
};

/// The accuracy of both resolvers, on all examples including those whose answer is *none*.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttentionResolvers {
    /// The head with the highest accuracy on the validation examples; it never answers *none*.
    pub single: SingleHead,
    /// A classifier on the weights of all heads.
    pub all: AllHeads,
}

/// The accuracy of the best single head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SingleHead {
    /// Index of the block.
    pub layer: usize,
    /// Index of the head in it.
    pub head: usize,
    /// Share of right answers.
    pub accuracy: f64,
}

/// The accuracy of the classifier on all heads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AllHeads {
    /// Share of right answers.
    pub accuracy: f64,
}

impl AttentionResolvers {
    /// Chooses and fits on `validation`, and measures accuracy on `observed`.
    pub(crate) fn new(observed: &[ObservedText<'_>], validation: &[ObservedText<'_>]) -> Self {
        let [n_layers, n_heads] = [validation[0].rows.len(), validation[0].rows[0].len()];
        let heads: Vec<[usize; 2]> = heads(n_layers, n_heads).collect();
        let of_head = |observed, head| share(observed, |text| single_answer(text, head));
        let best = argmax(heads.iter().map(|&head| of_head(validation, head)));
        let [layer, head] = heads[best.expect("a model has at least one head")];
        let choices: Vec<Choice> = validation.iter().map(choice).collect();
        let classifier = ConditionalLogit::fit(&choices, heads.len());
        Self {
            single: SingleHead { layer, head, accuracy: of_head(observed, [layer, head]) },
            all: AllHeads { accuracy: share(observed, |text| classifier.answer(&choice(text))) },
        }
    }
}

fn single_answer(text: &ObservedText<'_>, [layer, head]: [usize; 2]) -> Option<usize> {
    argmax(text.positions.masses(&text.rows[layer][head]))
}

/// The features of each candidate: the weight of every head on it.
fn choice(text: &ObservedText<'_>) -> Choice {
    let of_heads: Vec<Vec<f64>> =
        text.rows.iter().flatten().map(|row| text.positions.masses(row)).collect();
    let candidates = 0..text.positions.candidates.len();
    let features = candidates.map(|c| of_heads.iter().map(|masses| masses[c]).collect()).collect();
    Choice { features, right: text.positions.antecedent }
}

fn share(
    observed: &[ObservedText<'_>],
    answer: impl Fn(&ObservedText<'_>) -> Option<usize>,
) -> f64 {
    let right = observed.iter().filter(|&text| answer(text) == text.example.antecedent);
    right.count() as f64 / observed.len() as f64
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};
    use encoder::by_hand::{DECOY, READS_WRONG};

    #[test]
    fn a_head_that_attends_to_the_antecedent_answers_everything() {
        let resolvers =
            sample::with_observed(|observed| AttentionResolvers::new(observed, observed));
        let [layer, head] = DECOY; // the first of the two
        assert_eq!(resolvers.single, SingleHead { layer, head, accuracy: 1.0 });
        assert_eq!(resolvers.all.accuracy, 1.0);
    }

    /// With swapped labels in the validation examples, the head that attends to the wrong person is
    /// chosen, and every answer is wrong.
    #[test]
    fn the_choice_is_made_on_other_examples() {
        sample::with_observed(|observed| {
            let mut examples: Vec<_> = observed.iter().map(|r| r.example.clone()).collect();
            examples.iter_mut().for_each(|e| e.antecedent = e.antecedent.map(|a| 1 - a));
            let mut swapped: Vec<_> = observed.to_vec();
            for (text, example) in swapped.iter_mut().zip(&examples) {
                text.example = example;
                text.positions.antecedent = example.antecedent;
            }
            let resolvers = AttentionResolvers::new(observed, &swapped);
            let [layer, head] = READS_WRONG;
            assert_eq!(resolvers.single, SingleHead { layer, head, accuracy: 0.0 });
            assert_eq!(resolvers.all.accuracy, 0.0);
        });
    }
}
