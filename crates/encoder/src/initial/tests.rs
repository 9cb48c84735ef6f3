use super::*;
use crate::{
    naive,
    sample::{self, SHAPES},
};
use config::encoder::Shape;

/// Root of the mean square. Of the 4,000 numbers and more that each test draws it is known to 1 %.
fn size<const D: usize>(parameter: &Param<Tensor<D>>) -> f64 {
    let numbers = naive::numbers(&parameter.val());
    (numbers.iter().map(|x| x * x).sum::<f64>() / numbers.len() as f64).sqrt()
}

#[track_caller]
fn assert_about(actual: f64, expected: f64) {
    assert!((actual / expected - 1.0).abs() < 0.08, "{actual}, expected about {expected}");
}

#[test]
fn a_projection_starts_as_large_as_its_shape_says() {
    for (shape, expected) in [
        (Shape::Base, (1.0_f64 / (3.0 * 50.0)).sqrt()),
        (Shape::Vaswani, (2.0_f64 / (50.0 + 90.0)).sqrt()), // a uniform number in ±a: a/√3
        (Shape::Bert, (1.0_f64 / (3.0 * 50.0)).sqrt()),
    ] {
        let device = sample::device();
        let projection =
            Initialiser::new(0, &device).projection(&sample::config(shape), [50, 90], 1);
        assert_about(size(&projection.weight), expected);
    }
}

#[test]
fn projections_side_by_side_start_as_each_would_alone() {
    for shape in SHAPES {
        let config = sample::config(shape);
        let device = sample::device();
        let mut init = Initialiser::new(0, &device);
        let alone = init.projection(&config, [50, 90], 1);
        let three = init.projection(&config, [50, 270], 3);
        assert_eq!(three.weight.dims(), [50, 270]);
        assert_about(size(&three.weight), size(&alone.weight));
    }
}
