//! Examples as the model reads them: numbers of tokens, padded to the longest of a batch.

use std::ops::Range;

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use corpus::{
    example::Example,
    span::CharSpan,
    tokenizer::{Encoding, Tokenizer},
};
use encoder::resolver::ResolverInput;

/// An example and its tokens.
#[derive(Debug, Clone)]
pub struct EncodedExample {
    /// What was encoded.
    pub example: Example,
    /// Its tokens and words.
    pub encoding: Encoding,
    /// The word that the pronoun begins with.
    pub pronoun: usize,
    /// The words of each candidate.
    pub candidates: Vec<Range<usize>>,
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
        Self::with_encoding(example, encoding, max_seq)
    }

    /// `example` with the tokens of its text, of which there must be no more than `max_seq`.
    pub fn with_encoding(
        example: Example,
        encoding: Encoding,
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
        Ok(Self { example, encoding, pronoun, candidates })
    }

    /// Tokens of the text, `[CLS]` and `[SEP]` included.
    pub fn n_tokens(&self) -> usize {
        self.encoding.ids.len()
    }

    /// The id of the first token of the antecedent, if there is one.
    fn antecedent_token(&self) -> Option<i64> {
        let word = &self.encoding.words[self.target()?.start];
        Some(self.encoding.ids[word.tokens.start].into())
    }

    /// The words that are right: those of the antecedent, or `None` for *none*.
    pub fn target(&self) -> Option<Range<usize>> {
        self.example.antecedent.map(|index| self.candidates[index].clone())
    }
}

/// Batches of examples of about the same length, the shortest first.
pub fn group_by_length(
    mut examples: Vec<EncodedExample>,
    batch_size: usize,
) -> Vec<Vec<EncodedExample>> {
    examples.sort_by_key(EncodedExample::n_tokens);
    examples.chunks(batch_size).map(<[_]>::to_vec).collect()
}

/// Examples that go through the model together.
#[derive(Debug, Clone)]
pub struct Batch {
    /// In the order of the rows.
    pub examples: Vec<EncodedExample>,
    /// What the model reads.
    pub input: ResolverInput,
    /// `true` where the answer is right, *none* in the last column: `[batch, words + 1]`
    pub targets: Tensor<2, Bool>,
    /// The id of the antecedent's first token, 0 where there is none: `[batch]`
    pub antecedent_token: Tensor<1, Int>,
    /// 1 where there is an antecedent, 0 where there is none: `[batch]`
    pub has_antecedent: Tensor<1>,
}

impl Batch {
    /// Puts `examples` side by side on `device`.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn new(examples: Vec<EncodedExample>, device: &Device) -> Self {
        let batch = examples.len();
        let seq = longest(&examples, EncodedExample::n_tokens);
        let words = longest(&examples, |example| example.encoding.words.len());
        let tokens = rows(&examples, seq, 0, |example| {
            example.encoding.ids.iter().map(|&id| i64::from(id)).collect()
        });
        let word_starts = rows(&examples, words, 0, |example| {
            example.encoding.words.iter().map(|word| word.tokens.start as i64).collect()
        });
        let pronoun: Vec<i64> = (examples.iter())
            .map(|example| example.encoding.words[example.pronoun].tokens.start as i64)
            .collect();
        let input = ResolverInput {
            tokens: ints(tokens, [batch, seq], device),
            key_padding_mask: padding(&examples, seq, EncodedExample::n_tokens, device),
            pronoun: Tensor::from_data(TensorData::new(pronoun, [batch]), device),
            words: ints(word_starts, [batch, words], device),
            word_padding_mask: padding(&examples, words, |e| e.encoding.words.len(), device),
        };
        let targets = (examples.iter())
            .flat_map(|example| {
                let right = example.target().unwrap_or(words..words + 1);
                (0..=words).map(move |word| right.contains(&word))
            })
            .collect::<Vec<bool>>();
        let targets = Tensor::from_data(TensorData::new(targets, [batch, words + 1]), device);
        let first_tokens: Vec<Option<i64>> =
            examples.iter().map(EncodedExample::antecedent_token).collect();
        let has_antecedent: Vec<f32> =
            first_tokens.iter().map(|token| f32::from(token.is_some())).collect();
        let antecedent_token: Vec<i64> =
            first_tokens.into_iter().map(Option::unwrap_or_default).collect();
        Self {
            input,
            targets,
            antecedent_token: Tensor::from_data(TensorData::new(antecedent_token, [batch]), device),
            has_antecedent: Tensor::from_data(TensorData::new(has_antecedent, [batch]), device),
            examples,
        }
    }

    /// Tokens of all examples, without padding.
    pub fn n_tokens(&self) -> usize {
        self.examples.iter().map(EncodedExample::n_tokens).sum()
    }

    /// Positions that are computed, padding included.
    pub fn n_positions(&self) -> usize {
        self.examples.len() * longest(&self.examples, EncodedExample::n_tokens)
    }
}

fn longest(examples: &[EncodedExample], length: impl Fn(&EncodedExample) -> usize) -> usize {
    examples.iter().map(length).max().expect("a batch has at least one example")
}

/// One row for each example, filled up to `width`.
fn rows(
    examples: &[EncodedExample],
    width: usize,
    fill: i64,
    row: impl Fn(&EncodedExample) -> Vec<i64>,
) -> Vec<i64> {
    let filled = |example| {
        let mut row = row(example);
        row.resize(width, fill);
        row
    };
    examples.iter().flat_map(filled).collect()
}

fn ints(values: Vec<i64>, shape: [usize; 2], device: &Device) -> Tensor<2, Int> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// `true` behind the end of each example.
fn padding(
    examples: &[EncodedExample],
    width: usize,
    length: impl Fn(&EncodedExample) -> usize,
    device: &Device,
) -> Tensor<2, Bool> {
    let mask: Vec<bool> = (examples.iter())
        .flat_map(|example| {
            let length = length(example);
            (0..width).map(move |position| position >= length)
        })
        .collect();
    Tensor::from_data(TensorData::new(mask, [examples.len(), width]), device)
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
        let pronouns: Vec<i64> = batch.input.pronoun.clone().into_data().iter().collect();
        assert_eq!(pronouns, [6, 1]);
        assert_eq!((batch.n_tokens(), batch.n_positions()), (15, 16));
    }
}
