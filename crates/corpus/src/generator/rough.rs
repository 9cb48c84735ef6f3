//! Text as people type it: without capitals, accents or punctuation, and with typing errors.
//!
//! One of the first three happens always, two or three of them as often as not, and half of all
//! texts have typing errors too. An error swaps two neighbouring letters, drops one or doubles one,
//! in one of six longer words; never in the pronoun or a candidate, which have to be found again. What happens depends on the seed and the number of
//! the word alone, so both texts of a minimal pair are treated alike.

use super::Source;
use crate::example::Example;
use crate::span::CharSpan;
use crate::word::without_accent;

/// Letters that a word has at least before it gets a typing error: in a shorter one it may give
/// another word of the language.
const SHORTEST: usize = 5;
/// One in so many longer words has an error.
const RARITY: usize = 6;

/// What happens to a text.
#[derive(Debug, Clone, Copy)]
struct Treatment {
    lower_case: bool,
    no_accents: bool,
    no_punctuation: bool,
    errors: bool,
}

impl Treatment {
    fn draw(source: &mut Source) -> Self {
        let bits = 1 + source.below(7);
        let has = |bit: usize| bits & 1 << bit != 0;
        let errors = source.below(2) == 0;
        Self { lower_case: has(0), no_accents: has(1), no_punctuation: has(2), errors }
    }

    /// What is typed for a character: nothing, or one or more others.
    fn typed(self, c: char) -> Vec<char> {
        if self.no_punctuation && ".,;:!?¡¿".contains(c) {
            return Vec::new();
        }
        let c = if self.no_accents { without_accent(c) } else { c };
        if self.lower_case { c.to_lowercase().collect() } else { vec![c] }
    }
}

/// The same example as somebody might have typed it.
pub(super) fn roughen(example: Example, seed: u64) -> Example {
    let mut source = Source::new(seed, 0);
    let treatment = Treatment::draw(&mut source);
    let chars: Vec<char> = example.text.chars().collect();
    let named = [&[example.pronoun], &example.candidates[..]].concat();
    let mut text: Vec<char> = Vec::with_capacity(chars.len());
    // For each character, and the end, where what is typed for it begins.
    let mut places = Vec::with_capacity(chars.len() + 1);
    let mut start = 0;
    while start < chars.len() {
        let n_letters = chars[start..].iter().take_while(|c| c.is_alphanumeric()).count();
        let end = start + n_letters.max(1);
        let is_named = named.iter().any(|span| span.start < end && start < span.end);
        let error = Error::draw(n_letters, &mut source);
        let is_wrong = treatment.errors && !is_named && n_letters >= SHORTEST;
        let first = text.len();
        for &c in &chars[start..end] {
            places.push(text.len());
            text.extend(treatment.typed(c));
        }
        if let Some(error) = error.filter(|_| is_wrong) {
            error.make(&mut text, first);
        }
        start = end;
    }
    places.push(text.len());
    let moved = |span: CharSpan| CharSpan::new(places[span.start], places[span.end]);
    Example {
        pronoun: moved(example.pronoun),
        candidates: example.candidates.iter().copied().map(moved).collect(),
        text: text.into_iter().collect(),
        ..example
    }
}

/// A slip of the fingers at a letter behind the first of a word.
#[derive(Debug, Clone, Copy)]
enum Error {
    Swap(usize),
    Drop(usize),
    Double(usize),
}

impl Error {
    /// Always takes as many numbers from the source.
    fn draw(n_letters: usize, source: &mut Source) -> Option<Self> {
        let (chance, kind) = (source.below(RARITY), source.below(3));
        let at = 1 + source.below(n_letters.saturating_sub(2).max(1));
        let error = [Self::Swap(at), Self::Drop(at), Self::Double(at)][kind];
        (chance == 0).then_some(error)
    }

    /// Makes it in the word that begins at `first` and ends the text.
    fn make(self, text: &mut Vec<char>, first: usize) {
        match self {
            Self::Swap(at) => text.swap(first + at, first + at + 1),
            Self::Drop(at) => drop(text.remove(first + at)),
            Self::Double(at) => text.insert(first + at, text[first + at]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::Language;

    const TEXT: &str = "Según Óscar, ¿el médico llamó ayer a Inés porque ella estaba preocupada?";

    fn example() -> Example {
        let span = |word: &str| {
            let start = TEXT[..TEXT.find(word).unwrap()].chars().count();
            CharSpan::new(start, start + word.chars().count())
        };
        Example {
            id: "es-1".to_owned(),
            lang: Language::Es,
            text: TEXT.to_owned(),
            pronoun: span("ella"),
            candidates: vec![span("Óscar"), span("médico"), span("Inés")],
            antecedent: Some(2),
            phenomenon: "gender".to_owned(),
            pair: None,
        }
    }

    fn plain(text: &str) -> String {
        text.chars().map(without_accent).flat_map(char::to_lowercase).collect()
    }

    #[test]
    fn spans_still_cover_the_pronoun_and_the_candidates() {
        let before = example();
        let words = |example: &Example| -> Vec<String> {
            let spans = std::iter::once(&example.pronoun).chain(&example.candidates);
            spans.map(|span| plain(span.slice(&example.text).unwrap())).collect()
        };
        for seed in 0..2_000 {
            let after = roughen(before.clone(), seed);
            assert_eq!(words(&after), words(&before), "{}", after.text);
            assert_ne!(after.text, before.text, "seed {seed}");
        }
    }

    #[test]
    fn each_kind_of_roughness_is_about_as_frequent_as_it_says() {
        let n = 4_000;
        let share = |is_rough: fn(&str) -> bool| {
            let texts = (0..n).map(|seed| roughen(example(), seed).text);
            texts.filter(|text| is_rough(text)).count() as f64 / n as f64
        };
        for share in [
            share(|text| !text.chars().any(char::is_uppercase)),
            share(|text| !text.contains('?')),
            share(|text| plain(text).len() == text.to_lowercase().len()),
        ] {
            assert!((share - 4.0 / 7.0).abs() < 0.03, "{share}");
        }
        // Four words of five letters or more are not named: 1 − (5/6)⁴ of half of the texts have an error.
        let errors = share(|text| {
            let words = |text: &str| plain(text).replace([',', '.', '?', '¿'], "");
            words(text) != words(TEXT)
        });
        assert!((errors - 0.5 * (1.0 - (5.0_f64 / 6.0).powi(4))).abs() < 0.03, "{errors}");
    }

    #[test]
    fn a_typing_error_is_one_letter() {
        for error in [Error::Swap(2), Error::Drop(2), Error::Double(2)] {
            let mut text: Vec<char> = "ayer llamó".chars().collect();
            error.make(&mut text, 5);
            let text: String = text.into_iter().collect();
            let expected = match error {
                Error::Swap(_) => "ayer llmaó",
                Error::Drop(_) => "ayer llmó",
                Error::Double(_) => "ayer llaamó",
            };
            assert_eq!(text, expected);
        }
    }
}
