//! Finds a word or a phrase in a text: whole words only, upper and lower case alike.

use crate::span::CharSpan;
use crate::word::{self, TextWord};

/// All occurrences of `phrase` in `text`. A contraction of its last word does not belong to the
/// span: in *the writer's books*, *writer* is found.
pub(super) fn occurrences(text: &str, phrase: &str) -> Vec<CharSpan> {
    let wanted: Vec<String> = word::words(phrase).map(|word| word::normalise(word.text)).collect();
    let words: Vec<TextWord<'_>> = word::words(text).collect();
    let Some((last, before)) = wanted.split_last() else { return Vec::new() };
    let matches = |words: &[TextWord<'_>]| -> Option<CharSpan> {
        let (word, others) = words.split_last()?;
        let same = others.iter().zip(before).all(|(word, w)| word::normalise(word.text) == *w);
        let end = word.span.start + ending(word.text, last)?;
        same.then(|| CharSpan::new(words[0].span.start, end))
    };
    words.windows(wanted.len()).filter_map(matches).collect()
}

/// How many characters of `word` are the word `wanted`, or `None` if it is another word.
fn ending(word: &str, wanted: &str) -> Option<usize> {
    let stem = word.split_once(word::APOSTROPHES).map_or(word, |(stem, _)| stem);
    let is_wanted = |form: &&str| word::normalise(form) == *wanted;
    [word, stem].into_iter().find(is_wanted).map(|form| form.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, phrase: &str, expected: &[&str]) {
        let found = occurrences(text, phrase);
        let found: Vec<_> = found.into_iter().filter_map(|span| span.slice(text)).collect();
        assert_eq!(found, expected, "{phrase:?} in {text:?}");
    }

    #[test]
    fn whole_words_are_found_in_any_case() {
        check("The CEO met a ceo; ceos left", "CEO", &["CEO", "ceo"]);
        check("Él vio el río", "él", &["Él"]);
        check("A construction  worker worked", "construction worker", &["construction  worker"]);
        check("los topos-tejones", "topos-tejones", &["topos-tejones"]);
    }

    #[test]
    fn a_possessive_ending_is_no_part_of_the_word() {
        check("one of the writer's books", "writer", &["writer"]);
        check("he didn't", "didn't", &["didn't"]);
    }

    #[test]
    fn what_is_absent_or_empty_is_nowhere() {
        check("The CEO", "designer", &[]);
        check("The CEO", "", &[]);
        check("", "a b", &[]);
    }
}
