//! Cuts long texts to the sentences around the pronoun and its candidates, so that they fit a
//! model.
//!
//! A limit counts words (those of [`crate::word`]) or the tokens of a tokenizer, `[CLS]` and
//! `[SEP]` included, as a model's `max_seq` does.

use std::ops::RangeInclusive;

use super::{Outcome, Record, Skip};
use crate::example::Example;
use crate::span::CharSpan;
use crate::tokenizer::Tokenizer;
use crate::word;

/// The length that a text may have.
#[derive(Debug, Clone, Copy)]
pub struct Limit<'t> {
    /// The most words or tokens.
    pub length: usize,
    /// The tokenizer whose tokens are counted; with `None`, words are counted.
    pub tokenizer: Option<&'t Tokenizer>,
}

/// Abbreviations: a full stop after one of them does not end a sentence.
const ABBREVIATIONS: [&str; 24] = [
    "Mr", "Mrs", "Ms", "Dr", "St", "Jr", "Sr", "Prof", "Rev", "Hon", "Gen", "Col", "Capt", "Lt",
    "Sgt", "Gov", "Sen", "Rep", "vs", "etc", "No", "Inc", "Co", "Ltd",
];

const CLOSING: [char; 8] = ['"', '\'', '”', '’', ')', ']', '»', '.'];

impl Limit<'_> {
    /// The length of a text in words or tokens.
    pub fn length_of(&self, text: &str) -> usize {
        match self.tokenizer {
            Some(tokenizer) => tokenizer.encode(text).tokens.len(),
            None => word::words(text).count(),
        }
    }

    /// A note with the length of a text that is above the limit, or `None` if it fits.
    pub fn excess(&self, text: &str) -> Option<String> {
        let length = self.length_of(text);
        let unit = if self.tokenizer.is_some() { "tokens" } else { "words" };
        (length > self.length).then(|| format!("{length} {unit}, at most {} fit", self.length))
    }

    fn fits(&self, text: &str) -> bool {
        self.excess(text).is_none()
    }
}

/// A record of the example, which is cut to whole sentences if it is above the limit: those from
/// the first to the last that the pronoun and the candidates touch, then as many as fit before
/// them, then as many as fit after them.
pub(super) fn fit(line: usize, example: Example, limit: &Limit<'_>) -> Record {
    let id = example.id.clone();
    if limit.fits(&example.text) {
        return Record { line, id, outcome: Outcome::Whole(example) };
    }
    let sentences = sentences(&example.text);
    let outcome = match window(&example, &sentences, limit) {
        Ok(kept) => {
            let n_kept = kept.end() - kept.start() + 1;
            let note = format!("{n_kept} of {} sentences kept", sentences.len());
            let span = CharSpan::new(sentences[*kept.start()].start, sentences[*kept.end()].end);
            Outcome::Cut(excerpt(&example, span), note)
        }
        Err(detail) => Outcome::Skipped(Skip { reason: Skip::TOO_LONG, detail }),
    };
    Record { line, id, outcome }
}

/// The indices of the sentences to keep, or a note if even the fewest possible are above the limit.
fn window(
    example: &Example,
    sentences: &[CharSpan],
    limit: &Limit<'_>,
) -> Result<RangeInclusive<usize>, String> {
    let text = |first: usize, last: usize| {
        let span = CharSpan::new(sentences[first].start, sentences[last].end);
        span.slice(&example.text).expect("sentences lie within their text")
    };
    let needed = |sentence: &CharSpan| {
        let mut spans = example.candidates.iter().chain([&example.pronoun]);
        spans.any(|span| span.overlaps(*sentence))
    };
    let first = sentences.iter().position(needed).unwrap_or(0);
    let last = sentences.iter().rposition(needed).unwrap_or(first);
    if let Some(excess) = limit.excess(text(first, last)) {
        return Err(excess);
    }
    let before = (0..first).rev().take_while(|&idx| limit.fits(text(idx, last)));
    let first = before.last().unwrap_or(first);
    let after = (last + 1..sentences.len()).take_while(|&idx| limit.fits(text(first, idx)));
    Ok(first..=after.last().unwrap_or(last))
}

/// The example on a part of its text, which must contain all of its spans.
fn excerpt(example: &Example, span: CharSpan) -> Example {
    let text = span.slice(&example.text).expect("a window lies within its text");
    let shift = |inner: CharSpan| CharSpan::new(inner.start - span.start, inner.end - span.start);
    Example {
        text: text.trim_end().to_owned(),
        pronoun: shift(example.pronoun),
        candidates: example.candidates.iter().copied().map(shift).collect(),
        ..example.clone()
    }
}

/// The sentences of a text with the white space after them: together they cover the text.
///
/// A sentence ends at `.`, `!`, `?` or `…`, with closing quotes and brackets and white space after
/// it, if no lower-case letter follows. A full stop after an initial or an abbreviation does not
/// end one. Where that is wrong two sentences are kept together, which does no harm.
fn sentences(text: &str) -> Vec<CharSpan> {
    let chars: Vec<char> = text.chars().collect();
    let mut sentences = Vec::new();
    let mut start = 0;
    for idx in 1..chars.len() {
        let begins = !chars[idx].is_whitespace() && chars[idx - 1].is_whitespace();
        if begins && !chars[idx].is_lowercase() && ends_sentence(&chars[start..idx]) {
            sentences.push(CharSpan::new(start, idx));
            start = idx;
        }
    }
    if start < chars.len() {
        sentences.push(CharSpan::new(start, chars.len()));
    }
    sentences
}

/// Whether `chars`, which ends in white space, is the end of a sentence. It only looks at the last
/// word, so that a text without full stops takes linear time.
fn ends_sentence(chars: &[char]) -> bool {
    let trim = |chars: &mut &[char], is_outside: fn(char) -> bool| {
        let length = chars.iter().rposition(|&c| !is_outside(c)).map_or(0, |last| last + 1);
        *chars = &chars[..length];
    };
    let mut bare = chars;
    trim(&mut bare, char::is_whitespace);
    let n_before = bare.len();
    trim(&mut bare, |c| CLOSING.contains(&c));
    if bare.ends_with(&['!']) || bare.ends_with(&['?']) || bare.ends_with(&['…']) {
        return true;
    }
    let has_stop = chars[bare.len()..n_before].contains(&'.');
    let start = bare.iter().rposition(|c| !c.is_alphanumeric()).map_or(0, |sign| sign + 1);
    let word: String = bare[start..].iter().collect();
    let is_initial = bare.len() == start + 1 && bare[start].is_uppercase();
    has_stop && !is_initial && !ABBREVIATIONS.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<_> = sentences(text).into_iter().map(|s| s.slice(text).unwrap()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_sentence_ends_behind_its_sign_its_quotes_and_its_spaces() {
        check(
            "He ran. She did not!  \"Why?\" It ended…",
            &["He ran. ", "She did not!  ", "\"Why?\" ", "It ended…"],
        );
        check(
            "He said: \"I ran.\" (He did.) 12 saw it.",
            &["He said: \"I ran.\" ", "(He did.) ", "12 saw it."],
        );
        check("¿Vino? ¡Él sí! Ñandú.", &["¿Vino? ", "¡Él sí! ", "Ñandú."]);
    }

    #[test]
    fn abbreviations_initials_and_what_goes_on_in_lower_case_end_none() {
        check(
            "Mr. Fox met J. R. R. Tolkien, Jr. in St. Ives.",
            &["Mr. Fox met J. R. R. Tolkien, Jr. in St. Ives."],
        );
        check(
            "He ran (v. fast!) and won approx. 3.5 kg.",
            &["He ran (v. fast!) and won approx. ", "3.5 kg."],
        );
        check("No stop here", &["No stop here"]);
        check("", &[]);
    }

    #[test]
    fn a_limit_counts_words_or_tokens_with_their_markers() {
        let tokenizer = Tokenizer::train(["Ana came."; 9], 300).unwrap();
        let words = Limit { length: 3, tokenizer: None };
        let tokens = Limit { length: 4, tokenizer: Some(&tokenizer) };
        assert_eq!(words.excess("Ana came."), None);
        assert_eq!(tokens.length_of("Ana came."), tokenizer.encode("Ana came.").ids.len());
        assert_eq!(tokens.excess("Ana came."), Some("5 tokens, at most 4 fit".to_owned()));
    }

    proptest! {
        #[test]
        fn sentences_cover_any_text(text in "(\\PC|[A-Z]|\\. |\" |é){0,30}") {
            let found: String = sentences(&text).iter().map(|s| s.slice(&text).unwrap()).collect();
            prop_assert_eq!(found, text);
        }
    }
}
