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
        "example {id}: the text has {tokens} tokens, expected at most encoder.max_seq = {max_seq}"
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

    /// The words that are right: those of the antecedent, or `None` for *none*.
    pub fn target(&self) -> Option<Range<usize>> {
        self.example.antecedent.map(|index| self.candidates[index].clone())
    }
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
        Self { examples, input, targets }
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
