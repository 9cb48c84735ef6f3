use burn::tensor::Device;

use super::*;
use crate::{
    finite_difference, naive,
    sample::{self, BATCH, D_FF, D_MODEL, SEQ, SHAPES, assert_close},
};
use config::encoder::Shape;

const DIMS: [usize; 3] = [BATCH, SEQ, D_MODEL];

fn layer(shape: Shape, device: &Device) -> FeedForward {
    let mut init = Initialiser::new(0, device);
    sample::randomised(FeedForward::new(&sample::config(shape), 0, &mut init))
}

#[test]
fn forward_matches_the_naive_loops() {
    for shape in SHAPES {
        let device = sample::device();
        let layer = layer(shape, &device);
        let x = sample::random(1, DIMS, &device);

        let FeedForwardOutput { added, hidden } = layer.forward(x.clone(), None);

        let expected = naive::feed_forward(&layer, shape, &naive::rows(&x)).concat();
        assert_eq!(added.dims(), DIMS);
        assert_close(&added, &expected, 1e-12);
        assert_eq!(hidden.dims(), [BATCH, SEQ, D_FF]);
        assert_close(&layer.output.forward(hidden), &expected, 1e-12);
    }
}

/// From a table of the normal distribution, not from our own loops: Φ(1) = 0.8413447460685429.
/// The tanh approximation gives 0.8411920 for gelu(1).
#[test]
fn gelu_is_exact() {
    let x = Tensor::<1>::from_data([1.0, -1.0, 0.0], &sample::device());

    assert_close(&gelu(x), &[0.841_344_75, -0.158_655_25, 0.0], 1e-7);
    assert!((naive::gelu(1.0) - 0.841_344_746_068_542_9).abs() < 1e-15);
}

#[test]
fn the_parameters_are_those_of_the_shape() {
    let with_biases = D_MODEL * D_FF + D_FF + D_FF * D_MODEL + D_MODEL;
    for (shape, n_parameters) in [
        (Shape::Base, D_MODEL * 2 * D_FF + D_FF * D_MODEL),
        (Shape::Vaswani, with_biases),
        (Shape::Bert, with_biases),
    ] {
        assert_eq!(layer(shape, &sample::device()).num_params(), n_parameters, "{shape:?}");
    }
}

/// In the base shape W₂ mixes what was dropped, so every number changes and none is exactly 0; in
/// the others some are 0 and the rest as if nothing had been dropped, but scaled.
#[test]
fn dropout_stands_before_the_second_projection_or_after_it() {
    for (shape, is_last) in [(Shape::Base, false), (Shape::Vaswani, true), (Shape::Bert, true)] {
        let device = sample::device();
        let layer = layer(shape, &device);
        let x = sample::random(1, DIMS, &device);
        let dropout = Dropout { probability: 0.2, seed: 7 };

        let dropped = layer.forward(x.clone(), Some(dropout)).added;

        let kept = layer.forward(x, None).added;
        assert_eq!(naive::numbers(&dropped).contains(&0.0), is_last, "{shape:?}");
        for (dropped, kept) in naive::numbers(&dropped).into_iter().zip(naive::numbers(&kept)) {
            if is_last && dropped != 0.0 {
                assert!((dropped - kept / 0.8).abs() < 1e-12, "{shape:?}: {dropped}, {kept}");
            } else {
                assert_ne!(dropped, kept, "{shape:?}");
            }
        }
    }
}

#[test]
fn the_gradient_matches_finite_differences() {
    for shape in SHAPES {
        let device = sample::autodiff_device();
        let layer = layer(shape, &device);
        let probe = sample::random(2, DIMS, &device);

        finite_difference::check(&layer, &sample::random(1, DIMS, &device), |layer, x| {
            (layer.forward(x, None).added * probe.clone()).sum()
        });
    }
}
