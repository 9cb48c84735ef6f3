//! Noise: makes a text look typed in a hurry, without capitals, accents or punctuation, and with
//! typing errors.
//!
//! Which of capitals, accents and punctuation are removed is one of the seven non-empty subsets,
//! each equally likely. Half of all texts also have typing errors: one in six of the longer words
//! gets two neighbouring letters swapped, a letter dropped or a letter doubled. The pronoun and the
//! candidates never get one, so that their spans stay meaningful. All of it depends only on the
//! seed and on the number of the word, so that both texts of a minimal pair are changed in the same
//! way.

use super::StreamRng;
use crate::example::Example;
use crate::span::CharSpan;
use crate::word::without_accent;

/// Shorter words get no typing error, since it could turn them into another word of the language.
const MIN_TYPO_LETTERS: usize = 5;
/// One in this many longer words gets a typing error.
const WORDS_PER_TYPO: usize = 6;

/// Which kinds of noise a text gets.
#[derive(Debug, Clone, Copy)]
struct Noise {
    lower_case: bool,
    no_accents: bool,
    no_punctuation: bool,
    has_typos: bool,
}

impl Noise {
    fn draw(rng: &mut StreamRng) -> Self {
        let bits = 1 + rng.below(7);
        let has = |bit: usize| bits & 1 << bit != 0;
        let has_typos = rng.below(2) == 0;
        Self { lower_case: has(0), no_accents: has(1), no_punctuation: has(2), has_typos }
    }

    /// What is typed in place of a character: nothing, or one or more characters.
    fn typed(self, c: char) -> Vec<char> {
        if self.no_punctuation && ".,;:!?¡¿".contains(c) {
            return Vec::new();
        }
        let c = if self.no_accents { without_accent(c) } else { c };
        if self.lower_case { c.to_lowercase().collect() } else { vec![c] }
    }
}

/// The example with noise. The spans are moved along.
pub(crate) fn add_noise(example: Example, seed: u64) -> Example {
    let mentions = [&[example.pronoun], &example.candidates[..]].concat();
    let noisy = NoisyText::new(&example.text, &mentions, seed);
    Example {
        pronoun: noisy.moved(example.pronoun),
        candidates: example.candidates.iter().map(|&span| noisy.moved(span)).collect(),
        text: noisy.text,
        ..example
    }
}

/// A text with noise, and where its characters went.
pub(crate) struct NoisyText {
    pub(crate) text: String,
    /// For each character of the text of before, and its end, the offset in this one.
    offsets: Vec<usize>,
}

impl NoisyText {
    /// `text` with noise; words that `mentions` touch get no typing error.
    pub(crate) fn new(text: &str, mentions: &[CharSpan], seed: u64) -> Self {
        let (text, offsets) = noisy(text, mentions, seed);
        Self { text, offsets }
    }

    /// Where a span of the text of before is now.
    pub(crate) fn moved(&self, span: CharSpan) -> CharSpan {
        CharSpan::new(self.offsets[span.start], self.offsets[span.end])
    }
}

fn noisy(text: &str, mentions: &[CharSpan], seed: u64) -> (String, Vec<usize>) {
    let mut rng = StreamRng::new(seed, 0);
    let noise = Noise::draw(&mut rng);
    let chars: Vec<char> = text.chars().collect();
    let mut text: Vec<char> = Vec::with_capacity(chars.len());
    let mut offsets = Vec::with_capacity(chars.len() + 1);
    let mut start = 0;
    while start < chars.len() {
        let n_letters = chars[start..].iter().take_while(|c| c.is_alphanumeric()).count();
        let end = start + n_letters.max(1);
        let is_mention = mentions.iter().any(|span| span.start < end && start < span.end);
        let typo = Typo::draw(n_letters, &mut rng);
        let may_have_typo = noise.has_typos && !is_mention && n_letters >= MIN_TYPO_LETTERS;
        let first = text.len();
        for &c in &chars[start..end] {
            offsets.push(text.len());
            text.extend(noise.typed(c));
        }
        if let Some(typo) = typo.filter(|_| may_have_typo) {
            typo.apply(&mut text, first);
        }
        start = end;
    }
    offsets.push(text.len());
    (text.into_iter().collect(), offsets)
}

/// A typing error, with the index of its letter in the word. It never touches the first letter.
#[derive(Debug, Clone, Copy)]
enum Typo {
    Swap(usize),
    Drop(usize),
    Double(usize),
}

impl Typo {
    /// Draws an error for one word in [`WORDS_PER_TYPO`]. It uses three random numbers in any case,
    /// so that the errors of later words do not depend on this word.
    fn draw(n_letters: usize, rng: &mut StreamRng) -> Option<Self> {
        let (chance, kind) = (rng.below(WORDS_PER_TYPO), rng.below(3));
        let at = 1 + rng.below(n_letters.saturating_sub(2).max(1));
        let typo = [Self::Swap(at), Self::Drop(at), Self::Double(at)][kind];
        (chance == 0).then_some(typo)
    }

    /// Applies it to the last word of `text`, which begins at `first`.
    fn apply(self, text: &mut Vec<char>, first: usize) {
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
            form: None,
            agreeing: None,
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
            let after = add_noise(before.clone(), seed);
            assert_eq!(words(&after), words(&before), "{}", after.text);
            assert_ne!(after.text, before.text, "seed {seed}");
        }
    }

    #[test]
    fn each_kind_of_noise_is_about_as_frequent_as_documented() {
        let n = 4_000;
        let share = |is_noisy: fn(&str) -> bool| {
            let texts = (0..n).map(|seed| add_noise(example(), seed).text);
            texts.filter(|text| is_noisy(text)).count() as f64 / n as f64
        };
        for share in [
            share(|text| !text.chars().any(char::is_uppercase)),
            share(|text| !text.contains('?')),
            share(|text| plain(text).len() == text.to_lowercase().len()),
        ] {
            assert!((share - 4.0 / 7.0).abs() < 0.03, "{share}");
        }
        // Four words that are no mention have five letters or more: of the half of the texts that
        // may have errors, 1 − (5/6)⁴ have one.
        let has_typos = share(|text| {
            let words = |text: &str| plain(text).replace([',', '.', '?', '¿'], "");
            words(text) != words(TEXT)
        });
        assert!((has_typos - 0.5 * (1.0 - (5.0_f64 / 6.0).powi(4))).abs() < 0.03, "{has_typos}");
    }

    #[test]
    fn a_typing_error_is_one_letter() {
        for typo in [Typo::Swap(2), Typo::Drop(2), Typo::Double(2)] {
            let mut text: Vec<char> = "ayer llamó".chars().collect();
            typo.apply(&mut text, 5);
            let text: String = text.into_iter().collect();
            let expected = match typo {
                Typo::Swap(_) => "ayer llmaó",
                Typo::Drop(_) => "ayer llmó",
                Typo::Double(_) => "ayer llaamó",
            };
            assert_eq!(text, expected);
        }
    }
}
