//! The cross-entropy of classes, over the rows that count. The auxiliary losses share it.

use burn::tensor::{Int, Tensor, activation::log_softmax};

/// The mean negative logarithm of the probability of `targets`, over where `counts` is 1.
///
/// # Shapes
///
/// - `scores`: `[texts, n, classes]`
/// - `targets`, `counts`: `[texts, n]`
/// - result: `[1]`
pub(crate) fn cross_entropy(
    scores: Tensor<3>,
    targets: Tensor<2, Int>,
    counts: Tensor<2>,
) -> Tensor<1> {
    let [texts, n] = targets.dims();
    let log_probability = log_softmax(scores, 2).gather(2, targets.reshape([texts, n, 1]));
    mean(-log_probability.reshape([texts, n]), counts)
}

/// The mean of `values` over where `counts` is 1, or 0 if that is nowhere.
pub(crate) fn mean(values: Tensor<2>, counts: Tensor<2>) -> Tensor<1> {
    let n = counts.clone().sum().clamp_min(1.0);
    (values * counts).sum() / n
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn the_cross_entropy_is_a_mean_over_what_counts() {
        let device = Device::flex();
        let scores = Tensor::<3>::from_data([[[1.0_f32, 3.0], [0.0, 0.0], [9.0, -9.0]]], &device);
        let loss = |counts: [f32; 3]| -> f32 {
            let targets = Tensor::from_data([[0, 1, 1]], &device);
            cross_entropy(scores.clone(), targets, Tensor::from_data([counts], &device))
                .into_scalar()
        };
        let first = (1.0_f32 + 2.0_f32.exp()).ln(); // −ln(e¹ / (e¹ + e³))
        let second = 2.0_f32.ln();
        assert!((loss([1.0, 1.0, 0.0]) - (first + second) / 2.0).abs() < 1e-6);
        assert_eq!(loss([0.0; 3]), 0.0);
    }
}
