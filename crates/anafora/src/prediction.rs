//! From logits to an answer.
//!
//! The model computes a distribution over every word of the text and *none*. If an example has
//! candidates, the distribution is restricted to them and *none*, and the probability of a
//! candidate is the sum over its words. Without candidates the likeliest word is the answer.

use std::collections::HashMap;
use std::ops::Range;

use burn::tensor::{Device, Tensor};
use encoder::resolver::Resolver;

use crate::{
    batch::{Batch, EncodedExample, EncodedText, by_length, texts_of},
    phrase::Phrase,
};

/// A distribution over the words of a text and *none*.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The probability of each word.
    pub words: Vec<f32>,
    /// The probability that none of them is the antecedent.
    pub none: f32,
}

impl Prediction {
    /// The softmax over the first `n_words` columns of a row of logits and its last column, *none*;
    /// the columns between them are padding.
    fn from_logits(row: &[f32], n_words: usize) -> Self {
        let (&none, padded) = row.split_last().expect("a row has at least the column of none");
        let words = &padded[..n_words];
        let max = words.iter().copied().fold(none, f32::max);
        let exp = |logit: f32| (logit - max).exp();
        let sum = words.iter().map(|&logit| exp(logit)).sum::<f32>() + exp(none);
        Self { words: words.iter().map(|&logit| exp(logit) / sum).collect(), none: exp(none) / sum }
    }

    /// The distribution if the logits were divided by `temperature`.
    pub fn at_temperature(&self, temperature: f64) -> Self {
        let power = |p: &f32| p.powf((1.0 / temperature) as f32);
        let all = self.words.iter().chain([&self.none]).map(power).collect();
        let mut words = normalised(all);
        let none = words.pop().expect("none is the last");
        Self { words, none }
    }

    /// The probabilities of the candidates, and of *none* as the last; they sum to 1, unless all
    /// are 0. `candidates` are ranges of words.
    pub fn among(&self, candidates: &[Range<usize>]) -> Vec<f32> {
        let mass: Vec<f32> = (candidates.iter())
            .map(|words| self.words[words.clone()].iter().sum())
            .chain([self.none])
            .collect();
        normalised(mass)
    }

    /// The index of the likeliest candidate, or `None` for *none*.
    pub fn answer(&self, candidates: &[Range<usize>]) -> Option<usize> {
        self.answer_and_probability(candidates).0
    }

    /// The answer among the candidates and *none*, and its probability.
    pub fn answer_and_probability(&self, candidates: &[Range<usize>]) -> (Option<usize>, f32) {
        let among = self.among(candidates);
        let best = argmax(&among);
        (Some(best).filter(|&index| index < candidates.len()), among[best])
    }

    /// The probability of each phrase, and of *none* as the last; they sum to 1, unless all are 0. The
    /// probability of a phrase is the sum over those of its words that belong to no phrase within it.
    /// What cannot be the antecedent has 0: the pronoun itself, and a phrase whose head follows the
    /// pronoun in it, as in *her mother*.
    pub fn among_phrases(&self, phrases: &[Phrase], pronoun: usize) -> Vec<f32> {
        // The smallest phrase that has a word is its owner: the larger ones are written first, and
        // written over.
        let mut order: Vec<usize> = (0..phrases.len()).rev().collect();
        order.sort_by_key(|&index| std::cmp::Reverse(phrases[index].words.len()));
        let mut owners = vec![None; self.words.len()];
        for index in order {
            owners[phrases[index].words.clone()].fill(Some(index));
        }
        let mut mass = vec![0.0; phrases.len() + 1];
        for (owner, &probability) in owners.into_iter().zip(&self.words) {
            if let Some(index) = owner {
                mass[index] += probability;
            }
        }
        for (phrase, mass) in phrases.iter().zip(&mut mass) {
            if phrase.words.contains(&pronoun) && pronoun <= phrase.head {
                *mass = 0.0;
            }
        }
        mass[phrases.len()] = self.none;
        normalised(mass)
    }

    /// The probability of each phrase of an example, and of *none* as the last, with that of phrases of
    /// the same words, which stand for the same, given to the last of them before the pronoun.
    pub fn among_referents(&self, example: &EncodedExample) -> Vec<f32> {
        let phrases = &example.phrases;
        let mut mass = self.among_phrases(phrases, example.pronoun);
        let mut order: Vec<usize> = (0..phrases.len()).collect();
        order.sort_by_key(|&index| phrases[index].head);
        let mut kept: HashMap<usize, usize> = HashMap::new();
        for index in order {
            let name = phrases.names[index];
            let other = match kept.get(&name) {
                // What comes behind the pronoun gives its share to what came before it.
                Some(&before) if phrases[index].head > example.pronoun => {
                    mass[before] += mass[index];
                    mass[index] = 0.0;
                    continue;
                }
                other => other.copied(),
            };
            if let Some(before) = other {
                mass[index] += mass[before];
                mass[before] = 0.0;
            }
            kept.insert(name, index);
        }
        mass
    }

    /// The word that is the answer if no candidates are given: the head of the likeliest phrase, or the
    /// likeliest word if no phrases are known; `None` for *none*.
    pub fn head(&self, example: &EncodedExample) -> Option<usize> {
        match &**example.phrases {
            [] => self.word(),
            phrases => {
                let best = argmax(&self.among_referents(example));
                phrases.get(best).map(|phrase| phrase.head)
            }
        }
    }

    /// The index of the likeliest word, or `None` for *none*.
    pub fn word(&self) -> Option<usize> {
        let all: Vec<f32> = self.words.iter().copied().chain([self.none]).collect();
        Some(argmax(&all)).filter(|&index| index < self.words.len())
    }
}

/// The masses divided by their sum, unless all are 0.
fn normalised(mut mass: Vec<f32>) -> Vec<f32> {
    let sum: f32 = mass.iter().sum();
    if sum > 0.0 {
        mass.iter_mut().for_each(|m| *m /= sum);
    }
    mass
}

/// The index of the largest value, the first one if several are equal.
pub(crate) fn argmax(values: &[f32]) -> usize {
    (0..values.len())
        .reduce(|best, index| if values[index] > values[best] { index } else { best })
        .expect("there is at least one value")
}

/// The prediction for each row of `logits`, which waits for the device.
///
/// # Shapes
///
/// - `logits`: `[batch, words + 1]`, *none* in the last column, a row for each of `examples`
pub fn predictions(logits: Tensor<2>, examples: &[EncodedExample]) -> Vec<Prediction> {
    let [_, columns] = logits.dims();
    let values: Vec<f32> = logits.into_data().iter::<f32>().collect();
    (values.chunks(columns).zip(examples))
        .map(|(row, example)| Prediction::from_logits(row, example.encoding.words.len()))
        .collect()
}

/// Predictions for `examples`, in their order. They are computed in batches of up to `batch_size`
/// texts of similar length, so that little is padding; examples of one text that follow each other
/// share it.
pub fn predict(
    model: &Resolver,
    examples: &[EncodedExample],
    batch_size: usize,
    device: &Device,
) -> Vec<Prediction> {
    let texts = texts_of(examples);
    let lengths: Vec<usize> = texts.iter().map(EncodedText::n_tokens).collect();
    let answers = by_length(&lengths, batch_size, |indices| {
        let group = indices.iter().map(|&index| texts[index].clone()).collect();
        let batch = Batch::of_texts(group, device);
        let logits = model.forward(&batch.input).logits;
        let mut all = predictions(logits, &batch.examples).into_iter();
        let of_text = |text: &EncodedText| all.by_ref().take(text.examples.len()).collect();
        batch.texts.iter().map(of_text).collect::<Vec<Vec<Prediction>>>()
    });
    answers.concat()
}

#[cfg(test)]
mod tests {
    use corpus::{
        example::{Example, Language},
        span::CharSpan,
        tokenizer::Tokenizer,
    };

    use super::*;
    use crate::phrase::Phrases;

    fn prediction() -> Prediction {
        let probabilities = [0.1_f32, 0.3, 0.2, 0.15, 0.25];
        let logits: Vec<f32> = probabilities.iter().map(|p| p.ln()).collect();
        // The column between the words and none is padding.
        let row = [logits[0], logits[1], logits[2], logits[3], -1.0e4, logits[4]];
        Prediction::from_logits(&row, 4)
    }

    fn assert_close(actual: &[f32], expected: &[f32]) {
        assert_eq!(actual.len(), expected.len());
        assert!(actual.iter().zip(expected).all(|(a, e)| (a - e).abs() < 1e-6), "{actual:?}");
    }

    #[test]
    fn a_prediction_is_a_distribution_over_words_and_none() {
        assert_close(&prediction().words, &[0.1, 0.3, 0.2, 0.15]);
        assert_close(&[prediction().none], &[0.25]);
        assert_eq!(prediction().word(), Some(1));
    }

    #[test]
    fn a_temperature_divides_the_logits() {
        let logits = [1.0, -2.0, 0.5, 3.0];
        let hot: Vec<f32> = logits.iter().map(|logit| logit / 1.7).collect();
        let expected = Prediction::from_logits(&hot, 3);
        let found = Prediction::from_logits(&logits, 3).at_temperature(1.7);
        for (found, expected) in found.words.iter().zip(&expected.words) {
            assert!((found - expected).abs() < 1e-6);
        }
        assert!((found.none - expected.none).abs() < 1e-6);
    }

    #[test]
    fn a_candidate_has_the_summed_probability_of_its_words() {
        let prediction = prediction();
        assert_close(&prediction.among(&[0..1, 2..4]), &[0.1 / 0.7, 0.35 / 0.7, 0.25 / 0.7]);
        assert_eq!(prediction.answer(&[0..1, 2..4]), Some(1));
        assert_eq!(prediction.answer(&[0..1, 2..3]), None);
    }

    #[test]
    fn a_phrase_has_its_own_words_and_neither_the_pronoun_nor_its_owner_can_be_the_answer() {
        let phrase = |head, words| Phrase { head, words };
        // "the friend of Ana": Ana's probability is not the friend's.
        let nested = [phrase(0, 0..3), phrase(2, 2..3)];
        assert_close(
            &prediction().among_phrases(&nested, 3),
            &[0.4 / 0.85, 0.2 / 0.85, 0.25 / 0.85],
        );
        // "her mother": the answer to *her* is not her mother.
        let owned = [phrase(1, 0..2), phrase(3, 3..4)];
        assert_close(&prediction().among_phrases(&owned, 0), &[0.0, 0.15 / 0.4, 0.25 / 0.4]);
    }

    #[test]
    fn equal_phrases_are_one_answer_the_last_before_the_pronoun() {
        let text = "Ana , Ana and ana : she ; Ana";
        let tokenizer = Tokenizer::train([text], 400).unwrap();
        let example = Example {
            id: "t".to_owned(),
            lang: Language::En,
            text: text.to_owned(),
            pronoun: CharSpan::new(20, 23),
            candidates: vec![CharSpan::new(0, 3)],
            antecedent: Some(0),
            phenomenon: "text".to_owned(),
            pair: None,
            form: None,
            agreeing: None,
        };
        let mut example = EncodedExample::new(example, &tokenizer, 64).unwrap();
        let one = |head| Phrase { head, words: head..head + 1 };
        let phrases = [0, 2, 3, 4, 8].map(one).to_vec();
        example.phrases = Phrases::new(phrases, text, &example.encoding.words).into();
        let words = vec![0.1, 0.0, 0.2, 0.1, 0.1, 0.0, 0.0, 0.0, 0.3];
        let prediction = Prediction { words, none: 0.2 };
        // The four of Ana are with the third; "and" keeps its own.
        let merged = prediction.among_referents(&example);
        assert_close(&merged, &[0.0, 0.0, 0.1, 0.7, 0.0, 0.2]);
        assert_eq!(prediction.head(&example), Some(4));
    }

    #[test]
    fn enormous_logits_do_not_become_nan() {
        let prediction = Prediction::from_logits(&[3.0e38, -3.0e38, 0.0], 2);
        assert_eq!((prediction.words, prediction.none), (vec![1.0, 0.0], 0.0));
    }
}
