//! The steps at which something is kept for good: a constant number for each doubling of the step,
//! since most of what there is to see happens early.

/// Whether `step` is 0 or one of `per_doubling` steps, equally spaced in its logarithm, for each
/// doubling.
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
