//! What a model gets right, by language and phenomenon, beside what costs nothing.

use std::collections::BTreeMap;

use corpus::{
    example::{Example, Language},
    heuristics::Heuristic,
};
use serde::{Deserialize, Serialize};

/// The counts for one kind of example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// The name of the file the examples are from.
    pub split: String,
    /// `null`: all languages.
    pub lang: Option<Language>,
    /// `null`: all phenomena.
    pub phenomenon: Option<String>,
    /// How many examples.
    pub n: usize,
    /// How many right answers.
    pub correct: usize,
    /// `correct / n`
    pub accuracy: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
}

/// The minimal pairs of one language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pairs {
    /// The name of the file the examples are from.
    pub split: String,
    /// `null`: all languages.
    pub lang: Option<Language>,
    /// How many pairs.
    pub n: usize,
    /// Pairs of which both members were answered rightly.
    pub both_right: usize,
}

/// What an answer by position alone gets right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeuristicScore {
    /// The name of the file the examples are from.
    pub split: String,
    /// `null`: all languages.
    pub lang: Option<Language>,
    /// `first`, `last` or `nearest`.
    pub name: String,
    /// Share of right answers, of all examples.
    pub accuracy: f64,
}

/// An example and what the model answered: an index of its candidates, or `None` for *none*.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The question.
    pub example: Example,
    /// The answer.
    pub answer: Option<usize>,
}

impl Answered {
    fn is_right(&self) -> bool {
        self.answer == self.example.antecedent
    }
}

/// A language and a phenomenon, `None` standing for all of them.
type Kind<'a> = (Option<Language>, Option<&'a str>);

/// The answers to the examples of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct AnsweredSplit {
    /// The name of the file.
    pub name: String,
    /// In the order of the file.
    pub answers: Vec<Answered>,
}

impl AnsweredSplit {
    /// Counts for everything, each language, each phenomenon, and each of both.
    pub fn slices(&self) -> Vec<Slice> {
        let mut counts: BTreeMap<Kind, (usize, usize)> = BTreeMap::new();
        for answered in &self.answers {
            let lang = Some(answered.example.lang);
            let phenomenon = Some(answered.example.phenomenon.as_str());
            for key in [(None, None), (lang, None), (None, phenomenon), (lang, phenomenon)] {
                let (n, correct) = counts.entry(key).or_default();
                *n += 1;
                *correct += usize::from(answered.is_right());
            }
        }
        (counts.into_iter())
            .map(|((lang, phenomenon), (n, correct))| {
                let (low, high) = wilson_interval(correct, n);
                Slice {
                    split: self.name.clone(),
                    lang,
                    phenomenon: phenomenon.map(str::to_owned),
                    n,
                    correct,
                    accuracy: correct as f64 / n as f64,
                    low,
                    high,
                }
            })
            .collect()
    }

    /// Counts for all complete minimal pairs, and those of each language.
    pub fn pairs(&self) -> Vec<Pairs> {
        let mut members: BTreeMap<&str, Vec<&Answered>> = BTreeMap::new();
        for answered in &self.answers {
            if let Some(pair) = &answered.example.pair {
                members.entry(pair).or_default().push(answered);
            }
        }
        let mut counts: BTreeMap<Option<Language>, (usize, usize)> = BTreeMap::new();
        for pair in members.values().filter(|pair| pair.len() == 2) {
            for key in [None, Some(pair[0].example.lang)] {
                let (n, both_right) = counts.entry(key).or_default();
                *n += 1;
                *both_right += usize::from(pair.iter().all(|answered| answered.is_right()));
            }
        }
        (counts.into_iter())
            .map(|(lang, (n, both_right))| Pairs { split: self.name.clone(), lang, n, both_right })
            .collect()
    }

    /// The score of each heuristic, over everything and for each language.
    pub fn heuristics(&self) -> Vec<HeuristicScore> {
        let mut scores = Vec::new();
        for lang in [None].into_iter().chain(Language::ALL.map(Some)) {
            let examples: Vec<&Example> = (self.answers.iter())
                .map(|answered| &answered.example)
                .filter(|example| lang.is_none_or(|lang| example.lang == lang))
                .collect();
            if examples.is_empty() {
                continue;
            }
            for heuristic in Heuristic::ALL {
                let right = (examples.iter())
                    .filter(|example| heuristic.answer(example) == example.antecedent)
                    .count();
                scores.push(HeuristicScore {
                    split: self.name.clone(),
                    lang,
                    name: heuristic.name().to_owned(),
                    accuracy: right as f64 / examples.len() as f64,
                });
            }
        }
        scores
    }
}

/// The 95 % interval of a share.
///
/// ```text
/// (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)        z = 1.96
/// ```
///
/// Unlike the normal approximation it never leaves 0..1 and does not collapse where all answers
/// are right. Reference: Wilson 1927.
fn wilson_interval(correct: usize, n: usize) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    let (n, p) = (n as f64, correct as f64 / n as f64);
    let centre = p + Z * Z / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((centre - half) / scale).max(0.0), ((centre + half) / scale).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use corpus::span::CharSpan;

    fn answered(lang: Language, pair: &str, antecedent: usize, answer: Option<usize>) -> Answered {
        let example = Example {
            id: format!("{pair}-{antecedent}"),
            lang,
            text: "a b c".to_owned(),
            pronoun: CharSpan::new(4, 5),
            candidates: vec![CharSpan::new(0, 1), CharSpan::new(2, 3)],
            antecedent: Some(antecedent),
            phenomenon: "gender".to_owned(),
            pair: Some(pair.to_owned()),
        };
        Answered { example, answer }
    }

    fn split() -> AnsweredSplit {
        let answers = vec![
            answered(Language::Es, "p", 0, Some(0)),
            answered(Language::Es, "p", 1, Some(1)),
            answered(Language::En, "q", 0, Some(0)),
            answered(Language::En, "q", 1, None),
        ];
        AnsweredSplit { name: "test".to_owned(), answers }
    }

    #[test]
    fn every_language_and_phenomenon_has_its_slice() {
        let slices = split().slices();
        let counts: Vec<_> =
            slices.iter().map(|s| (s.lang, s.phenomenon.as_deref(), s.n, s.correct)).collect();
        assert_eq!(
            counts,
            [
                (None, None, 4, 3),
                (None, Some("gender"), 4, 3),
                (Some(Language::Es), None, 2, 2),
                (Some(Language::Es), Some("gender"), 2, 2),
                (Some(Language::En), None, 2, 1),
                (Some(Language::En), Some("gender"), 2, 1),
            ]
        );
    }

    #[test]
    fn a_pair_counts_when_both_members_are_right() {
        let counts: Vec<_> = split().pairs().iter().map(|p| (p.lang, p.n, p.both_right)).collect();
        let expected = [(None, 2, 1), (Some(Language::Es), 1, 1), (Some(Language::En), 1, 0)];
        assert_eq!(counts, expected);
    }

    #[test]
    fn a_heuristic_is_right_half_the_time_on_a_balanced_pair() {
        for score in split().heuristics() {
            assert_eq!(score.accuracy, 0.5, "{score:?}");
        }
    }

    /// Against the table of Brown, Cai and DasGupta 2001 for n = 10, and at the edges.
    #[test]
    fn wilson_intervals_are_those_of_the_books() {
        for (correct, low, high) in [(5, 0.2366, 0.7634), (10, 0.7225, 1.0), (0, 0.0, 0.2775)] {
            let (l, h) = wilson_interval(correct, 10);
            assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{correct}: {l} {h}");
        }
    }
}
