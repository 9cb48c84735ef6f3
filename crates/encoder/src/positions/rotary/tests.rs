use burn::tensor::{DType, Device};

use super::*;
use crate::{
    naive,
    sample::{self, BATCH, D_HEAD, HEADS, SEQ, THETA, assert_close},
};

const DIMS: [usize; 4] = [BATCH, HEADS, SEQ, D_HEAD];

fn rotation(device: &Device) -> Rotation {
    Rotation::new(SEQ, D_HEAD, THETA, (device, DType::F64))
}

#[test]
fn turning_matches_the_naive_loops() {
    let device = sample::device();
    let x = sample::random(1, DIMS, &device);

    let turned = rotation(&device).apply(x.clone());

    let rows = naive::rows(&x).into_iter().enumerate();
    let expected: Vec<f64> = rows.flat_map(|(i, x)| naive::rotary(&x, i % SEQ, THETA)).collect();
    assert_eq!(turned.dims(), DIMS);
    assert_close(&turned, &expected, 1e-14);
}

/// Worked by hand: with θ = 100 and four columns the two angles of position 1 are 1 and 0.1, and
/// column 0 is paired with column 2.
#[test]
fn the_first_half_is_paired_with_the_second() {
    let device = sample::device();
    let rotation = Rotation::new(2, 4, 100.0, (&device, DType::F64));
    let x =
        Tensor::from_data([[[[1.0, 2.0, 0.0, 0.0], [1.0, 2.0, 0.0, 0.0]]]], (&device, DType::F64));

    let turned = rotation.apply(x);

    let second = [1.0_f64.cos(), 2.0 * 0.1_f64.cos(), 1.0_f64.sin(), 2.0 * 0.1_f64.sin()];
    assert_close(&turned, &[[1.0, 2.0, 0.0, 0.0], second].concat(), 1e-15);
}

#[test]
fn position_0_is_not_turned() {
    let device = sample::device();
    let x = sample::random(1, DIMS, &device).narrow(2, 0, 1);

    let turned = Rotation::new(1, D_HEAD, THETA, (&device, DType::F64)).apply(x.clone());

    turned.into_data().assert_eq(&x.into_data(), true);
}

#[test]
fn a_score_depends_on_the_distance_and_not_on_the_place() {
    let device = sample::device();
    let rotation = rotation(&device);
    // The same query and the same key stand at every position.
    let [q, k] = [1, 2].map(|seed| {
        let vectors = sample::random(seed, [BATCH, HEADS, 1, D_HEAD], &device);
        rotation.apply(vectors.repeat_dim(2, SEQ))
    });

    let scores = q.matmul(k.transpose()); // [batch, heads, query, key]

    let moved = scores.clone().slice([0..BATCH, 0..HEADS, 1..SEQ, 1..SEQ]);
    let unmoved = scores.clone().slice([0..BATCH, 0..HEADS, 0..SEQ - 1, 0..SEQ - 1]);
    assert_close(&moved, &naive::numbers(&unmoved), 1e-14);
    let nearer = scores.clone().slice([0..BATCH, 0..HEADS, 0..1, 1..2]);
    let farther = scores.slice([0..BATCH, 0..HEADS, 0..1, 3..4]);
    assert_ne!(nearer.into_data(), farther.into_data());
}

#[test]
fn turning_keeps_lengths() {
    let device = sample::device();
    let x = sample::random(1, DIMS, &device);

    let turned = rotation(&device).apply(x.clone());

    assert_close(&turned.square().sum_dim(3), &naive::numbers(&x.square().sum_dim(3)), 1e-14);
}

#[test]
fn the_gradient_is_turned_back() {
    let device = sample::autodiff_device();
    let x = sample::random(1, DIMS, &device).require_grad();
    let probe = sample::random(2, DIMS, &device);

    let grads = (rotation(&device).apply(x.clone()) * probe.clone()).sum().backward();

    // A rotation's transpose is its inverse: turning the gradient again gives the probe.
    let gradient = x.grad(&grads).unwrap();
    let turned = rotation(&sample::device()).apply(gradient);
    assert_close(&turned, &naive::numbers(&probe), 1e-14);
}
