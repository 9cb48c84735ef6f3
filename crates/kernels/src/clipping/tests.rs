use super::*;
use crate::{
    naive,
    sample::{bits, noise, pools, wide},
};

/// Gradients around a vector and a block, and one that several threads share.
const LENGTHS: [usize; 9] = [0, 1, 15, 17, 64, 129, BLOCK - 1, BLOCK + 1, 100_003];

#[test]
fn the_norm_is_that_of_the_naive_loops_in_the_same_bits_on_any_number_of_threads() {
    let gradients = LENGTHS.map(|len| noise(len as u64, len));
    let expected = naive::global_norm(&gradients.each_ref().map(|gradient| wide(gradient)));
    for level in Level::all() {
        let norm = || global_norm(level, gradients.iter().map(|gradient| &gradient[..]));
        let alone = norm();
        assert!((alone / expected - 1.0).abs() < 1e-6, "{alone}, expected {expected}, {level:?}");
        for pool in pools() {
            assert_eq!(pool.install(norm).to_bits(), alone.to_bits(), "{level:?}");
        }
    }
}

#[test]
fn each_number_alone_has_its_absolute_value_as_the_norm() {
    let len = 70;
    for level in Level::all() {
        for index in 0..len {
            let mut gradient = vec![0.0; len];
            gradient[index] = -3.0;
            assert_eq!(global_norm(level, [&gradient[..]]), 3.0, "at {index}, {level:?}");
        }
    }
}

#[test]
fn no_gradient_has_no_norm_and_what_is_not_a_number_shows() {
    for level in Level::all() {
        assert_eq!(global_norm(level, []), 0.0, "{level:?}");
        for index in [0, 16, 64, 69] {
            let mut gradient = noise(1, 70);
            gradient[index] = f32::NAN;
            assert!(global_norm(level, [&gradient[..]]).is_nan(), "at {index}, {level:?}");
        }
    }
}

#[test]
fn every_number_is_scaled_once() {
    for len in LENGTHS {
        let values = noise(1, len);
        let expected: Vec<f32> = values.iter().map(|value| value * 0.3).collect();
        for pool in pools() {
            for level in Level::all() {
                let mut actual = values.clone();
                pool.install(|| scale(level, &mut actual, 0.3));
                assert_eq!(bits(&actual), bits(&expected), "{len}, {level:?}");
            }
        }
    }
}
