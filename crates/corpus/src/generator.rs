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

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::example::{Example, Language};
use crate::grammar::lexicon::{Form, WordId};
use crate::grammar::pattern::{Contrast, Pattern, Slot};
use crate::grammar::template::SlotId;
use crate::grammar::{Grammar, LanguageGrammar, Phenomenon};
use crate::split::Split;

mod render;

use render::{Reading, mix, render};

/// Tries before a draft is given up, and before a grammar is said to have nothing for a split.
const WORD_TRIES: usize = 24;
const PAIR_TRIES: usize = 400_000;

/// Makes examples.
#[derive(Debug, Clone)]
pub struct Generator {
    grammar: Grammar,
    languages: Vec<Language>,
    seed: u64,
    split: Split,
}

/// A grammar too small for a split.
#[derive(Debug, thiserror::Error)]
#[error(
    "none of {PAIR_TRIES} pairs of texts for {phenomenon} ({}) is in the {} split; \
     hint: add words or patterns to the grammar", language.code(), split.name()
)]
pub struct TooFewTexts {
    /// The language.
    pub language: Language,
    /// The phenomenon.
    pub phenomenon: String,
    /// The split.
    pub split: Split,
}

/// Words for the slots of a pattern, and a number from which its lists are chosen.
#[derive(Debug, Clone)]
struct Draft {
    words: Vec<(WordId, Form)>,
    seed: u64,
}

/// A draft as both texts of a pair.
struct DraftPair {
    drafts: [Draft; 2],
    readings: [Reading; 2],
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
        let generator = Self { grammar, languages: languages.to_vec(), seed, split };
        let n_phenomena = |&language: &Language| generator.grammar.of(language).phenomena.len();
        let longest = generator.languages.iter().map(n_phenomena).max().unwrap_or(0);
        for number in 0..(longest * generator.languages.len()) as u64 {
            if generator.try_pair(number).is_none() {
                let (grammar, phenomenon) = generator.subject(number);
                let phenomenon = phenomenon.name.clone();
                return Err(TooFewTexts { language: grammar.language, phenomenon, split });
            }
        }
        Ok(generator)
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

    fn subject(&self, number: u64) -> (&LanguageGrammar, &Phenomenon) {
        let n_languages = self.languages.len() as u64;
        let grammar = self.grammar.of(self.languages[(number % n_languages) as usize]);
        let turn = (number / n_languages) % grammar.phenomena.len() as u64;
        (grammar, &grammar.phenomena[turn as usize])
    }

    fn try_pair(&self, number: u64) -> Option<[Example; 2]> {
        let (grammar, phenomenon) = self.subject(number);
        let mut source = Source::new(self.seed, number);
        for _ in 0..PAIR_TRIES {
            let shown = &phenomenon.patterns[source.below(phenomenon.patterns.len())];
            let pattern = &shown.pattern;
            let draft = match pattern.answers.is_empty() {
                true => agreement(grammar, phenomenon, pattern, &shown.contrasts, &mut source),
                false => meaning(grammar, pattern, &mut source),
            };
            let Some(DraftPair { drafts, readings }) = draft else { continue };
            let text = |member: usize| {
                let rendered =
                    render(grammar, &pattern.template, &drafts[member], readings[member]);
                Some(rendered).filter(|rendered| Split::of(&rendered.text) == self.split)
            };
            // The second is rendered only where the first is in the split: one in twenty, for tests.
            let Some(first) = text(0) else { continue };
            let Some(second) = text(1) else { continue };
            let examples = [first, second].into_iter().zip(readings);
            let mut examples =
                examples.map(|(text, reading)| text.into_example(grammar.language, reading.answer));
            let pair = [examples.next()?, examples.next()?];
            return Some(named(pair, grammar.language, &phenomenon.name, number));
        }
        None
    }
}

fn named(
    mut pair: [Example; 2],
    language: Language,
    phenomenon: &str,
    number: u64,
) -> [Example; 2] {
    let name = |index| format!("{}-{phenomenon}-{index:06}", language.code());
    for (example, index) in pair.iter_mut().zip(2 * number..) {
        example.id = name(index);
        example.phenomenon = phenomenon.to_owned();
        example.pair = Some(name(2 * number));
    }
    pair
}

/// A pair in which agreement decides: the pronoun changes, or its antecedent goes away.
fn agreement(
    grammar: &LanguageGrammar,
    phenomenon: &Phenomenon,
    pattern: &Pattern,
    contrasts: &[Vec<Contrast>],
    source: &mut Source,
) -> Option<DraftPair> {
    let contrasts = &contrasts[source.below(contrasts.len())];
    let Contrast { mut slots, mut forms } = contrasts[source.below(contrasts.len())];
    if source.below(2) == 0 {
        // Which of the two is first the answer, or goes away, must not depend on its place.
        slots.reverse();
        forms.reverse();
    }
    let mut draft =
        Draft { words: vec![(WordId::MAX, 0); pattern.slots.len()], seed: source.u64() };
    let both = 1 << forms[0] | 1 << forms[1];
    for idx in 0..pattern.slots.len() {
        let (form, forbidden) = match slots.iter().position(|&slot| slot == idx) {
            // The other antecedent would agree with the second pronoun: it stays, unless this one
            // is only there to go away.
            Some(member) => (forms[member], both & !(1 << forms[member])),
            None => (other_form(&pattern.slots[idx], both, source)?, both),
        };
        let word = draw(grammar, &pattern.slots[idx], form, forbidden, &draft, source)?;
        draft.words[idx] = (word, form);
    }
    let reading = |slot: SlotId| {
        let (word, form) = draft.words[slot];
        let classes = grammar.lexicon.words[word as usize].classes;
        Reading { answer: Some(slot), form, classes }
    };
    let first = reading(slots[0]);
    if !phenomenon.absent {
        let readings = [first, reading(slots[1])];
        return Some(DraftPair { readings, drafts: [draft.clone(), draft] });
    }
    absence(grammar, pattern, Contrast { slots, forms }, draft, first, source)
}

/// The second text of the pair has another word in the place of the antecedent, one with which the
/// pronoun does not agree.
fn absence(
    grammar: &LanguageGrammar,
    pattern: &Pattern,
    contrast: Contrast,
    draft: Draft,
    first: Reading,
    source: &mut Source,
) -> Option<DraftPair> {
    let ([gone, _], [form, other]) = (contrast.slots, contrast.forms);
    let slot = &pattern.slots[gone];
    let word = draw(grammar, slot, other, 1 << form, &draft, source)?;
    let mut without = draft.clone();
    without.words[gone] = (word, other);
    let second = Reading { answer: None, ..first };
    if source.below(2) == 0 {
        return Some(DraftPair { drafts: [draft, without], readings: [first, second] });
    }
    Some(DraftPair { drafts: [without, draft], readings: [second, first] })
}

/// A pair in which what is said decides: candidates as alike as they can be, and two lists.
fn meaning(grammar: &LanguageGrammar, pattern: &Pattern, source: &mut Source) -> Option<DraftPair> {
    let n_answers = pattern.answers.len();
    let first = source.below(n_answers);
    let second = (first + 1 + source.below(n_answers - 1)) % n_answers;
    let mut draft =
        Draft { words: vec![(WordId::MAX, 0); pattern.slots.len()], seed: source.u64() };
    let form = source.below(grammar.forms.len()) as Form;
    let plural = grammar.forms.is_plural(form);
    for idx in 0..pattern.slots.len() {
        let slot = &pattern.slots[idx];
        let alike = |form: &Form| {
            grammar.forms.is_plural(*form) == plural && !slot.words[usize::from(*form)].is_empty()
        };
        let form = if alike(&form) {
            form
        } else {
            let forms: Vec<Form> = (0..grammar.forms.len() as Form).filter(alike).collect();
            *forms.get(source.below(forms.len().max(1)))?
        };
        let word = draw(grammar, slot, form, 0, &draft, source)?;
        draft.words[idx] = (word, form);
    }
    let reading = |answer: usize| {
        let answer = pattern.answers[answer];
        let (classes, form) = answer.map_or((0, 0), |slot| {
            let (word, form) = draft.words[slot];
            (grammar.lexicon.words[word as usize].classes, form)
        });
        Reading { answer, form, classes }
    };
    let readings = [reading(first), reading(second)];
    Some(DraftPair { readings, drafts: [draft.clone(), draft] })
}

/// A form that the slot has words for and that is in none of the forbidden ones.
fn other_form(slot: &Slot, forbidden: u8, source: &mut Source) -> Option<Form> {
    let forms = slot.words.iter().enumerate();
    let forms = forms.filter(|(form, pools)| forbidden & (1 << form) == 0 && !pools.is_empty());
    let forms: Vec<Form> = forms.map(|(form, _)| form as Form).collect();
    forms.get(source.below(forms.len().max(1))).copied()
}

/// A word for a slot that agrees with a form and none of the forbidden ones and is not used yet.
fn draw(
    grammar: &LanguageGrammar,
    slot: &Slot,
    form: Form,
    forbidden: u8,
    draft: &Draft,
    source: &mut Source,
) -> Option<WordId> {
    let pools = &slot.words[usize::from(form)];
    let plural = grammar.forms.is_plural(form);
    if pools.is_empty() {
        return None;
    }
    (0..WORD_TRIES).find_map(|_| {
        let pool = &pools[source.below(pools.len())];
        let word = pool[source.below(pool.len())];
        let agrees = grammar.lexicon.words[word as usize].forms(plural) & forbidden != 0;
        let used = draft.words.iter().any(|&(used, _)| used == word);
        (!agrees && !used).then_some(word)
    })
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

    fn u64(&mut self) -> u64 {
        mix(u64::from(self.rng.next_u32()) << 32 | u64::from(self.rng.next_u32()))
    }
}
