//! What is still right without a head, see [`anafora::ablation`]: zero in its place, for which alone the
//! layers behind it may be lost, and the mean over all tokens of the validation examples.

use corpus::example::Language;
use encoder::intervention::Untouched;
use serde::{Deserialize, Serialize};

use super::{Subject, heads, scores::HeadScore, texts::Texts};
use crate::answers::{kinds, shares};
use anafora::ablation::{Ablation, HeadMeans};

/// How many heads are taken away together: so many of those whose loss costs most, and of those that
/// hit most.
const N_TOGETHER: usize = 4;

/// What a head's output is replaced by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Nothing.
    Zero,
    /// The mean over the tokens of the validation examples.
    Mean,
}

/// What is right without one head.
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

/// What is right without several heads: heads that do the same may stand in for one another, and
/// none of them would be missed alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupAblation {
    /// Layer and head of each.
    pub heads: Vec<[usize; 2]>,
    /// What that costs, and where.
    #[serde(flatten)]
    pub cost: Cost,
}

/// What it costs to go without heads, among all examples or some of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// What stands in their place.
    pub by: By,
    /// `null`: all languages.
    pub lang: Option<Language>,
    /// `null`: all phenomena.
    pub phenomenon: Option<String>,
    /// How many examples.
    pub n: usize,
    /// Share of right answers without them.
    pub accuracy: f64,
    /// Share of right answers with them, less `accuracy`.
    pub drop: f64,
}

impl Cost {
    /// Whether it is over all languages and phenomena.
    pub fn is_total(&self) -> bool {
        self.lang.is_none() && self.phenomenon.is_none()
    }
}

impl By {
    /// What to put in the place of heads.
    fn of(self, means: &HeadMeans) -> Option<&HeadMeans> {
        (self == Self::Mean).then_some(means)
    }
}

/// Takes away each head, then each two of those that cost most.
pub(crate) fn ablations(
    texts: &Texts,
    subject: &Subject<'_>,
    means: &HeadMeans,
    scores: &[HeadScore],
) -> (Vec<HeadAblation>, Vec<GroupAblation>) {
    let whole = texts.answers(subject, &Untouched);
    let without = |ablated: &[[usize; 2]]| {
        [By::Zero, By::Mean].map(|by| {
            let ablation = Ablation::new(ablated.iter().copied(), by.of(means));
            costs(texts, by, &whole, &texts.answers(subject, &ablation))
        })
    };
    let [n_layers, n_heads] = means.dims();
    let singles: Vec<HeadAblation> = heads(n_layers, n_heads)
        .flat_map(|[layer, head]| {
            let costs = without(&[[layer, head]]).into_iter().flatten();
            costs.map(move |cost| HeadAblation { layer, head, cost })
        })
        .collect();
    let groups = (together(&singles, scores).into_iter())
        .flat_map(|heads| {
            let costs = without(&heads).into_iter().flatten();
            costs.map(move |cost| GroupAblation { heads: heads.clone(), cost })
        })
        .collect();
    (singles, groups)
}

/// Of everything, then of each language and phenomenon.
fn costs(texts: &Texts, by: By, whole: &[Option<usize>], without: &[Option<usize>]) -> Vec<Cost> {
    let count = |answers: &[Option<usize>]| {
        let items = texts.examples().zip(answers).flat_map(|(encoded, &answer)| {
            let example = &encoded.example;
            let is_right = answer == example.antecedent;
            kinds(example.lang, &example.phenomenon).map(|kind| (kind, is_right))
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

/// Each two of the costliest heads and of those that hit most, then all of the latter at once.
fn together(ablations: &[HeadAblation], scores: &[HeadScore]) -> Vec<Vec<[usize; 2]>> {
    let pretty = prettiest(scores);
    let mut groups: Vec<Vec<[usize; 2]>> = Vec::new();
    for heads in [&costliest(ablations, scores), &pretty] {
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
    // Three of them, too: often it is three that look alike.
    groups.extend((3..=pretty.len()).map(|n| pretty[..n].to_vec()));
    groups
}

/// The heads that hit most.
fn prettiest(scores: &[HeadScore]) -> Vec<[usize; 2]> {
    let mut totals: Vec<&HeadScore> = scores.iter().filter(|score| score.is_total()).collect();
    totals.sort_by(|a, b| b.hit.total_cmp(&a.hit));
    totals.into_iter().take(N_TOGETHER).map(|score| [score.layer, score.head]).collect()
}

/// The heads without which least is right, zero in their place; of equals those that hit more.
fn costliest(ablations: &[HeadAblation], scores: &[HeadScore]) -> Vec<[usize; 2]> {
    let hit = |of: [usize; 2]| {
        let score = scores.iter().find(|s| s.is_total() && [s.layer, s.head] == of);
        score.map_or(0.0, |score| score.hit)
    };
    let totals = ablations.iter().filter(|a| a.cost.by == By::Zero && a.cost.is_total());
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
        sample::with(|subject| {
            let texts = Texts::new(&sample::examples(), subject);
            let validation = Texts::new(&sample::validation(), subject);
            let scores = super::super::scores::scores(&texts.readings(subject));
            let means = HeadMeans::new(subject.resolver, &validation.batches);
            ablations(&texts, subject, &means, &scores)
        })
    }

    /// Without it every word is as likely as any other, and the first candidate, the man, answers;
    /// with the mean, in which [`sample::validation`] has more of the women, the woman.
    #[test]
    fn only_the_head_that_copies_costs_anything_and_it_costs_half() {
        for ablation in both().0 {
            let is_copying = [ablation.layer, ablation.head] == COPIES;
            let expected = if is_copying { (0.5, 0.5) } else { (1.0, 0.0) };
            assert_eq!((ablation.cost.accuracy, ablation.cost.drop), expected, "{ablation:?}");
        }
    }

    #[test]
    fn the_mean_says_what_the_head_says_on_average() {
        sample::with(|subject| {
            let texts = Texts::new(&sample::examples(), subject);
            let validation = Texts::new(&sample::validation(), subject);
            let means = HeadMeans::new(subject.resolver, &validation.batches);
            let answers = [By::Zero, By::Mean]
                .map(|by| texts.answers(subject, &Ablation::new([COPIES], by.of(&means))));
            assert!(answers[0].iter().all(|&answer| answer == Some(0)), "{answers:?}");
            assert!(answers[1].iter().all(|&answer| answer == Some(1)), "{answers:?}");
        });
    }

    #[test]
    fn pairs_are_those_of_the_four_costliest_and_cost_what_their_costly_member_does() {
        let (singles, pairs) = both();
        // The costliest and the prettiest are the same four; then three of them, then all.
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
            .take_while(|cost| cost.by == By::Zero)
            .map(|cost| cost.n)
            .sum();
        // Each of two languages, one phenomenon, and both.
        assert_eq!(n, 3 * sample::N);
    }
}
