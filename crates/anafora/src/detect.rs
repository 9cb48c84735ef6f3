//! Finds the anaphors of texts and the phrases that they could stand for, with the detector heads.

use burn::tensor::{Device, Tensor};
use corpus::{
    mention::{attached_pronouns, before_apostrophe},
    span::CharSpan,
    tokenizer::Encoding,
};
use encoder::{
    detector::{ANAPHOR_CLASSES, Detector},
    resolver::Resolver,
};

use crate::{
    batch::{TextTensors, by_length, padded},
    labels::AnaphorClass,
    phrase::{Phrase, Phrases, can_be_head, sentence},
    prediction::argmax,
};

/// What the detector found in a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Detection {
    /// The characters of each anaphor, in the order of the text; of a null subject, its verb.
    pub anaphors: Vec<CharSpan>,
    /// In the order of their heads, no two with the same head.
    pub phrases: Phrases,
}

/// Detects in each text, in batches of up to `batch_size` of similar length. `None` if the model has
/// no detector.
pub fn detect(
    model: &Resolver,
    texts: &[(&str, &Encoding)],
    batch_size: usize,
    device: &Device,
) -> Option<Vec<Detection>> {
    let detector = model.detector()?;
    let lengths: Vec<usize> = texts.iter().map(|(_, encoding)| encoding.ids.len()).collect();
    Some(by_length(&lengths, batch_size, |indices| {
        let group: Vec<(&str, &Encoding)> = indices.iter().map(|&index| texts[index]).collect();
        of_batch(model, detector, &group, device)
    }))
}

fn of_batch(
    model: &Resolver,
    detector: &Detector,
    texts: &[(&str, &Encoding)],
    device: &Device,
) -> Vec<Detection> {
    let encodings: Vec<&Encoding> = texts.iter().map(|(_, encoding)| *encoding).collect();
    let TextTensors { tokens, key_padding_mask, words, word_padding_mask } =
        TextTensors::new(&encodings, device);
    let hidden = model.hidden(tokens, key_padding_mask);
    let scores = numbers(detector.words(hidden.clone(), words.clone()));
    let heads: Vec<Vec<usize>> = (texts.iter().zip(&scores))
        .map(|((text, encoding), scores)| heads(text, encoding, scores))
        .collect();
    let positions = heads.iter().zip(&encodings).map(|(heads, encoding)| {
        heads.iter().map(|&head| encoding.words[head].tokens.start as i64).collect()
    });
    let n_heads = heads.iter().map(Vec::len).max().unwrap_or_default().max(1);
    let positions = padded(positions.collect(), n_heads, device);
    let [first, last] = detector.edges(hidden, words, word_padding_mask, positions).map(numbers);
    let of_text = |row: usize| {
        let (text, encoding) = texts[row];
        let phrases = heads[row].iter().enumerate().map(|(index, &head)| {
            let sentence = sentence(text, &encoding.words, head);
            let first = sentence.start + argmax(&first[row][index][sentence.start..=head]);
            let last = head + argmax(&last[row][index][head..sentence.end]);
            Phrase { head, words: first..last + 1 }.tidied(text, &encoding.words)
        });
        let phrases = Phrases::new(phrases.collect(), text, &encoding.words);
        Detection { anaphors: anaphors(text, encoding, &scores[row]), phrases }
    };
    (0..texts.len()).map(of_text).collect()
}

/// The words of a text that are heads of phrases, from the scores of its words: never an anaphor that is a
/// word of its own, nor punctuation.
fn heads(text: &str, encoding: &Encoding, scores: &[Vec<f32>]) -> Vec<usize> {
    let is_head = |&word: &usize| {
        let class = AnaphorClass::ALL[argmax(&scores[word][..ANAPHOR_CLASSES])];
        scores[word][ANAPHOR_CLASSES] > 0.0
            && class != AnaphorClass::Word
            && encoding.words[word].span.slice(text).is_some_and(can_be_head)
    };
    (0..encoding.words.len()).filter(is_head).collect()
}

/// The anaphors of a text, from the scores of its words.
fn anaphors(text: &str, encoding: &Encoding, scores: &[Vec<f32>]) -> Vec<CharSpan> {
    let mut found = Vec::new();
    for (word, scores) in encoding.words.iter().zip(scores) {
        let class = AnaphorClass::ALL[argmax(&scores[..ANAPHOR_CLASSES])];
        let written = word.span.slice(text).unwrap_or_default();
        let within = |start: usize, end: usize| {
            CharSpan::new(word.span.start + start, word.span.start + end)
        };
        let spans: Vec<CharSpan> = match class {
            AnaphorClass::None => Vec::new(),
            AnaphorClass::Word => {
                vec![within(0, before_apostrophe(written).chars().count())]
            }
            AnaphorClass::Null => vec![word.span],
            AnaphorClass::Attached | AnaphorClass::AttachedTwo => {
                let n = if class == AnaphorClass::Attached { 1 } else { 2 };
                let attached = attached_pronouns(written);
                let skipped = attached.len().saturating_sub(n);
                attached[skipped..].iter().map(|part| within(part.start, part.end)).collect()
            }
        };
        found.extend(spans);
    }
    found
}

/// The numbers of a tensor, as nested rows.
fn numbers(tensor: Tensor<3>) -> Vec<Vec<Vec<f32>>> {
    let [_, rows, columns] = tensor.dims();
    let values: Vec<f32> = tensor.into_data().iter::<f32>().collect();
    let of_text = |text: &[f32]| text.chunks(columns.max(1)).map(<[f32]>::to_vec).collect();
    values.chunks((rows * columns).max(1)).map(of_text).collect()
}

#[cfg(test)]
mod tests {
    use corpus::tokenizer::Tokenizer;

    use super::*;

    #[test]
    fn no_pronoun_and_no_mark_can_be_what_an_anaphor_stands_for() {
        let text = "—Ana & Luis :) it's hers";
        let encoding = Tokenizer::train([text], 400).unwrap().encode(text);
        let n_words = encoding.words.len();
        let written = |&word: &usize| encoding.words[word].span.slice(text).unwrap();
        // Every word is likely to be a head.
        let mut scores = vec![vec![0.0, -1.0, -1.0, -1.0, -1.0, 5.0]; n_words];
        let word = AnaphorClass::Word as usize;
        for (index, scores) in scores.iter_mut().enumerate() {
            scores[word] = if written(&index).ends_with('s') { 1.0 } else { -1.0 };
        }
        let found = heads(text, &encoding, &scores);
        assert_eq!(found.iter().map(written).collect::<Vec<_>>(), ["Ana", "&"]);
    }
}
