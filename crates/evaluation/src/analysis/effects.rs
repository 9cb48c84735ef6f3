//! What a word is worth to an answer: by how much its log probability falls when no token may read
//! the word, in any layer.
//!
//! The word stays in its place and can still be pointed at; only attention is barred from it.

use burn::tensor::{Bool, Int, Tensor, TensorData, activation::relu};
use encoder::intervention::Untouched;

use super::{Subject, places::Places, texts::observe};
use anafora::batch::{Batch, EncodedExample};

/// One text, its answer, and the words that it may have come from.
pub(crate) struct Question<'a> {
    pub(crate) encoded: &'a EncodedExample,
    pub(crate) places: Places,
    /// The column of the answer: a word's, or that of *none*.
    pub(crate) answer: usize,
    /// Indices of all words but the pronoun's.
    pub(crate) words: Vec<usize>,
}

impl<'a> Question<'a> {
    pub(crate) fn new(encoded: &'a EncodedExample, answer: Option<usize>) -> Self {
        let places = Places::of(encoded);
        let words = &encoded.encoding.words;
        let is_pronoun = |&word: &usize| places.is_pronoun[words[word].tokens.start];
        let others = (0..words.len()).filter(|word| !is_pronoun(word)).collect();
        Self { encoded, places, answer: answer.unwrap_or(words.len()), words: others }
    }

    /// Sums of tokens to words.
    pub(crate) fn of_words(&self, tokens: &[f64]) -> Vec<f64> {
        let word = |&word: &usize| tokens[self.encoding_tokens(word)].iter().sum();
        self.words.iter().map(word).collect()
    }

    fn encoding_tokens(&self, word: usize) -> std::ops::Range<usize> {
        self.encoded.encoding.words[word].tokens.clone()
    }

    /// The text so many times.
    pub(crate) fn repeated(&self, n: usize, device: &burn::tensor::Device) -> Batch {
        Batch::new(vec![self.encoded.clone(); n], device)
    }
}

/// The log probability of one column, for each text of a batch: `[batch]`
///
/// ```text
/// ln p = -ln(1 + e^u)        u = ln Σ_others e^logit - logit
/// ```
///
/// That of a softmax would be 0 and have no slope as soon as p rounds to 1, which most answers of a
/// trained model do.
///
/// # Shapes
///
/// - `logits`: `[batch, words + 1]`
pub(crate) fn log_probability(logits: Tensor<2>, column: usize) -> Tensor<1> {
    let [batch, columns] = logits.dims();
    let indices = Tensor::<1, Int>::arange(0..columns as i64, &logits.device());
    let is_answer =
        indices.equal_elem(column as i64).reshape([1, columns]).expand([batch, columns]);
    let answer = logits.clone().narrow(1, column, 1); // [batch, 1]
    let others = logits.mask_fill(is_answer, NEVER);
    let greatest = others.clone().max_dim(1).detach(); // [batch, 1]
    let sum = (others - greatest.clone()).exp().sum_dim(1);
    let u = sum.log() + greatest - answer;
    (relu(u.clone()) + u.abs().neg().exp().log1p()).neg().reshape([batch])
}

/// A logit whose `exp` is 0, and which is a number in every type.
const NEVER: f64 = -1.0e4;

/// The fall of the answer's log probability for each of the question's words.
pub(crate) fn effects(question: &Question<'_>, subject: &Subject<'_>) -> Vec<f64> {
    let whole = log_probabilities(question, &[None], subject)[0];
    let masked: Vec<Option<usize>> = question.words.iter().copied().map(Some).collect();
    let without = (masked.chunks(subject.batch_size))
        .flat_map(|words| log_probabilities(question, words, subject));
    without.map(|without| whole - without).collect()
}

/// That of the answer, each time without one word.
fn log_probabilities(
    question: &Question<'_>,
    without: &[Option<usize>],
    subject: &Subject<'_>,
) -> Vec<f64> {
    let mut batch = question.repeated(without.len(), subject.device);
    let seq = question.encoded.n_tokens();
    let is_masked = without.iter().flat_map(|word| {
        let tokens = word.map_or(0..0, |word| question.encoding_tokens(word));
        (0..seq).map(move |token| tokens.contains(&token))
    });
    let mask = TensorData::new(is_masked.collect::<Vec<bool>>(), [without.len(), seq]);
    batch.input.key_padding_mask = Tensor::<2, Bool>::from_data(mask, subject.device);
    let logits = observe(subject, &batch, &Untouched).output.logits;
    log_probability(logits, question.answer).into_data().iter::<f64>().collect()
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};

    /// The man is word 0, the woman word 2. Without the one that is meant nothing is read, and every
    /// word and *none* get the same, 1/7 of six words; without another nothing changes.
    #[test]
    fn only_the_antecedent_is_worth_anything() {
        sample::with(|subject| {
            let [he, she] = sample::pair("p", [0, 1], 0);
            for (encoded, word) in [(he, 0), (she, 2)] {
                let question = Question::new(&encoded, Some(word));
                assert_eq!(question.words, [0, 1, 2, 3, 4]);
                let effects = effects(&question, subject);
                for (index, effect) in effects.iter().enumerate() {
                    if index == word {
                        let without = -(7.0_f64.ln());
                        let whole = log_probabilities(&question, &[None], subject)[0];
                        assert!((effect - (whole - without)).abs() < 1e-4, "{effects:?}");
                        assert!(*effect > 1.0, "{effects:?}");
                    } else {
                        assert!(effect.abs() < 0.05, "{effects:?}");
                    }
                }
            }
        });
    }

    /// Against `f64`; of the second row an `f32` softmax would say ln p = 0.
    #[test]
    fn a_log_probability_is_exact_where_the_answer_is_all_but_certain() {
        let rows: [[f32; 3]; 3] = [[1.0, 2.0, 0.5], [-1.0, 24.0, 2.0], [3.0, -20.0, 1.0]];
        let logits = Tensor::<2>::from_data(rows, &burn::tensor::Device::flex());
        let found: Vec<f64> = log_probability(logits, 1).into_data().iter::<f64>().collect();
        for (found, row) in found.iter().zip(rows.map(|row| row.map(f64::from))) {
            let others = ((row[0] - row[1]).exp() + (row[2] - row[1]).exp()).ln_1p();
            assert!((found + others).abs() < 1e-5 * others, "{found}, expected {}", -others);
        }
    }

    #[test]
    fn a_word_has_the_sum_of_its_tokens() {
        let [he, _] = sample::pair("p", [0, 1], 0);
        let question = Question::new(&he, None);
        let tokens: Vec<f64> = (0..8).map(f64::from).collect();
        assert_eq!(question.of_words(&tokens), [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(question.answer, 6, "none is behind the six words");
    }
}
