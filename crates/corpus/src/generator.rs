//! An endless stream of examples, each a pure function of the grammar, the seed and its index.
//!
//! The input is a grammar: lists of words, and sentence patterns with slots for them.
//!
//! ```text
//! name = "argue"
//! text = "{the A} argued with {the B}, so {he} {react}."
//! A = "name, people"      a candidate: one of the words in these classes
//! B = "name, people"
//! react = ["went home early", "left the room", "felt bad all day"]
//! ```
//!
//! The output is minimal pairs: two texts that differ in a word or two and have different answers.
//! Spans count characters.
//!
//! ```text
//! Juliet argued with the salesman, so he left the room.    pronoun 36..38, answer 23..31 salesman
//! Juliet argued with the salesman, so she left the room.   pronoun 36..39, answer 0..6   Juliet
//! ```
//!
//! A pair is made in three steps. `draft` draws a word for each slot, such that in each text only
//! the answer agrees with the pronoun (or, where a pattern has its own sentences for each answer,
//! such that all candidates agree). `render` writes the two texts and notes the spans. Then some
//! pairs get a word that does not exist (`nonce`) or typing errors (`noise`), if asked for.
//!
//! ```text
//! pair n = examples 2n and 2n + 1      language = languages[n mod their number]
//! random numbers of pair n = stream n of ChaCha8 under the seed
//! ```
//!
//! Languages and phenomena take turns, so every batch has its share of each. Drafts are rejected
//! until both texts of a pair belong to the requested split, so that training shares no text with
//! another split. An example can be made without those before it.
//!
//! Reference: ChaCha, Bernstein 2008, <https://cr.yp.to/chacha/chacha-20080128.pdf>.

use std::collections::HashSet;
use std::iter::repeat_n;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::example::{Example, Language};
use crate::grammar::{Grammar, LanguageGrammar, PatternUse, Phenomenon};
use crate::jsonl::{InvalidExample, validate};
use crate::split::Split;

mod draft;
pub(crate) mod noise;
mod nonce;
mod render;

use draft::{DraftPair, draft};
use render::{mix, render};

/// After this many rejected drafts, the grammar is taken to have no text for the split.
const PAIR_TRIES: usize = 400_000;
/// After this many pairs that are in the split but invalid, the grammar is taken to make no valid
/// one.
const VALID_TRIES: usize = 20_000;

/// Makes the examples of one split from a grammar and a seed.
#[derive(Debug, Clone)]
pub struct Generator {
    grammar: Grammar,
    languages: Vec<Language>,
    seed: u64,
    split: Split,
    /// For each language the indices of its phenomena in the order in which they take turns. A
    /// phenomenon with several turns occurs several times.
    turns: Vec<Vec<usize>>,
    /// Probability that a pair gets a nonce word; it is doubled where agreement decides the answer.
    nonce_words: f64,
    /// Probability that a pair gets noise.
    noise: f64,
}

/// The grammar has no usable text in a split.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum TooFewTexts {
    /// No draft for the phenomenon belongs to the split.
    #[error(
        "none of {PAIR_TRIES} pairs of texts for {phenomenon} ({}) is in the split {:?}; \
         hint: add words or patterns to the grammar", language.code(), split.name()
    )]
    Pairs { language: Language, phenomenon: String, split: Split },
    /// The texts in the split are no valid examples: a pattern has a comma or a contraction where a
    /// span should begin, say. `source` is about the last text that was tried.
    #[error(
        "none of {VALID_TRIES} pairs of texts for {phenomenon} ({}) in the split {:?} is valid: {source}",
        language.code(), split.name()
    )]
    Invalid { language: Language, phenomenon: String, split: Split, source: InvalidExample },
    /// No pattern of the language is meant for the split.
    #[error(
        "no pattern ({}) is for the split {:?}; hint: add one with split = {:?}",
        language.code(), split.name(), split.name()
    )]
    Patterns { language: Language, split: Split },
}

impl Generator {
    /// A generator of examples in `languages`, which take turns.
    ///
    /// It makes one pair for each phenomenon, so that later calls cannot fail.
    ///
    /// # Errors
    /// If the grammar has no valid text in the split for one of its phenomena.
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
        let generator =
            Self { grammar, languages, seed, split, turns, nonce_words: 0.0, noise: 0.0 };
        let generator = match split {
            Split::Noisy => generator.with_noise(1.0),
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

    /// Replaces one candidate by a nonce word, a word that does not exist, in this share of the
    /// pairs, and in twice as many where agreement decides. The other pairs stay as they are.
    pub fn with_nonce_words(self, share: f64) -> Self {
        Self { nonce_words: share, ..self }
    }

    /// Makes this share of the pairs look typed in a hurry: without capitals, accents or
    /// punctuation, and with typing errors. The other pairs stay as they are.
    pub fn with_noise(self, share: f64) -> Self {
        Self { noise: share, ..self }
    }

    /// The example at `index`. An even index and the next one are a minimal pair.
    pub fn example(&self, index: u64) -> Example {
        let [first, second] = self.pair(index / 2);
        if index.is_multiple_of(2) { first } else { second }
    }

    /// Examples `2 * number` and `2 * number + 1`, for half the work of two calls of
    /// [`Generator::example`].
    pub fn pair(&self, number: u64) -> [Example; 2] {
        self.try_pair(number).expect("every phenomenon has texts in the split, as `new` found out")
    }

    /// The endless stream of examples from index `from` on.
    pub fn examples(&self, from: u64) -> impl Iterator<Item = Example> + '_ {
        (from / 2..).flat_map(|number| self.pair(number)).skip((from % 2) as usize)
    }

    /// The pairs from the first on, without those that repeat a text of an earlier pair: for files.
    ///
    /// It remembers every text. It never returns `None`: once the grammar has no new text, it
    /// searches for ever.
    pub fn distinct_pairs(&self) -> impl Iterator<Item = [Example; 2]> + '_ {
        let mut seen = HashSet::new();
        (0..).map(|number| self.pair(number)).filter(move |pair| {
            let is_new = pair.iter().all(|example| !seen.contains(&example.text));
            seen.extend(pair.iter().map(|example| example.text.clone()));
            is_new
        })
    }

    /// The language and the phenomenon whose turn pair `number` is.
    fn subject(&self, number: u64) -> (&LanguageGrammar, &Phenomenon) {
        let n_languages = self.languages.len() as u64;
        let language = (number % n_languages) as usize;
        let grammar = self.grammar.of(self.languages[language]);
        let turns = &self.turns[language];
        let turn = (number / n_languages) % turns.len() as u64;
        (grammar, &grammar.phenomena[turns[turn as usize]])
    }

    /// The pair, or, if none could be made, what is wrong with the last invalid one, if there was
    /// any.
    fn try_pair(&self, number: u64) -> Result<[Example; 2], Option<InvalidExample>> {
        let (grammar, phenomenon) = self.subject(number);
        let mut rng = StreamRng::new(self.seed, number);
        let patterns: Vec<&PatternUse> = phenomenon.patterns_for(self.split).collect();
        let mut n_invalid = 0;
        for _ in 0..PAIR_TRIES {
            let pattern_use = patterns[rng.below(patterns.len())];
            let pattern = &pattern_use.pattern;
            let held_out_word = self.split.has_held_out_words();
            let draft = draft(grammar, phenomenon, pattern_use, held_out_word, &mut rng);
            let Some(DraftPair { drafts, resolutions }) = draft else { continue };
            let text = |member: usize| {
                let rendered =
                    render(grammar, &pattern.template, &drafts[member], resolutions[member]);
                Some(rendered).filter(|rendered| self.split.contains(&rendered.text))
            };
            // The second text is rendered only if the first is in the split, which for a test split
            // is one in twenty.
            let Some(first) = text(0) else { continue };
            let Some(second) = text(1) else { continue };
            let [one, other] = resolutions.map(|resolution| resolution.answer);
            let language = grammar.language;
            let mut pair =
                [first.into_example(language, one), second.into_example(language, other)];
            let seed = rng.next_u64();
            if rng.uniform() < self.nonce_word_probability(phenomenon, pattern_use) {
                pair = pair.map(|example| nonce::with_nonce_word(example, seed));
            }
            if rng.uniform() < self.noise {
                pair = pair.map(|example| noise::add_noise(example, seed));
                if pair[0].text == pair[1].text {
                    continue; // they differed only in an accent, which the noise removed
                }
            }
            let pair = self.with_ids(pair, grammar.language, &phenomenon.name, number);
            match pair.iter().try_for_each(validate) {
                Ok(()) => return Ok(pair),
                Err(_) if n_invalid < VALID_TRIES => n_invalid += 1,
                Err(invalid) => return Err(Some(invalid)),
            }
        }
        Err(None)
    }

    /// The probability that a pair of this pattern gets a nonce word.
    ///
    /// It is doubled where agreement decides, because there the model has to learn to find a name
    /// of unknown gender by elimination. It is 0 where no candidate agrees with the pronoun,
    /// because nobody can say that of a name of unknown gender.
    fn nonce_word_probability(&self, phenomenon: &Phenomenon, pattern_use: &PatternUse) -> f64 {
        match pattern_use.contrasts.is_empty() {
            true => self.nonce_words,
            false if phenomenon.lacks_agreeing_candidate(pattern_use) => 0.0,
            false => 2.0 * self.nonce_words,
        }
    }

    /// Fills in id, phenomenon and pair. The id names the split, so that ids of two splits differ.
    fn with_ids(
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

/// The random numbers of one pair: one stream of ChaCha8. They are part of the data format, since
/// the committed test files must come out the same with every version of this program.
struct StreamRng {
    rng: ChaCha8Rng,
}

impl StreamRng {
    fn new(seed: u64, number: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(number);
        Self { rng }
    }

    /// A number in `0..n`, by the high bits of a product: the bias is below n / 2³².
    fn below(&mut self, n: usize) -> usize {
        ((u64::from(self.rng.next_u32()) * n as u64) >> 32) as usize
    }

    /// A number in `0.0..1.0`.
    fn uniform(&mut self) -> f64 {
        f64::from(self.rng.next_u32()) / 2.0_f64.powi(32)
    }

    /// A number of 64 bits, mixed so that it can be the seed of further choices.
    fn next_u64(&mut self) -> u64 {
        mix(u64::from(self.rng.next_u32()) << 32 | u64::from(self.rng.next_u32()))
    }
}
