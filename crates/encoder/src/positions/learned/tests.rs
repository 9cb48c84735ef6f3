use super::*;
use crate::{
    finite_difference, naive,
    sample::{self, D_MODEL, SEQ, assert_close},
};
use config::encoder::Shape;

#[test]
fn the_vectors_are_the_first_rows_of_the_table() {
    let config = sample::config(Shape::Bert);
    let positions = sample::randomised(LearnedPositions::new(&config, &sample::device()));

    let vectors = positions.forward(SEQ);

    let table = naive::numbers(&positions.table.val());
    assert_eq!(vectors.dims(), [SEQ, D_MODEL]);
    assert_close(&vectors, &table[..SEQ * D_MODEL], 0.0);
}

#[test]
fn the_gradient_matches_finite_differences() {
    let device = sample::autodiff_device();
    let config = sample::config(Shape::Bert);
    let positions = sample::randomised(LearnedPositions::new(&config, &device));

    let probe = sample::random(2, [SEQ, D_MODEL], &device);
    let loss = |positions: &LearnedPositions| (positions.forward(SEQ) * probe.clone()).sum();
    finite_difference::check_parameters(&positions, &loss(&positions).backward(), loss);
}
