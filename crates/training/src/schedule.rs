//! The learning-rate schedule: linear warm-up, a plateau, and a straight fall at the end.
//!
//! ```text
//! step < warmup:       peak · (step + 1) / warmup
//! left > decay:        peak                                   left: steps after this one
//! else:                final + (peak − final) · left / decay  decay: the share of the steps, as a number
//! ```
//!
//! Without a share, half a cosine from the warm-up on, as in runs of older versions:
//!
//! ```text
//! final + (peak − final) · (1 + cos(π · progress)) / 2
//! progress = (step − warmup) / (steps − 1 − warmup): 0 at the peak, 1 at the last step
//! ```
//!
//! It is a pure function of the step, so a checkpoint needs no state of it.
//! Reference: Hägele et al. 2024, <https://arxiv.org/abs/2405.18392>, for the plateau; Loshchilov and Hutter
//! 2017, <https://arxiv.org/abs/1608.03983>, for the cosine.

use config::experiment::TrainingConfig;

/// The learning rate of the update number `step`, from 0.
pub fn learning_rate(step: usize, config: &TrainingConfig) -> f64 {
    let TrainingConfig {
        steps,
        warmup_steps,
        decay_share,
        peak_learning_rate: peak,
        final_learning_rate: last,
        ..
    } = *config;
    if step < warmup_steps {
        return peak * (step + 1) as f64 / warmup_steps as f64;
    }
    let left = steps.saturating_sub(step + 1) as f64;
    // 1 at the peak, 0 at the last step.
    let height = match decay_share {
        Some(share) => (left / (share * steps as f64)).min(1.0),
        None => {
            let n_falling = steps.saturating_sub(warmup_steps + 1).max(1) as f64;
            let progress = ((step - warmup_steps) as f64 / n_falling).min(1.0);
            0.5 * (1.0 + (std::f64::consts::PI * progress).cos())
        }
    };
    last + (peak - last) * height
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::overrides::resolve;

    fn config() -> TrainingConfig {
        let text = include_str!("../../../configs/tiny.toml");
        TrainingConfig {
            steps: 101,
            warmup_steps: 10,
            peak_learning_rate: 1.0,
            final_learning_rate: 0.1,
            ..resolve("tiny", text, &[]).unwrap().config.training
        }
    }

    #[test]
    fn the_rate_rises_linearly_and_falls_as_half_a_cosine() {
        let rate = |step| learning_rate(step, &config());
        assert_eq!(rate(0), 0.1);
        assert_eq!(rate(4), 0.5);
        assert_eq!(rate(9), 1.0);
        assert_eq!(rate(10), 1.0);
        assert!((rate(55) - 0.55).abs() < 1e-12, "half-way: {}", rate(55));
        assert!((rate(100) - 0.1).abs() < 1e-12, "at the end: {}", rate(100));
        assert_eq!(rate(100), rate(500), "beyond the end");
        assert!((10..100).all(|step| rate(step) > rate(step + 1)));
    }

    #[test]
    fn with_a_share_the_rate_stays_at_its_peak_and_falls_in_a_straight_line() {
        let config = TrainingConfig { decay_share: Some(0.4), steps: 100, ..config() };
        let rate = |step| learning_rate(step, &config);
        assert_eq!(rate(4), 0.5);
        assert!((9..60).all(|step| rate(step) == 1.0));
        assert!((rate(79) - 0.55).abs() < 1e-12, "half-way down: {}", rate(79));
        assert!((60..99).all(|step| (rate(step) - rate(step + 1) - 0.9 / 40.0).abs() < 1e-12));
        assert_eq!((rate(99), rate(500)), (0.1, 0.1));
    }
}
