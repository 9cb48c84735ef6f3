//! Draws the words of a pair, so that each of its two texts has exactly one right answer.
//!
//! A draft fails when no word is found that differs enough from the others. The caller then makes
//! another one.

use super::StreamRng;
use super::render::Resolution;
use crate::grammar::lexicon::{PronounId, WordId};
use crate::grammar::pattern::{Contrast, Pattern, Slot};
use crate::grammar::template::SlotId;
use crate::grammar::{LanguageGrammar, PatternUse, Phenomenon};

/// Words that are tried for a slot before the draft is given up.
const WORD_TRIES: usize = 24;
/// Drafts that are tried until the longest word is, or is not, a possible answer, as required.
const BALANCE_TRIES: usize = 60;

/// A word for each slot of a pattern, and the seed by which items of its lists are chosen.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// For each slot its word, and the pronoun that this word agrees with.
    pub(super) words: Vec<(WordId, PronounId)>,
    pub(super) seed: u64,
}

/// The drafts of the two texts of a pair, and what the pronoun stands for in each.
pub(super) struct DraftPair {
    pub(super) drafts: [Draft; 2],
    pub(super) resolutions: [Resolution; 2],
}

/// Draws the words of a pair, or returns `None` if the draft failed. With `held_out_word`, one of
/// the candidates is a word that training never has.
pub(super) fn draft(
    grammar: &LanguageGrammar,
    phenomenon: &Phenomenon,
    pattern_use: &PatternUse,
    held_out_word: bool,
    rng: &mut StreamRng,
) -> Option<DraftPair> {
    let sampler = Sampler { grammar, pattern: &pattern_use.pattern, held_out_word };
    match pattern_use.pattern.answers.is_empty() {
        true => sampler.agreement_pair(phenomenon, &pattern_use.contrasts, rng),
        false => sampler.meaning_pair(rng),
    }
}

/// Draws words for the slots of one pattern.
struct Sampler<'a> {
    grammar: &'a LanguageGrammar,
    pattern: &'a Pattern,
    /// Whether one of the candidates is a word that training never has.
    held_out_word: bool,
}

impl Sampler<'_> {
    /// A pair in which agreement decides. Between its two texts either the pronoun changes, or the
    /// antecedent is replaced by a word that does not agree.
    fn agreement_pair(
        &self,
        phenomenon: &Phenomenon,
        contrasts: &[Vec<Contrast>],
        rng: &mut StreamRng,
    ) -> Option<DraftPair> {
        let Self { grammar, pattern, .. } = *self;
        let contrasts = &contrasts[rng.below(contrasts.len())];
        let Contrast { mut slots, mut pronouns } = contrasts[rng.below(contrasts.len())];
        if rng.below(2) == 0 {
            // The position of a candidate must not tell whether it is the answer of the first text
            // or the one that is replaced.
            slots.reverse();
            pronouns.reverse();
        }
        // The longest candidate is the answer as often as any other. Left to itself it hardly ever
        // would be, among plurals beside singulars for example.
        let n_slots = pattern.slots.len();
        let has_longest = rng.below(n_slots) < slots.len();
        let held_out_slot = slots[rng.below(2)];
        let drafts =
            std::iter::repeat_with(|| self.draw_agreeing(slots, pronouns, held_out_slot, rng));
        let fits = |draft: &Draft| slots.contains(&self.longest(draft)) == has_longest;
        let draft = match n_slots {
            2 => self.draw_agreeing(slots, pronouns, held_out_slot, rng)?,
            _ => drafts.take(BALANCE_TRIES).flatten().find(fits)?,
        };
        let resolution = |slot: SlotId| {
            let (word, pronoun) = draft.words[slot];
            let classes = grammar.lexicon.words[word as usize].classes;
            Resolution { answer: Some(slot), pronoun, classes }
        };
        let first = resolution(slots[0]);
        if !phenomenon.absent {
            let resolutions = [first, resolution(slots[1])];
            return Some(DraftPair { resolutions, drafts: [draft.clone(), draft] });
        }
        self.pair_without_antecedent(Contrast { slots, pronouns }, held_out_slot, draft, first, rng)
    }

    /// Words of which those in `slots` agree with one of `pronouns` each, and all others with
    /// neither.
    fn draw_agreeing(
        &self,
        slots: [SlotId; 2],
        pronouns: [PronounId; 2],
        held_out_slot: SlotId,
        rng: &mut StreamRng,
    ) -> Option<Draft> {
        let Self { grammar, pattern, .. } = *self;
        let mut draft =
            Draft { words: vec![(WordId::MAX, 0); pattern.slots.len()], seed: rng.next_u64() };
        let excluded = pattern.excluded_pronouns(&grammar.pronouns, &Contrast { slots, pronouns });
        for idx in 0..pattern.slots.len() {
            let (pronoun, forbidden) = match slots.iter().position(|&slot| slot == idx) {
                // An antecedent agrees with its own pronoun and not with that of the other text.
                Some(member) => (pronouns[member], excluded & !(1 << pronouns[member])),
                None => (draw_pronoun(&pattern.slots[idx], excluded, rng)?, excluded),
            };
            let held_out = self.held_out_word && idx == held_out_slot;
            let word =
                self.draw_word(&pattern.slots[idx], pronoun, (forbidden, held_out), &draft, rng)?;
            draft.words[idx] = (word, pronoun);
        }
        Some(draft)
    }

    /// The slot whose word has the most characters, the first of several.
    fn longest(&self, draft: &Draft) -> SlotId {
        let length = |slot: &SlotId| {
            let (word, pronoun) = draft.words[*slot];
            let word = &self.grammar.lexicon.words[word as usize];
            word.text(self.grammar.pronouns.is_plural(pronoun)).chars().count()
        };
        (0..draft.words.len()).rev().max_by_key(length).expect("a pattern has candidates")
    }

    /// A pair of `draft` and of the same text without antecedent: there, the word of the first slot
    /// is replaced by one that the pronoun does not agree with. Either may be the first of the
    /// pair.
    fn pair_without_antecedent(
        &self,
        contrast: Contrast,
        held_out_slot: SlotId,
        draft: Draft,
        first: Resolution,
        rng: &mut StreamRng,
    ) -> Option<DraftPair> {
        let ([replaced, _], [pronoun, other]) = (contrast.slots, contrast.pronouns);
        let slot = &self.pattern.slots[replaced];
        // A held-out word is replaced by a held-out word, so that both texts have one.
        let held_out = self.held_out_word && replaced == held_out_slot;
        let word = self.draw_word(slot, other, (1 << pronoun, held_out), &draft, rng)?;
        let mut without = draft.clone();
        without.words[replaced] = (word, other);
        let second = Resolution { answer: None, ..first };
        if rng.below(2) == 0 {
            return Some(DraftPair { drafts: [draft, without], resolutions: [first, second] });
        }
        Some(DraftPair { drafts: [without, draft], resolutions: [second, first] })
    }

    /// A pair in which the meaning decides: the candidates agree as far as possible with the same
    /// pronoun, and each text has a sentence that fits its answer only.
    fn meaning_pair(&self, rng: &mut StreamRng) -> Option<DraftPair> {
        let Self { grammar, pattern, .. } = *self;
        let n_answers = pattern.answers.len();
        let first = rng.below(n_answers);
        let second = (first + 1 + rng.below(n_answers - 1)) % n_answers;
        let mut draft =
            Draft { words: vec![(WordId::MAX, 0); pattern.slots.len()], seed: rng.next_u64() };
        let held_out_slot = rng.below(pattern.slots.len());
        let common = self.draw_common_pronoun(rng);
        let plural = grammar.pronouns.is_plural(common);
        for idx in 0..pattern.slots.len() {
            let slot = &pattern.slots[idx];
            let is_alike = |pronoun: &PronounId| {
                grammar.pronouns.is_plural(*pronoun) == plural
                    && !slot.words[usize::from(*pronoun)].is_empty()
            };
            let pronoun = if is_alike(&common) {
                common
            } else {
                let pronouns: Vec<PronounId> =
                    (0..grammar.pronouns.len() as PronounId).filter(is_alike).collect();
                *pronouns.get(rng.below(pronouns.len().max(1)))?
            };
            let held_out = self.held_out_word && idx == held_out_slot;
            let word = self.draw_word(slot, pronoun, (0, held_out), &draft, rng)?;
            draft.words[idx] = (word, pronoun);
        }
        let resolution = |answer: usize| {
            let answer = pattern.answers[answer];
            let (classes, pronoun) = answer.map_or((0, 0), |slot| {
                let (word, pronoun) = draft.words[slot];
                (grammar.lexicon.words[word as usize].classes, pronoun)
            });
            Resolution { answer, pronoun, classes }
        };
        let resolutions = [resolution(first), resolution(second)];
        Some(DraftPair { resolutions, drafts: [draft.clone(), draft] })
    }

    /// A pronoun for which every slot has words, or any pronoun if there is none.
    fn draw_common_pronoun(&self, rng: &mut StreamRng) -> PronounId {
        let pronouns = 0..self.grammar.pronouns.len() as PronounId;
        let is_common = |pronoun: &PronounId| {
            self.pattern.slots.iter().all(|slot| !slot.words[usize::from(*pronoun)].is_empty())
        };
        let common: Vec<PronounId> = pronouns.clone().filter(is_common).collect();
        let pronouns = if common.is_empty() { pronouns.collect() } else { common };
        pronouns[rng.below(pronouns.len())]
    }

    /// A word for a slot that agrees with `pronoun` and with none of the `forbidden` ones (a bit
    /// for each), is not in the draft yet, and is held out from training if and only if `held_out`
    /// is set.
    fn draw_word(
        &self,
        slot: &Slot,
        pronoun: PronounId,
        (forbidden, held_out): (u8, bool),
        draft: &Draft,
        rng: &mut StreamRng,
    ) -> Option<WordId> {
        let grammar = self.grammar;
        let pools = &slot.words[usize::from(pronoun)];
        let plural = grammar.pronouns.is_plural(pronoun);
        if pools.is_empty() {
            return None;
        }
        (0..WORD_TRIES).find_map(|_| {
            let pool = &pools[rng.below(pools.len())];
            let word = pool[rng.below(pool.len())];
            let entry = &grammar.lexicon.words[word as usize];
            let agrees = entry.pronouns(plural) & forbidden != 0;
            let used = draft.words.iter().any(|&(used, _)| used == word);
            (!agrees && !used && entry.held_out == held_out).then_some(word)
        })
    }
}

/// A pronoun that the slot has words for and that is not among the `forbidden` ones (a bit for
/// each).
fn draw_pronoun(slot: &Slot, forbidden: u8, rng: &mut StreamRng) -> Option<PronounId> {
    let pronouns = slot.words.iter().enumerate();
    let pronouns =
        pronouns.filter(|(pronoun, pools)| forbidden & (1 << pronoun) == 0 && !pools.is_empty());
    let pronouns: Vec<PronounId> = pronouns.map(|(pronoun, _)| pronoun as PronounId).collect();
    pronouns.get(rng.below(pronouns.len().max(1))).copied()
}
