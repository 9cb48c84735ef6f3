//! What hits would come of nothing that was learned.

use corpus::heuristics::nearest;
use serde::{Deserialize, Serialize};

use super::{greatest, texts::Reading};

/// Of the texts whose pronoun has an antecedent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baselines {
    /// How often a candidate drawn by lot is right.
    pub random: f64,
    /// How often the candidate nearest to the pronoun is.
    pub nearest: f64,
    /// The distance in tokens from the pronoun that hits most of the validation examples, negative
    /// to the left.
    pub offset: i64,
    /// How often the token at that distance is one of the antecedent's.
    pub at_offset: f64,
}

/// Offsets that are tried, to either side.
const REACH: i64 = 64;

impl Baselines {
    /// For `readings`, with the offset that is the best for `validation`.
    pub(crate) fn new(readings: &[Reading<'_>], validation: &[Reading<'_>]) -> Self {
        let hits = |offset| at_offset(validation, offset);
        let best = greatest((-REACH..=REACH).map(hits)).expect("there are offsets to try");
        let offset = best as i64 - REACH;
        Self {
            random: share(readings, |r| 1.0 / r.example.candidates.len() as f64),
            nearest: share(readings, |r| is(nearest(r.example) == r.example.antecedent)),
            offset,
            at_offset: at_offset(readings, offset),
        }
    }
}

fn at_offset(readings: &[Reading<'_>], offset: i64) -> f64 {
    share(readings, |reading| {
        let places = &reading.places;
        let token = usize::try_from(places.pronoun as i64 + offset).ok();
        let tokens = places.antecedent.map(|antecedent| &places.candidates[antecedent]);
        is(token.zip(tokens).is_some_and(|(token, tokens)| tokens.contains(&token)))
    })
}

fn is(fact: bool) -> f64 {
    if fact { 1.0 } else { 0.0 }
}

/// The mean over the texts with an antecedent.
fn share(readings: &[Reading<'_>], of: impl Fn(&Reading<'_>) -> f64) -> f64 {
    let with = readings.iter().filter(|reading| reading.example.antecedent.is_some());
    let values: Vec<f64> = with.map(of).collect();
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};

    /// `[CLS] man other woman other other pronoun [SEP]`, each pronoun as often as the other, so
    /// that each of the two places is right half the time; the first offset of equals is the
    /// farther one.
    #[test]
    fn position_alone_hits_half_of_the_minimal_pairs() {
        let baselines = sample::readings(|readings| Baselines::new(readings, readings));
        let expected = Baselines { random: 0.5, nearest: 0.5, offset: -5, at_offset: 0.5 };
        assert_eq!(baselines, expected);
    }

    #[test]
    fn the_offset_is_chosen_elsewhere_than_where_it_is_counted() {
        sample::readings(|readings| {
            let (men, women): (Vec<_>, Vec<_>) =
                readings.iter().cloned().partition(|r| r.places.antecedent == Some(0));
            let baselines = Baselines::new(&men, &women);
            assert_eq!((baselines.offset, baselines.at_offset), (-3, 0.0));
        });
    }
}
