//! Texts as numbers: every word becomes one or more pieces of a vocabulary, and keeps its place.
//!
//! ```text
//! [CLS]  él   estaba   daña  ##do   .   [SEP]
//!   –     0      1      2     2     3     –      the word of each token
//! ```
//!
//! The tokenizer is Hugging Face's (NFC and lower case, the words of [`crate::word`], WordPiece), so
//! that its `tokenizer.json` gives the same ids in Python. Encoding asks the vocabulary for the whole
//! word first, which WordPiece, taking the longest piece that fits, would choose as well; only a
//! word that is not there goes through the library.
//!
//! A text that spells out `[SEP]` gets the three words `[`, `SEP` and `]`, never the special token;
//! Python does the same with `tokenizer.encode_special_tokens = True`. A text has no greatest length
//! here: a model compares `ids.len()` with what it can read.

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
use crate::vocabulary;
use crate::word::{self, TextWord};

/// The special tokens; each one's id is its index.
pub const SPECIALS: [&str; 4] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];
/// Fills a batch behind the shorter texts.
pub const PAD: u32 = 0;
/// A word with a character that the vocabulary lacks.
pub const UNK: u32 = 1;
/// Before every text.
pub const CLS: u32 = 2;
/// After every text.
pub const SEP: u32 = 3;
/// Before a piece that does not begin its word.
pub const CONTINUATION: &str = "##";
/// A longer word is one `[UNK]`.
pub const MAX_WORD_CHARS: usize = 100;
/// The largest vocabulary.
pub const MOST_TOKENS: usize = 100_000;
/// The largest `tokenizer.json`: each token of the largest vocabulary with a line of 160 bytes.
const MOST_FILE_BYTES: u64 = 16_000_000;
/// With the space, fewer than in most texts, so that room is made once.
const CHARS_PER_TOKEN: usize = 3;

/// A vocabulary and the way to read a text with it.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    pipeline: tokenizers::Tokenizer,
    ids: HashMap<String, u32>,
    tokens: Vec<String>,
}

/// A text as tokens and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    /// What the model reads: `[CLS]`, the pieces of every word, `[SEP]`.
    pub ids: Vec<u32>,
    /// Where each id comes from, in the same order.
    pub tokens: Vec<Token>,
    /// The words in the order of the text; their tokens follow one another without a gap.
    pub words: Vec<Word>,
}

/// Where a token comes from; nowhere, if it is a special one that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The characters of the text, as written, or `None` for `[CLS]` and `[SEP]`.
    pub span: Option<CharSpan>,
    /// Index of the word that it is a piece of, or `None` for `[CLS]` and `[SEP]`.
    pub word: Option<usize>,
}

/// A word of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The characters of the text, as written.
    pub span: CharSpan,
    /// Its tokens, at least one.
    pub tokens: Range<usize>,
}

/// Why a tokenizer could not be trained, read or written.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// The letters alone need more room.
    #[error("vocab_size is {found}, expected at least {expected}: the alphabet and the specials")]
    VocabSize {
        /// The size that was asked for.
        found: usize,
        /// The smallest one that works.
        expected: usize,
    },
    /// The library's trainer gave up.
    #[error("cannot learn a vocabulary")]
    Train {
        /// What the library says.
        source: tokenizers::Error,
    },
    /// The file cannot be read.
    #[error("cannot read the tokenizer {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write the tokenizer {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds something else than a tokenizer of ours.
    #[error("{path} is not a tokenizer of this program")]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: FormatError,
    },
}

impl Tokenizer {
    /// Learns a vocabulary of at most `vocab_size` tokens from `texts`.
    ///
    /// A pure function of the texts, in whatever order they come. Spanish and English letters are in
    /// the vocabulary whether they occur or not.
    ///
    /// # Errors
    ///
    /// If `vocab_size` has no room for the alphabet.
    pub fn train<T: AsRef<str>>(
        texts: impl IntoIterator<Item = T>,
        vocab_size: usize,
    ) -> Result<Self, TokenizerError> {
        let tokens = vocabulary::learn(texts, vocab_size)?;
        Ok(Self::new(tokenizer_file::pipeline(&tokens), tokens))
    }

    /// Reads what [`Tokenizer::save`] wrote.
    ///
    /// # Errors
    ///
    /// If the file is missing, malformed, or holds a tokenizer of another kind.
    pub fn load(path: &Path) -> Result<Self, TokenizerError> {
        let json = bounded::read(path, MOST_FILE_BYTES)
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

    /// The text of a `tokenizer.json`; the same for the same vocabulary, byte for byte.
    pub fn to_json(&self) -> String {
        self.pipeline.to_string(true).expect("a tokenizer holds nothing that JSON cannot")
    }

    /// How many different ids there are: they are `0..vocab_size`.
    pub fn vocab_size(&self) -> usize {
        self.tokens.len()
    }

    /// The token with this id as it stands in the vocabulary: `robot`, `##do`, `[CLS]`.
    pub fn token(&self, id: u32) -> Option<&str> {
        self.tokens.get(id as usize).map(String::as_str)
    }

    /// The id of a token as it stands in the vocabulary.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.ids.get(token).copied()
    }

    /// Reads a text. Any string can be read.
    pub fn encode(&self, text: &str) -> Encoding {
        self.encode_words(text, |_, _| None)
    }

    /// Reads a text word by word; `cut` may say of which pieces a word is to be made.
    fn encode_words(
        &self,
        text: &str,
        mut cut: impl FnMut(&Self, TextWord<'_>) -> Option<Vec<(u32, usize)>>,
    ) -> Encoding {
        let mut encoding = Encoding::with_capacity(text.len() / CHARS_PER_TOKEN);
        encoding.push(CLS, Token { span: None, word: None });
        for word in word::words(text) {
            if let Some(pieces) = cut(self, word) {
                encoding.push_pieces(word, &pieces);
            } else if let Some(id) = self.whole_word(word.text) {
                encoding.push_pieces(word, &[(id, word.span.end - word.span.start)]);
            } else {
                encoding.push_pieces(word, &self.pieces(word.text));
            }
        }
        encoding.push(SEP, Token { span: None, word: None });
        encoding
    }

    /// Reads a text, but this share of its words in pieces even where a word has a token of its own:
    /// cut at a random place, each part as the library would.
    ///
    /// So a model meets in training the pieces that only unknown words are made of (sub-word
    /// regularisation; MaxMatch-Dropout, Hiraoka 2022, is the same idea).
    pub fn encode_in_pieces(&self, text: &str, share: f64, source: &mut impl Rng) -> Encoding {
        self.encode_words(text, |tokenizer, word| {
            let is_cut = f64::from(source.next_u32()) < share * 2.0_f64.powi(32);
            let place = source.next_u32();
            if is_cut { tokenizer.cut(word.text, place) } else { None }
        })
    }

    /// A word's pieces, with the number of characters of each, when it is cut at the place that `place`
    /// chooses; `None` if the word is too short or too long, or has a character without token.
    fn cut(&self, word: &str, place: u32) -> Option<Vec<(u32, usize)>> {
        let lower: Vec<char> = word::normalise(word).chars().collect();
        let fits = (2..=MAX_WORD_CHARS).contains(&lower.len());
        if !fits || !word::is_composed(word) || lower.len() != word.chars().count() {
            return None;
        }
        let first = 1 + place as usize % (lower.len() - 1);
        let mut pieces = Vec::new();
        for (mut from, to) in [(0, first), (first, lower.len())] {
            while from < to {
                let found = (from + 1..=to).rev().find_map(|end| {
                    let piece: String = lower[from..end].iter().collect();
                    let piece = if from == 0 { piece } else { format!("{CONTINUATION}{piece}") };
                    Some((self.id(&piece)?, end))
                });
                let (id, end) = found?;
                pieces.push((id, end - from));
                from = end;
            }
        }
        Some(pieces)
    }

    fn new(pipeline: tokenizers::Tokenizer, tokens: Vec<String>) -> Self {
        let ids = tokens.iter().cloned().zip(0..).collect();
        Self { pipeline, ids, tokens }
    }

    /// The id of a word that is one token, or `None` if only the library can tell.
    fn whole_word(&self, word: &str) -> Option<u32> {
        if word.len() > MAX_WORD_CHARS || !word::is_composed(word) {
            return None;
        }
        // Most words are as they are normalised: no copy is made of them.
        match word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            true => self.id(word),
            false => self.id(&word::normalise(word)),
        }
    }

    /// A word's pieces as the library splits it, with the number of characters of each.
    ///
    /// Its offsets end a composed character behind its first scalar (*é* written as e + U+0301), so
    /// only where a piece begins is taken from them; it ends where the next one begins.
    fn pieces(&self, word: &str) -> Vec<(u32, usize)> {
        let normalised = word::aligned(word);
        let pieces = self
            .pipeline
            .get_model()
            .tokenize(normalised.get())
            .expect("a vocabulary always holds [UNK]");
        let start = |piece: &tokenizers::Token| {
            let (from, to) = piece.offsets;
            normalised
                .convert_offsets(Offsets::Normalized(from..to))
                .and_then(|written| word.get(..written.start))
                .map_or(0, |before| before.chars().count())
        };
        let ends = pieces.iter().skip(1).map(start).chain([word.chars().count()]);
        let mut from = 0;
        pieces
            .iter()
            .zip(ends)
            .map(|(piece, end)| {
                let n_chars = end.saturating_sub(from);
                from += n_chars;
                (piece.id, n_chars)
            })
            .collect()
    }
}

impl Encoding {
    /// The words that share a character with `span`.
    pub fn words_in(&self, span: CharSpan) -> Range<usize> {
        let first = self.words.partition_point(|word| word.span.end <= span.start);
        let behind = self.words.partition_point(|word| word.span.start < span.end);
        first..behind.max(first)
    }

    /// Appends a word that is made of these pieces, each with the number of its characters.
    fn push_pieces(&mut self, word: TextWord<'_>, pieces: &[(u32, usize)]) {
        let word_idx = self.words.len();
        let first_token = self.tokens.len();
        let mut start = word.span.start;
        for &(id, n_chars) in pieces {
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
