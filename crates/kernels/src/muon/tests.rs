use super::*;
use crate::{
    naive,
    sample::{assert_close, bits, noise, pools, wide},
};

/// A learning rate so great that the changes are as great as the weights, and errors in them show.
const CONSTANTS: Constants = Constants { momentum: 0.9, weight_decay: 0.1, learning_rate: 0.1 };

#[test]
fn updates_match_the_naive_loops_in_the_same_bits_on_any_number_of_threads() {
    // Wide, tall and square; vectors; around a tile; and what the threads share.
    for [rows, columns] in [[1, 1], [1, 9], [9, 1], [7, 20], [33, 16], [16, 16], [100, 131]] {
        let [weights, velocity, gradient] = [1, 2, 3].map(|seed| noise(seed, rows * columns));
        let expected =
            naive::muon(CONSTANTS, columns, &wide(&weights), &wide(&velocity), &wide(&gradient));
        for level in Level::all() {
            let mut of_one_thread = None;
            for pool in pools() {
                let mut weights = weights.clone();
                pool.install(|| {
                    step(level, CONSTANTS, columns, &mut weights, &velocity, &gradient)
                });
                let what = format_args!("{rows} × {columns}, {level:?}");
                assert_close(what, &weights, &expected, 1e-4);
                let bits = bits(&weights);
                assert_eq!(*of_one_thread.get_or_insert(bits.clone()), bits, "{what}");
            }
        }
    }
}

/// A diagonal matrix is decomposed already: each number goes through the polynomial by itself.
#[test]
fn singular_values_are_brought_near_one() {
    const N: usize = 12;
    let values: Vec<f32> = (1..=N).map(|i| i as f32).collect();
    for level in Level::all() {
        let mut matrix = Buffer::uninit(N * N);
        matrix.fill(0.0);
        for (value, place) in values.iter().zip(matrix.iter_mut().step_by(N + 1)) {
            *place = *value;
        }
        let matrix = orthogonal(level, matrix, N);
        for (i, value) in matrix.iter().enumerate() {
            match i % (N + 1) {
                0 => assert!((0.65..1.25).contains(value), "{} became {value}", values[i / N]),
                _ => assert_eq!(*value, 0.0),
            }
        }
    }
}

#[test]
fn weights_without_momentum_only_decay() {
    for level in Level::all() {
        let mut weights = [2.0, -4.0];
        step(level, CONSTANTS, 2, &mut weights, &[0.0; 2], &[0.0; 2]);
        assert_eq!(weights, [1.98, -3.96], "{level:?}");
    }
}
