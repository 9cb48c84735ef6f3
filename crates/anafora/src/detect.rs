//! Finds the anaphors of texts and the phrases that they could stand for, with the detector heads.

use burn::tensor::{Device, Int, Tensor, TensorData};
use corpus::{
    mention::{attached_pronouns, before_apostrophe},
    span::CharSpan,
    tokenizer::Encoding,
};
use encoder::{
    detector::{ANAPHOR_CLASSES, Detector},
    resolver::{Resolver, ResolverInput},
};

use crate::{
    batch::{TextTensors, padded},
    labels::{AnaphorClass, Phrase},
};

/// What the detector found in a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Detection {
    /// In the order of the text; of a verb without subject, the span is the verb.
    pub anaphors: Vec<DetectedAnaphor>,
    /// In the order of their heads, no two with the same head.
    pub phrases: Vec<Phrase>,
}

/// An anaphor that the detector found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DetectedAnaphor {
    /// Its characters.
    pub span: CharSpan,
    /// The class of its word.
    pub class: AnaphorClass,
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
    let mut order: Vec<usize> = (0..texts.len()).collect();
    order.sort_by_key(|&index| texts[index].1.ids.len());
    let mut found = vec![Detection::default(); texts.len()];
    for indices in order.chunks(batch_size) {
        let group: Vec<(&str, &Encoding)> = indices.iter().map(|&index| texts[index]).collect();
        let detections = of_batch(model, detector, &group, device);
        for (&index, detection) in indices.iter().zip(detections) {
            found[index] = detection;
        }
    }
    Some(found)
}

fn of_batch(
    model: &Resolver,
    detector: &Detector,
    texts: &[(&str, &Encoding)],
    device: &Device,
) -> Vec<Detection> {
    let encodings: Vec<&Encoding> = texts.iter().map(|(_, encoding)| *encoding).collect();
    let input = nothing_asked(&encodings, device);
    let hidden = model.forward(&input).hidden;
    let scores = numbers(detector.words(hidden.clone(), input.words.clone()));
    let heads: Vec<Vec<usize>> = (encodings.iter().zip(&scores))
        .map(|(encoding, scores)| {
            (0..encoding.words.len()).filter(|&word| scores[word][ANAPHOR_CLASSES] > 0.0).collect()
        })
        .collect();
    let positions = heads.iter().zip(&encodings).map(|(heads, encoding)| {
        heads.iter().map(|&head| encoding.words[head].tokens.start as i64).collect()
    });
    let n_heads = heads.iter().map(Vec::len).max().unwrap_or_default().max(1);
    let positions = padded(positions.collect(), n_heads, device);
    let (words, padding) = (input.words, input.word_padding_mask);
    let [first, last] = detector.edges(hidden, words, padding, positions).map(numbers);
    let of_text = |row: usize| {
        let (text, encoding) = texts[row];
        let phrases = heads[row].iter().enumerate().map(|(index, &head)| {
            let first = argmax(&first[row][index][..=head]);
            let last = head + argmax(&last[row][index][head..encoding.words.len()]);
            Phrase { head, words: first..last + 1 }
        });
        Detection { anaphors: anaphors(text, encoding, &scores[row]), phrases: phrases.collect() }
    };
    (0..texts.len()).map(of_text).collect()
}

/// The texts without any query: their hidden vectors are wanted, not answers.
fn nothing_asked(encodings: &[&Encoding], device: &Device) -> ResolverInput {
    let TextTensors { tokens, key_padding_mask, words, word_padding_mask } =
        TextTensors::new(encodings, device);
    let [n_texts, _] = tokens.dims();
    let first = Tensor::<1, Int>::from_data(TensorData::new(vec![0_i64], [1]), device);
    ResolverInput {
        tokens,
        key_padding_mask,
        pronouns: Tensor::zeros([n_texts, 1], device),
        is_second: Tensor::<2, Int>::zeros([n_texts, 1], device).equal_elem(1),
        asked: first,
        words,
        word_padding_mask,
    }
}

/// The anaphors of a text, from the scores of its words.
fn anaphors(text: &str, encoding: &Encoding, scores: &[Vec<f32>]) -> Vec<DetectedAnaphor> {
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
        found.extend(spans.into_iter().map(|span| DetectedAnaphor { span, class }));
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

/// The index of the largest value, the first one if several are equal.
fn argmax(values: &[f32]) -> usize {
    (0..values.len())
        .reduce(|best, index| if values[index] > values[best] { index } else { best })
        .unwrap_or_default()
}
