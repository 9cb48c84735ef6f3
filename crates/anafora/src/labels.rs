//! What the detector has to find in a text: the class of each word as an anaphor, and the phrases
//! that an anaphor could stand for, each by its head.

use burn::tensor::{Device, Int, Tensor, TensorData};
use corpus::{span::CharSpan, text::Marks, tokenizer::Encoding};

use crate::phrase::Phrase;

/// What a word is as an anaphor; the discriminants are the columns of the detector's scores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AnaphorClass {
    /// No anaphor.
    #[default]
    None,
    /// A pronoun of its own, or a word that begins with one (*it's*).
    Word,
    /// A verb without subject.
    Null,
    /// A verb with one anaphor attached: *verla*.
    Attached,
    /// A verb with two: *dárselo*.
    AttachedTwo,
}

impl AnaphorClass {
    /// In the order of the detector's columns.
    pub const ALL: [Self; encoder::detector::ANAPHOR_CLASSES] =
        [Self::None, Self::Word, Self::Null, Self::Attached, Self::AttachedTwo];
}

/// The classes and phrases of the words of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextLabels {
    /// Of each word; `None` if it is not known.
    pub classes: Vec<Option<AnaphorClass>>,
    /// No two have the same head.
    pub phrases: Vec<Phrase>,
    /// Whether these are all.
    pub has_all_phrases: bool,
    /// The head word of each phrase by the span of its head, in characters.
    heads: Vec<(CharSpan, usize)>,
}

impl TextLabels {
    /// The labels of a text with these tokens.
    pub fn new(marks: &Marks, encoding: &Encoding) -> Self {
        let mut classes = vec![Some(AnaphorClass::None); encoding.words.len()];
        for &span in &marks.unclear {
            classes[encoding.words_in(span)].fill(None);
        }
        for anaphor in &marks.anaphors {
            let word = encoding.words_in(anaphor.span).start;
            let Some(class) = classes.get_mut(word) else { continue };
            let is_attached = encoding.words[word].span.start < anaphor.span.start;
            *class = Some(match (*class, is_attached) {
                (Some(AnaphorClass::Attached), true) => AnaphorClass::AttachedTwo,
                (_, true) => AnaphorClass::Attached,
                (_, false) if anaphor.is_null => AnaphorClass::Null,
                (_, false) => AnaphorClass::Word,
            });
        }
        let mut phrases: Vec<Phrase> = Vec::new();
        let mut heads = Vec::new();
        for mention in marks.mentions.iter().flatten() {
            let (head, words) =
                (encoding.words_in(mention.head_word), encoding.words_in(mention.phrase));
            if head.is_empty() || words.is_empty() {
                continue;
            }
            heads.push((mention.head, head.start));
            match phrases.iter_mut().find(|phrase| phrase.head == head.start) {
                Some(longer) if longer.words.len() >= words.len() => {}
                Some(shorter) => shorter.words = words,
                None => phrases.push(Phrase { head: head.start, words }),
            }
        }
        Self { classes, phrases, has_all_phrases: marks.mentions.is_some(), heads }
    }

    /// The head word of the phrase whose head has these characters.
    pub fn head_word(&self, head: CharSpan) -> Option<usize> {
        self.heads.iter().find(|(span, _)| *span == head).map(|(_, word)| *word)
    }
}

/// The labels of a batch. Texts without labels have 0 everywhere.
#[derive(Debug, Clone)]
pub struct LabelTensors {
    /// The column of each word's class: `[texts, words]`
    pub classes: Tensor<2, Int>,
    /// 1 where the class of a word is known: `[texts, words]`
    pub has_class: Tensor<2>,
    /// 1 where a word is a head: `[texts, words]`
    pub is_head: Tensor<2>,
    /// 1 where it is known whether a word is a head: `[texts, words]`
    pub is_head_known: Tensor<2>,
    /// The position of the first token of each head, 0 for padding: `[texts, heads]`
    pub heads: Tensor<2, Int>,
    /// The first word of each head's phrase: `[texts, heads]`
    pub first: Tensor<2, Int>,
    /// Its last word: `[texts, heads]`
    pub last: Tensor<2, Int>,
    /// 1 where there is a head, 0 for padding: `[texts, heads]`
    pub is_phrase: Tensor<2>,
}

impl LabelTensors {
    /// `None` if no text has labels.
    ///
    /// # Panics
    ///
    /// If a text has more than `n_words` words.
    pub fn new(
        texts: &[(Option<&TextLabels>, &Encoding)],
        n_words: usize,
        device: &Device,
    ) -> Option<Self> {
        let n_phrases = |labels: &Option<&TextLabels>| labels.map_or(0, |l| l.phrases.len());
        let n_heads = texts.iter().map(|(labels, _)| n_phrases(labels)).max()?;
        if texts.iter().all(|(labels, _)| labels.is_none()) {
            return None;
        }
        let n_heads = n_heads.max(1);
        let at = |row: usize, column: usize, width: usize| row * width + column;
        let words = texts.len() * n_words;
        let heads = texts.len() * n_heads;
        let (mut classes, mut has_class) = (vec![0_i64; words], vec![0.0_f32; words]);
        let (mut is_head, mut is_head_known) = (vec![0.0_f32; words], vec![0.0_f32; words]);
        let (mut positions, mut first, mut last, mut is_phrase) =
            (vec![0_i64; heads], vec![0_i64; heads], vec![0_i64; heads], vec![0.0_f32; heads]);
        for (row, (labels, encoding)) in texts.iter().enumerate() {
            let Some(labels) = labels else { continue };
            for (word, &class) in labels.classes.iter().enumerate() {
                let word = at(row, word, n_words);
                if let Some(class) = class {
                    (classes[word], has_class[word]) = (class as i64, 1.0);
                }
                if labels.has_all_phrases {
                    is_head_known[word] = 1.0;
                }
            }
            for (index, Phrase { head, words }) in labels.phrases.iter().enumerate() {
                is_head[at(row, *head, n_words)] = 1.0;
                let index = at(row, index, n_heads);
                positions[index] = encoding.words[*head].tokens.start as i64;
                (first[index], last[index]) = (words.start as i64, words.end as i64 - 1);
                is_phrase[index] = 1.0;
            }
        }
        let of_words = [texts.len(), n_words];
        let of_heads = [texts.len(), n_heads];
        let ints = |values, shape| Tensor::from_data(TensorData::new(values, shape), device);
        let floats = |values, shape| Tensor::from_data(TensorData::new(values, shape), device);
        Some(Self {
            classes: ints(classes, of_words),
            has_class: floats(has_class, of_words),
            is_head: floats(is_head, of_words),
            is_head_known: floats(is_head_known, of_words),
            heads: ints(positions, of_heads),
            first: ints(first, of_heads),
            last: ints(last, of_heads),
            is_phrase: floats(is_phrase, of_heads),
        })
    }
}

#[cfg(test)]
mod tests {
    use corpus::{
        text::{MarkedAnaphor, MarkedMention},
        tokenizer::Tokenizer,
    };

    use super::*;

    const TEXT: &str = "El tío de Ana quería dárselo y verla";

    fn span(word: &str) -> CharSpan {
        let start = TEXT[..TEXT.find(word).unwrap()].chars().count();
        CharSpan::new(start, start + word.chars().count())
    }

    fn encoding() -> Encoding {
        Tokenizer::train([TEXT], 400).unwrap().encode(TEXT)
    }

    fn labels() -> TextLabels {
        let anaphor = |span, is_null| MarkedAnaphor { span, is_null };
        let verb = span("dárselo");
        let within = |start, end| CharSpan::new(verb.start + start, verb.start + end);
        let last = span("verla");
        let mention = |head: &str, phrase: &str| MarkedMention {
            head: span(head),
            head_word: span(head),
            phrase: span(phrase),
        };
        let marks = Marks {
            anaphors: vec![
                anaphor(span("quería"), true),
                anaphor(within(3, 5), false),
                anaphor(within(5, 7), false),
                anaphor(CharSpan::new(last.start + 3, last.end), false),
            ],
            mentions: Some(vec![mention("tío", "El tío de Ana"), mention("Ana", "Ana")]),
            unclear: Vec::new(),
        };
        TextLabels::new(&marks, &encoding())
    }

    #[test]
    fn what_is_unclear_has_no_class_unless_it_is_marked() {
        let marks = Marks {
            anaphors: vec![MarkedAnaphor { span: span("quería"), is_null: true }],
            mentions: None,
            unclear: vec![span("Ana quería dárselo")],
        };
        let labels = TextLabels::new(&marks, &encoding());
        let (no, null) = (Some(AnaphorClass::None), Some(AnaphorClass::Null));
        assert_eq!(labels.classes, [no, no, no, None, null, None, no, no]);
        let tensors =
            LabelTensors::new(&[(Some(&labels), &encoding())], 8, &Device::flex()).unwrap();
        let numbers = |tensor: Tensor<2>| -> Vec<f32> { tensor.into_data().iter().collect() };
        assert_eq!(numbers(tensors.has_class), [1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0]);
        assert_eq!(numbers(tensors.is_head_known), [0.0; 8]);
    }

    #[test]
    fn each_word_has_the_class_of_its_anaphors_and_each_phrase_its_head() {
        use AnaphorClass::{Attached, AttachedTwo, None, Null};
        let TextLabels { classes, phrases, .. } = labels();
        let expected = [None, None, None, None, Null, AttachedTwo, None, Attached];
        assert_eq!(classes, expected.map(Some));
        let expected = [Phrase { head: 1, words: 0..4 }, Phrase { head: 3, words: 3..4 }];
        assert_eq!(phrases, expected);
        assert_eq!(labels().head_word(span("tío")), Some(1));
        assert_eq!(labels().head_word(span("El")), Option::None);
    }

    #[test]
    fn a_text_without_labels_counts_nowhere() {
        let device = Device::flex();
        let (labels, encoding) = (labels(), encoding());
        assert!(LabelTensors::new(&[(None, &encoding)], 8, &device).is_none());
        let texts = [(None, &encoding), (Some(&labels), &encoding)];
        let tensors = LabelTensors::new(&texts, 8, &device).unwrap();
        let numbers = |tensor: Tensor<2>| -> Vec<f32> { tensor.into_data().iter().collect() };
        let ints = |tensor: Tensor<2, Int>| -> Vec<i64> { tensor.into_data().iter().collect() };
        assert_eq!(numbers(tensors.has_class), [[0.0; 8], [1.0; 8]].concat());
        assert_eq!(numbers(tensors.is_head_known), [[0.0; 8], [1.0; 8]].concat());
        assert_eq!(numbers(tensors.is_phrase), [0.0, 0.0, 1.0, 1.0]);
        assert_eq!(ints(tensors.classes)[8..], [0, 0, 0, 0, 2, 4, 0, 3]);
        assert_eq!((ints(tensors.first), ints(tensors.last)), (vec![0, 0, 0, 3], vec![0, 0, 3, 3]));
    }
}
