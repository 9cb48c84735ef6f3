//! Hit rates that can be had without a trained model, as a reference for those of the heads.

use corpus::heuristics::nearest;
use serde::{Deserialize, Serialize};

use super::{argmax, texts::ObservedText};

/// Reference hit rates, over the texts whose pronoun has an antecedent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChanceHits {
    /// Expected accuracy of a uniformly random candidate.
    pub random: f64,
    /// Accuracy of the candidate nearest to the pronoun.
    pub nearest: f64,
    /// The fixed offset from the pronoun, in tokens, that hits the antecedent in most validation
    /// examples; negative offsets are to the left.
    pub offset: i64,
    /// How often the token at that offset belongs to the antecedent.
    pub at_offset: f64,
}

/// Greatest offset that is tried, to either side.
const MAX_OFFSET: i64 = 64;

impl ChanceHits {
    /// The hit rates on `observed`, with the offset chosen on `validation`.
    pub(crate) fn new(observed: &[ObservedText<'_>], validation: &[ObservedText<'_>]) -> Self {
        let hits = |offset| at_offset(validation, offset);
        let best = argmax((-MAX_OFFSET..=MAX_OFFSET).map(hits)).expect("there are offsets to try");
        let offset = best as i64 - MAX_OFFSET;
        Self {
            random: share(observed, |r| 1.0 / r.example.candidates.len() as f64),
            nearest: share(observed, |r| indicator(nearest(r.example) == r.example.antecedent)),
            offset,
            at_offset: at_offset(observed, offset),
        }
    }
}

fn at_offset(observed: &[ObservedText<'_>], offset: i64) -> f64 {
    share(observed, |text| {
        let positions = &text.positions;
        let token = usize::try_from(positions.pronoun as i64 + offset).ok();
        let tokens = positions.antecedent.map(|antecedent| &positions.candidates[antecedent]);
        indicator(token.zip(tokens).is_some_and(|(token, tokens)| tokens.contains(&token)))
    })
}

fn indicator(fact: bool) -> f64 {
    if fact { 1.0 } else { 0.0 }
}

/// The mean of `of` over the texts with an antecedent.
fn share(observed: &[ObservedText<'_>], of: impl Fn(&ObservedText<'_>) -> f64) -> f64 {
    let with = observed.iter().filter(|text| text.example.antecedent.is_some());
    let values: Vec<f64> = with.map(of).collect();
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};

    /// `[CLS] man other woman other other pronoun [SEP]`, each pronoun as often as the other, so
    /// that each of the two positions is right half the time; of equally good offsets the first,
    /// which is the farther one, is taken.
    #[test]
    fn position_alone_hits_half_of_the_minimal_pairs() {
        let baselines = sample::with_observed(|observed| ChanceHits::new(observed, observed));
        let expected = ChanceHits { random: 0.5, nearest: 0.5, offset: -5, at_offset: 0.5 };
        assert_eq!(baselines, expected);
    }

    #[test]
    fn the_offset_is_chosen_elsewhere_than_where_it_is_counted() {
        sample::with_observed(|observed| {
            let (men, women): (Vec<_>, Vec<_>) =
                observed.iter().cloned().partition(|r| r.positions.antecedent == Some(0));
            let baselines = ChanceHits::new(&men, &women);
            assert_eq!((baselines.offset, baselines.at_offset), (-3, 0.0));
        });
    }
}
