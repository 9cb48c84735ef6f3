//! The learning-rate schedule: linear warm-up, then cosine decay.
//!
//! ```text
//! step < warmup:  peak · (step + 1) / warmup
//! else:           final + (peak − final) · (1 + cos(π · progress)) / 2
//!
//! progress = (step − warmup) / (steps − 1 − warmup): 0 at the peak, 1 at the last step
//! ```
//!
//! It is a pure function of the step, so a checkpoint needs no state of it.
//! Reference: Loshchilov and Hutter 2017, <https://arxiv.org/abs/1608.03983>.

use config::experiment::TrainingConfig;

/// The learning rate of the update number `step`, from 0.
pub fn learning_rate(step: usize, config: &TrainingConfig) -> f64 {
    let TrainingConfig {
        steps,
        warmup_steps,
        peak_learning_rate: peak,
        final_learning_rate: last,
        ..
    } = *config;
    if step < warmup_steps {
        return peak * (step + 1) as f64 / warmup_steps as f64;
    }
    // The last update has the final rate.
    let n_falling = steps.saturating_sub(warmup_steps + 1).max(1);
    let progress = (step - warmup_steps) as f64 / n_falling as f64;
    last + 0.5 * (peak - last) * (1.0 + (std::f64::consts::PI * progress.min(1.0)).cos())
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
}
