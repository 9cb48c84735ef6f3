//! GAP's official score: F1 of the decision whether the pronoun refers to a name.
//!
//! Each example has two names, and each name is a binary decision:
//!
//! ```text
//! precision = tp / (tp + fp)      recall = tp / (tp + fn)      F1 = 2·precision·recall / (precision + recall)
//! bias = F1(feminine) / F1(masculine)
//! ```
//!
//! There are two differences from the official scorer. It lets a system answer that both names are
//! right, and doing so for every row gives an F1 of 62.0 on the development set; an answer here is A,
//! B or neither. And it counts a missing row as two false negatives, while records that were skipped
//! on import are not counted here at all. Accuracy, which includes *neither*, is reported beside F1.
//!
//! Reference: Webster et al. 2018, <https://arxiv.org/abs/1810.05201>, and the scorer in
//! <https://github.com/google-research-datasets/gap-coreference>.

use std::iter::Sum;
use std::ops::Add;

use corpus::{
    example::Example,
    import::gap::{FEMININE, MASCULINE},
};
use serde::{Deserialize, Serialize};

/// GAP's score of a set of answers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GapScore {
    /// Number of examples.
    pub n: usize,
    /// Number of right answers, including *neither*.
    pub correct: usize,
    /// Decisions in examples with a masculine pronoun.
    pub masculine: Decisions,
    /// Decisions in examples with a feminine pronoun.
    pub feminine: Decisions,
}

/// Confusion matrix of the decisions about single names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decisions {
    /// The pronoun refers to the name, and the name was answered.
    pub true_positives: usize,
    /// The pronoun does not refer to the name, and the name was answered.
    pub false_positives: usize,
    /// The pronoun refers to the name, and the name was not answered.
    pub false_negatives: usize,
    /// The pronoun does not refer to the name, and the name was not answered.
    pub true_negatives: usize,
}

/// Scores the answers to the examples from GAP, which are recognised by their phenomenon. An answer
/// is the index of a candidate, or `None` for *neither*.
///
/// Returns `None` where no example is from GAP.
pub fn gap_score<'e>(
    answers: impl IntoIterator<Item = (&'e Example, Option<usize>)>,
) -> Option<GapScore> {
    let mut score = GapScore {
        n: 0,
        correct: 0,
        masculine: Decisions::default(),
        feminine: Decisions::default(),
    };
    for (example, answer) in answers {
        let of_gender = match example.phenomenon.as_str() {
            MASCULINE => &mut score.masculine,
            FEMININE => &mut score.feminine,
            _ => continue,
        };
        let names = 0..example.candidates.len();
        let decisions = names
            .map(|name| Decisions::one(example.antecedent == Some(name), answer == Some(name)));
        *of_gender = *of_gender + decisions.sum();
        score.n += 1;
        score.correct += usize::from(answer == example.antecedent);
    }
    (score.n > 0).then_some(score)
}

impl GapScore {
    /// Decisions in all examples.
    pub fn overall(&self) -> Decisions {
        self.masculine + self.feminine
    }

    /// Accuracy over all examples.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.n as f64
    }

    /// Feminine F1 divided by masculine F1; `None` where one of them is 0, as in the official scorer.
    pub fn bias(&self) -> Option<f64> {
        let (feminine, masculine) = (self.feminine.f1(), self.masculine.f1());
        (feminine > 0.0 && masculine > 0.0).then(|| feminine / masculine)
    }
}

impl Decisions {
    fn one(gold: bool, answered: bool) -> Self {
        Self {
            true_positives: usize::from(gold && answered),
            false_positives: usize::from(!gold && answered),
            false_negatives: usize::from(gold && !answered),
            true_negatives: usize::from(!gold && !answered),
        }
    }

    /// True positives among the answered names; 0 where no name was answered.
    pub fn precision(&self) -> f64 {
        share(self.true_positives, self.true_positives + self.false_positives)
    }

    /// True positives among the names that the pronoun refers to; 0 where there are none.
    pub fn recall(&self) -> f64 {
        share(self.true_positives, self.true_positives + self.false_negatives)
    }

    /// Harmonic mean of precision and recall; 0 where both are 0.
    pub fn f1(&self) -> f64 {
        let (precision, recall) = (self.precision(), self.recall());
        let sum = precision + recall;
        if sum == 0.0 { 0.0 } else { 2.0 * precision * recall / sum }
    }
}

impl Add for Decisions {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            true_positives: self.true_positives + other.true_positives,
            false_positives: self.false_positives + other.false_positives,
            false_negatives: self.false_negatives + other.false_negatives,
            true_negatives: self.true_negatives + other.true_negatives,
        }
    }
}

impl Sum for Decisions {
    fn sum<I: Iterator<Item = Self>>(decisions: I) -> Self {
        decisions.fold(Self::default(), Add::add)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use corpus::{
        example::Language,
        heuristics::nearest,
        import::{Set, import, window::Limit},
        span::CharSpan,
    };

    use super::*;

    fn example(phenomenon: &str, antecedent: Option<usize>) -> Example {
        Example {
            id: "gap-1".to_owned(),
            lang: Language::En,
            text: "Ann met Eve; she left.".to_owned(),
            pronoun: CharSpan::new(13, 16),
            candidates: vec![CharSpan::new(0, 3), CharSpan::new(8, 11)],
            antecedent,
            phenomenon: phenomenon.to_owned(),
            pair: None,
            form: None,
            agreeing: None,
        }
    }

    /// The score of answers given as phenomenon, antecedent and answer.
    fn score(answers: &[(&str, Option<usize>, Option<usize>)]) -> Option<GapScore> {
        let examples: Vec<(Example, Option<usize>)> = answers
            .iter()
            .map(|&(phenomenon, antecedent, answer)| (example(phenomenon, antecedent), answer))
            .collect();
        gap_score(examples.iter().map(|(example, answer)| (example, *answer)))
    }

    /// Every one of the nine answers: counted by hand.
    #[test]
    fn each_name_is_a_decision_of_its_own() {
        let counts = [
            (Some(0), Some(0), [1, 0, 0, 1]),
            (Some(0), Some(1), [0, 1, 1, 0]),
            (Some(0), None, [0, 0, 1, 1]),
            (Some(1), Some(0), [0, 1, 1, 0]),
            (Some(1), Some(1), [1, 0, 0, 1]),
            (Some(1), None, [0, 0, 1, 1]),
            (None, Some(0), [0, 1, 0, 1]),
            (None, Some(1), [0, 1, 0, 1]),
            (None, None, [0, 0, 0, 2]),
        ];
        for (antecedent, answer, [tp, fp, fn_, tn]) in counts {
            let score = score(&[(FEMININE, antecedent, answer)]).unwrap();
            let expected = Decisions {
                true_positives: tp,
                false_positives: fp,
                false_negatives: fn_,
                true_negatives: tn,
            };
            assert_eq!(score.feminine, expected, "{antecedent:?} {answer:?}");
            assert_eq!((score.overall(), score.masculine), (expected, Decisions::default()));
            assert_eq!(score.correct, usize::from(antecedent == answer));
        }
    }

    /// Masculine: 1 of 2 answers right, 1 of 3 names found, F1 2·½·⅓ / (½+⅓) = 0.4. Feminine: 2 of 3
    /// and 2 of 2, F1 0.8. Together 3 of 5 and 3 of 5, F1 0.6.
    #[test]
    fn scores_by_hand() {
        let score = score(&[
            (MASCULINE, Some(0), Some(0)),
            (MASCULINE, Some(1), Some(0)),
            (MASCULINE, Some(1), None),
            (FEMININE, Some(0), Some(0)),
            (FEMININE, Some(1), Some(1)),
            (FEMININE, None, Some(1)),
            (FEMININE, None, None),
        ]);
        let score = score.unwrap();
        assert!((score.masculine.precision() - 1.0 / 2.0).abs() < 1e-12);
        assert!((score.masculine.recall() - 1.0 / 3.0).abs() < 1e-12);
        assert!((score.masculine.f1() - 0.4).abs() < 1e-12);
        assert!((score.feminine.f1() - 0.8).abs() < 1e-12);
        assert!((score.overall().f1() - 0.6).abs() < 1e-12);
        assert!((score.bias().unwrap() - 2.0).abs() < 1e-12);
        assert!((score.accuracy() - 4.0 / 7.0).abs() < 1e-12);
    }

    #[test]
    fn who_answers_nothing_scores_nothing_and_has_no_bias() {
        let score = score(&[(MASCULINE, Some(0), None), (FEMININE, Some(1), None)]).unwrap();
        assert_eq!((score.overall().f1(), score.bias(), score.accuracy()), (0.0, None, 0.0));
    }

    #[test]
    fn what_is_not_from_gap_is_not_scored() {
        assert_eq!(score(&[("gender", Some(0), Some(0))]), None);
        let mixed = score(&[("gender", Some(0), Some(1)), (FEMININE, Some(0), Some(0))]);
        assert_eq!(mixed.unwrap().n, 1);
    }

    fn development() -> Vec<Example> {
        let root = std::env::var_os("ANAFORA_PUBLIC_SETS");
        let root = PathBuf::from(root.expect("ANAFORA_PUBLIC_SETS is the directory of the sets"));
        let limit = Limit { length: usize::MAX, tokenizer: None };
        let files = import(Set::Gap, &[root.join("gap/gap-development.tsv")], &limit).unwrap();
        files[0].records.iter().filter_map(|record| record.example().cloned()).collect()
    }

    /// The nearest name is the one with the fewest characters between it and the pronoun.
    #[test]
    #[ignore = "needs GAP below ANAFORA_PUBLIC_SETS"]
    fn cheap_answers_to_the_development_set_score_less_than_half() {
        let examples = development();
        assert_eq!(examples.len(), 2000);
        let f1 = |answer: &dyn Fn(&Example) -> Option<usize>| {
            let score = gap_score(examples.iter().map(|example| (example, answer(example))));
            (1000.0 * score.unwrap().overall().f1()).round() / 10.0
        };
        assert_eq!(f1(&|_| Some(0)), 46.0);
        assert_eq!(f1(&|_| Some(1)), 48.7);
        assert_eq!(f1(&nearest), 48.9);
        assert_eq!(f1(&|example| example.antecedent), 100.0);
    }
}
