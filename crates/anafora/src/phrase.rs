//! A phrase of a text: some words, one of which says what it is.

use std::collections::HashMap;
use std::ops::{Deref, Range};

use corpus::{mention::before_possessive, span::CharSpan, tokenizer::Word, word::normalise};

/// Titles that belong to the name behind them, with or without a dot.
const TITLES: [&str; 27] = [
    "dr", "dra", "prof", "profa", "don", "doña", "d", "dª", "sr", "sra", "srta", "lic", "ing",
    "arq", "mr", "mrs", "ms", "mx", "miss", "sir", "lady", "lord", "capt", "sgt", "rev", "sor",
    "fray",
];

/// A phrase, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// The word that says what it is.
    pub head: usize,
    /// All of it.
    pub words: Range<usize>,
}

impl Phrase {
    /// The phrase that the model found, without punctuation at its edges, and with what it left out of
    /// something that cannot be divided: the other part of a word with a hyphen (*Mary-Jane*), and the
    /// title of a name (*Dr. Smith*).
    pub fn tidied(self, text: &str, words: &[Word]) -> Self {
        let Self { head, words: Range { mut start, mut end } } = self;
        while start < head && is_punctuation(text, &words[start]) {
            start += 1;
        }
        while head + 1 < end && is_punctuation(text, &words[end - 1]) {
            end -= 1;
        }
        while let Some(before) = joined_before(text, words, start) {
            start = before;
        }
        if head == start
            && let Some(title) = title_before(text, words, start)
        {
            start = title;
        }
        while end + 1 < words.len() && joined_before(text, words, end + 1) == Some(end - 1) {
            end += 2;
        }
        Self { head, words: start..end }
    }

    /// Its characters in a text of these words, without the English *'s* of a possessor.
    pub fn span(&self, text: &str, words: &[Word]) -> CharSpan {
        let (first, last) = (words[self.words.start].span, words[self.words.end - 1].span);
        let written = last.slice(text).unwrap_or_default();
        let n_chars = before_possessive(written).chars().count();
        CharSpan::new(first.start, last.start + n_chars)
    }
}

/// The phrases of a text, with what all its anaphors need of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phrases {
    phrases: Vec<Phrase>,
    /// The characters of each.
    pub spans: Vec<CharSpan>,
    /// Phrases of the same words have the same number: they stand for the same.
    pub names: Vec<usize>,
}

impl Phrases {
    /// The phrases of a text of these words.
    pub fn new(phrases: Vec<Phrase>, text: &str, words: &[Word]) -> Self {
        let spans: Vec<CharSpan> = phrases.iter().map(|phrase| phrase.span(text, words)).collect();
        let mut numbers = HashMap::new();
        let name = |span: &CharSpan| {
            let n_names = numbers.len();
            let name = normalise(span.slice(text).unwrap_or_default());
            *numbers.entry(name).or_insert(n_names)
        };
        let names = spans.iter().map(name).collect();
        Self { phrases, spans, names }
    }
}

impl Deref for Phrases {
    type Target = [Phrase];

    fn deref(&self) -> &[Phrase] {
        &self.phrases
    }
}

/// The words of the sentence that has `word`: no phrase goes beyond it. The dot of an abbreviation ends
/// none.
pub fn sentence(text: &str, words: &[Word], word: usize) -> Range<usize> {
    let ends = |&index: &usize| ends_sentence(text, words, index);
    let start = (0..word).rev().find(ends).map_or(0, |end| end + 1);
    let end = (word..words.len()).find(ends).unwrap_or(words.len());
    start..end.max(word + 1)
}

fn ends_sentence(text: &str, words: &[Word], word: usize) -> bool {
    let written = |index: usize| words[index].span.slice(text).unwrap_or_default();
    let is_followed_by_space =
        words.get(word + 1).is_none_or(|next| next.span.start > words[word].span.end);
    match written(word) {
        "?" | "!" | "…" => true,
        "." if is_followed_by_space => word.checked_sub(1).is_none_or(|before| {
            let before = written(before);
            let is_initial = before.chars().count() == 1 && before.contains(char::is_alphabetic);
            !is_initial && !TITLES.contains(&&*normalise(before))
        }),
        _ => false,
    }
}

/// Whether a word can say what a phrase is: it has letters or digits, or joins two phrases.
pub fn can_be_head(word: &str) -> bool {
    word == "&" || word.contains(char::is_alphanumeric)
}

/// Whether a word is a mark that belongs to no phrase: neither letters, nor what stands before numbers.
fn is_punctuation(text: &str, word: &Word) -> bool {
    let written = word.span.slice(text).unwrap_or_default();
    !can_be_head(written) && !matches!(written, "$" | "€" | "£" | "#" | "%")
}

/// The word that a hyphen joins to `word` from the left, with no white space between the three.
fn joined_before(text: &str, words: &[Word], word: usize) -> Option<usize> {
    let before = word.checked_sub(2)?;
    let [left, hyphen, right] = [before, before + 1, word].map(|index| words[index].span);
    let touch = left.end == hyphen.start && hyphen.end == right.start;
    let letters = |span: CharSpan| {
        span.slice(text).is_some_and(|word| word.chars().all(char::is_alphanumeric))
    };
    let is_hyphen = matches!(hyphen.slice(text), Some("-" | "\u{2010}" | "\u{2011}"));
    (touch && is_hyphen && letters(left) && letters(right)).then_some(before)
}

/// The title before a name that begins at `word`.
fn title_before(text: &str, words: &[Word], word: usize) -> Option<usize> {
    let written = |index: usize| words[index].span.slice(text).unwrap_or_default();
    if !written(word).starts_with(char::is_uppercase) {
        return None;
    }
    let is_title = |index: &usize| TITLES.contains(&&*normalise(written(*index)));
    let before = word.checked_sub(1)?;
    match written(before) {
        "." => before.checked_sub(1).filter(is_title),
        _ => Some(before).filter(is_title),
    }
}

#[cfg(test)]
mod tests {
    use corpus::tokenizer::Tokenizer;

    use super::*;

    /// The characters that are shown where the model found `found`, the first word of which is the head.
    fn shown(text: &str, found: &str) -> String {
        let encoding = Tokenizer::train([text], 400).unwrap().encode(text);
        let start = text[..text.find(found).unwrap()].chars().count();
        let words = encoding.words_in(CharSpan::new(start, start + found.chars().count()));
        let phrase = Phrase { head: words.start, words }.tidied(text, &encoding.words);
        phrase.span(text, &encoding.words).slice(text).unwrap().to_owned()
    }

    #[test]
    fn a_phrase_is_shown_with_what_belongs_to_it_and_without_punctuation() {
        for (text, head, expected) in [
            ("Dr. Smith is ill", "Smith", "Dr. Smith"),
            ("la Sra Ruiz", "Ruiz", "Sra Ruiz"),
            ("don Pablo", "Pablo", "don Pablo"),
            ("Mary-Jane left", "Mary", "Mary-Jane"),
            ("Mary-Jane left", "Jane", "Mary-Jane"),
            ("Jean-Luc-Marie left", "Luc", "Jean-Luc-Marie"),
            ("Mary's brother", "Mary's", "Mary"),
            ("Mary’s brother", "Mary’s", "Mary"),
            ("O'Brien left", "O'Brien", "O'Brien"),
            ("Ana, said Luis", "Ana, ", "Ana"),
            ("it costs 20 $ now", "20 $", "20 $"),
            // Nothing joins these.
            ("Mary - Jane left", "Mary", "Mary"),
            ("—Hola—dijo Ana", "Hola", "Hola"),
            ("I saw the dr yesterday", "yesterday", "yesterday"),
            ("It ended. Smith left", "Smith", "Smith"),
        ] {
            assert_eq!(shown(text, head), expected, "{text}");
        }
    }

    #[test]
    fn a_sentence_ends_at_a_mark_but_not_at_an_abbreviation() {
        let text = "Is it Mr. Hall? The U.S. army left at 3.5. Done … no";
        let encoding = Tokenizer::train([text], 400).unwrap().encode(text);
        let words = &encoding.words;
        let of = |word: &str| {
            let is_it = |at: &usize| words[*at].span.slice(text) == Some(word);
            let sentence = sentence(text, words, (0..words.len()).find(is_it).unwrap());
            let (first, last) = (words[sentence.start].span, words[sentence.end - 1].span);
            CharSpan::new(first.start, last.end).slice(text).unwrap().to_owned()
        };
        assert_eq!(of("Hall"), "Is it Mr. Hall");
        assert_eq!(of("army"), "The U.S. army left at 3.5");
        assert_eq!(of("?"), "Is it Mr. Hall?");
        assert_eq!((of("Done"), of("no")), ("Done".to_owned(), "no".to_owned()));
    }
}
