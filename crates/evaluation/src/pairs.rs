//! Consistency on minimal pairs: a model that uses the decisive cue has both members right.

use std::collections::BTreeMap;

use corpus::example::Language;
use serde::{Deserialize, Serialize};

use crate::answers::{Answered, AnsweredSplit, shares};

/// The number of consistently right minimal pairs of one slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pairs {
    /// Name of the file that the examples are from.
    pub split: String,
    /// `null`: all languages.
    pub lang: Option<Language>,
    /// Absent: all phenomena.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phenomenon: Option<String>,
    /// Number of pairs.
    pub n: usize,
    /// Number of pairs with both members right.
    pub both_right: usize,
    /// Lower end of the 95 % interval of `both_right / n`.
    #[serde(default)]
    pub low: f64,
    /// Upper end of the 95 % interval of `both_right / n`.
    #[serde(default)]
    pub high: f64,
}

impl Pairs {
    /// `both_right / n`
    pub fn consistency(&self) -> f64 {
        self.both_right as f64 / self.n as f64
    }
}

impl AnsweredSplit {
    /// Counts over all complete minimal pairs, and over those of each language.
    pub fn pairs(&self) -> Vec<Pairs> {
        self.count_pairs(|first, _| {
            [None, Some(first.example.lang)].map(|lang| (lang, None)).to_vec()
        })
    }

    /// Counts for each phenomenon, over all languages and for each. A pair whose members have
    /// different phenomena is not counted.
    pub fn pairs_by_phenomenon(&self) -> Vec<Pairs> {
        self.count_pairs(|first, second| {
            let phenomenon = &first.example.phenomenon;
            if *phenomenon != second.example.phenomenon {
                return Vec::new();
            }
            let key = |lang| (lang, Some(phenomenon.clone()));
            [None, Some(first.example.lang)].map(key).to_vec()
        })
    }

    fn count_pairs(
        &self,
        keys: impl Fn(&Answered, &Answered) -> Vec<(Option<Language>, Option<String>)>,
    ) -> Vec<Pairs> {
        let mut members: BTreeMap<&str, Vec<&Answered>> = BTreeMap::new();
        for answered in &self.answers {
            if let Some(pair) = &answered.example.pair {
                members.entry(pair).or_default().push(answered);
            }
        }
        let items = members.values().filter(|pair| pair.len() == 2).flat_map(|pair| {
            let both_right = pair.iter().all(|answered| answered.is_right());
            keys(pair[0], pair[1]).into_iter().map(move |key| (key, both_right))
        });
        (shares(items).into_iter())
            .map(|((lang, phenomenon), share)| Pairs {
                split: self.name.clone(),
                lang,
                phenomenon,
                n: share.n,
                both_right: share.correct,
                low: share.low,
                high: share.high,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::tests::split;

    #[test]
    fn a_pair_counts_when_both_members_are_right() {
        let counts: Vec<_> = split().pairs().iter().map(|p| (p.lang, p.n, p.both_right)).collect();
        let expected = [(None, 2, 1), (Some(Language::Es), 1, 1), (Some(Language::En), 1, 0)];
        assert_eq!(counts, expected);
    }

    #[test]
    fn a_phenomenon_has_the_pairs_that_agree_on_it() {
        let mut split = split();
        split.answers[0].example.phenomenon = "number".to_owned();
        let counts: Vec<_> = (split.pairs_by_phenomenon().into_iter())
            .map(|p| (p.lang, p.phenomenon, p.n, p.both_right))
            .collect();
        let gender = Some("gender".to_owned());
        assert_eq!(counts, [(None, gender.clone(), 1, 0), (Some(Language::En), gender, 1, 0)]);
        assert_eq!(split.pairs()[0].n, 2);
    }

    #[test]
    fn incomplete_pairs_are_not_counted() {
        let mut split = split();
        split.answers.pop();
        assert_eq!(split.pairs()[0].n, 1);
    }
}
