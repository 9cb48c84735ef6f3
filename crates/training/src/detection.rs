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
use burn::tensor::{Tensor, activation::log_sigmoid};
use encoder::{
    detector::{ANAPHOR_CLASSES, Detector},
    resolver::ResolverInput,
};

use crate::cross_entropy::{cross_entropy, mean};

/// The losses of a batch: that of the words, and that of the edges of the phrases.
pub struct DetectionLoss {
    /// Of the classes: `[1]`
    pub classes: Tensor<1>,
    /// Of the heads: `[1]`
    pub heads: Tensor<1>,
    /// Of the first and last words: `[1]`
    pub phrases: Tensor<1>,
}

/// # Shapes
///
/// - `hidden`: `[texts, seq, d_model]`, as the model returned it for `input`
pub fn detection_loss(
    detector: &Detector,
    hidden: Tensor<3>,
    input: &ResolverInput,
    labels: &LabelTensors,
) -> DetectionLoss {
    let [texts, n_words] = input.words.dims();
    let scores = detector.words(hidden.clone(), input.words.clone());
    let classes = scores.clone().narrow(2, 0, ANAPHOR_CLASSES);
    let of_classes = cross_entropy(classes, labels.classes.clone(), labels.has_class.clone());

    let score = scores.narrow(2, ANAPHOR_CLASSES, 1).reshape([texts, n_words]);
    let is_head = labels.is_head.clone();
    // log σ(−x) is the logarithm of the probability that the word is no head.
    let log_probability =
        log_sigmoid(score.clone()) * is_head.clone() + log_sigmoid(-score) * (-is_head + 1.0);
    let of_heads = mean(-log_probability, labels.is_head_known.clone());

    let (words, padding) = (input.words.clone(), input.word_padding_mask.clone());
    let [first, last] = detector.edges(hidden, words, padding, labels.heads.clone());
    let of_first = cross_entropy(first, labels.first.clone(), labels.is_phrase.clone());
    let of_last = cross_entropy(last, labels.last.clone(), labels.is_phrase.clone());
    DetectionLoss { classes: of_classes, heads: of_heads, phrases: of_first + of_last }
}
