//! Logarithmically spaced steps, for checkpoints that are kept for good and for attention
//! snapshots.
//!
//! Models change most in their first steps, so the distance between two records grows with the
//! step.

/// Whether `step` is 0 or on a grid with `per_doubling` points for each doubling of the step,
/// equally spaced in its logarithm and rounded to whole steps.
pub fn is_on_grid(step: usize, per_doubling: usize) -> bool {
    if step == 0 {
        return true;
    }
    let below = ((step as f64).log2() * per_doubling as f64).floor() as i32;
    let at = |k: i32| (f64::from(k) / per_doubling as f64).exp2().round() as usize;
    (below..=below + 1).any(|k| at(k) == step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_begins_with_zero_and_grows_by_a_constant_factor() {
        let steps = |per_doubling, up_to| -> Vec<usize> {
            (0..=up_to).filter(|&step| is_on_grid(step, per_doubling)).collect()
        };
        assert_eq!(steps(1, 70), [0, 1, 2, 4, 8, 16, 32, 64]);
        assert_eq!(steps(2, 70), [0, 1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64]);
    }
}
