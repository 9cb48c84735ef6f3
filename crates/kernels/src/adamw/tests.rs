use super::*;
use crate::{
    naive,
    sample::{assert_close, bits, noise, pools, wide},
};

const CONSTANTS: Constants =
    Constants { beta_1: 0.9, beta_2: 0.98, epsilon: 1e-8, weight_decay: 0.1 };
/// So great that the changes are as great as the weights, and errors in them show.
const LEARNING_RATE: f64 = 0.1;
const N_STEPS: usize = 5;

/// Weights, then first and second moments.
type State<T> = [Vec<T>; 3];

fn gradient(time: usize, len: usize) -> Vec<f32> {
    noise(time as u64, len)
}

fn steps(level: Level, len: usize) -> State<f32> {
    let [mut p, mut m, mut v] = [noise(100, len), vec![0.0; len], vec![0.0; len]];
    for time in 1..=N_STEPS {
        let gradient = gradient(time, len);
        step(level, CONSTANTS, LEARNING_RATE, time, &mut p, [&mut m, &mut v], &gradient);
    }
    [p, m, v]
}

fn expected(len: usize) -> State<f64> {
    let mut state = [wide(&noise(100, len)), vec![0.0; len], vec![0.0; len]];
    for time in 1..=N_STEPS {
        for (i, g) in gradient(time, len).into_iter().enumerate() {
            let before = state.each_ref().map(|values| values[i]);
            let after = naive::adamw(CONSTANTS, LEARNING_RATE, time, before, f64::from(g));
            for (values, after) in state.iter_mut().zip(after) {
                values[i] = after;
            }
        }
    }
    state
}

#[test]
fn steps_match_the_naive_loops_in_the_same_bits_on_any_number_of_threads() {
    // Around a vector, and what a thread of a pool shares with the others.
    for len in [0, 1, 15, 16, 17, 100, 20_011] {
        let expected = expected(len);
        let portable = steps(Level::Portable, len).map(|values| bits(&values));
        for pool in pools() {
            for level in Level::all() {
                let actual = pool.install(|| steps(level, len));
                for (actual, expected) in actual.iter().zip(&expected) {
                    assert_close(format_args!("{len}, {level:?}"), actual, expected, 2e-6);
                }
                assert_eq!(actual.map(|values| bits(&values)), portable, "{len}, {level:?}");
            }
        }
    }
}

#[test]
fn weights_without_a_gradient_only_decay() {
    let (mut p, mut m, mut v) = ([2.0, -4.0], [0.0; 2], [0.0; 2]);
    for level in Level::all() {
        let before = p;
        step(level, CONSTANTS, LEARNING_RATE, 1, &mut p, [&mut m, &mut v], &[0.0; 2]);
        assert_eq!((p, m, v), (before.map(|p| p * 0.99), [0.0; 2], [0.0; 2]), "{level:?}");
    }
}
