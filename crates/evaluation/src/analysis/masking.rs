//! The effect of masking a word: by how much the log probability of the answer falls when no token
//! may attend to the word, in any layer.
//!
//! The word keeps its position and can still be the answer; only attention to it is masked.

use burn::tensor::{Bool, Int, Tensor, TensorData, activation::relu};
use encoder::{attention::MASKED_SCORE, intervention::Untouched};

use super::{AnalysedModel, positions::TokenPositions, texts::observe};
use anafora::batch::{Batch, EncodedExample};

/// A text with the model's answer, and the words whose effect on that answer is measured.
pub(crate) struct AnsweredText<'a> {
    pub(crate) encoded: &'a EncodedExample,
    pub(crate) positions: TokenPositions,
    /// The answer's column in the logits: a word, or *none* in the last column.
    pub(crate) answer: usize,
    /// Indices of all words except the pronoun's.
    pub(crate) words: Vec<usize>,
}

impl<'a> AnsweredText<'a> {
    pub(crate) fn new(encoded: &'a EncodedExample, answer: Option<usize>) -> Self {
        let positions = TokenPositions::of(encoded);
        let words = &encoded.encoding.words;
        let is_pronoun = |&word: &usize| positions.is_pronoun[words[word].tokens.start];
        let others = (0..words.len()).filter(|word| !is_pronoun(word)).collect();
        Self { encoded, positions, answer: answer.unwrap_or(words.len()), words: others }
    }

    /// Sums values of tokens over the tokens of each of `words`.
    pub(crate) fn of_words(&self, tokens: &[f64]) -> Vec<f64> {
        let word = |&word: &usize| tokens[self.encoding_tokens(word)].iter().sum();
        self.words.iter().map(word).collect()
    }

    fn encoding_tokens(&self, word: usize) -> std::ops::Range<usize> {
        self.encoded.encoding.words[word].tokens.clone()
    }

    /// A batch of `n` copies of the text.
    pub(crate) fn repeated(&self, n: usize, device: &burn::tensor::Device) -> Batch {
        Batch::new(vec![self.encoded.clone(); n], device)
    }
}

/// The log softmax at one column, for each text of a batch: `[batch]`
///
/// ```text
/// ln p = -ln(1 + e^u)        u = ln Σ_others e^logit - logit
/// ```
///
/// The logarithm of a softmax would be 0, with a gradient of 0, as soon as p rounds to 1, which it
/// does for most answers of a trained model.
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
    let others = logits.mask_fill(is_answer, MASKED_SCORE);
    let max = others.clone().max_dim(1).detach(); // [batch, 1]
    let sum = (others - max.clone()).exp().sum_dim(1);
    let u = sum.log() + max - answer;
    (relu(u.clone()) + u.abs().neg().exp().log1p()).neg().reshape([batch])
}

/// The decrease of the answer's log probability when each of `answered.words` is masked.
pub(crate) fn effects(answered: &AnsweredText<'_>, model: &AnalysedModel<'_>) -> Vec<f64> {
    let whole = log_probabilities(answered, &[None], model)[0];
    let masked: Vec<Option<usize>> = answered.words.iter().copied().map(Some).collect();
    let without = (masked.chunks(model.batch_size))
        .flat_map(|words| log_probabilities(answered, words, model));
    without.map(|without| whole - without).collect()
}

/// The log probability of the answer, once for each item of `without`, with that word masked.
fn log_probabilities(
    answered: &AnsweredText<'_>,
    without: &[Option<usize>],
    model: &AnalysedModel<'_>,
) -> Vec<f64> {
    let mut batch = answered.repeated(without.len(), model.device);
    let seq = answered.encoded.n_tokens();
    let is_masked = without.iter().flat_map(|word| {
        let tokens = word.map_or(0..0, |word| answered.encoding_tokens(word));
        (0..seq).map(move |token| tokens.contains(&token))
    });
    let mask = TensorData::new(is_masked.collect::<Vec<bool>>(), [without.len(), seq]);
    batch.input.key_padding_mask = Tensor::<2, Bool>::from_data(mask, model.device);
    let logits = observe(model, &batch, &Untouched).output.logits;
    log_probability(logits, answered.answer).into_data().iter::<f64>().collect()
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};

    /// The man is word 0, the woman word 2. With the antecedent masked, all six words and *none* get
    /// the same probability, 1/7; masking another word changes nothing.
    #[test]
    fn only_masking_the_antecedent_has_an_effect() {
        sample::with_model(|model| {
            let [he, she] = sample::pair("p", [0, 1], 0);
            for (encoded, word) in [(he, 0), (she, 2)] {
                let answered = AnsweredText::new(&encoded, Some(word));
                assert_eq!(answered.words, [0, 1, 2, 3, 4]);
                let effects = effects(&answered, model);
                for (index, effect) in effects.iter().enumerate() {
                    if index == word {
                        let without = -(7.0_f64.ln());
                        let whole = log_probabilities(&answered, &[None], model)[0];
                        assert!((effect - (whole - without)).abs() < 1e-4, "{effects:?}");
                        assert!(*effect > 1.0, "{effects:?}");
                    } else {
                        assert!(effect.abs() < 0.05, "{effects:?}");
                    }
                }
            }
        });
    }

    /// Compared with `f64`; for the second row, ln p of an `f32` softmax would be 0.
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
        let answered = AnsweredText::new(&he, None);
        let tokens: Vec<f64> = (0..8).map(f64::from).collect();
        assert_eq!(answered.of_words(&tokens), [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(answered.answer, 6, "*none* is the column after the six words");
    }
}
