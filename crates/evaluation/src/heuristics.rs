//! Accuracy of the position heuristics of [`corpus::heuristics`] on the same examples, as baselines.

use corpus::{
    example::Language,
    heuristics::{Heuristic, nearest_agreeing},
};
use serde::{Deserialize, Serialize};

use crate::answers::{AnsweredSplit, shares, slice_keys};

/// The name of [`nearest_agreeing`], of which only examples have a score that say which candidates
/// agree.
const NEAREST_AGREEING: &str = "nearest agreeing";

/// The accuracy of one heuristic on one slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeuristicScore {
    /// Name of the file that the examples are from.
    pub split: String,
    /// `null`: all languages.
    pub lang: Option<Language>,
    /// Absent: all phenomena.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phenomenon: Option<String>,
    /// Name of the heuristic, as `first`, `last` or `nearest`.
    pub name: String,
    /// Accuracy on all examples of the slice.
    pub accuracy: f64,
}

impl AnsweredSplit {
    /// The score of each heuristic, over all languages and for each.
    pub fn heuristics(&self) -> Vec<HeuristicScore> {
        self.scores().into_iter().filter(|score| score.phenomenon.is_none()).collect()
    }

    /// The score of each heuristic on each phenomenon, over all languages and for each.
    pub fn heuristics_by_phenomenon(&self) -> Vec<HeuristicScore> {
        self.scores().into_iter().filter(|score| score.phenomenon.is_some()).collect()
    }

    fn scores(&self) -> Vec<HeuristicScore> {
        let items = self.answers.iter().flat_map(|answered| {
            let example = &answered.example;
            let mut right: Vec<bool> = Heuristic::ALL
                .map(|heuristic| heuristic.answer(example) == example.antecedent)
                .to_vec();
            right.extend(nearest_agreeing(example).map(|answer| answer == example.antecedent));
            let kinds = slice_keys(example.lang, &example.phenomenon).into_iter();
            kinds.flat_map(move |kind| {
                let right = right.clone().into_iter().enumerate();
                right.map(move |(index, is_right)| ((kind, index), is_right))
            })
        });
        (shares(items).into_iter())
            .map(|(((lang, phenomenon), index), share)| HeuristicScore {
                split: self.name.clone(),
                lang,
                phenomenon: phenomenon.map(str::to_owned),
                name: Heuristic::ALL.get(index).map_or(NEAREST_AGREEING, |h| h.name()).to_owned(),
                accuracy: share.accuracy,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::answers::tests::split;

    #[test]
    fn a_heuristic_is_right_half_the_time_on_a_balanced_pair() {
        let (total, fine) = (split().heuristics(), split().heuristics_by_phenomenon());
        assert_eq!((total.len(), fine.len()), (12, 12), "four each for es, en and both");
        for score in total.iter().chain(&fine) {
            assert_eq!(score.accuracy, 0.5, "{score:?}");
        }
        let names: Vec<&str> = total[..4].iter().map(|score| score.name.as_str()).collect();
        assert_eq!(names, ["first", "last", "nearest", "longest"]);
    }

    #[test]
    fn a_heuristic_is_wrong_where_none_is_right() {
        let mut split = split();
        for answered in &mut split.answers {
            answered.example.antecedent = None;
        }
        assert!(split.heuristics().iter().all(|score| score.accuracy == 0.0));
    }
}
