use burn::tensor::{DType, Device, TensorData};

use super::*;
use crate::{naive, sample};

const TEXTS: usize = 3;
const SEQ: usize = 6;
const D_MODEL: usize = 20;
const WANTED: usize = 2;
const WORDS: usize = 4;

/// The numbers of all that heads read, and the gradients of what they read it from.
fn outcome(device: &Device, dtype: DType) -> Vec<Vec<f64>> {
    let tensor = |seed, dims| sample::random(seed, dims, device).cast(dtype);
    let input = |seed, dims| tensor(seed, dims).detach().require_grad();
    let ints = |values: Vec<i64>, width| {
        Tensor::<2, Int>::from_data(TensorData::new(values, [TEXTS, width]), device)
    };
    let hidden = input(1, [TEXTS, SEQ, D_MODEL]);
    let wanted = input(2, [TEXTS, WANTED, D_MODEL]);
    let positions = ints(vec![0, 5, 2, 2, 1, 0], 2);
    let padding = (0..TEXTS * WORDS).map(|word| word % 5 == 3).collect::<Vec<bool>>();
    let vectors = HiddenVectors::new(hidden.clone());
    let words = vectors.words(
        ints(vec![0, 1, 4, 4, 5, 3, 2, 0, 1, 1, 1, 2], WORDS),
        Tensor::from_data(TensorData::new(padding, [TEXTS, WORDS]), device),
    );
    let selected = vectors.at(positions);
    // Once with vectors that are read from the same place, once with others.
    let of_selected = vectors.scores(selected.clone(), &words);
    let of_wanted = vectors.scores(wanted.clone(), &words);
    let probes = [4, 5].map(|seed| tensor(seed, [TEXTS, WANTED, WORDS]));
    let [first, second] = probes;
    let loss = (selected.clone() * tensor(3, [TEXTS, 2, D_MODEL])).sum()
        + (of_selected.clone().clamp_min(-100.0) * first).sum()
        + (of_wanted.clone().clamp_min(-100.0) * second).sum();
    let gradients = loss.backward();
    let gradient = |x: &Tensor<3>| naive::numbers(&x.grad(&gradients).expect("it was read"));
    vec![
        naive::numbers(&selected),
        naive::numbers(&of_selected),
        naive::numbers(&of_wanted),
        gradient(&hidden),
        gradient(&wanted),
    ]
}

#[test]
fn the_kernels_agree_with_burns_operations_in_value_and_gradient() {
    let device = sample::autodiff_device();
    let (kernels, burns) = (outcome(&device, DType::F32), outcome(&device, DType::F64));
    for (kernel, burn) in kernels.into_iter().zip(burns) {
        assert_eq!(kernel.len(), burn.len());
        for (kernel, burn) in kernel.iter().zip(&burn) {
            assert!((kernel - burn).abs() <= 1e-5 * burn.abs().max(1.0), "{kernel}, {burn}");
        }
    }
}

/// A second pass must not find what the first one left.
#[test]
fn each_backward_pass_has_a_gradient_of_its_own() {
    let device = sample::autodiff_device();
    assert_eq!(outcome(&device, DType::F32), outcome(&device, DType::F32));
}

#[test]
fn without_autodiff_the_values_are_the_same() {
    let device = sample::device();
    let matrix = || sample::random(1, [5, 3], &device);
    let rows = Tensor::from_data([3_i64, 0, 3], &device);
    let of_kernel = select_rows(matrix().cast(DType::F32), rows.clone());
    let of_burn = matrix().cast(DType::F32).select(0, rows);
    assert_eq!(of_kernel.into_data(), of_burn.into_data());
}
