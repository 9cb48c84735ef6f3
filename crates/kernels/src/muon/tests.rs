use super::*;
use crate::{
    naive,
    sample::{assert_close, bits, noise, pools, wide},
};

const DECAY: f32 = 0.1;
/// So great that the changes are as great as the weights, and errors in them show.
const LEARNING_RATE: f64 = 0.1;

#[test]
fn updates_match_the_naive_loops_in_the_same_bits_on_any_number_of_threads() {
    // Wide, tall and square; vectors; around a tile; and what the threads share.
    for [rows, columns] in [[1, 1], [1, 9], [9, 1], [7, 20], [33, 16], [16, 16], [100, 131]] {
        let (weights, momentum) = (noise(1, rows * columns), noise(2, rows * columns));
        let expected = naive::muon(
            f64::from(DECAY),
            LEARNING_RATE,
            columns,
            &wide(&weights),
            &wide(&momentum),
        );
        for level in Level::all() {
            let mut of_one_thread = None;
            for pool in pools() {
                let (mut weights, mut momentum) = (weights.clone(), momentum.clone());
                pool.install(|| {
                    step(level, DECAY, LEARNING_RATE, columns, [&mut weights, &mut momentum]);
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
        let mut matrix: Vec<f32> =
            (0..N * N).map(|i| if i % (N + 1) == 0 { values[i / N] } else { 0.0 }).collect();
        orthogonalise(level, &mut matrix, N);
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
        step(level, DECAY, LEARNING_RATE, 2, [&mut weights, &mut [0.0; 2]]);
        assert_eq!(weights, [1.98, -3.96], "{level:?}");
    }
}
