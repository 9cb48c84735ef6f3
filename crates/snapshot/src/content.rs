//! What a snapshot holds, and when it makes sense.

use corpus::example::Example;
use corpus::span::CharSpan;
use serde::{Deserialize, Serialize};

/// How far a row of weights or probabilities may be from 1: room for sums in half precision.
const SUM_TOLERANCE: f64 = 1e-3;

/// The attention of a model at one step, for each probe.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Optimizer updates so far.
    pub step: u64,
    /// The training loss, where it was measured.
    pub loss: Option<f64>,
    /// The accuracy on the validation examples, where it was measured.
    pub accuracy: Option<f64>,
    /// The name of the model's configuration.
    pub model: String,
    /// One for each probe sentence, in the order of their file.
    pub probes: Vec<Probe>,
}

/// One sentence as the model read and answered it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// The sentence, its pronoun and its candidates, as in the corpus.
    pub example: Example,
    /// What the model read, special tokens included.
    pub tokens: Vec<Token>,
    /// The words of the text in order.
    pub words: Vec<CharSpan>,
    /// Index of the token that asks: the pronoun's first.
    pub pronoun_token: usize,
    /// Index of the word that the model answers, or `None` where it says that none is right.
    pub answer: Option<usize>,
    /// One probability for each word, and that of *none* at the end.
    pub probabilities: Vec<f32>,
    /// The attention of each layer, from the first; in a file these are its tensors.
    #[serde(skip)]
    pub layers: Vec<Attention>,
}

/// One token of a probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// As in the vocabulary: `robot`, `##do`, `[CLS]`.
    pub text: String,
    /// Its characters, or `None` for a special token.
    pub span: Option<CharSpan>,
    /// Index of its word, or `None` for a special token.
    pub word: Option<usize>,
}

/// The attention weights of one layer, after the softmax and before dropout.
#[derive(Debug, Clone, PartialEq)]
pub struct Attention {
    /// The number of heads.
    pub heads: usize,
    /// The number of tokens: of queries and of keys.
    pub seq: usize,
    /// `[heads, query, key]`, the keys next to one another.
    pub weights: Vec<f32>,
}

impl Attention {
    /// How much one token of a head reads from each: `[key]`.
    ///
    /// # Panics
    ///
    /// If there is no such head or query.
    pub fn row(&self, head: usize, query: usize) -> &[f32] {
        assert!(head < self.heads && query < self.seq, "no head {head} or query {query}");
        &self.weights[(head * self.seq + query) * self.seq..][..self.seq]
    }
}

/// What does not make sense in a snapshot.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ContentError {
    /// A span that does not fit the text.
    #[error("{what} {index} is at {}..{}, expected a span within {n_chars} characters", span.start, span.end)]
    Span {
        /// `word`, `token`, `candidate` or `pronoun`.
        what: &'static str,
        /// Which of them.
        index: usize,
        /// Where it is said to be.
        span: CharSpan,
        /// The length of the text.
        n_chars: usize,
    },
    /// An index that points at nothing.
    #[error("{what} is {found}, expected less than {expected}")]
    Index {
        /// The field.
        what: &'static str,
        /// Its value.
        found: usize,
        /// How many there are.
        expected: usize,
    },
    /// A list of the wrong length.
    #[error("{what} has {found} entries, expected {expected}")]
    Length {
        /// The list.
        what: String,
        /// Its length.
        found: usize,
        /// What it has to be.
        expected: usize,
    },
    /// Numbers that are no distribution.
    #[error("{what} is no distribution: its sum is {found}, expected 1 from numbers of at least 0")]
    Distribution {
        /// The row.
        what: String,
        /// Its sum, NaN if one of its numbers is.
        found: f64,
    },
    /// A token that has a span and no word, or the other way round.
    #[error("token {index} has a span or a word, expected both or neither")]
    HalfPlaced {
        /// Which token.
        index: usize,
    },
}

impl Probe {
    /// Whether every index, span and length fits the others, and every row is a distribution.
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
    // Written so that NaN, which compares as false, is refused.
    let is_distribution = (found - 1.0).abs() <= SUM_TOLERANCE && row.iter().all(|&p| p >= 0.0);
    if is_distribution { Ok(()) } else { Err(ContentError::Distribution { what: what(), found }) }
}
