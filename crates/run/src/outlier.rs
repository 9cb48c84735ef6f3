//! Losses and gradient norms that are far from those of late, and the examples they come from.
//!
//! ```text
//! usual  = median of the last 100 values
//! spread = their 90th percentile − usual
//! value  > usual + 8 · spread                is an outlier
//! ```
//!
//! Ranks instead of mean and deviation: one outlier must not hide the next. A pure function of what
//! was trained, and part of a checkpoint, so that a resumed run finds the same ones.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Values that are remembered.
const MEMORY: usize = 100;
/// Values before the first judgement.
const ENOUGH: usize = 50;
/// Spreads above the usual at which a value is an outlier.
const FAR: f32 = 8.0;

/// The values of late.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    losses: VecDeque<f32>,
    gradient_norms: VecDeque<f32>,
}

/// A value far from those before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlier {
    /// What it is a value of, as in `metrics.jsonl`.
    pub what: &'static str,
    /// The value.
    pub value: f32,
    /// The median of those before it.
    pub usual: f32,
}

impl Watch {
    /// Takes note of a step, and says whether it was an outlier.
    pub fn add(&mut self, loss: f32, gradient_norm: f32) -> Option<Outlier> {
        let both = [
            ("loss", loss, &mut self.losses),
            ("gradient_norm", gradient_norm, &mut self.gradient_norms),
        ];
        let outliers = both.map(|(what, value, memory)| {
            let usual = usual_below(value, memory);
            memory.push_back(value);
            if memory.len() > MEMORY {
                memory.pop_front();
            }
            usual.map(|usual| Outlier { what, value, usual })
        });
        outliers.into_iter().flatten().next()
    }

    /// Of the last step that made an update.
    pub fn gradient_norm(&self) -> Option<f32> {
        self.gradient_norms.back().copied()
    }
}

/// The median of `memory`, if `value` is far above it.
fn usual_below(value: f32, memory: &VecDeque<f32>) -> Option<f32> {
    if memory.len() < ENOUGH {
        return None;
    }
    let mut sorted: Vec<f32> = memory.iter().copied().collect();
    sorted.sort_by(f32::total_cmp);
    let usual = sorted[sorted.len() / 2];
    let spread = sorted[sorted.len() * 9 / 10] - usual;
    (value > usual + FAR * spread).then_some(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values between 1 and 2 in an order without rhythm.
    fn ordinary() -> impl Iterator<Item = f32> {
        (0..).map(|i| 1.0 + (i * 37 % 101) as f32 / 100.0)
    }

    #[test]
    fn an_ordinary_value_is_none_and_a_far_one_is_named_with_what_is_usual() {
        let mut watch = Watch::default();
        for value in ordinary().take(500) {
            assert_eq!(watch.add(value, value), None);
        }
        let outlier = watch.add(20.0, 1.5).unwrap();
        assert_eq!((outlier.what, outlier.value), ("loss", 20.0));
        assert!((1.4..1.6).contains(&outlier.usual), "{outlier:?}");
        assert_eq!(watch.add(1.5, 30.0).unwrap().what, "gradient_norm");
        assert!(watch.add(20.0, 1.5).is_some(), "the first one hides the second");
    }

    #[test]
    fn nothing_is_said_before_there_is_something_to_compare_with() {
        let mut watch = Watch::default();
        assert!(ordinary().take(ENOUGH - 1).all(|value| watch.add(value, value).is_none()));
        assert_eq!(Watch::default().add(1e30, 1e30), None);
    }

    #[test]
    fn what_is_remembered_comes_back_from_json_to_the_last_bit() {
        let mut watch = Watch::default();
        for value in ordinary().take(2 * MEMORY) {
            watch.add(value.sqrt(), value.ln());
        }
        assert_eq!(watch.losses.len(), MEMORY);
        let json = serde_json::to_string(&watch).unwrap();
        assert_eq!(serde_json::from_str::<Watch>(&json).unwrap(), watch);
    }
}
