//! Calibration: whether answers with a probability of 90 % are right nine times in ten.

use serde::{Deserialize, Serialize};

use crate::answers::AnsweredSplit;
use crate::statistics::{N_BINS, calibration_bins, calibration_error, wilson_interval};

/// Calibration of the model's answers on one split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Name of the file that the examples are from.
    pub split: String,
    /// Expected calibration error, with 15 bins of equal width (Guo et al. 2017).
    pub ece: f64,
    /// Mean probability of the answers.
    pub confidence: f64,
    /// Accuracy of the answers.
    pub accuracy: f64,
    /// The bins that are not empty, in ascending order.
    pub bins: Vec<ReliabilityBin>,
}

/// The answers whose probability lies in one interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Lower bound of the probability, exclusive.
    pub above: f64,
    /// Upper bound of the probability, inclusive.
    pub up_to: f64,
    /// Number of answers.
    pub n: usize,
    /// Mean probability of the answers.
    pub confidence: f64,
    /// Accuracy of these answers.
    pub accuracy: f64,
    /// Lower end of the 95 % interval of the accuracy.
    pub low: f64,
    /// Upper end of the 95 % interval of the accuracy.
    pub high: f64,
}

impl AnsweredSplit {
    /// The calibration of all answers.
    pub fn calibration(&self) -> Calibration {
        let answers = self.answers.iter().map(|a| (f64::from(a.probability), a.is_right()));
        let bins = calibration_bins(answers);
        let n = self.answers.len() as f64;
        let edge = |index: usize| index as f64 / N_BINS as f64;
        Calibration {
            split: self.name.clone(),
            ece: calibration_error(&bins),
            confidence: bins.iter().map(|bin| bin.confidence).sum::<f64>() / n,
            accuracy: bins.iter().map(|bin| bin.correct).sum::<usize>() as f64 / n,
            bins: (bins.iter().enumerate().filter(|(_, bin)| bin.n > 0))
                .map(|(index, bin)| {
                    let (low, high) = wilson_interval(bin.correct, bin.n);
                    ReliabilityBin {
                        above: edge(index),
                        up_to: edge(index + 1),
                        n: bin.n,
                        confidence: bin.confidence / bin.n as f64,
                        accuracy: bin.correct as f64 / bin.n as f64,
                        low,
                        high,
                    }
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::answers::tests::split;

    /// Three of four right at 0.75 each is perfect; at 0.95 the error is 0.2.
    #[test]
    fn the_probability_of_the_chosen_answer_is_what_is_judged() {
        let mut split = split();
        let calibration = split.calibration();
        assert_eq!((calibration.ece, calibration.bins.len()), (0.0, 1));
        assert_eq!((calibration.confidence, calibration.accuracy), (0.75, 0.75));
        let bin = &calibration.bins[0];
        assert_eq!((bin.above, bin.up_to, bin.n), (11.0 / 15.0, 12.0 / 15.0, 4));
        split.answers.iter_mut().for_each(|answered| answered.probability = 0.95);
        assert!((split.calibration().ece - 0.2).abs() < 1e-7);
    }
}
