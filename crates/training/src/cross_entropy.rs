//! The cross-entropy of rows of scores, which all losses are.
//!
//! Where there are kernels, loss and gradient are computed in one pass.

use burn::tensor::{Bool, Int, Tensor, activation::log_softmax};
use encoder::attention::MASKED_SCORE;
use kernels::{burn_ops, cross_entropy::Right};

/// The mean negative logarithm of the probability of `targets`, over where `counts` is 1; 0 if that is
/// nowhere.
///
/// # Shapes
///
/// - `scores`: `[rows, columns]`
/// - `targets`, `counts`: `[rows]`
/// - result: `[1]`
pub(crate) fn cross_entropy(
    scores: Tensor<2>,
    targets: Tensor<1, Int>,
    counts: Tensor<1>,
) -> Tensor<1> {
    let fused = || {
        let columns = targets.to_data().iter::<i64>().map(|column| column as usize).collect();
        let counts: Vec<f32> = counts.to_data().iter().collect();
        burn_ops::cross_entropy(scores.clone(), &Right::Column(columns), &counts)
    };
    if let Some(loss) = fused_on_flex(&scores, fused) {
        return loss;
    }
    let [rows, _] = scores.dims();
    let log_probability = log_softmax(scores, 1).gather(1, targets.reshape([rows, 1]));
    let n = counts.clone().sum().clamp_min(1.0);
    (-log_probability.reshape([rows]) * counts).sum() / n
}

/// The mean negative logarithm of the sum of the probabilities of the right columns.
///
/// # Shapes
///
/// - `scores`, `are_right`: `[rows, columns]`, `true` where right
/// - result: `[1]`
pub(crate) fn cross_entropy_of_several(scores: Tensor<2>, are_right: Tensor<2, Bool>) -> Tensor<1> {
    let [rows, _] = scores.dims();
    let fused = || {
        let right = Right::Columns(are_right.to_data().iter().collect());
        burn_ops::cross_entropy(scores.clone(), &right, &vec![1.0; rows])
    };
    if let Some(loss) = fused_on_flex(&scores, fused) {
        return loss;
    }
    let right = log_softmax(scores, 1).mask_fill(are_right.bool_not(), MASKED_SCORE);
    // A logarithm of a sum of exponentials; subtracting the maximum first keeps it finite.
    let max = right.clone().detach().max_dim(1); // [rows, 1]
    let log_probability = (right - max.clone()).exp().sum_dim(1).log() + max;
    -log_probability.mean()
}

/// The fused loss where there is one. Elsewhere the targets are not read, for which a GPU would have to
/// be waited for.
fn fused_on_flex(
    scores: &Tensor<2>,
    fused: impl FnOnce() -> Option<Tensor<1>>,
) -> Option<Tensor<1>> {
    burn_ops::is_flex(&scores.device()).then(fused).flatten()
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn the_cross_entropy_is_a_mean_over_what_counts() {
        let device = Device::flex();
        let scores = Tensor::<2>::from_data([[1.0_f32, 3.0], [0.0, 0.0], [9.0, -9.0]], &device);
        let loss = |counts: [f32; 3]| -> f32 {
            let targets = Tensor::from_data([0, 1, 1], &device);
            cross_entropy(scores.clone(), targets, Tensor::from_data(counts, &device)).into_scalar()
        };
        let first = (1.0_f32 + 2.0_f32.exp()).ln(); // −ln(e¹ / (e¹ + e³))
        let second = 2.0_f32.ln();
        assert!((loss([1.0, 1.0, 0.0]) - (first + second) / 2.0).abs() < 1e-6);
        assert_eq!(loss([0.0; 3]), 0.0);
    }
}
