//! Attention statistics of each head: hit rate, margin, entropy and distance.
//!
//! Only texts whose pronoun has an antecedent count, because hit and margin are undefined otherwise.

use std::collections::BTreeMap;

use corpus::{distance::distance, example::Language};
use serde::{Deserialize, Serialize};

use super::{heads, positions::TokenPositions, texts::ObservedText};
use crate::{
    answers::slice_keys,
    distance::{Bucket, DISTANCES},
};

/// Statistics of the pronoun's attention weights in one head, averaged over texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadScore {
    /// Index of the block.
    pub layer: usize,
    /// Index of the head in it.
    pub head: usize,
    /// `null`: all languages.
    pub lang: Option<Language>,
    /// `null`: all phenomena.
    pub phenomenon: Option<String>,
    /// Words between pronoun and antecedent; `null`: all distances.
    pub distance: Option<Bucket>,
    /// Number of texts.
    pub n: usize,
    /// Hit rate: how often the strongest weight, apart from special tokens and the pronoun itself, is
    /// on the antecedent.
    pub hit: f64,
    /// Weight on the antecedent minus the greatest weight on a wrong candidate.
    pub margin: f64,
    /// Entropy of the weights, in nats.
    pub entropy: f64,
    /// Weighted mean distance in tokens from the pronoun, special tokens included.
    pub mean_distance: f64,
    /// Weight on special tokens.
    pub special: f64,
}

impl HeadScore {
    /// Whether this is the score over all languages, phenomena and distances.
    pub fn is_total(&self) -> bool {
        self.lang.is_none() && self.phenomenon.is_none() && self.distance.is_none()
    }
}

/// Sums over texts of the last five fields of [`HeadScore`], in their order.
type Sums = [f64; 5];

type Key<'a> = (Option<Bucket>, Option<Language>, Option<&'a str>);

/// The scores of every head: on all texts, by language, by phenomenon, by both, and by distance
/// over all languages and in each.
pub(crate) fn scores(observed: &[ObservedText<'_>]) -> Vec<HeadScore> {
    let [n_layers, n_heads] = [observed[0].rows.len(), observed[0].rows[0].len()];
    heads(n_layers, n_heads).flat_map(|head| of_head(observed, head)).collect()
}

fn of_head(observed: &[ObservedText<'_>], [layer, head]: [usize; 2]) -> Vec<HeadScore> {
    let mut groups: BTreeMap<Key<'_>, (Sums, usize)> = BTreeMap::new();
    for text in observed {
        let Some(measured) = measure(&text.positions, &text.rows[layer][head]) else { continue };
        for key in keys(text) {
            let (sums, n) = groups.entry(key).or_default();
            sums.iter_mut().zip(measured).for_each(|(sum, value)| *sum += value);
            *n += 1;
        }
    }
    let score = |((distance, lang, phenomenon), (sums, n)): (Key<'_>, (Sums, usize))| {
        let [hit, margin, entropy, mean_distance, special] = sums.map(|sum| sum / n as f64);
        let phenomenon = phenomenon.map(str::to_owned);
        HeadScore {
            layer,
            head,
            lang,
            phenomenon,
            distance,
            n,
            hit,
            margin,
            entropy,
            mean_distance,
            special,
        }
    };
    groups.into_iter().map(score).collect()
}

fn keys<'a>(text: &ObservedText<'a>) -> Vec<Key<'a>> {
    let example = text.example;
    let kinds = slice_keys(example.lang, &example.phenomenon);
    let kinds = kinds.into_iter().map(|(lang, phenomenon)| (None, lang, phenomenon));
    let bucket = distance(example).map(|distance| Bucket::of(distance, &DISTANCES));
    let distances = bucket
        .into_iter()
        .flat_map(|bucket| [None, Some(example.lang)].map(|lang| (Some(bucket), lang, None)));
    kinds.chain(distances).collect()
}

/// The statistics of one row; `None` where the text has no antecedent.
fn measure(positions: &TokenPositions, row: &[f32]) -> Option<Sums> {
    let antecedent = positions.antecedent?;
    let masses = positions.masses(row);
    let wrong = (0..masses.len()).filter(|&index| index != antecedent);
    let best_wrong = wrong.map(|index| masses[index]).fold(0.0, f64::max);
    let sum = |of: &dyn Fn(usize, f64) -> f64| -> f64 {
        row.iter().enumerate().map(|(token, &weight)| of(token, weight.into())).sum()
    };
    Some([
        if positions.is_hit(row) { 1.0 } else { 0.0 },
        masses[antecedent] - best_wrong,
        sum(&|_, weight| if weight > 0.0 { -weight * weight.ln() } else { 0.0 }),
        sum(&|token, weight| weight * token.abs_diff(positions.pronoun) as f64),
        sum(&|token, weight| if positions.is_special[token] { weight } else { 0.0 }),
    ])
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};
    use encoder::by_hand::{COPIES, DECOY, READS_CLS, READS_WRONG};

    fn totals() -> Vec<HeadScore> {
        sample::with_observed(scores).into_iter().filter(HeadScore::is_total).collect()
    }

    fn total([layer, head]: [usize; 2]) -> HeadScore {
        totals().into_iter().find(|score| [score.layer, score.head] == [layer, head]).unwrap()
    }

    #[track_caller]
    fn assert_near(actual: f64, expected: f64) {
        assert!((actual - expected).abs() < 1e-5, "{actual}, expected {expected}");
    }

    #[test]
    fn the_heads_of_the_model_made_by_hand_have_the_scores_they_were_made_for() {
        for (head, hit, margin, special) in [
            (COPIES, 1.0, 1.0, 0.0),
            (DECOY, 1.0, 1.0, 0.0),
            (READS_WRONG, 0.0, -1.0, 0.0),
            (READS_CLS, 0.5, 0.0, 1.0), // the weights of all words are 0: the first word decides
        ] {
            let score = total(head);
            assert_eq!((score.n, score.hit), (sample::N, hit), "{head:?}");
            assert_near(score.margin, margin);
            assert_near(score.special, special);
            assert_near(score.entropy, 0.0);
        }
    }

    /// Eight tokens, the pronoun the seventh: `[CLS]`, four words, a filler, the pronoun, `[SEP]`.
    #[test]
    fn uniform_attention_has_the_entropy_and_mean_distance_of_the_text() {
        let score = total([0, 0]);
        assert_near(score.entropy, 8.0_f64.ln());
        assert_near(score.special, 2.0 / 8.0);
        assert_near(score.mean_distance, (6.0 + 5.0 + 4.0 + 3.0 + 2.0 + 1.0 + 0.0 + 1.0) / 8.0);
        assert_near(score.margin, 0.0);
        assert_near(total(READS_CLS).mean_distance, 6.0);
    }

    #[test]
    fn slices_and_distances_count_every_text_once() {
        let all = sample::with_observed(scores);
        let of_head = || all.iter().filter(|s| [s.layer, s.head] == COPIES);
        let sum = |keep: &dyn Fn(&HeadScore) -> bool| -> usize {
            of_head().filter(|s| keep(s)).map(|s| s.n).sum()
        };
        let is_null = |s: &HeadScore| s.lang.is_none();
        assert_eq!(sum(&|s| s.distance.is_some() && is_null(s)), sample::N);
        assert_eq!(sum(&|s| s.distance.is_some() && !is_null(s)), sample::N);
        assert_eq!(
            sum(&|s| s.distance.is_none() && !is_null(s) && s.phenomenon.is_some()),
            sample::N
        );
        assert_eq!(
            sum(&|s| s.distance.is_none() && is_null(s) && s.phenomenon.is_some()),
            sample::N
        );
    }
}
