//! A candidate that nobody has heard of: a reader of new texts meets new words, and has to work out
//! from the article, the ending and the other candidates what a pronoun can mean.
//!
//! The word keeps its last letters, in which Spanish has gender and both languages have number, and
//! its capital. Everything before is made of random syllables, the same in both texts of a pair.

use super::Source;
use crate::example::Example;
use crate::span::CharSpan;

/// Letters at the end of a word that stay.
const ENDING: usize = 2;

const ONSETS: [&str; 20] = [
    "b", "br", "c", "d", "dr", "f", "fl", "g", "gr", "j", "l", "m", "n", "p", "pl", "r", "s", "t",
    "tr", "v",
];
const VOWELS: [&str; 5] = ["a", "e", "i", "o", "u"];
const CODAS: [&str; 8] = ["", "", "", "", "l", "n", "r", "s"];

/// The same example with an invented word in the place of one of its candidates.
pub(super) fn invent(example: Example, seed: u64) -> Example {
    let mut source = Source::new(seed, 1);
    let Some(&span) = example.candidates.get(source.below(example.candidates.len().max(1))) else {
        return example;
    };
    let chars: Vec<char> = example.text.chars().collect();
    let word = coin(&chars[span.start..span.end], &mut source);
    let moved = |place: usize| match place >= span.end {
        true => place + word.len() - (span.end - span.start),
        false => place,
    };
    let moved = |span: CharSpan| CharSpan::new(moved(span.start), moved(span.end));
    let text = [&chars[..span.start], &word, &chars[span.end..]].concat();
    Example {
        pronoun: moved(example.pronoun),
        candidates: example.candidates.iter().copied().map(moved).collect(),
        text: text.into_iter().collect(),
        ..example
    }
}

/// A word of one to three syllables with the ending and the capital of `word`.
fn coin(word: &[char], source: &mut Source) -> Vec<char> {
    let n_syllables = 1 + source.below(3);
    let mut coined = String::new();
    for _ in 0..n_syllables {
        coined += ONSETS[source.below(ONSETS.len())];
        coined += VOWELS[source.below(VOWELS.len())];
        coined += CODAS[source.below(CODAS.len())];
    }
    coined += ONSETS[source.below(ONSETS.len())];
    let ending = &word[word.len().saturating_sub(ENDING)..];
    // Behind a consonant, the ending begins with its vowel.
    let vowel = ending.iter().position(|c| "aeiouáéíóú".contains(*c)).unwrap_or(0);
    let mut coined: Vec<char> = coined.chars().chain(ending[vowel..].iter().copied()).collect();
    if word.first().is_some_and(|c| c.is_uppercase()) {
        coined[0] = coined[0].to_ascii_uppercase();
    }
    coined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::Language;

    #[test]
    fn one_candidate_changes_and_the_spans_with_it() {
        let example = Example {
            id: "es-1".to_owned(),
            lang: Language::Es,
            text: "Ana llamó a las vecinas porque ellas estaban enfermas.".to_owned(),
            pronoun: CharSpan::new(31, 36),
            candidates: vec![CharSpan::new(0, 3), CharSpan::new(16, 23)],
            antecedent: Some(1),
            phenomenon: "number".to_owned(),
            pair: None,
        };
        let words = |example: &Example| -> Vec<String> {
            let spans = example.candidates.iter().chain([&example.pronoun]);
            spans.map(|span| span.slice(&example.text).unwrap().to_owned()).collect()
        };
        let mut changed = [0, 0];
        for seed in 0..1_000 {
            let invented = invent(example.clone(), seed);
            let found = words(&invented);
            assert_eq!(found[2], "ellas", "{}", invented.text);
            let is_changed = [found[0] != "Ana", found[1] != "vecinas"];
            assert!(is_changed[0] != is_changed[1], "{}", invented.text);
            changed[usize::from(is_changed[1])] += 1;
            assert!(found[0].starts_with(|c: char| c.is_uppercase()) && found[0].ends_with('a'));
            assert!(found[1].starts_with(|c: char| c.is_lowercase()) && found[1].ends_with("as"));
            assert!(invented.text.ends_with(" porque ellas estaban enfermas."));
        }
        assert!(changed.iter().all(|&n| n > 400), "{changed:?}");
    }
}
