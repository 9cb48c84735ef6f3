//! Examples as the model reads them: numbers of tokens, padded to the longest of a batch.

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use corpus::{
    example::Example,
    span::CharSpan,
    text::Text,
    tokenizer::{Encoding, Tokenizer},
};
use encoder::resolver::ResolverInput;

use crate::labels::{LabelTensors, TextLabels};
use crate::phrase::Phrases;

/// An example and its tokens.
#[derive(Debug, Clone)]
pub struct EncodedExample {
    /// What was encoded.
    pub example: Example,
    /// Its tokens and words.
    pub encoding: Arc<Encoding>,
    /// The word that the pronoun begins with.
    pub pronoun: usize,
    /// The words of each candidate.
    pub candidates: Vec<Range<usize>>,
    /// The head word of the antecedent, if the phrases of the text are known.
    pub head: Option<usize>,
    /// The phrases that may be the answer if no candidates are given; empty if every word may.
    pub phrases: Arc<Phrases>,
}

/// Why an example does not fit the model.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// Nothing is ever cut silently.
    #[error(
        "example {id}: the text has {tokens} tokens, expected at most encoder.max_seq = \
         {max_seq}\nhint: shorten it, or train with a greater encoder.max_seq"
    )]
    TooLong {
        /// The example.
        id: String,
        /// Its length, `[CLS]` and `[SEP]` included.
        tokens: usize,
        /// What the model reads.
        max_seq: usize,
    },
    /// A span of spaces.
    #[error(
        "example {id}: the span {start}..{end} of the {what} covers no word, expected at least one"
    )]
    NoWord {
        /// The example.
        id: String,
        /// Pronoun or candidate.
        what: String,
        /// First character.
        start: usize,
        /// One past the last character.
        end: usize,
    },
    /// Two candidates inside one word could not be told apart.
    #[error(
        "example {id}: candidates {first} and {second} share a word, expected words of their own"
    )]
    SharedWord {
        /// The example.
        id: String,
        /// Index of a candidate.
        first: usize,
        /// Index of another.
        second: usize,
    },
}

impl EncodedExample {
    /// Tokenises `example`, which must fit into `max_seq` tokens.
    pub fn new(
        example: Example,
        tokenizer: &Tokenizer,
        max_seq: usize,
    ) -> Result<Self, EncodeError> {
        let encoding = tokenizer.encode(&example.text);
        Self::with_encoding(example, Arc::new(encoding), max_seq)
    }

    /// `example` with the tokens of its text, of which there must be no more than `max_seq`.
    pub fn with_encoding(
        example: Example,
        encoding: Arc<Encoding>,
        max_seq: usize,
    ) -> Result<Self, EncodeError> {
        if encoding.ids.len() > max_seq {
            let tokens = encoding.ids.len();
            return Err(EncodeError::TooLong { id: example.id, tokens, max_seq });
        }
        let words = |what: String, span: CharSpan| {
            let words = encoding.words_in(span);
            if words.is_empty() {
                let CharSpan { start, end } = span;
                return Err(EncodeError::NoWord { id: example.id.clone(), what, start, end });
            }
            Ok(words)
        };
        let pronoun = words("pronoun".to_owned(), example.pronoun)?.start;
        let candidates: Vec<Range<usize>> = (example.candidates.iter().enumerate())
            .map(|(index, &span)| words(format!("candidate {index}"), span))
            .collect::<Result<_, _>>()?;
        for (first, a) in candidates.iter().enumerate() {
            let shares = |b: &Range<usize>| a.start < b.end && b.start < a.end;
            if let Some(next) = candidates[first + 1..].iter().position(shares) {
                let second = first + 1 + next;
                return Err(EncodeError::SharedWord { id: example.id, first, second });
            }
        }
        Ok(Self { example, encoding, pronoun, candidates, head: None, phrases: Arc::default() })
    }

    /// Tokens of the text, `[CLS]` and `[SEP]` included.
    pub fn n_tokens(&self) -> usize {
        self.encoding.ids.len()
    }

    /// The position of the pronoun's first token.
    pub fn pronoun_token(&self) -> usize {
        self.encoding.words[self.pronoun].tokens.start
    }

    /// The id of the first token of the antecedent, if there is one.
    fn antecedent_token(&self) -> Option<i64> {
        let word = &self.encoding.words[self.target()?.start];
        Some(self.encoding.ids[word.tokens.start].into())
    }

    /// The words that are right: the head of the antecedent if it is known, else all of its words, or
    /// `None` for *none*.
    pub fn target(&self) -> Option<Range<usize>> {
        let antecedent = self.candidates[self.example.antecedent?].clone();
        Some(self.head.map_or(antecedent, |head| head..head + 1))
    }

    /// Whether the pronoun is the second that is attached to its word, as *lo* in *dárselo*.
    fn is_second(&self) -> bool {
        let word = self.encoding.words[self.pronoun].span;
        let before = CharSpan::new(word.start, self.example.pronoun.start.max(word.start));
        let before = before.slice(&self.example.text).unwrap_or_default();
        // "se" alone would be a word of its own before the verb.
        before.chars().count() > 3 && before.ends_with("se")
    }
}

/// A text and its tokens: the model reads it once for all of its examples.
#[derive(Debug, Clone)]
pub struct EncodedText {
    /// At least one; all have the same tokens.
    pub examples: Vec<EncodedExample>,
    /// The anaphors and mentions in it, if all are known.
    pub labels: Option<TextLabels>,
}

impl EncodedText {
    /// Tokenises `text`, which must fit into `max_seq` tokens.
    pub fn new(text: Text, tokenizer: &Tokenizer, max_seq: usize) -> Result<Self, EncodeError> {
        let encoding = Arc::new(tokenizer.encode(&text.examples[0].text));
        Self::with_encoding(text, &encoding, max_seq)
    }

    /// `text` with the tokens of `encoding`, of which there must be no more than `max_seq`.
    pub fn with_encoding(
        text: Text,
        encoding: &Arc<Encoding>,
        max_seq: usize,
    ) -> Result<Self, EncodeError> {
        let labels = text.marks.map(|marks| TextLabels::new(&marks, encoding));
        let head =
            |example: &Example| labels.as_ref()?.head_word(example.candidates[example.antecedent?]);
        let examples = (text.examples.into_iter())
            .map(|example| {
                let head = head(&example);
                let encoded = EncodedExample::with_encoding(example, encoding.clone(), max_seq)?;
                Ok(EncodedExample { head, ..encoded })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { examples, labels })
    }

    /// Tokens of the text, `[CLS]` and `[SEP]` included.
    pub fn n_tokens(&self) -> usize {
        self.encoding().ids.len()
    }

    /// The tokens and words of the text.
    pub fn encoding(&self) -> &Encoding {
        &self.examples[0].encoding
    }
}

impl From<EncodedExample> for EncodedText {
    fn from(example: EncodedExample) -> Self {
        Self { examples: vec![example], labels: None }
    }
}

/// Examples of the same text become one text, so that the model reads it once, if they follow each
/// other.
pub fn texts_of(examples: &[EncodedExample]) -> Vec<EncodedText> {
    let same = |a: &EncodedExample, b: &EncodedExample| {
        a.encoding.ids == b.encoding.ids && a.example.text == b.example.text
    };
    let text =
        |examples: &[EncodedExample]| EncodedText { examples: examples.to_vec(), labels: None };
    examples.chunk_by(same).map(text).collect()
}

/// Batches of texts of about the same length, the shortest first.
pub fn group_by_length(mut texts: Vec<EncodedText>, batch_size: usize) -> Vec<Vec<EncodedText>> {
    texts.sort_by_key(EncodedText::n_tokens);
    texts.chunks(batch_size).map(<[_]>::to_vec).collect()
}

/// The results of `compute` for each of the texts with these lengths, in their order. It is called with
/// the indices of up to `batch_size` texts of similar length, so that little of a batch is padding.
pub(crate) fn by_length<T>(
    lengths: &[usize],
    batch_size: usize,
    mut compute: impl FnMut(&[usize]) -> Vec<T>,
) -> Vec<T> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&index| lengths[index]);
    let results = order.chunks(batch_size).flat_map(|indices| {
        let results = compute(indices);
        indices.iter().copied().zip(results).collect::<Vec<_>>()
    });
    let mut results: Vec<(usize, T)> = results.collect();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Texts that go through the model together, and the pronouns that are asked for.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The texts, in the order of the rows.
    pub texts: Vec<EncodedText>,
    /// The examples of all texts, in the order of the queries.
    pub examples: Vec<EncodedExample>,
    /// What the model reads.
    pub input: ResolverInput,
    /// `true` where the answer is right, *none* in the last column: `[queries, words + 1]`
    pub targets: Tensor<2, Bool>,
    /// The ids of the tokens that begin a word of the texts, each once: `[word tokens]`
    pub word_tokens: Tensor<1, Int>,
    /// The index among them of the antecedent's first token, 0 where there is none: `[queries]`
    pub antecedent_token: Tensor<1, Int>,
    /// 1 where there is an antecedent, 0 where there is none: `[queries]`
    pub has_antecedent: Tensor<1>,
    /// What the detector has to find, if any text has labels.
    pub labels: Option<LabelTensors>,
}

impl Batch {
    /// Puts `examples` side by side on `device`, each with a text of its own.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn new(examples: Vec<EncodedExample>, device: &Device) -> Self {
        Self::of_texts(examples.into_iter().map(EncodedText::from).collect(), device)
    }

    /// Puts `texts` side by side on `device`.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn of_texts(texts: Vec<EncodedText>, device: &Device) -> Self {
        let encodings: Vec<&Encoding> = texts.iter().map(EncodedText::encoding).collect();
        let TextTensors { tokens, key_padding_mask, words: word_starts, word_padding_mask } =
            TextTensors::new(&encodings, device);
        let [n_texts, words] = word_starts.dims();
        let n_pronouns = texts.iter().map(|text| text.examples.len()).max().unwrap_or_default();
        let pronouns: Vec<Vec<i64>> = (texts.iter())
            .map(|text| text.examples.iter().map(|e| e.pronoun_token() as i64).collect())
            .collect();
        let is_second: Vec<bool> = (texts.iter())
            .flat_map(|text| {
                let of_row = text.examples.iter().map(EncodedExample::is_second);
                of_row.chain(std::iter::repeat(false)).take(n_pronouns)
            })
            .collect();
        let asked: Vec<i64> = (texts.iter().enumerate())
            .flat_map(|(row, text)| (0..text.examples.len()).map(move |at| row * n_pronouns + at))
            .map(|index| index as i64)
            .collect();
        let examples: Vec<EncodedExample> =
            texts.iter().flat_map(|text| text.examples.iter().cloned()).collect();
        let n_queries = examples.len();
        let input = ResolverInput {
            tokens,
            key_padding_mask,
            pronouns: padded(pronouns, n_pronouns, device),
            is_second: Tensor::from_data(TensorData::new(is_second, [n_texts, n_pronouns]), device),
            asked: Tensor::from_data(TensorData::new(asked, [n_queries]), device),
            words: word_starts,
            word_padding_mask,
        };
        let targets = (examples.iter())
            .flat_map(|example| {
                let right = example.target().unwrap_or(words..words + 1);
                (0..=words).map(move |word| right.contains(&word))
            })
            .collect::<Vec<bool>>();
        let targets = Tensor::from_data(TensorData::new(targets, [n_queries, words + 1]), device);
        let has_antecedent: Vec<f32> =
            examples.iter().map(|e| f32::from(e.antecedent_token().is_some())).collect();
        let word_tokens = word_tokens(&texts);
        let antecedent_token = antecedent_indices(&examples, &word_tokens, device);
        let labels: Vec<_> = texts.iter().map(|text| text.labels.as_ref()).zip(encodings).collect();
        let labels = LabelTensors::new(&labels, words, device);
        Self {
            input,
            targets,
            antecedent_token,
            word_tokens: Tensor::from_data(word_tokens.as_slice(), device),
            has_antecedent: Tensor::from_data(TensorData::new(has_antecedent, [n_queries]), device),
            examples,
            texts,
            labels,
        }
    }

    /// Tokens of all texts, without padding.
    pub fn n_tokens(&self) -> usize {
        self.texts.iter().map(EncodedText::n_tokens).sum()
    }

    /// Positions that are computed, padding included.
    pub fn n_positions(&self) -> usize {
        let [n_texts, seq] = self.input.tokens.dims();
        n_texts * seq
    }
}

/// Gives each of `batches` the word tokens of all of them.
pub fn share_word_tokens(batches: &mut [Batch]) {
    if batches.len() < 2 {
        return;
    }
    let all = word_tokens(batches.iter().flat_map(|batch| &batch.texts));
    for batch in batches {
        let device = batch.input.tokens.device();
        batch.antecedent_token = antecedent_indices(&batch.examples, &all, &device);
        batch.word_tokens = Tensor::from_data(all.as_slice(), &device);
    }
}

/// The tokens that begin a word of any of the texts, each once and in ascending order.
fn word_tokens<'t>(texts: impl IntoIterator<Item = &'t EncodedText>) -> Vec<i64> {
    let words = texts.into_iter().flat_map(|text| {
        let Encoding { ids, words, .. } = text.encoding();
        words.iter().map(|word| i64::from(ids[word.tokens.start]))
    });
    words.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The index of each antecedent's first token among the word tokens, 0 where there is none: `[queries]`
fn antecedent_indices(
    examples: &[EncodedExample],
    word_tokens: &[i64],
    device: &Device,
) -> Tensor<1, Int> {
    let index = |token: i64| word_tokens.binary_search(&token).expect("it begins a word") as i64;
    let indices: Vec<i64> =
        examples.iter().map(|example| example.antecedent_token().map_or(0, index)).collect();
    Tensor::from_data(TensorData::new(indices, [examples.len()]), device)
}

/// Tokens and words of texts side by side.
pub(crate) struct TextTensors {
    /// `[texts, seq]`
    pub(crate) tokens: Tensor<2, Int>,
    /// `[texts, seq]`
    pub(crate) key_padding_mask: Tensor<2, Bool>,
    /// The position of the first token of each word: `[texts, words]`
    pub(crate) words: Tensor<2, Int>,
    /// `[texts, words]`
    pub(crate) word_padding_mask: Tensor<2, Bool>,
}

impl TextTensors {
    /// # Panics
    ///
    /// If there are no texts.
    pub(crate) fn new(texts: &[&Encoding], device: &Device) -> Self {
        let longest = |length: &dyn Fn(&Encoding) -> usize| {
            texts.iter().map(|text| length(text)).max().expect("a batch has at least one text")
        };
        let seq = longest(&|text| text.ids.len());
        let n_words = longest(&|text| text.words.len());
        let tokens = |text: &&Encoding| text.ids.iter().map(|&id| i64::from(id)).collect();
        let words = |text: &&Encoding| text.words.iter().map(|w| w.tokens.start as i64).collect();
        Self {
            tokens: padded(texts.iter().map(tokens).collect(), seq, device),
            key_padding_mask: padding(texts.iter().map(|text| text.ids.len()), seq, device),
            words: padded(texts.iter().map(words).collect(), n_words, device),
            word_padding_mask: padding(texts.iter().map(|text| text.words.len()), n_words, device),
        }
    }
}

/// The rows, filled up to `width` with 0.
pub(crate) fn padded(rows: Vec<Vec<i64>>, width: usize, device: &Device) -> Tensor<2, Int> {
    let shape = [rows.len(), width];
    let fill = |mut row: Vec<i64>| {
        row.resize(width, 0);
        row
    };
    let values: Vec<i64> = rows.into_iter().flat_map(fill).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// `true` behind the end of each row.
fn padding(
    lengths: impl ExactSizeIterator<Item = usize>,
    width: usize,
    device: &Device,
) -> Tensor<2, Bool> {
    let shape = [lengths.len(), width];
    let mask: Vec<bool> =
        lengths.flat_map(|length| (0..width).map(move |position| position >= length)).collect();
    Tensor::from_data(TensorData::new(mask, shape), device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use corpus::example::Language;

    fn tokenizer() -> Tokenizer {
        let texts = ["Ana vio a Luis porque él", "Ana Belén estaba allí ."];
        Tokenizer::train(texts, 400).unwrap()
    }

    fn example(text: &str, pronoun: [usize; 2], candidates: &[[usize; 2]]) -> Example {
        let span = |[start, end]: [usize; 2]| CharSpan::new(start, end);
        Example {
            id: "x-1".to_owned(),
            lang: Language::Es,
            text: text.to_owned(),
            pronoun: span(pronoun),
            candidates: candidates.iter().copied().map(span).collect(),
            antecedent: Some(1),
            phenomenon: "gender".to_owned(),
            pair: None,
            form: None,
            agreeing: None,
        }
    }

    fn encode(example: Example, max_seq: usize) -> Result<EncodedExample, EncodeError> {
        EncodedExample::new(example, &tokenizer(), max_seq)
    }

    fn message(example: Example, max_seq: usize) -> String {
        encode(example, max_seq).unwrap_err().to_string()
    }

    #[test]
    fn a_text_that_is_too_long_is_refused_with_its_length() {
        let message = message(example("Ana vio a Luis", [4, 7], &[[0, 3], [10, 14]]), 5);
        assert!(
            message.starts_with(
                "example x-1: the text has 6 tokens, expected at most encoder.max_seq = 5"
            ),
            "{message}"
        );
    }

    #[test]
    fn a_span_without_a_word_and_words_of_two_candidates_are_refused() {
        let spaces = message(example("Ana   vio", [6, 9], &[[0, 3], [4, 5]]), 99);
        assert_eq!(
            spaces,
            "example x-1: the span 4..5 of the candidate 1 covers no word, expected at least one"
        );
        let shared = message(example("Ana vio", [4, 7], &[[0, 1], [2, 3]]), 99);
        assert_eq!(
            shared,
            "example x-1: candidates 0 and 1 share a word, expected words of their own"
        );
    }

    /// The second text is shorter, its antecedent is two words, and its pronoun comes first.
    #[test]
    fn a_batch_pads_to_the_longest_and_marks_what_is_right() {
        let first = example("Ana vio a Luis porque él", [22, 24], &[[0, 3], [10, 14]]);
        let second = example("él vio a Ana Belén", [0, 2], &[[3, 6], [9, 18]]);
        let examples = vec![encode(first, 99).unwrap(), encode(second, 99).unwrap()];
        let batch = Batch::new(examples, &Device::flex());

        let bools = |tensor: Tensor<2, Bool>| -> Vec<String> {
            let [_, width] = tensor.dims();
            let values: Vec<bool> = tensor.into_data().iter::<bool>().collect();
            let row = |row: &[bool]| row.iter().map(|&b| if b { '1' } else { '0' }).collect();
            values.chunks(width).map(row).collect()
        };
        let ints = |tensor: Tensor<2, Int>| -> Vec<i64> { tensor.into_data().iter().collect() };
        assert_eq!(bools(batch.input.key_padding_mask.clone()), ["00000000", "00000001"]);
        assert_eq!(bools(batch.input.word_padding_mask.clone()), ["000000", "000001"]);
        assert_eq!(bools(batch.targets.clone()), ["0001000", "0001100"]);
        assert_eq!(ints(batch.input.words.clone()), [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 0]);
        assert_eq!(ints(batch.input.pronouns.clone()), [6, 1]);
        assert_eq!((batch.n_tokens(), batch.n_positions()), (15, 16));
    }
}
