use super::*;
use crate::{
    dropout::Dropout,
    naive,
    sample::{assert_close, noise, wide},
};

const ALL: [Activation; 3] = [Activation::Relu, Activation::Gelu, Activation::GeGlu];
const N_ROWS: usize = 4;
const TOLERANCE: f64 = 1e-6;

/// Hidden rows around 0 and far from it.
fn hidden(activation: Activation, width: usize) -> Vec<f32> {
    noise(1, N_ROWS * activation.parts() * width).iter().map(|h| 4.0 * h).collect()
}

/// `u`, and the gradient of `h`, with whatever the level does.
fn both_ways(
    activation: Activation,
    level: Level,
    width: usize,
    dropout: Option<(Site, Vec<usize>)>,
) -> [Vec<f32>; 2] {
    let mut h = hidden(activation, width);
    let mut u = vec![f32::NAN; N_ROWS * width];
    activation.forward(level, &mut h, &mut u, width, dropout);
    let mut dh = vec![f32::NAN; h.len()];
    activation.backward(level, &h, &noise(2, u.len()), &mut dh, width);
    [u, dh]
}

#[test]
fn values_and_gradients_match_the_naive_loops() {
    for activation in ALL {
        for width in [1, 5, 15, 16, 33] {
            let h = wide(&hidden(activation, width));
            let du = wide(&noise(2, N_ROWS * width));
            let rows = || h.chunks(activation.parts() * width);
            let u: Vec<f64> = rows().flat_map(|h| naive::activate(activation, h)).collect();
            let dh: Vec<f64> = rows()
                .zip(du.chunks(width))
                .flat_map(|(h, du)| naive::activate_backward(activation, h, du))
                .collect();
            for level in Level::all() {
                let [actual_u, actual_dh] = both_ways(activation, level, width, None);
                let what = format_args!("{activation:?} of width {width}, {level:?}");
                assert_close(what, &actual_u, &u, TOLERANCE);
                assert_close(what, &actual_dh, &dh, TOLERANCE);
            }
        }
    }
}

#[test]
fn dropout_of_geglu_stands_behind_the_gate_in_both_directions() {
    let (width, padded_rows) = (5, vec![7, 2, 3, 11]);
    let dropout = Dropout { probability: 0.4, seed: 1 };
    let mask = wide(&dropout.mask(6, 12 * width));
    let mask = |i: usize| mask[padded_rows[i / width] * width + i % width];
    for level in Level::all() {
        let [u, dh] = both_ways(Activation::GeGlu, level, width, None);
        let expected_u: Vec<f64> =
            u.iter().enumerate().map(|(i, &u)| f64::from(u) * mask(i)).collect();
        let expected_dh: Vec<f64> = (dh.iter().enumerate())
            .map(|(i, &dh)| f64::from(dh) * mask(i / (2 * width) * width + i % width))
            .collect();
        let site = Some((dropout.site(6), padded_rows.clone()));
        let [u, dh] = both_ways(Activation::GeGlu, level, width, site);
        assert_close("u", &u, &expected_u, TOLERANCE);
        assert_close("dh", &dh, &expected_dh, TOLERANCE);
        assert!(u.contains(&0.0), "nothing was dropped");
    }
}

#[test]
fn large_numbers_pass_or_vanish() {
    for level in Level::all() {
        for activation in [Activation::Relu, Activation::Gelu] {
            let mut h = [1e4, -1e4, 3e30, -3e30, 0.0];
            let mut u = [f32::NAN; 5];
            activation.forward(level, &mut h, &mut u, 5, None);
            assert_eq!(u, [1e4, 0.0, 3e30, 0.0, 0.0], "{activation:?}");
            assert_eq!(h[..4], [1.0, 0.0, 1.0, 0.0], "{activation:?}");
        }
    }
}

#[test]
fn what_is_not_a_number_stays_so() {
    for level in Level::all() {
        for activation in ALL {
            let mut h = vec![f32::NAN; 2 * activation.parts()];
            let mut u = [0.0; 2];
            activation.forward(level, &mut h, &mut u, 2, None);
            assert!(u.iter().all(|u| u.is_nan()), "{activation:?}, {level:?}");
        }
    }
}
