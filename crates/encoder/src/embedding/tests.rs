use burn::tensor::Device;

use super::*;
use crate::{
    finite_difference, naive,
    sample::{self, BATCH, D_MODEL, SEQ, SHAPES, TOKENS, VOCAB, assert_close},
};
use config::encoder::Shape;

fn layer(shape: Shape, device: &Device) -> Embedding {
    let mut init = Initialiser::new(0, device);
    sample::randomised(Embedding::new(&sample::config(shape), VOCAB, &mut init))
}

#[test]
fn forward_matches_the_naive_loops() {
    for shape in SHAPES {
        let device = sample::device();
        let layer = layer(shape, &device);

        let x = layer.forward(sample::tokens(&device), None);

        let expected = TOKENS.iter().flat_map(|text| naive::embedding(&layer, shape, text));
        assert_eq!(x.dims(), [BATCH, SEQ, D_MODEL]);
        assert_close(&x, &expected.flatten().collect::<Vec<_>>(), 1e-12);
    }
}

#[test]
fn the_parameters_are_those_of_the_shape() {
    for (shape, n_parameters) in [
        (Shape::Base, VOCAB * D_MODEL + D_MODEL),
        (Shape::Vaswani, VOCAB * D_MODEL),
        (Shape::Bert, (VOCAB + 11) * D_MODEL + 2 * D_MODEL),
    ] {
        assert_eq!(layer(shape, &sample::device()).num_params(), n_parameters, "{shape:?}");
    }
}

/// Of the 4,800 numbers of a table the root of the mean square is known to 1 %.
#[test]
fn embeddings_start_small_or_as_large_as_the_positions_after_scaling() {
    for (shape, expected) in
        [(Shape::Base, 0.02), (Shape::Vaswani, 24.0_f64.sqrt().recip()), (Shape::Bert, 0.02)]
    {
        let device = sample::device();
        let mut init = Initialiser::new(0, &device);
        let layer = Embedding::new(&sample::config(shape), 200, &mut init);
        let numbers = naive::numbers(&layer.tokens.weight.val());
        let size = (numbers.iter().map(|x| x * x).sum::<f64>() / numbers.len() as f64).sqrt();
        assert!((size / expected - 1.0).abs() < 0.08, "{shape:?}: {size}, expected {expected}");
    }
}

#[test]
fn the_gradient_matches_finite_differences() {
    for shape in SHAPES {
        let device = sample::autodiff_device();
        let layer = layer(shape, &device);
        let probe = sample::random(2, [BATCH, SEQ, D_MODEL], &device);

        let loss = |layer: &Embedding| {
            (layer.forward(sample::tokens(&device), None) * probe.clone()).sum()
        };
        finite_difference::check_parameters(&layer, &loss(&layer).backward(), loss);
    }
}

/// Were the norm after the dropout, no number would be exactly 0.
#[test]
fn dropout_comes_last() {
    for shape in SHAPES {
        let device = sample::device();
        let layer = layer(shape, &device);
        let half = Dropout { probability: 0.5, seed: 7 };

        let x = naive::numbers(&layer.forward(sample::tokens(&device), Some(half)));

        let kept = naive::numbers(&layer.forward(sample::tokens(&device), None));
        assert!(x.contains(&0.0));
        for (x, kept) in x.into_iter().zip(kept) {
            let error = (x - 2.0 * kept).abs(); // a kept value is divided by 1 - dropout
            assert!(x == 0.0 || error < 1e-12, "{shape:?}: {x} is neither 0 nor twice {kept}");
        }
    }
}
