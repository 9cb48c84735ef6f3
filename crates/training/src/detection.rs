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
use burn::tensor::{Int, Tensor};
use encoder::{
    detector::{ANAPHOR_CLASSES, Detector},
    resolver::ResolverInput,
};

use crate::cross_entropy::cross_entropy;

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
    let [_, n_heads] = labels.heads.dims();
    let (n_all, n_all_heads) = (texts * n_words, texts * n_heads);
    let scores = detector.words(hidden.clone(), input.words.clone());
    let scores = scores.reshape([n_all, ANAPHOR_CLASSES + 1]);
    let flat = |targets: &Tensor<2, Int>, n| targets.clone().reshape([n]);
    let counting = |counts: &Tensor<2>, n| counts.clone().reshape([n]);

    let classes = scores.clone().narrow(1, 0, ANAPHOR_CLASSES);
    let has_class = counting(&labels.has_class, n_all);
    let of_classes = cross_entropy(classes, flat(&labels.classes, n_all), has_class);

    // The score of a head against 0, that of no head: σ(score) is the softmax of the two.
    let score = scores.narrow(1, ANAPHOR_CLASSES, 1);
    let scores = Tensor::cat(vec![score.zeros_like(), score], 1);
    let is_head = counting(&labels.is_head, n_all).int();
    let of_heads = cross_entropy(scores, is_head, counting(&labels.is_head_known, n_all));

    let (words, padding) = (input.words.clone(), input.word_padding_mask.clone());
    let edges = detector.edges(hidden, words, padding, labels.heads.clone());
    let [of_first, of_last] = [(0, &labels.first), (1, &labels.last)].map(|(edge, targets)| {
        let scores = edges[edge].clone().reshape([n_all_heads, n_words]);
        let is_phrase = counting(&labels.is_phrase, n_all_heads);
        cross_entropy(scores, flat(targets, n_all_heads), is_phrase)
    });
    DetectionLoss { classes: of_classes, heads: of_heads, phrases: of_first + of_last }
}
