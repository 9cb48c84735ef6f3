use burn::tensor::{Device, TensorData};

use super::*;
use crate::{
    finite_difference, naive,
    sample::{self, BATCH, D_MODEL, SEQ, assert_close},
};

const DIMS: [usize; 3] = [BATCH, SEQ, D_MODEL];
const PARTS: usize = 3;
const WIDTH: usize = 5;

fn projection(has_bias: bool, device: &Device) -> Projection {
    let d_output = PARTS * WIDTH;
    sample::randomised(Projection {
        weight: Param::from_tensor(Tensor::zeros([D_MODEL, d_output], device)),
        bias: has_bias.then(|| Param::from_tensor(Tensor::zeros([d_output], device))),
    })
}

#[test]
fn forward_matches_the_naive_loops_and_the_parts_are_its_columns() {
    for has_bias in [false, true] {
        let device = sample::device();
        let projection = projection(has_bias, &device);
        let x = sample::random(1, DIMS, &device);

        let whole = projection.forward(x.clone());
        let parts: [Tensor<3>; PARTS] = projection.forward_parts(&x);

        let expected = naive::linear(&projection, &naive::rows(&x)).concat();
        assert_eq!(whole.dims(), [BATCH, SEQ, PARTS * WIDTH]);
        assert_close(&whole, &expected, 1e-13);
        assert_close(&Tensor::cat(parts.to_vec(), 2), &expected, 1e-13);
    }
}

#[test]
fn the_gradient_matches_finite_differences() {
    let device = sample::autodiff_device();
    let probe = sample::random(2, [BATCH, SEQ, PARTS * WIDTH], &device);
    let x = sample::random(1, DIMS, &device);
    finite_difference::check(&projection(true, &device), &x, |projection, x| {
        (projection.forward(x) * probe.clone()).sum()
    });
}

/// The parameters of mixed precision, and their gradients, keep the dtype that the optimizer needs.
#[test]
fn a_product_has_the_dtype_of_the_activations_and_a_gradient_that_of_its_parameter() {
    for dtype in [DType::F16, DType::BF16, DType::F64] {
        let device = sample::autodiff_device();
        let projection = sample::in_f32(projection(true, &device));
        let x = sample::random(1, DIMS, &device).cast(dtype);

        let whole = projection.forward(x.clone());
        let [first, ..]: [Tensor<3>; PARTS] = projection.forward_parts(&x);

        assert_eq!([whole.dtype(), first.dtype()], [dtype; 2]);
        let expected = naive::linear(&projection, &naive::rows(&x)).concat();
        assert_close(&whole, &expected, if dtype == DType::F64 { 1e-12 } else { 0.05 });
        let grads = whole.sum().backward();
        let gradient = projection.weight.val().grad(&grads).expect("a parameter has a gradient");
        assert_eq!(gradient.dtype(), DType::F32);
    }
}

/// Worked by hand: 2 · [1 2 3] + 4 · [0 -1 ½] + [10 20 30]
#[test]
fn a_vector_is_a_row_that_the_matrix_is_multiplied_with_from_the_right() {
    let device = sample::device();
    let projection = Projection {
        weight: Param::from_tensor(Tensor::from_data([[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]], &device)),
        bias: Some(Param::from_tensor(Tensor::from_data([10.0, 20.0, 30.0], &device))),
    };
    let x = Tensor::from_data([[[2.0, 4.0]]], &device);
    let expected = TensorData::from([[[12.0_f32, 20.0, 38.0]]]);
    projection.forward(x).into_data().assert_eq(&expected, true);
}
