//! Wrong answers: their kinds, and those with the highest probability.
//!
//! An example does not say which candidates agree in gender and number. The word lists of the
//! embedded grammar do for the words they contain; mistakes with other words get no finer kind.

use std::{collections::BTreeMap, sync::OnceLock};

use corpus::{agreement::Agreement, example::Example, grammar::Grammar};
use serde::{Deserialize, Serialize};

use crate::answers::{Answered, AnsweredSplit};

/// Number of most confident wrong answers that a report lists.
pub const N_WORST: usize = 20;

/// How an answer is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MistakeKind {
    /// There is an antecedent, and the answer differs from it in gender or number.
    WrongAgreement,
    /// There is an antecedent, and the answer is another candidate of the same gender and number.
    SameAgreement,
    /// There is an antecedent, and it is another candidate; the grammar does not know one of the two.
    AnotherCandidate,
    /// There is an antecedent, and the answer was *none*.
    NoneInsteadOfACandidate,
    /// *None* is right, and the answer was a candidate.
    ACandidateInsteadOfNone,
}

impl MistakeKind {
    /// Every kind, in the order of the tables.
    pub const ALL: [Self; 5] = [
        Self::WrongAgreement,
        Self::SameAgreement,
        Self::AnotherCandidate,
        Self::NoneInsteadOfACandidate,
        Self::ACandidateInsteadOfNone,
    ];

    /// Name of the kind in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::WrongAgreement => "wrong gender or number",
            Self::SameAgreement => "right gender and number, wrong one",
            Self::AnotherCandidate => "another candidate",
            Self::NoneInsteadOfACandidate => "none instead of a candidate",
            Self::ACandidateInsteadOfNone => "a candidate instead of none",
        }
    }

    fn between(example: &Example, right: usize, wrong: usize) -> Self {
        match agreement().and_then(|agreement| agreement.between(example, right, wrong)) {
            Some(true) => Self::SameAgreement,
            Some(false) => Self::WrongAgreement,
            None => Self::AnotherCandidate,
        }
    }

    /// The kind of `answered`, or `None` where it is right.
    pub fn of(answered: &Answered) -> Option<Self> {
        match (answered.example.antecedent, answered.answer) {
            _ if answered.is_right() => None,
            (Some(right), Some(wrong)) => Some(Self::between(&answered.example, right, wrong)),
            (Some(_), None) => Some(Self::NoneInsteadOfACandidate),
            (None, _) => Some(Self::ACandidateInsteadOfNone),
        }
    }
}

/// The agreement of the embedded grammar's words, read once.
fn agreement() -> Option<&'static Agreement> {
    static READ: OnceLock<Option<Agreement>> = OnceLock::new();
    READ.get_or_init(|| Grammar::embedded().ok().as_ref().map(Agreement::of)).as_ref()
}

/// The number of wrong answers of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MistakeCount {
    /// Name of the file that the examples are from.
    pub split: String,
    /// Phenomenon of the examples.
    pub phenomenon: String,
    /// In what way the answers are wrong.
    pub kind: MistakeKind,
    /// Number of wrong answers.
    pub n: usize,
}

/// A wrong answer with its whole example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mistake {
    /// Name of the file that the example is from.
    pub split: String,
    /// In what way the answer is wrong.
    pub kind: MistakeKind,
    /// The answer: an index of the candidates, or `null` for *none*.
    pub answer: Option<usize>,
    /// Probability of the answer.
    pub probability: f32,
    /// The example that was answered.
    pub example: Example,
}

impl AnsweredSplit {
    /// The number of wrong answers for each phenomenon and kind that occurs.
    pub fn mistakes(&self) -> Vec<MistakeCount> {
        let mut counts: BTreeMap<(&str, MistakeKind), usize> = BTreeMap::new();
        for answered in &self.answers {
            if let Some(kind) = MistakeKind::of(answered) {
                *counts.entry((&answered.example.phenomenon, kind)).or_default() += 1;
            }
        }
        (counts.into_iter())
            .map(|((phenomenon, kind), n)| MistakeCount {
                split: self.name.clone(),
                phenomenon: phenomenon.to_owned(),
                kind,
                n,
            })
            .collect()
    }

    /// The [`N_WORST`] wrong answers with the highest probability; ties are in the order of the file.
    pub fn worst(&self) -> Vec<Mistake> {
        let mut worst: Vec<(MistakeKind, &Answered)> = (self.answers.iter())
            .filter_map(|answered| Some((MistakeKind::of(answered)?, answered)))
            .collect();
        worst.sort_by(|(_, a), (_, b)| b.probability.total_cmp(&a.probability));
        (worst.into_iter().take(N_WORST))
            .map(|(kind, answered)| Mistake {
                split: self.name.clone(),
                kind,
                answer: answered.answer,
                probability: answered.probability,
                example: answered.example.clone(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::tests::{answered, split};
    use corpus::{example::Language, span::CharSpan};

    #[test]
    fn each_way_to_be_wrong_has_its_kind() {
        let with = |antecedent, answer| {
            let mut answered = answered(Language::Es, "p", 0, answer);
            answered.example.antecedent = antecedent;
            MistakeKind::of(&answered)
        };
        assert_eq!(with(Some(0), Some(1)), Some(MistakeKind::AnotherCandidate));
        assert_eq!(with(Some(0), None), Some(MistakeKind::NoneInsteadOfACandidate));
        assert_eq!(with(None, Some(0)), Some(MistakeKind::ACandidateInsteadOfNone));
        assert_eq!((with(None, None), with(Some(1), Some(1))), (None, None));
    }

    #[test]
    fn another_candidate_has_the_same_gender_and_number_or_not() {
        let between = |text: &str, split| {
            let mut answered = answered(Language::Es, "p", 0, Some(1));
            answered.example.text = text.to_owned();
            answered.example.candidates =
                vec![CharSpan::new(0, split), CharSpan::new(split + 1, text.chars().count())];
            MistakeKind::of(&answered)
        };
        assert_eq!(between("robot pelota", 5), Some(MistakeKind::WrongAgreement));
        assert_eq!(between("taza pelota", 4), Some(MistakeKind::SameAgreement));
        assert_eq!(between("blurpa pelota", 6), Some(MistakeKind::AnotherCandidate));
    }

    #[test]
    fn mistakes_are_counted_by_phenomenon() {
        let counts: Vec<_> =
            split().mistakes().into_iter().map(|m| (m.phenomenon, m.kind, m.n)).collect();
        let expected = ("gender".to_owned(), MistakeKind::NoneInsteadOfACandidate, 1);
        assert_eq!(counts, [expected]);
    }

    #[test]
    fn the_most_confident_mistakes_come_first_and_right_answers_never() {
        let answers = (0..30)
            .map(|index| {
                let mut wrong = answered(Language::Es, &index.to_string(), 0, Some(1));
                wrong.probability = 0.5 + index as f32 / 64.0;
                wrong
            })
            .chain([answered(Language::Es, "right", 0, Some(0))]);
        let split = AnsweredSplit { name: "test".to_owned(), answers: answers.collect() };
        let worst = split.worst();
        assert_eq!(worst.len(), N_WORST);
        assert_eq!((worst[0].example.id.as_str(), worst[0].probability), ("29-0", 0.953_125));
        assert!(worst.is_sorted_by(|a, b| a.probability >= b.probability));
    }
}
