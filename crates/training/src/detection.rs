//! The loss of the detector: of the classes of words as anaphors, of which words are heads, and of
//! where the phrases of the heads begin and end.
//!
//! ```text
//! loss = mean over words of −log p(class) + mean over words of binary cross-entropy(head)
//!      + mean over heads of −log p(first word) − log p(last word)
//! ```
//!
//! Only texts whose anaphors and mentions are all known count.

use anafora::labels::LabelTensors;
use burn::tensor::{
    Int, Tensor,
    activation::{log_sigmoid, log_softmax},
};
use encoder::{
    detector::{ANAPHOR_CLASSES, Detector},
    resolver::ResolverInput,
};

/// # Shapes
///
/// - `hidden`: `[texts, seq, d_model]`, as the model returned it for `input`
/// - result: `[1]`
pub fn detection_loss(
    detector: &Detector,
    hidden: Tensor<3>,
    input: &ResolverInput,
    labels: &LabelTensors,
) -> Tensor<1> {
    let [texts, n_words] = input.words.dims();
    let scores = detector.words(hidden.clone(), input.words.clone());
    let classes = scores.clone().narrow(2, 0, ANAPHOR_CLASSES);
    let of_classes = cross_entropy(classes, labels.classes.clone(), labels.is_known.clone());

    let score = scores.narrow(2, ANAPHOR_CLASSES, 1).reshape([texts, n_words]);
    let is_head = labels.is_head.clone();
    // log σ(−x) is the logarithm of the probability that the word is no head.
    let log_probability =
        log_sigmoid(score.clone()) * is_head.clone() + log_sigmoid(-score) * (-is_head + 1.0);
    let of_heads = mean(-log_probability, labels.is_known.clone());

    let (words, padding) = (input.words.clone(), input.word_padding_mask.clone());
    let [first, last] = detector.edges(hidden, words, padding, labels.heads.clone());
    let of_first = cross_entropy(first, labels.first.clone(), labels.is_phrase.clone());
    let of_last = cross_entropy(last, labels.last.clone(), labels.is_phrase.clone());
    of_classes + of_heads + of_first + of_last
}

/// The mean negative logarithm of the probability of `targets`, over where `counts` is 1.
///
/// # Shapes
///
/// - `scores`: `[texts, n, classes]`
/// - `targets`, `counts`: `[texts, n]`
fn cross_entropy(scores: Tensor<3>, targets: Tensor<2, Int>, counts: Tensor<2>) -> Tensor<1> {
    let [texts, n] = targets.dims();
    let log_probability = log_softmax(scores, 2).gather(2, targets.reshape([texts, n, 1]));
    mean(-log_probability.reshape([texts, n]), counts)
}

/// The mean of `values` over where `counts` is 1, or 0 if that is nowhere.
fn mean(values: Tensor<2>, counts: Tensor<2>) -> Tensor<1> {
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
