//! Learns a vocabulary: first the alphabet, then the most frequent subwords of the texts.
//!
//! The library's trainer numbers the continuing letters (`##a`) in the order of a hash map, which
//! differs from run to run, and breaks ties between equally frequent subwords by these numbers.
//! Therefore the whole alphabet, with and without `##`, is given to it in a fixed order, which
//! makes the result deterministic.

use std::collections::{BTreeMap, BTreeSet};

use tokenizers::models::wordpiece::{WordPiece, WordPieceTrainer};
use tokenizers::{AddedToken, Model, Trainer};

use crate::tokenizer::{CONTINUATION, MAX_WORD_CHARS, SPECIALS, TokenizerError};
use crate::word;

/// The characters beyond ASCII that occur in Spanish and English texts, with the letters à to ÿ for
/// foreign names.
const BEYOND_ASCII: &str = "ßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿœ¡¿«»ªº°€–—…“”‘’";

/// How often each normalised word occurs in some texts. Words that are too long for a token are left
/// out.
#[derive(Default)]
pub(crate) struct WordCounts(BTreeMap<String, usize>);

impl WordCounts {
    /// Counts the words of one more text.
    pub(crate) fn add(&mut self, text: &str) {
        for word in word::words(text) {
            let word = word::normalise(word.text);
            if word.chars().count() <= MAX_WORD_CHARS {
                *self.0.entry(word).or_default() += 1;
            }
        }
    }
}

/// The tokens in the order of their ids, at most `vocab_size`, the specials first.
///
/// It is not generic, so that the library's trainer is compiled once.
pub(crate) fn learn(
    WordCounts(mut counts): WordCounts,
    vocab_size: usize,
) -> Result<Vec<String>, TokenizerError> {
    let alphabet = alphabet(&counts, vocab_size)?;
    counts.retain(|word, _| word.chars().all(|c| alphabet.contains(&c)));

    let mut trainer = WordPieceTrainer::builder()
        .show_progress(false)
        .vocab_size(vocab_size)
        .special_tokens(given_tokens(&alphabet).map(|t| AddedToken::from(t, true)).collect())
        .build();
    let mut model = WordPiece::default();
    trainer
        .feed(counts.keys(), |word| Ok(vec![word.to_owned(); counts[word]]))
        .and_then(|()| trainer.train(&mut model))
        .map_err(|source| TokenizerError::Train { source })?;

    let mut tokens: Vec<(u32, String)> =
        model.get_vocab().into_iter().map(|(token, id)| (id, token)).collect();
    tokens.sort_unstable();
    Ok(tokens.into_iter().map(|(_, token)| token).collect())
}

/// The characters of the vocabulary: those of Spanish and English, and the most frequent others of
/// the texts.
///
/// The others get at most half of the vocabulary. Combining marks that NFC does not compose are
/// left out, so that a token never ends inside a character of the text.
fn alphabet(
    counts: &BTreeMap<String, usize>,
    vocab_size: usize,
) -> Result<BTreeSet<char>, TokenizerError> {
    let mut alphabet: BTreeSet<char> =
        ('!'..='~').filter(|c| !c.is_ascii_uppercase()).chain(BEYOND_ASCII.chars()).collect();
    let n_given = given_tokens(&alphabet).count();
    if vocab_size < n_given {
        return Err(TokenizerError::VocabSize { found: vocab_size, expected: n_given });
    }
    let mut others: BTreeMap<char, usize> = BTreeMap::new();
    for (word, n) in counts {
        for c in word.chars().filter(|&c| !alphabet.contains(&c) && !word::is_mark(c)) {
            *others.entry(c).or_default() += n;
        }
    }
    let mut others: Vec<(char, usize)> = others.into_iter().collect();
    others.sort_by_key(|&(c, n)| (std::cmp::Reverse(n), c));
    // Each takes at most two tokens.
    let room = (vocab_size / 2).saturating_sub(n_given) / 2;
    alphabet.extend(others.into_iter().take(room).map(|(c, _)| c));
    Ok(alphabet)
}

/// The tokens that are in every vocabulary: the special ones, and each letter with and without
/// `##`.
fn given_tokens(alphabet: &BTreeSet<char>) -> impl Iterator<Item = String> {
    let first = alphabet.iter().map(char::to_string);
    let continued = alphabet
        .iter()
        .filter(|&&c| word::continues_a_word(c))
        .map(|c| format!("{CONTINUATION}{c}"));
    SPECIALS.iter().map(ToString::to_string).chain(first).chain(continued)
}
