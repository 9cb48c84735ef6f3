//! Replaces a candidate by a nonce word, a word that does not exist.
//!
//! New texts have words that no model was trained on. With nonce words it learns to work out from
//! the article, the ending and the other candidates which pronoun can stand for such a word.
//!
//! The word keeps its last letters, which carry number in both languages and gender in Spanish, and
//! its capital. The rest is random syllables, the same in both texts of a pair.

use super::StreamRng;
use crate::example::Example;
use crate::span::CharSpan;

/// How many letters are kept at the end of a word.
const N_ENDING_LETTERS: usize = 2;

const ONSETS: [&str; 20] = [
    "b", "br", "c", "d", "dr", "f", "fl", "g", "gr", "j", "l", "m", "n", "p", "pl", "r", "s", "t",
    "tr", "v",
];
const VOWELS: [&str; 5] = ["a", "e", "i", "o", "u"];
const CODAS: [&str; 8] = ["", "", "", "", "l", "n", "r", "s"];

/// The example with one of its candidates replaced by a nonce word.
pub(super) fn with_nonce_word(example: Example, seed: u64) -> Example {
    let mut rng = StreamRng::new(seed, 1);
    let Some(&span) = example.candidates.get(rng.below(example.candidates.len().max(1))) else {
        return example;
    };
    let chars: Vec<char> = example.text.chars().collect();
    let word = nonce_word(&chars[span.start..span.end], &mut rng);
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
fn nonce_word(word: &[char], rng: &mut StreamRng) -> Vec<char> {
    let n_syllables = 1 + rng.below(3);
    let mut stem = String::new();
    for _ in 0..n_syllables {
        stem += ONSETS[rng.below(ONSETS.len())];
        stem += VOWELS[rng.below(VOWELS.len())];
        stem += CODAS[rng.below(CODAS.len())];
    }
    stem += ONSETS[rng.below(ONSETS.len())];
    let ending = &word[word.len().saturating_sub(N_ENDING_LETTERS)..];
    // The stem ends in a consonant, so the ending starts at its first vowel.
    let vowel = ending.iter().position(|c| "aeiouáéíóú".contains(*c)).unwrap_or(0);
    let mut nonce: Vec<char> = stem.chars().chain(ending[vowel..].iter().copied()).collect();
    if word.first().is_some_and(|c| c.is_uppercase()) {
        nonce[0] = nonce[0].to_ascii_uppercase();
    }
    nonce
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
            form: None,
            agreeing: None,
        };
        let words = |example: &Example| -> Vec<String> {
            let spans = example.candidates.iter().chain([&example.pronoun]);
            spans.map(|span| span.slice(&example.text).unwrap().to_owned()).collect()
        };
        let mut changed = [0, 0];
        for seed in 0..1_000 {
            let with_nonce = with_nonce_word(example.clone(), seed);
            let found = words(&with_nonce);
            assert_eq!(found[2], "ellas", "{}", with_nonce.text);
            let is_changed = [found[0] != "Ana", found[1] != "vecinas"];
            assert!(is_changed[0] != is_changed[1], "{}", with_nonce.text);
            changed[usize::from(is_changed[1])] += 1;
            assert!(found[0].starts_with(|c: char| c.is_uppercase()) && found[0].ends_with('a'));
            assert!(found[1].starts_with(|c: char| c.is_lowercase()) && found[1].ends_with("as"));
            assert!(with_nonce.text.ends_with(" porque ellas estaban enfermas."));
        }
        assert!(changed.iter().all(|&n| n > 400), "{changed:?}");
    }
}
