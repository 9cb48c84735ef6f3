//! Words for a pattern, drawn so that a pair has one right answer in each of its texts.
//!
//! A draft may fail, for want of a word that is different enough: then another is made.

use super::Source;
use super::render::Reading;
use crate::grammar::lexicon::{Form, WordId};
use crate::grammar::pattern::{Contrast, Pattern, Slot};
use crate::grammar::template::SlotId;
use crate::grammar::{LanguageGrammar, Phenomenon, ShownBy};

/// Tries to find a word before a draft is given up.
const WORD_TRIES: usize = 24;
/// Tries to find words of which the right one, or a wrong one, is the longest.
const BALANCE_TRIES: usize = 60;

/// Words for the slots of a pattern, and a number from which its lists are chosen.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) words: Vec<(WordId, Form)>,
    pub(super) seed: u64,
}

/// A draft as both texts of a pair.
pub(super) struct DraftPair {
    pub(super) drafts: [Draft; 2],
    pub(super) readings: [Reading; 2],
}

/// Draws the words of a pair, or `None` where that did not work out.
pub(super) fn draft(
    grammar: &LanguageGrammar,
    phenomenon: &Phenomenon,
    shown: &ShownBy,
    new_word: bool,
    source: &mut Source,
) -> Option<DraftPair> {
    let lot = Lot { grammar, pattern: &shown.pattern, new_word };
    match shown.pattern.answers.is_empty() {
        true => lot.agreement(phenomenon, &shown.contrasts, source),
        false => lot.meaning(source),
    }
}

/// What the words of a pair are drawn from.
struct Lot<'a> {
    grammar: &'a LanguageGrammar,
    pattern: &'a Pattern,
    /// Whether one of the candidates is a word that training never has.
    new_word: bool,
}

impl Lot<'_> {
    /// A pair in which agreement decides: the pronoun changes, or its antecedent goes away.
    fn agreement(
        &self,
        phenomenon: &Phenomenon,
        contrasts: &[Vec<Contrast>],
        source: &mut Source,
    ) -> Option<DraftPair> {
        let Self { grammar, pattern, .. } = *self;
        let contrasts = &contrasts[source.below(contrasts.len())];
        let Contrast { mut slots, mut forms } = contrasts[source.below(contrasts.len())];
        if source.below(2) == 0 {
            // Which of the two is first the answer, or goes away, must not depend on its place.
            slots.reverse();
            forms.reverse();
        }
        // The longest candidate is the answer as often as any other: of plurals beside singulars it
        // would hardly ever be.
        let n_slots = pattern.slots.len();
        let has_longest = source.below(n_slots) < slots.len();
        let new = slots[source.below(2)];
        let drafts = std::iter::repeat_with(|| self.agreeing(slots, forms, new, source));
        let fits = |draft: &Draft| slots.contains(&self.longest(draft)) == has_longest;
        let draft = match n_slots {
            2 => self.agreeing(slots, forms, new, source)?,
            _ => drafts.take(BALANCE_TRIES).flatten().find(fits)?,
        };
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
        self.absence(Contrast { slots, forms }, new, draft, first, source)
    }

    /// Words of which two have these forms and the others have neither; `new` is the slot of a new
    /// word, if there is to be one.
    fn agreeing(
        &self,
        slots: [SlotId; 2],
        forms: [Form; 2],
        new: SlotId,
        source: &mut Source,
    ) -> Option<Draft> {
        let Self { grammar, pattern, .. } = *self;
        let mut draft =
            Draft { words: vec![(WordId::MAX, 0); pattern.slots.len()], seed: source.u64() };
        let taken = pattern.taken(&grammar.forms, &Contrast { slots, forms });
        for idx in 0..pattern.slots.len() {
            let (form, forbidden) = match slots.iter().position(|&slot| slot == idx) {
                // The other antecedent would agree with the second pronoun: it stays, unless this
                // one is only there to go away.
                Some(member) => (forms[member], taken & !(1 << forms[member])),
                None => (other_form(&pattern.slots[idx], taken, source)?, taken),
            };
            let new = self.new_word && idx == new;
            let word = self.draw(&pattern.slots[idx], form, (forbidden, new), &draft, source)?;
            draft.words[idx] = (word, form);
        }
        Some(draft)
    }

    /// The slot whose word has the most characters, the first of several.
    fn longest(&self, draft: &Draft) -> SlotId {
        let length = |slot: &SlotId| {
            let (word, form) = draft.words[*slot];
            let word = &self.grammar.lexicon.words[word as usize];
            word.text(self.grammar.forms.is_plural(form)).chars().count()
        };
        (0..draft.words.len()).rev().max_by_key(length).expect("a pattern has candidates")
    }

    /// The second text of the pair has another word in the place of the antecedent, one with which the
    /// pronoun does not agree.
    fn absence(
        &self,
        contrast: Contrast,
        new: SlotId,
        draft: Draft,
        first: Reading,
        source: &mut Source,
    ) -> Option<DraftPair> {
        let ([gone, _], [form, other]) = (contrast.slots, contrast.forms);
        let slot = &self.pattern.slots[gone];
        // A new word makes way for another, so that both texts have one.
        let new = self.new_word && gone == new;
        let word = self.draw(slot, other, (1 << form, new), &draft, source)?;
        let mut without = draft.clone();
        without.words[gone] = (word, other);
        let second = Reading { answer: None, ..first };
        if source.below(2) == 0 {
            return Some(DraftPair { drafts: [draft, without], readings: [first, second] });
        }
        Some(DraftPair { drafts: [without, draft], readings: [second, first] })
    }

    /// A pair in which what is said decides: candidates as alike as they can be, and two lists.
    fn meaning(&self, source: &mut Source) -> Option<DraftPair> {
        let Self { grammar, pattern, .. } = *self;
        let n_answers = pattern.answers.len();
        let first = source.below(n_answers);
        let second = (first + 1 + source.below(n_answers - 1)) % n_answers;
        let mut draft =
            Draft { words: vec![(WordId::MAX, 0); pattern.slots.len()], seed: source.u64() };
        let new = source.below(pattern.slots.len());
        let form = self.common_form(source);
        let plural = grammar.forms.is_plural(form);
        for idx in 0..pattern.slots.len() {
            let slot = &pattern.slots[idx];
            let alike = |form: &Form| {
                grammar.forms.is_plural(*form) == plural
                    && !slot.words[usize::from(*form)].is_empty()
            };
            let form = if alike(&form) {
                form
            } else {
                let forms: Vec<Form> = (0..grammar.forms.len() as Form).filter(alike).collect();
                *forms.get(source.below(forms.len().max(1)))?
            };
            let word = self.draw(slot, form, (0, self.new_word && idx == new), &draft, source)?;
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

    /// A form that every slot has words for, if there is one.
    fn common_form(&self, source: &mut Source) -> Form {
        let forms = 0..self.grammar.forms.len() as Form;
        let is_common = |form: &Form| {
            self.pattern.slots.iter().all(|slot| !slot.words[usize::from(*form)].is_empty())
        };
        let common: Vec<Form> = forms.clone().filter(is_common).collect();
        let forms = if common.is_empty() { forms.collect() } else { common };
        forms[source.below(forms.len())]
    }

    /// A word for a slot that agrees with a form and none of the forbidden ones and is not used yet; a `new` one
    /// is one that training never has.
    fn draw(
        &self,
        slot: &Slot,
        form: Form,
        (forbidden, new): (u8, bool),
        draft: &Draft,
        source: &mut Source,
    ) -> Option<WordId> {
        let grammar = self.grammar;
        let pools = &slot.words[usize::from(form)];
        let plural = grammar.forms.is_plural(form);
        if pools.is_empty() {
            return None;
        }
        (0..WORD_TRIES).find_map(|_| {
            let pool = &pools[source.below(pools.len())];
            let word = pool[source.below(pool.len())];
            let entry = &grammar.lexicon.words[word as usize];
            let agrees = entry.forms(plural) & forbidden != 0;
            let used = draft.words.iter().any(|&(used, _)| used == word);
            (!agrees && !used && entry.held_out == new).then_some(word)
        })
    }
}

/// A form that the slot has words for and that is in none of the forbidden ones.
fn other_form(slot: &Slot, forbidden: u8, source: &mut Source) -> Option<Form> {
    let forms = slot.words.iter().enumerate();
    let forms = forms.filter(|(form, pools)| forbidden & (1 << form) == 0 && !pools.is_empty());
    let forms: Vec<Form> = forms.map(|(form, _)| form as Form).collect();
    forms.get(source.below(forms.len().max(1))).copied()
}
