//! The tokenizer: it splits every word of a text into one or more tokens of a subword vocabulary,
//! and records which characters and which word each token stands for.
//!
//! ```text
//! [CLS]  él   estaba   daña  ##do   .   [SEP]
//!   –     0      1      2     2     3     –      the word of each token
//! ```
//!
//! The pipeline is Hugging Face's (NFC and lower case, the words of [`crate::word`], WordPiece), so
//! that its `tokenizer.json` gives the same ids in Python. Encoding first looks up the whole word,
//! which is what WordPiece chooses too, since it takes the longest token that fits. Only words that
//! are not in the vocabulary go through the library, which is slower.
//!
//! A text that spells out `[SEP]` gets the three words `[`, `SEP` and `]`, never the special token.
//! Python does the same with `tokenizer.encode_special_tokens = True`. Texts are not truncated: a
//! model compares `ids.len()` with its `max_seq`.

use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use files::atomic::write_file;
use files::bounded;
use rand_chacha::rand_core::Rng;
use tokenizers::Model;
use tokenizers::normalizer::Range as Offsets;

use crate::span::CharSpan;
use crate::tokenizer_file::{self, FormatError};
use crate::vocabulary::{self, WordCounts};
use crate::word::{self, TextWord};

/// The special tokens. The id of each is its index.
pub const SPECIALS: [&str; 4] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];
/// The id of `[PAD]`, which fills up the shorter texts of a batch.
pub const PAD: u32 = 0;
/// The id of `[UNK]`, for a word with a character that is not in the vocabulary.
pub const UNK: u32 = 1;
/// The id of `[CLS]`, the first token of every text.
pub const CLS: u32 = 2;
/// The id of `[SEP]`, the last token of every text.
pub const SEP: u32 = 3;
/// The prefix of a token that does not begin its word.
pub const CONTINUATION: &str = "##";
/// The longest word that is split into tokens. A longer one is a single `[UNK]`.
pub const MAX_WORD_CHARS: usize = 100;
/// The largest vocabulary.
pub const MAX_VOCAB_SIZE: usize = 100_000;
/// The largest `tokenizer.json`: the largest vocabulary with 160 bytes for each token.
const MAX_FILE_BYTES: u64 = 16_000_000;
/// A low estimate of the characters of a token, so that the lists of an encoding are allocated
/// once.
const CHARS_PER_TOKEN: usize = 3;

/// A vocabulary, and how to encode texts with it.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    pipeline: tokenizers::Tokenizer,
    ids: HashMap<String, u32>,
    tokens: Vec<String>,
}

/// A text as tokens and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    /// The input of the model: `[CLS]`, the tokens of every word, `[SEP]`.
    pub ids: Vec<u32>,
    /// For each id, the part of the text that it stands for.
    pub tokens: Vec<Token>,
    /// The words in the order of the text. Their tokens follow one another without a gap.
    pub words: Vec<Word>,
}

/// The part of a text that a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The characters of the original text, or `None` for `[CLS]` and `[SEP]`.
    pub span: Option<CharSpan>,
    /// Index of the word that it belongs to, or `None` for `[CLS]` and `[SEP]`.
    pub word: Option<usize>,
}

/// A word of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The characters of the original text.
    pub span: CharSpan,
    /// The indices of its tokens, at least one.
    pub tokens: Range<usize>,
}

/// A tokenizer could not be trained, read or written.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum TokenizerError {
    /// The vocabulary size that was asked for has no room for the alphabet.
    #[error("vocab_size is {found}, expected at least {expected}: the alphabet and the specials")]
    VocabSize {
        found: usize,
        /// The smallest size that works.
        expected: usize,
    },
    /// The library's trainer failed.
    #[error("cannot learn a vocabulary")]
    Train { source: tokenizers::Error },
    /// The file cannot be read.
    #[error("cannot read the tokenizer {path}")]
    Read { path: PathBuf, source: io::Error },
    /// The file cannot be written.
    #[error("cannot write the tokenizer {path}")]
    Write { path: PathBuf, source: io::Error },
    /// The file is not a `tokenizer.json` that [`Tokenizer::save`] could have written.
    #[error("{path} is not a tokenizer of this program")]
    Format { path: PathBuf, source: FormatError },
}

impl Tokenizer {
    /// Learns a vocabulary of at most `vocab_size` tokens from `texts`.
    ///
    /// It is a pure function of the texts and does not depend on their order. The letters of
    /// Spanish and English are in the vocabulary even if they do not occur.
    ///
    /// # Errors
    ///
    /// If `vocab_size` has no room for the alphabet.
    pub fn train<T: AsRef<str>>(
        texts: impl IntoIterator<Item = T>,
        vocab_size: usize,
    ) -> Result<Self, TokenizerError> {
        let mut counts = WordCounts::default();
        texts.into_iter().for_each(|text| counts.add(text.as_ref()));
        let tokens = vocabulary::learn(counts, vocab_size)?;
        Ok(Self::new(tokenizer_file::pipeline(&tokens), tokens))
    }

    /// Reads what [`Tokenizer::save`] wrote.
    ///
    /// # Errors
    ///
    /// If the file is missing, malformed, or holds a tokenizer of another kind.
    pub fn load(path: &Path) -> Result<Self, TokenizerError> {
        let json = bounded::read(path, MAX_FILE_BYTES)
            .map_err(|source| TokenizerError::Read { path: path.to_owned(), source })?;
        Self::parse(&json)
            .map_err(|source| TokenizerError::Format { path: path.to_owned(), source })
    }

    /// Writes `tokenizer.json` as Hugging Face's libraries read it: whole or not at all.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), TokenizerError> {
        write_file(path, self.to_json().as_bytes())
            .map_err(|source| TokenizerError::Write { path: path.to_owned(), source })
    }

    /// Reads the bytes of a `tokenizer.json`.
    ///
    /// # Errors
    ///
    /// If they are malformed or describe a tokenizer of another kind.
    pub fn parse(json: &[u8]) -> Result<Self, FormatError> {
        let (pipeline, tokens) = tokenizer_file::parse(json)?;
        Ok(Self::new(pipeline, tokens))
    }

    /// The text of a `tokenizer.json`. Equal vocabularies give equal bytes.
    pub fn to_json(&self) -> String {
        self.pipeline.to_string(true).expect("a tokenizer holds nothing that JSON cannot")
    }

    /// The number of tokens. The ids are `0..vocab_size`.
    pub fn vocab_size(&self) -> usize {
        self.tokens.len()
    }

    /// The token with this id, as in the vocabulary: `robot`, `##do`, `[CLS]`.
    pub fn token(&self, id: u32) -> Option<&str> {
        self.tokens.get(id as usize).map(String::as_str)
    }

    /// The id of a token of the vocabulary.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.ids.get(token).copied()
    }

    /// Encodes a text. It never fails.
    pub fn encode(&self, text: &str) -> Encoding {
        self.encode_words(text, |_, _| None)
    }

    /// Encodes a text word by word. `split` may return the tokens of a word, each with the number
    /// of its characters; where it returns `None`, they are those of [`Tokenizer::encode`].
    fn encode_words(
        &self,
        text: &str,
        mut split: impl FnMut(&Self, TextWord<'_>) -> Option<Vec<(u32, usize)>>,
    ) -> Encoding {
        let mut encoding = Encoding::with_capacity(text.len() / CHARS_PER_TOKEN);
        encoding.push(CLS, Token { span: None, word: None });
        for word in word::words(text) {
            if let Some(tokens) = split(self, word) {
                encoding.push_word(word, &tokens);
            } else if let Some(id) = self.whole_word(word.text) {
                encoding.push_word(word, &[(id, word.span.end - word.span.start)]);
            } else {
                encoding.push_word(word, &self.word_piece(word.text));
            }
        }
        encoding.push(SEP, Token { span: None, word: None });
        encoding
    }

    /// Encodes a text with subword regularisation: each word is, with this probability, split at a
    /// random character, and both parts are encoded by WordPiece.
    ///
    /// So the model sees subword tokens in training even if all words of the training texts are
    /// tokens of their own. MaxMatch-Dropout (Hiraoka 2022,
    /// <https://aclanthology.org/2022.coling-1.430>) is the same idea. It uses two numbers of `rng`
    /// for each word.
    pub fn encode_regularised(&self, text: &str, probability: f64, rng: &mut impl Rng) -> Encoding {
        self.encode_words(text, |tokenizer, word| {
            let is_split = f64::from(rng.next_u32()) < probability * 2.0_f64.powi(32);
            let random = rng.next_u32();
            if is_split { tokenizer.split_word(word.text, random) } else { None }
        })
    }

    /// The tokens of a word that is split in two at a character chosen by `random`, each with the
    /// number of its characters. `None` if the word is too short or too long, or if a character has
    /// no token.
    fn split_word(&self, word: &str, random: u32) -> Option<Vec<(u32, usize)>> {
        let lower: Vec<char> = word::normalise(word).chars().collect();
        let fits = (2..=MAX_WORD_CHARS).contains(&lower.len());
        if !fits || !word::is_composed(word) || lower.len() != word.chars().count() {
            return None;
        }
        let first = 1 + random as usize % (lower.len() - 1);
        let mut tokens = Vec::new();
        for (mut from, to) in [(0, first), (first, lower.len())] {
            while from < to {
                let found = (from + 1..=to).rev().find_map(|end| {
                    let part: String = lower[from..end].iter().collect();
                    let token = if from == 0 { part } else { format!("{CONTINUATION}{part}") };
                    Some((self.id(&token)?, end))
                });
                let (id, end) = found?;
                tokens.push((id, end - from));
                from = end;
            }
        }
        Some(tokens)
    }

    fn new(pipeline: tokenizers::Tokenizer, tokens: Vec<String>) -> Self {
        let ids = tokens.iter().cloned().zip(0..).collect();
        Self { pipeline, ids, tokens }
    }

    /// The id of a word that is one token, or `None` if the library has to decide.
    fn whole_word(&self, word: &str) -> Option<u32> {
        if word.len() > MAX_WORD_CHARS || !word::is_composed(word) {
            return None;
        }
        // Most words need no normalising, and are looked up without a copy.
        match word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            true => self.id(word),
            false => self.id(&word::normalise(word)),
        }
    }

    /// The tokens of a word as the library's WordPiece splits it, each with the number of its
    /// characters.
    ///
    /// Of the library's offsets only the starts are used, and a token ends where the next one
    /// begins: their ends fall inside a decomposed character (*é* written as e + U+0301).
    fn word_piece(&self, word: &str) -> Vec<(u32, usize)> {
        let normalised = word::aligned(word);
        let tokens = self
            .pipeline
            .get_model()
            .tokenize(normalised.get())
            .expect("a vocabulary always holds [UNK]");
        let start = |token: &tokenizers::Token| {
            let (from, to) = token.offsets;
            normalised
                .convert_offsets(Offsets::Normalized(from..to))
                .and_then(|written| word.get(..written.start))
                .map_or(0, |before| before.chars().count())
        };
        let ends = tokens.iter().skip(1).map(start).chain([word.chars().count()]);
        let mut from = 0;
        tokens
            .iter()
            .zip(ends)
            .map(|(token, end)| {
                let n_chars = end.saturating_sub(from);
                from += n_chars;
                (token.id, n_chars)
            })
            .collect()
    }
}

impl Encoding {
    /// The indices of the words that share a character with `span`.
    pub fn words_in(&self, span: CharSpan) -> Range<usize> {
        let first = self.words.partition_point(|word| word.span.end <= span.start);
        let behind = self.words.partition_point(|word| word.span.start < span.end);
        first..behind.max(first)
    }

    /// Appends a word with these tokens, each with the number of its characters.
    fn push_word(&mut self, word: TextWord<'_>, tokens: &[(u32, usize)]) {
        let word_idx = self.words.len();
        let first_token = self.tokens.len();
        let mut start = word.span.start;
        for &(id, n_chars) in tokens {
            let span = CharSpan::new(start, start + n_chars);
            self.push(id, Token { span: Some(span), word: Some(word_idx) });
            start = span.end;
        }
        self.words.push(Word { span: word.span, tokens: first_token..self.tokens.len() });
    }

    fn with_capacity(n_tokens: usize) -> Self {
        Self {
            ids: Vec::with_capacity(n_tokens),
            tokens: Vec::with_capacity(n_tokens),
            words: Vec::with_capacity(n_tokens),
        }
    }

    fn push(&mut self, id: u32, token: Token) {
        self.ids.push(id);
        self.tokens.push(token);
    }
}
