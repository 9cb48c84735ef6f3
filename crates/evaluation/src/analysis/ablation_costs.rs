//! How much accuracy it costs to ablate attention heads, one at a time and several at once.
//!
//! [`anafora::ablation`] defines the intervention; this module measures its effect on the answers.
//! Zero ablation may hurt merely because later layers have never seen a zero there, so each head is
//! also replaced by its mean over the tokens of the validation examples.

use corpus::example::Language;
use encoder::intervention::Untouched;
use serde::{Deserialize, Serialize};

use super::{AnalysedModel, heads, scores::HeadScore, texts::Texts};
use crate::answers::{shares, slice_keys};
use anafora::ablation::{Ablation, HeadMeans};

/// Number of heads with the greatest drop, and of heads with the highest hit rate, that are ablated
/// together.
const N_TOGETHER: usize = 4;

/// What the output of an ablated head is replaced by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Replacement {
    /// A vector of zeros.
    Zero,
    /// The head's mean output over the tokens of the validation examples.
    Mean,
}

/// The cost of ablating one head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadAblation {
    /// Index of the block.
    pub layer: usize,
    /// Index of the head in it.
    pub head: usize,
    /// What that costs, and where.
    #[serde(flatten)]
    pub cost: Cost,
}

/// The cost of ablating several heads at once. Heads with the same function can replace each other,
/// so that ablating only one of them may cost nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupAblation {
    /// `[layer, head]` of each ablated head.
    pub heads: Vec<[usize; 2]>,
    /// What that costs, and where.
    #[serde(flatten)]
    pub cost: Cost,
}

/// The accuracy under an ablation, on all examples or on one language or phenomenon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// What the heads' output is replaced by.
    pub by: Replacement,
    /// `null`: all languages.
    pub lang: Option<Language>,
    /// `null`: all phenomena.
    pub phenomenon: Option<String>,
    /// Number of examples.
    pub n: usize,
    /// Accuracy under the ablation.
    pub accuracy: f64,
    /// Accuracy without the ablation minus `accuracy`.
    pub drop: f64,
}

impl Cost {
    /// Whether this is the cost over all languages and phenomena.
    pub fn is_total(&self) -> bool {
        self.lang.is_none() && self.phenomenon.is_none()
    }
}

impl Replacement {
    /// The means to pass to [`Ablation::new`], which takes `None` as zero.
    fn of(self, means: &HeadMeans) -> Option<&HeadMeans> {
        (self == Self::Mean).then_some(means)
    }
}

/// The costs of ablating each head alone, then of ablating the groups of [`groups_to_ablate`].
pub(crate) fn ablations(
    texts: &Texts,
    model: &AnalysedModel<'_>,
    means: &HeadMeans,
    scores: &[HeadScore],
) -> (Vec<HeadAblation>, Vec<GroupAblation>) {
    let whole = texts.answers(model, &Untouched);
    let without = |ablated: &[[usize; 2]]| {
        [Replacement::Zero, Replacement::Mean].map(|by| {
            let ablation = Ablation::new(ablated.iter().copied(), by.of(means));
            costs(texts, by, &whole, &texts.answers(model, &ablation))
        })
    };
    let [n_layers, n_heads] = means.dims();
    let singles: Vec<HeadAblation> = heads(n_layers, n_heads)
        .flat_map(|[layer, head]| {
            let costs = without(&[[layer, head]]).into_iter().flatten();
            costs.map(move |cost| HeadAblation { layer, head, cost })
        })
        .collect();
    let groups = (groups_to_ablate(&singles, scores).into_iter())
        .flat_map(|heads| {
            let costs = without(&heads).into_iter().flatten();
            costs.map(move |cost| GroupAblation { heads: heads.clone(), cost })
        })
        .collect();
    (singles, groups)
}

/// The costs on all examples, each language, each phenomenon, and each combination of both.
fn costs(
    texts: &Texts,
    by: Replacement,
    whole: &[Option<usize>],
    without: &[Option<usize>],
) -> Vec<Cost> {
    let count = |answers: &[Option<usize>]| {
        let items = texts.examples().zip(answers).flat_map(|(encoded, &answer)| {
            let example = &encoded.example;
            let is_right = answer == example.antecedent;
            slice_keys(example.lang, &example.phenomenon).map(|kind| (kind, is_right))
        });
        shares(items.collect::<Vec<_>>())
    };
    (count(whole).into_iter().zip(count(without)))
        .map(|((_, whole), ((lang, phenomenon), share))| Cost {
            by,
            lang,
            phenomenon: phenomenon.map(str::to_owned),
            n: share.n,
            accuracy: share.accuracy,
            drop: whole.accuracy - share.accuracy,
        })
        .collect()
}

/// All pairs of the heads with the greatest drop and all pairs of those with the highest hit rate,
/// then the three and four heads with the highest hit rate.
fn groups_to_ablate(ablations: &[HeadAblation], scores: &[HeadScore]) -> Vec<Vec<[usize; 2]>> {
    let by_hit = top_by_hit(scores);
    let mut groups: Vec<Vec<[usize; 2]>> = Vec::new();
    for heads in [&top_by_drop(ablations, scores), &by_hit] {
        for (index, &first) in heads.iter().enumerate() {
            for &second in &heads[index + 1..] {
                let is_known =
                    |group: &Vec<[usize; 2]>| group.contains(&first) && group.contains(&second);
                if !groups.iter().any(is_known) {
                    groups.push(vec![first, second]);
                }
            }
        }
    }
    // Groups of three as well, because a model often has three heads with the same attention.
    groups.extend((3..=by_hit.len()).map(|n| by_hit[..n].to_vec()));
    groups
}

/// The heads with the highest hit rate.
fn top_by_hit(scores: &[HeadScore]) -> Vec<[usize; 2]> {
    let mut totals: Vec<&HeadScore> = scores.iter().filter(|score| score.is_total()).collect();
    totals.sort_by(|a, b| b.hit.total_cmp(&a.hit));
    totals.into_iter().take(N_TOGETHER).map(|score| [score.layer, score.head]).collect()
}

/// The heads with the greatest drop under zero ablation; ties are broken by the hit rate.
fn top_by_drop(ablations: &[HeadAblation], scores: &[HeadScore]) -> Vec<[usize; 2]> {
    let hit = |of: [usize; 2]| {
        let score = scores.iter().find(|s| s.is_total() && [s.layer, s.head] == of);
        score.map_or(0.0, |score| score.hit)
    };
    let totals = ablations.iter().filter(|a| a.cost.by == Replacement::Zero && a.cost.is_total());
    let mut heads: Vec<([usize; 2], f64)> =
        totals.map(|a| ([a.layer, a.head], a.cost.drop)).collect();
    heads.sort_by(|a, b| b.1.total_cmp(&a.1).then(hit(b.0).total_cmp(&hit(a.0))));
    heads.into_iter().take(N_TOGETHER).map(|(head, _)| head).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};
    use encoder::by_hand::{COPIES, DECOY};

    fn both() -> (Vec<HeadAblation>, Vec<GroupAblation>) {
        sample::with_model(|model| {
            let texts = Texts::new(&sample::examples(), model);
            let validation = Texts::new(&sample::validation(), model);
            let scores = super::super::scores::scores(&texts.observed(model));
            let means = HeadMeans::new(model.resolver, &validation.batches);
            ablations(&texts, model, &means, &scores)
        })
    }

    /// Without it every word has the same probability, so the answer is the first candidate, the
    /// man; with the mean, to which [`sample::validation`] contributes only women, it is the woman.
    #[test]
    fn only_the_head_that_copies_costs_anything_and_it_costs_half() {
        for ablation in both().0 {
            let is_copying = [ablation.layer, ablation.head] == COPIES;
            let expected = if is_copying { (0.5, 0.5) } else { (1.0, 0.0) };
            assert_eq!((ablation.cost.accuracy, ablation.cost.drop), expected, "{ablation:?}");
        }
    }

    #[test]
    fn mean_ablation_gives_the_answer_of_the_average_output() {
        sample::with_model(|model| {
            let texts = Texts::new(&sample::examples(), model);
            let validation = Texts::new(&sample::validation(), model);
            let means = HeadMeans::new(model.resolver, &validation.batches);
            let answers = [Replacement::Zero, Replacement::Mean]
                .map(|by| texts.answers(model, &Ablation::new([COPIES], by.of(&means))));
            assert!(answers[0].iter().all(|&answer| answer == Some(0)), "{answers:?}");
            assert!(answers[1].iter().all(|&answer| answer == Some(1)), "{answers:?}");
        });
    }

    #[test]
    fn pairs_are_those_of_the_four_costliest_and_cost_what_their_costly_member_does() {
        let (singles, pairs) = both();
        // The same four heads have the greatest drop and the highest hit rate: six pairs, then
        // three of them, then all.
        let (totals, of_slices): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|p| p.cost.is_total());
        assert_eq!(totals.len(), (6 + 2) * 2);
        assert_eq!(totals[0].heads, [COPIES, DECOY], "of all that cost nothing it hits most");
        assert_eq!(totals.last().unwrap().heads.len(), 4);
        for pair in &totals {
            let expected = if pair.heads.contains(&COPIES) { 0.5 } else { 0.0 };
            assert_eq!((pair.cost.n, pair.cost.drop), (sample::N, expected), "{pair:?}");
            // Languages, phenomena, and both: each of the three counts every example once.
            let parts = (of_slices.iter())
                .filter(|p| p.heads == pair.heads && p.cost.by == pair.cost.by)
                .map(|part| &part.cost);
            let (n, lost) = parts
                .fold((0, 0.0), |(n, lost), part| (n + part.n, lost + part.drop * part.n as f64));
            assert_eq!((n, lost), (3 * sample::N, 3.0 * expected * sample::N as f64), "{pair:?}");
        }
        let n: usize = singles[1..]
            .iter()
            .map(|a| &a.cost)
            .take_while(|cost| cost.by == Replacement::Zero)
            .map(|cost| cost.n)
            .sum();
        // Each of two languages, one phenomenon, and both.
        assert_eq!(n, 3 * sample::N);
    }
}
