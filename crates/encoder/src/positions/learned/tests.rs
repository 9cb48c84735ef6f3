use burn::tensor::Device;

use super::*;
use crate::{
    finite_difference, naive,
    sample::{self, D_MODEL, SEQ, assert_close},
};
use config::encoder::Shape;

fn positions(device: &Device) -> LearnedPositions {
    let mut init = Initialiser::new(0, device);
    sample::randomised(LearnedPositions::new(&sample::config(Shape::Bert), &mut init))
}

#[test]
fn the_vectors_are_the_first_rows_of_the_table() {
    let positions = positions(&sample::device());

    let vectors = positions.forward(SEQ);

    let table = naive::numbers(&positions.table.val());
    assert_eq!(vectors.dims(), [SEQ, D_MODEL]);
    assert_close(&vectors, &table[..SEQ * D_MODEL], 0.0);
}

#[test]
fn the_gradient_matches_finite_differences() {
    let device = sample::autodiff_device();
    let positions = positions(&device);

    let probe = sample::random(2, [SEQ, D_MODEL], &device);
    let loss = |positions: &LearnedPositions| (positions.forward(SEQ) * probe.clone()).sum();
    finite_difference::check_parameters(&positions, &loss(&positions).backward(), loss);
}
