//! Detects steps whose loss or gradient norm is far above those of the steps before them.
//!
//! ```text
//! usual  = median of the last 100 values
//! spread = their 90th percentile − usual
//! value  > usual + 8 · spread                is an outlier
//! ```
//!
//! Ranks are used instead of mean and standard deviation, because one outlier would raise those and
//! hide the next. The values are part of a checkpoint, so that a resumed run finds the same
//! outliers.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Number of past values that a new one is compared with.
const MAX_VALUES: usize = 100;
/// Number of past values below which no value counts as an outlier.
const MIN_VALUES: usize = 50;
/// Number of spreads above the median from which a value is an outlier.
const THRESHOLD: f32 = 8.0;

/// The losses and gradient norms of the last updates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OutlierDetector {
    losses: VecDeque<f32>,
    gradient_norms: VecDeque<f32>,
}

/// A value far above those before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlier {
    /// `loss` or `gradient_norm`, as in `metrics.jsonl`.
    pub what: &'static str,
    /// The value at this step.
    pub value: f32,
    /// The median of the values before it.
    pub usual: f32,
}

impl OutlierDetector {
    /// Adds the values of an update; returns its outlier if there is one, of the loss before that
    /// of the gradient norm.
    pub fn add(&mut self, loss: f32, gradient_norm: f32) -> Option<Outlier> {
        let both = [
            ("loss", loss, &mut self.losses),
            ("gradient_norm", gradient_norm, &mut self.gradient_norms),
        ];
        let outliers = both.map(|(what, value, past)| {
            let usual = median_if_outlier(value, past);
            past.push_back(value);
            if past.len() > MAX_VALUES {
                past.pop_front();
            }
            usual.map(|usual| Outlier { what, value, usual })
        });
        outliers.into_iter().flatten().next()
    }

    /// Gradient norm of the last update, before clipping.
    pub fn gradient_norm(&self) -> Option<f32> {
        self.gradient_norms.back().copied()
    }
}

/// The median of `past` if `value` is an outlier, otherwise `None`.
fn median_if_outlier(value: f32, past: &VecDeque<f32>) -> Option<f32> {
    if past.len() < MIN_VALUES {
        return None;
    }
    let mut sorted: Vec<f32> = past.iter().copied().collect();
    sorted.sort_by(f32::total_cmp);
    let usual = sorted[sorted.len() / 2];
    let spread = sorted[sorted.len() * 9 / 10] - usual;
    (value > usual + THRESHOLD * spread).then_some(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values between 1 and 2 in an irregular order.
    fn ordinary() -> impl Iterator<Item = f32> {
        (0..).map(|i| 1.0 + (i * 37 % 101) as f32 / 100.0)
    }

    #[test]
    fn an_ordinary_value_is_no_outlier_and_a_distant_one_comes_with_the_median() {
        let mut detector = OutlierDetector::default();
        for value in ordinary().take(500) {
            assert_eq!(detector.add(value, value), None);
        }
        let outlier = detector.add(20.0, 1.5).unwrap();
        assert_eq!((outlier.what, outlier.value), ("loss", 20.0));
        assert!((1.4..1.6).contains(&outlier.usual), "{outlier:?}");
        assert_eq!(detector.add(1.5, 30.0).unwrap().what, "gradient_norm");
        assert!(detector.add(20.0, 1.5).is_some(), "the first outlier hides the second");
    }

    #[test]
    fn there_are_no_outliers_before_there_are_enough_values() {
        let mut detector = OutlierDetector::default();
        assert!(ordinary().take(MIN_VALUES - 1).all(|value| detector.add(value, value).is_none()));
        assert_eq!(OutlierDetector::default().add(1e30, 1e30), None);
    }

    #[test]
    fn past_values_survive_json_to_the_last_bit() {
        let mut detector = OutlierDetector::default();
        for value in ordinary().take(2 * MAX_VALUES) {
            detector.add(value.sqrt(), value.ln());
        }
        assert_eq!(detector.losses.len(), MAX_VALUES);
        let json = serde_json::to_string(&detector).unwrap();
        assert_eq!(serde_json::from_str::<OutlierDetector>(&json).unwrap(), detector);
    }
}
