//! The entry of a report with GAP's official score, the numbers that papers report; the score itself
//! is in [`crate::gap_score`].

use serde::{Deserialize, Serialize};

use crate::answers::AnsweredSplit;
use crate::gap_score::{GapScore, gap_score};

/// The official score on the examples of a file that are from GAP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GapReport {
    /// Name of the file that the examples are from.
    pub split: String,
    /// F1 over all names.
    pub overall_f1: f64,
    /// F1 over the names beside masculine pronouns.
    pub masculine_f1: f64,
    /// F1 over the names beside feminine pronouns.
    pub feminine_f1: f64,
    /// Feminine over masculine F1; `null` where one of them is 0.
    pub bias: Option<f64>,
    /// Accuracy over all examples, including those whose answer is *neither*.
    pub accuracy: f64,
    /// The counts that the other fields are computed from.
    pub score: GapScore,
}

impl AnsweredSplit {
    /// GAP's score; `None` where no example is from GAP.
    pub fn gap(&self) -> Option<GapReport> {
        let answers = self.answers.iter().map(|answered| (&answered.example, answered.answer));
        let score = gap_score(answers)?;
        Some(GapReport {
            split: self.name.clone(),
            overall_f1: score.overall().f1(),
            masculine_f1: score.masculine.f1(),
            feminine_f1: score.feminine.f1(),
            bias: score.bias(),
            accuracy: score.accuracy(),
            score,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::answers::tests::split;
    use corpus::import::gap::{FEMININE, MASCULINE};

    #[test]
    fn only_examples_of_gap_have_its_score() {
        assert_eq!(split().gap(), None);
    }

    /// Masculine: two right answers. Feminine: one right, and one *none* that should be a name:
    /// precision 1, recall 1/2. Together: 3 of 3 answers, 3 of 4 names.
    #[test]
    fn each_gender_has_its_f1() {
        let mut split = split();
        for (index, answered) in split.answers.iter_mut().enumerate() {
            answered.example.phenomenon = (if index < 2 { MASCULINE } else { FEMININE }).to_owned();
        }
        let gap = split.gap().unwrap();
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a}, expected {b}");
        near(gap.masculine_f1, 1.0);
        near(gap.feminine_f1, 2.0 / 3.0);
        near(gap.bias.unwrap(), 2.0 / 3.0);
        near(gap.overall_f1, 6.0 / 7.0);
        near(gap.accuracy, 0.75);
    }
}
