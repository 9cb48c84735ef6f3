//! With any Unicode text, all spans are at character boundaries and together give back the text.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use std::path::Path;
use std::sync::LazyLock;

use anafora_corpus::example::{Example, Language};
use anafora_corpus::jsonl::{self, validate};
use anafora_corpus::mention::{find_pronouns, parse_marked};
use anafora_corpus::span::CharSpan;
use anafora_corpus::tokenizer::{Encoding, Tokenizer};
use anafora_corpus::word;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Strings that programs often count wrongly.
const PIECES: [&str; 42] = [
    "robot",
    "él",
    "Él",
    "She",
    "he's",
    "they’ll",
    "don't",
    "ñ",
    "ÑANDÚ",
    "12",
    "3.5",
    " ",
    "  ",
    ".",
    "e\u{301}",
    "E\u{301}L",
    "\u{301}",
    "\u{323}\u{301}",
    "Z\u{351}\u{36b}\u{343}\u{36a}\u{302}", // marks
    "\u{1112}\u{1161}\u{11ab}",
    "क\u{93c}",
    "ﬁ",
    "İ",
    "ß",
    "ΣΑΣ", // what normalising changes
    "אבג",
    "مرحبا",
    "\u{202e}",
    "\u{2066}", // from right to left
    "👩🏽‍🚀",
    "👨‍👩‍👧‍👦",
    "🇪🇸",
    "❤️",
    "1️⃣",
    "🏴\u{e0067}\u{e0062}\u{e007f}", // one picture, many characters
    "\u{200b}",
    "\u{200d}",
    "\u{ad}",
    "\u{feff}", // no width
    "\0",
    "\r",
    "\u{2028}",
];

/// Texts of these strings, of any other characters, and of words that are too long for the
/// vocabulary.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => proptest::sample::select(&PIECES[..]).prop_map(str::to_owned),
        2 => any::<char>().prop_map(String::from),
        1 => (proptest::sample::select(&PIECES[..]), 50..300_usize).prop_map(|(p, n)| p.repeat(n)),
    ];
    proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

/// A vocabulary of short tokens, so that most words are split.
static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(|| {
    let texts = PIECES.iter().flat_map(|piece| std::iter::repeat_n(*piece, 3));
    Tokenizer::train(texts, 700).unwrap()
});

/// Checks that the spans of every word's tokens, one after the other, are the word.
fn gives_back(encoding: &Encoding, text: &str) {
    let words: Vec<CharSpan> = word::words(text).map(|word| word.span).collect();
    assert_eq!(encoding.words.iter().map(|word| word.span).collect::<Vec<_>>(), words);
    for word in &encoding.words {
        let pieces = encoding.tokens[word.tokens.clone()].iter();
        let pieces = pieces.map(|token| token.span.unwrap().slice(text).unwrap());
        assert_eq!(Some(&*pieces.collect::<String>()), word.span.slice(text), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn words_give_back_their_text_and_leave_only_spaces(text in text()) {
        let mut rebuilt = String::new();
        let mut rest = text.as_str();
        for word in word::words(&text) {
            prop_assert_eq!(word.span.slice(&text), Some(word.text));
            let (before, behind) = rest.split_at(rest.find(word.text).unwrap());
            prop_assert!(before.chars().all(char::is_whitespace), "{before:?}");
            rebuilt += before;
            rebuilt += word.text;
            rest = &behind[word.text.len()..];
        }
        prop_assert!(rest.chars().all(char::is_whitespace), "{rest:?}");
        prop_assert_eq!(rebuilt + rest, text);
    }

    #[test]
    fn tokens_give_back_their_words(text in text(), share in 0.0..1.0_f64) {
        gives_back(&TOKENIZER.encode(&text), &text);
        let mut generator = ChaCha8Rng::seed_from_u64(3);
        gives_back(&TOKENIZER.encode_regularised(&text, share, &mut generator), &text);
    }

    #[test]
    fn the_words_of_a_span_are_those_that_share_a_character_with_it(
        text in text(),
        bounds in any::<[prop::sample::Index; 2]>(),
    ) {
        let n_chars = text.chars().count();
        let [start, end] = bounds.map(|bound| bound.index(n_chars + 1));
        let span = CharSpan::new(start.min(end), start.max(end));
        let encoding = TOKENIZER.encode(&text);
        let found: Vec<usize> = encoding.words_in(span).collect();
        let touches = |idx: &usize| span.start < span.end && encoding.words[*idx].span.overlaps(span);
        let expected: Vec<usize> = (0..encoding.words.len()).filter(touches).collect();
        if span.start < span.end {
            prop_assert_eq!(found, expected);
            prop_assert_eq!(span.slice(&text).unwrap().chars().count(), span.end - span.start);
        }
    }

    #[test]
    fn pronouns_are_found_where_they_stand(text in text()) {
        for pronoun in find_pronouns(&text) {
            let found = word::normalise(pronoun.span.slice(&text).unwrap());
            prop_assert!(["él", "she", "he", "they"].contains(&&*found) || found.is_ascii(), "{found:?}");
            let word = word::words(&text).find(|word| word.span.start == pronoun.span.start).unwrap();
            prop_assert!(word.span.end >= pronoun.span.end);
        }
    }

    #[test]
    fn a_mark_around_any_word_is_that_word(text in text(), which in any::<prop::sample::Index>()) {
        let words: Vec<CharSpan> = word::words(&text).map(|word| word.span).collect();
        prop_assume!(!words.is_empty() && !text.contains(['{', '}']));
        let span = words[which.index(words.len())];
        let chars: Vec<char> = text.chars().collect();
        let part = |from: usize, to: usize| chars[from..to].iter().collect::<String>();
        let (before, inside) = (part(0, span.start), part(span.start, span.end));
        let marked = format!("{before}{{{inside}}}{}", part(span.end, chars.len()));
        prop_assert_eq!(parse_marked(&marked), Ok((text.clone(), Some(span))));
    }

    #[test]
    fn an_example_of_any_words_is_read_as_it_was_written(
        text in text(),
        which in any::<[prop::sample::Index; 3]>(),
    ) {
        let words: Vec<CharSpan> = word::words(&text).map(|word| word.span).collect();
        prop_assume!(words.len() > 2);
        let [pronoun, first, second] = which.map(|which| words[which.index(words.len())]);
        let (id, phenomenon) = (text.clone() + "x", "any".to_owned());
        let candidates = vec![first, second];
        let (lang, antecedent, pair) = (Language::En, Some(1), Some(id.clone()));
        let (form, agreeing) = (None, None);
        let example =
            Example { id, lang, text, pronoun, candidates, antecedent, phenomenon, pair, form, agreeing };
        // It is invalid if the same word was chosen twice, or a word that begins with a joiner.
        prop_assume!(validate(&example).is_ok());
        let mut written = Vec::new();
        jsonl::write_to(&mut written, std::slice::from_ref(&example)).unwrap();
        let read = jsonl::read_from(&written[..], Path::new("FILE")).unwrap();
        prop_assert_eq!(read, [example]);
    }
}
