//! How a text is split into words, and when two words are equal. The tokenizer and the search for
//! pronouns share this definition.
//!
//! A word is a run of letters, combining marks and digits, with apostrophes inside (*didn't*), or
//! any other single character that is not white space, with its combining marks. Two words are
//! equal if they are after [`normalise`].
//!
//! The original text is split first, and each word is normalised then. This gives the same words as
//! the other order: neither NFC nor lower-casing moves a character from one class of the pattern to
//! another, and NFC only joins characters of the same word.

use std::sync::LazyLock;

use tokenizers::NormalizedString;
use tokenizers::utils::SysRegex;

use crate::span::CharSpan;

/// The pattern of one word, in the syntax that Rust's and Python's engines share.
pub const PATTERN: &str =
    r"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*|[^\s\p{L}\p{M}\p{N}]\p{M}*";

/// The apostrophes that a word may have inside.
pub(crate) const APOSTROPHES: [char; 2] = ['\'', '’'];

static COMPILED: LazyLock<SysRegex> =
    LazyLock::new(|| SysRegex::new(PATTERN).expect("the pattern is a constant that tests compile"));

/// A text with only lower characters than this is in NFC already.
const FIRST_COMBINING_MARK: char = '\u{300}';

/// A word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextWord<'t> {
    /// Its characters.
    pub span: CharSpan,
    /// The word as in the text, not normalised.
    pub text: &'t str,
}

/// The words of a text in order. Together they cover all characters but white space.
pub fn words(text: &str) -> impl Iterator<Item = TextWord<'_>> {
    let (mut byte, mut char_idx) = (0, 0);
    COMPILED.find_iter(text).map(move |(from, to)| {
        let start = char_idx + count_chars(&text[byte..from]);
        let end = start + count_chars(&text[from..to]);
        (byte, char_idx) = (to, end);
        TextWord { span: CharSpan::new(start, end), text: &text[from..to] }
    })
}

/// A word in NFC and in lower case, so that all its spellings are equal. Accents are kept: *él* is
/// not *el*.
pub fn normalise(word: &str) -> String {
    if is_composed(word) {
        word.chars().flat_map(char::to_lowercase).collect()
    } else {
        aligned(word).get().to_owned()
    }
}

/// [`normalise`], with a mapping back to the original characters.
pub(crate) fn aligned(word: &str) -> NormalizedString {
    let mut normalised = NormalizedString::from(word);
    normalised.nfc().lowercase();
    normalised
}

/// Whether NFC leaves the word as it is because all its characters are too low. This holds for
/// almost all Spanish and English words.
pub(crate) fn is_composed(word: &str) -> bool {
    word.chars().all(|c| c < FIRST_COMBINING_MARK)
}

/// Whether `c` can be inside a word, and is not a word of its own.
pub(crate) fn continues_a_word(c: char) -> bool {
    words(&format!("a{c}a")).count() == 1
}

/// Whether `c` is a combining mark: it belongs to the character before it even if that is
/// punctuation.
pub(crate) fn is_mark(c: char) -> bool {
    c >= FIRST_COMBINING_MARK && words(&format!("!{c}a")).next().is_some_and(|w| w.text != "!")
}

fn count_chars(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// A vowel without its accent. *ñ* stays, since it is a letter of its own with its own key.
pub(crate) fn without_accent(c: char) -> char {
    const PAIRS: [(char, char); 12] = [
        ('á', 'a'),
        ('é', 'e'),
        ('í', 'i'),
        ('ó', 'o'),
        ('ú', 'u'),
        ('ü', 'u'),
        ('Á', 'A'),
        ('É', 'E'),
        ('Í', 'I'),
        ('Ó', 'O'),
        ('Ú', 'U'),
        ('Ü', 'U'),
    ];
    PAIRS.iter().find(|(accented, _)| *accented == c).map_or(c, |&(_, plain)| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = words(text).map(|word| word.text).collect();
        assert_eq!(found, expected, "{text:?}");
        for word in words(text) {
            assert_eq!(word.span.slice(text), Some(word.text), "{text:?}");
        }
    }

    #[test]
    fn a_word_keeps_its_inner_apostrophes_and_leaves_its_punctuation() {
        check("Tom didn't come.", &["Tom", "didn't", "come", "."]);
        check("She said ‘it’s’!", &["She", "said", "‘", "it’s", "’", "!"]);
        check("¿Él? «ella»", &["¿", "Él", "?", "«", "ella", "»"]);
        check("a well-known 3.5", &["a", "well", "-", "known", "3", ".", "5"]);
        check("the dogs' o'", &["the", "dogs", "'", "o", "'"]);
    }

    #[test]
    fn a_combining_mark_belongs_to_the_word_before_it() {
        check("e\u{301}l vio", &["e\u{301}l", "vio"]);
        check("\u{301}el", &["\u{301}el"]);
        check("=\u{338}a", &["=\u{338}", "a"]);
    }

    #[test]
    fn spaces_are_no_words() {
        check("", &[]);
        check(" \t\n\u{a0}\u{2003} ", &[]);
    }

    #[test]
    fn every_other_character_is_a_word_of_its_own() {
        check("👩🏽‍🚀\0\u{1}", &["👩", "🏽", "\u{200d}", "🚀", "\0", "\u{1}"]);
    }

    #[test]
    fn spellings_of_a_word_are_equal_after_normalising_and_accents_stay() {
        assert_eq!(normalise("E\u{301}L"), normalise("él"));
        assert_ne!(normalise("él"), normalise("el"));
        assert_eq!(normalise("İ"), "i\u{307}");
    }
}
