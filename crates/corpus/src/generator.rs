//! An endless stream of examples, each a pure function of the grammar, the seed and its index.
//!
//! ```text
//! pair n = examples 2n and 2n + 1      language = languages[n mod their number]
//! random numbers of pair n = stream n of ChaCha8 under the seed
//! ```
//!
//! Languages and phenomena take turns, so every batch has its share of each. Within the stream of
//! a pair, drafts are made and thrown away until one falls into the wanted split; so streams of
//! different splits have nothing in common, and any example can be made without the ones before.
//!
//! Reference: ChaCha, Bernstein 2008, <https://cr.yp.to/chacha/chacha-20080128.pdf>.

use std::collections::HashSet;
use std::iter::repeat_n;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::example::{Example, Language};
use crate::grammar::{Grammar, LanguageGrammar, Phenomenon, ShownBy};
use crate::jsonl::{InvalidExample, validate};
use crate::split::Split;

mod draft;
mod invented;
mod render;
mod rough;

use draft::{DraftPair, draft};
use render::{mix, render};

/// Tries before a grammar is said to have nothing for a split.
const PAIR_TRIES: usize = 400_000;
/// Pairs in the split of which none is valid, before a grammar is said to make none.
const VALID_TRIES: usize = 20_000;

/// Makes examples.
#[derive(Debug, Clone)]
pub struct Generator {
    grammar: Grammar,
    languages: Vec<Language>,
    seed: u64,
    split: Split,
    /// For each language the phenomena that take turns, by index; one may have several.
    turns: Vec<Vec<usize>>,
    /// Share of the pairs with an invented word; of those in which agreement decides, twice as many.
    invented: f64,
    /// Share of the pairs that are made rough.
    rough: f64,
}

/// A grammar too small for a split.
#[derive(Debug, thiserror::Error)]
pub enum TooFewTexts {
    /// Drafts for a phenomenon never fall into it.
    #[error(
        "none of {PAIR_TRIES} pairs of texts for {phenomenon} ({}) is in the split {:?}; \
         hint: add words or patterns to the grammar", language.code(), split.name()
    )]
    Pairs {
        /// The language.
        language: Language,
        /// The phenomenon.
        phenomenon: String,
        /// The split.
        split: Split,
    },
    /// A grammar may have a comma or a contraction where a span should begin, or no pronoun at all.
    #[error(
        "none of {VALID_TRIES} pairs of texts for {phenomenon} ({}) in the split {:?} is valid: {source}",
        language.code(), split.name()
    )]
    Invalid {
        /// The language.
        language: Language,
        /// The phenomenon.
        phenomenon: String,
        /// The split.
        split: Split,
        /// What is wrong with the last of them.
        source: InvalidExample,
    },
    /// No pattern is for it.
    #[error(
        "no pattern ({}) is for the split {:?}; hint: add one with split = {:?}",
        language.code(), split.name(), split.name()
    )]
    Patterns {
        /// The language.
        language: Language,
        /// The split.
        split: Split,
    },
}

impl Generator {
    /// Examples of one language or of several in turns.
    ///
    /// # Errors
    /// If the grammar has no text in the split for one of its phenomena.
    pub fn new(
        grammar: Grammar,
        languages: &[Language],
        seed: u64,
        split: Split,
    ) -> Result<Self, TooFewTexts> {
        let turns = |&language: &Language| {
            let phenomena = grammar.of(language).phenomena.iter().enumerate();
            let shown =
                phenomena.filter(|(_, phenomenon)| phenomenon.patterns_for(split).next().is_some());
            let turns = shown.flat_map(|(idx, shown)| repeat_n(idx, shown.turns(split)));
            match turns.collect::<Vec<_>>() {
                turns if turns.is_empty() => Err(TooFewTexts::Patterns { language, split }),
                turns => Ok(turns),
            }
        };
        let turns = languages.iter().map(turns).collect::<Result<Vec<_>, _>>()?;
        let longest = turns.iter().map(Vec::len).max().unwrap_or(0);
        let languages = languages.to_vec();
        let generator = Self { grammar, languages, seed, split, turns, invented: 0.0, rough: 0.0 };
        let generator = match split {
            Split::Rough => generator.with_rough(1.0),
            _ => generator,
        };
        for number in 0..(longest * generator.languages.len()) as u64 {
            if let Err(invalid) = generator.try_pair(number) {
                let (grammar, phenomenon) = generator.subject(number);
                let (language, phenomenon) = (grammar.language, phenomenon.name.clone());
                return Err(match invalid {
                    None => TooFewTexts::Pairs { language, phenomenon, split },
                    Some(source) => TooFewTexts::Invalid { language, phenomenon, split, source },
                });
            }
        }
        Ok(generator)
    }

    /// The same examples, but for this share of the pairs, and twice as many where agreement decides,
    /// in which one candidate is a word that does not exist.
    pub fn with_invented(self, share: f64) -> Self {
        Self { invented: share, ..self }
    }

    /// The same examples, but for this share of the pairs, which are written as people type: without
    /// capitals, accents or punctuation, and with typing errors.
    pub fn with_rough(self, share: f64) -> Self {
        Self { rough: share, ..self }
    }

    /// The example with this index. Two neighbours, an even index and the next, are a minimal pair.
    pub fn example(&self, index: u64) -> Example {
        let [first, second] = self.pair(index / 2);
        if index.is_multiple_of(2) { first } else { second }
    }

    /// Examples `2 * number` and `2 * number + 1`: half the work of asking for each.
    pub fn pair(&self, number: u64) -> [Example; 2] {
        self.try_pair(number).expect("every phenomenon has texts in the split, as `new` found out")
    }

    /// The examples from an index on, without end.
    pub fn examples(&self, from: u64) -> impl Iterator<Item = Example> + '_ {
        (from / 2..).flat_map(|number| self.pair(number)).skip((from % 2) as usize)
    }

    /// The pairs from the first on, less those of which a text has been there before: for files. It
    /// remembers every text, and does not end before the grammar has no more of them.
    pub fn distinct_pairs(&self) -> impl Iterator<Item = [Example; 2]> + '_ {
        let mut seen = HashSet::new();
        (0..).map(|number| self.pair(number)).filter(move |pair| {
            let is_new = pair.iter().all(|example| !seen.contains(&example.text));
            seen.extend(pair.iter().map(|example| example.text.clone()));
            is_new
        })
    }

    fn subject(&self, number: u64) -> (&LanguageGrammar, &Phenomenon) {
        let n_languages = self.languages.len() as u64;
        let language = (number % n_languages) as usize;
        let grammar = self.grammar.of(self.languages[language]);
        let turns = &self.turns[language];
        let turn = (number / n_languages) % turns.len() as u64;
        (grammar, &grammar.phenomena[turns[turn as usize]])
    }

    /// An error if there is no such pair: what is wrong with those that were made, if any was.
    fn try_pair(&self, number: u64) -> Result<[Example; 2], Option<InvalidExample>> {
        let (grammar, phenomenon) = self.subject(number);
        let mut source = Source::new(self.seed, number);
        let patterns: Vec<&ShownBy> = phenomenon.patterns_for(self.split).collect();
        let mut n_invalid = 0;
        for _ in 0..PAIR_TRIES {
            let shown = patterns[source.below(patterns.len())];
            let pattern = &shown.pattern;
            let new_word = self.split.has_new_words();
            let draft = draft(grammar, phenomenon, shown, new_word, &mut source);
            let Some(DraftPair { drafts, readings }) = draft else { continue };
            let text = |member: usize| {
                let rendered =
                    render(grammar, &pattern.template, &drafts[member], readings[member]);
                Some(rendered).filter(|rendered| self.split.takes(&rendered.text))
            };
            // The second is rendered only where the first is in the split: one in twenty, for tests.
            let Some(first) = text(0) else { continue };
            let Some(second) = text(1) else { continue };
            let [one, other] = readings.map(|reading| reading.answer);
            let language = grammar.language;
            let mut pair =
                [first.into_example(language, one), second.into_example(language, other)];
            let seed = source.u64();
            if source.share() < self.share_invented(phenomenon, shown) {
                pair = pair.map(|example| invented::invent(example, seed));
            }
            if source.share() < self.rough {
                pair = pair.map(|example| rough::roughen(example, seed));
                if pair[0].text == pair[1].text {
                    continue; // what told them apart was an accent
                }
            }
            let pair = self.named(pair, grammar.language, &phenomenon.name, number);
            match pair.iter().try_for_each(validate) {
                Ok(()) => return Ok(pair),
                Err(_) if n_invalid < VALID_TRIES => n_invalid += 1,
                Err(invalid) => return Err(Some(invalid)),
            }
        }
        Err(None)
    }

    /// The share of a pattern's pairs that get an invented word. Where agreement decides, twice as
    /// many: there a name of unknown gender is found by elimination, which has to be learned.
    fn share_invented(&self, phenomenon: &Phenomenon, shown: &ShownBy) -> f64 {
        match shown.contrasts.is_empty() {
            true => self.invented,
            false if phenomenon.denies(shown) => 0.0,
            false => 2.0 * self.invented,
        }
    }

    /// Ids say what an example is for, so that no two splits share one.
    fn named(
        &self,
        mut pair: [Example; 2],
        language: Language,
        phenomenon: &str,
        number: u64,
    ) -> [Example; 2] {
        let split = match self.split {
            Split::Train => String::new(),
            split => format!("{}-", split.slug()),
        };
        let name = |index| format!("{}-{split}{phenomenon}-{index:06}", language.code());
        for (example, index) in pair.iter_mut().zip(2 * number..) {
            example.id = name(index);
            example.phenomenon = phenomenon.to_owned();
            example.pair = Some(name(2 * number));
        }
        pair
    }
}

/// Random numbers of one pair.
struct Source {
    rng: ChaCha8Rng,
}

impl Source {
    fn new(seed: u64, number: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(number);
        Self { rng }
    }

    /// A number below `n`; every program that reads the same stream gets the same.
    fn below(&mut self, n: usize) -> usize {
        ((u64::from(self.rng.next_u32()) * n as u64) >> 32) as usize
    }

    /// A number in `0.0..1.0`.
    fn share(&mut self) -> f64 {
        f64::from(self.rng.next_u32()) / 2.0_f64.powi(32)
    }

    fn u64(&mut self) -> u64 {
        mix(u64::from(self.rng.next_u32()) << 32 | u64::from(self.rng.next_u32()))
    }
}
