//! The content of a snapshot, and the check that its parts fit each other.

use corpus::example::Example;
use corpus::span::CharSpan;
use serde::{Deserialize, Serialize};

/// How far the sum of a row of weights or probabilities may be from 1: enough for half precision.
const SUM_TOLERANCE: f64 = 1e-3;

/// The attention of a model at one step, for each probe.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The number of optimizer updates so far.
    pub step: u64,
    /// The training loss, if it was measured.
    pub loss: Option<f64>,
    /// The accuracy on the validation examples, if it was measured.
    pub accuracy: Option<f64>,
    /// The name of the model's configuration.
    pub model: String,
    /// The probe sentences, in the order of their file.
    pub probes: Vec<Probe>,
}

/// One sentence with the model's tokens, answer and attention.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// The sentence, its pronoun and its candidates, as in the corpus.
    pub example: Example,
    /// The input of the model, special tokens included.
    pub tokens: Vec<Token>,
    /// The words of the text in order.
    pub words: Vec<CharSpan>,
    /// Index of the pronoun's first token, from which the model answers.
    pub pronoun_token: usize,
    /// Index of the word that the model answers, or `None` if it answers *none*.
    pub answer: Option<usize>,
    /// `[words + 1]`: the probability of each word, and that of *none* at the end.
    pub probabilities: Vec<f32>,
    /// The phrases that the model found in the text and their probabilities, which with that of *none*
    /// sum to 1. Empty if candidates are given or the model finds no phrases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phrases: Vec<PhraseProbability>,
    /// The attention of each layer, from the first. In a file these are the tensors.
    #[serde(skip)]
    pub layers: Vec<Attention>,
}

/// A phrase that the pronoun may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhraseProbability {
    /// The whole phrase.
    pub span: CharSpan,
    /// Index of the word that says what it is: of *the old man from the village*, *man*.
    pub head: usize,
    /// The probability that the pronoun stands for it.
    pub probability: f32,
}

/// One token of a probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// The token as in the vocabulary: `robot`, `##do`, `[CLS]`.
    pub text: String,
    /// Its characters in the text, or `None` for a special token.
    pub span: Option<CharSpan>,
    /// Index of its word, or `None` for a special token.
    pub word: Option<usize>,
}

/// The attention weights of one layer, after the softmax and before dropout.
#[derive(Debug, Clone, PartialEq)]
pub struct Attention {
    /// The number of heads.
    pub heads: usize,
    /// The number of tokens, which is both the number of queries and that of keys.
    pub seq: usize,
    /// `[heads, query, key]`, row-major.
    pub weights: Vec<f32>,
}

impl Attention {
    /// The weights of one query in one head: `[key]`.
    ///
    /// # Panics
    ///
    /// If there is no such head or query.
    pub fn row(&self, head: usize, query: usize) -> &[f32] {
        assert!(head < self.heads && query < self.seq, "no head {head} or query {query}");
        &self.weights[(head * self.seq + query) * self.seq..][..self.seq]
    }
}

/// Parts of a snapshot contradict each other.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum ContentError {
    /// A span is empty or not within the text. `what` is `word`, `token`, `candidate` or `pronoun`.
    #[error("{what} {index} is at {}..{}, expected a span within {n_chars} characters", span.start, span.end)]
    Span { what: &'static str, index: usize, span: CharSpan, n_chars: usize },
    /// An index is not below the length of its list, which is `expected`.
    #[error("{what} is {found}, expected less than {expected}")]
    Index { what: &'static str, found: usize, expected: usize },
    /// A list has the wrong length.
    #[error("{what} has {found} entries, expected {expected}")]
    Length { what: String, found: usize, expected: usize },
    /// A row of numbers is not a probability distribution. `found` is its sum, which is NaN if one
    /// of the numbers is.
    #[error("{what} is no distribution: its sum is {found}, expected 1 from numbers of at least 0")]
    Distribution { what: String, found: f64 },
    /// A token has a span and no word, or a word and no span.
    #[error("token {index} has a span or a word, expected both or neither")]
    HalfPlaced { index: usize },
}

impl Probe {
    /// Checks that all indices, spans and lengths fit each other, and that every row is a
    /// distribution.
    pub(crate) fn check(&self) -> Result<(), ContentError> {
        self.check_spans()?;
        self.check_indices()?;
        let (found, expected) = (self.probabilities.len(), self.words.len() + 1);
        check_length(|| "probabilities".to_owned(), found, expected)?;
        check_distribution(|| "probabilities".to_owned(), &self.probabilities)?;
        for (layer_idx, layer) in self.layers.iter().enumerate() {
            layer.check(layer_idx, self.tokens.len())?;
        }
        Ok(())
    }

    fn check_spans(&self) -> Result<(), ContentError> {
        let n_chars = self.example.text.chars().count();
        let pronoun = [("pronoun", 0, self.example.pronoun)].into_iter();
        let candidates = named("candidate", self.example.candidates.iter().copied().map(Some));
        let words = named("word", self.words.iter().copied().map(Some));
        let tokens = named("token", self.tokens.iter().map(|token| token.span));
        for (what, index, span) in pronoun.chain(candidates).chain(words).chain(tokens) {
            if span.start >= span.end || span.end > n_chars {
                return Err(ContentError::Span { what, index, span, n_chars });
            }
        }
        Ok(())
    }

    fn check_indices(&self) -> Result<(), ContentError> {
        let n_words = self.words.len();
        check_index("pronoun_token", Some(self.pronoun_token), self.tokens.len())?;
        check_index("answer", self.answer, n_words)?;
        check_index("antecedent", self.example.antecedent, self.example.candidates.len())?;
        for (index, token) in self.tokens.iter().enumerate() {
            check_index("the word of a token", token.word, n_words)?;
            if token.span.is_some() != token.word.is_some() {
                return Err(ContentError::HalfPlaced { index });
            }
        }
        Ok(())
    }
}

impl Attention {
    fn check(&self, layer_idx: usize, n_tokens: usize) -> Result<(), ContentError> {
        check_length(|| format!("a row of layer {layer_idx}"), self.seq, n_tokens)?;
        let n_weights = self.seq.checked_mul(self.seq).and_then(|n| n.checked_mul(self.heads));
        let n_weights = n_weights.unwrap_or(usize::MAX);
        check_length(|| format!("layer {layer_idx}"), self.weights.len(), n_weights)?;
        for (row_idx, row) in self.weights.chunks_exact(self.seq.max(1)).enumerate() {
            let (head, query) = (row_idx / self.seq, row_idx % self.seq);
            check_distribution(|| format!("layer {layer_idx}, head {head}, query {query}"), row)?;
        }
        Ok(())
    }
}

fn named(
    what: &'static str,
    spans: impl Iterator<Item = Option<CharSpan>>,
) -> impl Iterator<Item = (&'static str, usize, CharSpan)> {
    spans.enumerate().filter_map(move |(index, span)| Some((what, index, span?)))
}

fn check_index(
    what: &'static str,
    index: Option<usize>,
    expected: usize,
) -> Result<(), ContentError> {
    match index {
        Some(found) if found >= expected => Err(ContentError::Index { what, found, expected }),
        _ => Ok(()),
    }
}

fn check_length(
    what: impl Fn() -> String,
    found: usize,
    expected: usize,
) -> Result<(), ContentError> {
    if found == expected {
        return Ok(());
    }
    Err(ContentError::Length { what: what(), found, expected })
}

fn check_distribution(what: impl Fn() -> String, row: &[f32]) -> Result<(), ContentError> {
    let found: f64 = row.iter().copied().map(f64::from).sum();
    // NaN compares as false and is therefore refused.
    let is_distribution = (found - 1.0).abs() <= SUM_TOLERANCE && row.iter().all(|&p| p >= 0.0);
    if is_distribution { Ok(()) } else { Err(ContentError::Distribution { what: what(), found }) }
}
