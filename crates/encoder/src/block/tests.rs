use burn::tensor::Device;

use super::*;
use crate::{
    finite_difference,
    intervention::Untouched,
    naive,
    sample::{self, BATCH, D_HEAD, D_MODEL, PADDING, SEQ, SHAPES, THETA, assert_close},
};
use config::encoder::Shape;

const DIMS: [usize; 3] = [BATCH, SEQ, D_MODEL];

fn block(shape: Shape, index: usize, device: &Device) -> Block {
    let mut init = Initialiser::new(0, device);
    sample::randomised(Block::new(&sample::config(shape), index, &mut init))
}

fn forward(block: &Block, shape: Shape, x: Tensor<3>) -> BlockOutput {
    let device = x.device();
    let rotation =
        (shape == Shape::Base).then(|| Rotation::new(SEQ, D_HEAD, THETA, (&device, x.dtype())));
    block.forward(x, sample::padding(&device), rotation.as_ref(), &Untouched, None)
}

#[test]
fn forward_matches_the_naive_loops() {
    for shape in SHAPES {
        for index in [0, 1] {
            let device = sample::device();
            let block = block(shape, index, &device);
            let x = sample::random(1, DIMS, &device);

            let output = forward(&block, shape, x.clone());

            let theta = (shape == Shape::Base).then_some(THETA);
            let (mut hidden, mut context) = (Vec::new(), Vec::new());
            for (x, padding) in naive::rows(&x).chunks(SEQ).zip(PADDING) {
                let (x, attention) = naive::block(&block, (shape, theta, index), x, &padding);
                hidden.extend(x.concat());
                context.extend(attention.context.concat());
            }
            assert_eq!(output.hidden.dims(), DIMS);
            assert_close(&output.hidden, &hidden, 1e-12);
            assert_close(&output.attention.context, &context, 1e-12);
        }
    }
}

#[test]
fn only_the_first_block_of_the_base_shape_lacks_a_norm() {
    for (shape, expected) in [
        (Shape::Base, [false, true, true]),
        (Shape::Vaswani, [true, true, true]),
        (Shape::Bert, [true, true, true]),
    ] {
        let has_norm =
            [0, 1, 2].map(|index| block(shape, index, &sample::device()).attention_norm.is_some());
        assert_eq!(has_norm, expected, "{shape:?}");
    }
}

#[test]
fn the_gradient_matches_finite_differences() {
    for shape in SHAPES {
        for index in [0, 1] {
            let device = sample::autodiff_device();
            let block = block(shape, index, &device);
            let probe = sample::random(2, DIMS, &device);

            finite_difference::check(&block, &sample::random(1, DIMS, &device), |block, x| {
                (forward(block, shape, x).hidden * probe.clone()).sum()
            });
        }
    }
}
