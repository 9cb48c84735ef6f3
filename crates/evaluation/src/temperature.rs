//! The temperature with which a model's probabilities say how often it is right.
//!
//! ```text
//! p(candidate) ∝ Σ exp(logit(word) / T)     T minimises the mean of −log p(antecedent)
//! ```
//!
//! Reference: Guo et al. 2017, <https://arxiv.org/abs/1706.04599>, §4.2.

use anafora::batch::EncodedExample;
use anafora::model::TrainedModel;
use anafora::prediction::Prediction;

use crate::statistics::{calibration_bins, calibration_error};

/// What was found on some examples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// What the model's logits should be divided by.
    pub temperature: f64,
    /// The expected calibration error without, and with it.
    pub calibration_error: [f64; 2],
}

/// The lowest and the highest temperature that is tried.
const RANGE: [f64; 2] = [0.2, 5.0];

/// Halvings of the interval, in the logarithm: after so many it is narrower than 1e-6.
const N_STEPS: usize = 40;

/// The temperature for `examples`, or `None` if there are none.
pub fn fit(model: &TrainedModel, examples: &[EncodedExample]) -> Option<Fit> {
    let predictions = model.predict(examples);
    fit_to(&predictions, examples)
}

fn fit_to(predictions: &[Prediction], examples: &[EncodedExample]) -> Option<Fit> {
    if examples.is_empty() {
        return None;
    }
    let loss = |log_temperature: f64| -> f64 {
        let losses = predictions.iter().zip(examples).map(|(prediction, example)| {
            let among = prediction.at_temperature(log_temperature.exp()).among(&example.candidates);
            let right = example.example.antecedent.unwrap_or(example.candidates.len());
            -f64::from(among[right]).max(1e-9).ln()
        });
        losses.sum()
    };
    let temperature = lowest(loss, RANGE.map(f64::ln)).exp();
    let error = |temperature: f64| {
        let answers = predictions.iter().zip(examples).map(|(prediction, example)| {
            let prediction = prediction.at_temperature(temperature);
            let (answer, probability) = prediction.answer_and_probability(&example.candidates);
            (f64::from(probability), answer == example.example.antecedent)
        });
        calibration_error(&calibration_bins(answers))
    };
    Some(Fit { temperature, calibration_error: [1.0, temperature].map(error) })
}

/// Where a function with one valley is lowest, by golden-section search.
fn lowest(function: impl Fn(f64) -> f64, [mut low, mut high]: [f64; 2]) -> f64 {
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let inner = |low: f64, high: f64| (high - golden * (high - low), low + golden * (high - low));
    let (mut a, mut b) = inner(low, high);
    let (mut of_a, mut of_b) = (function(a), function(b));
    for _ in 0..N_STEPS {
        if of_a < of_b {
            high = b;
            (b, of_b) = (a, of_a);
            a = inner(low, high).0;
            of_a = function(a);
        } else {
            low = a;
            (a, of_a) = (b, of_b);
            b = inner(low, high).1;
            of_b = function(b);
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_point_of_a_valley_is_found() {
        for at in [-1.5, 0.0, 0.7] {
            let found = lowest(|x| (x - at).powi(2) + 3.0, [-2.0, 2.0]);
            assert!((found - at).abs() < 1e-6, "{found}");
        }
    }
}
