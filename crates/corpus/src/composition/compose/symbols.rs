//! What each symbol of a form stands for, and what all kinds of clauses share.

use super::super::agreement::Agreement;
use super::super::class::Classes;
use super::super::clause::{Clause, Part, Role};
use super::super::draft::{Piece, words};
use super::super::filler::{Filler, How};
use super::super::form::Symbol;
use super::super::reason::Link;
use super::super::referent::{AnaphorKind, Decision};
use super::phrase::SIMPLE;
use super::{Composer, Shows, is_like_first_person, is_subordinate};
use crate::example::Language;

impl<'l> Composer<'l> {
    /// Writes what a symbol stands for.
    pub(super) fn symbol(&mut self, symbol: Symbol, link: Link) -> Option<()> {
        let pieces = match symbol {
            Symbol::New => self.attempt(|composer| composer.new_clause(link, false)),
            Symbol::Thing => self.attempt(|composer| composer.new_clause(link, true)),
            Symbol::More => self.attempt(|composer| composer.more(link)),
            Symbol::Before => self.attempt(|composer| composer.before(link)),
            Symbol::Same => self.attempt(Self::same),
            Symbol::SameTo => self.attempt(Self::same_to),
            Symbol::Reason => self.attempt(Self::reason),
            Symbol::Say => self.attempt(|composer| composer.attributed("speech")),
            Symbol::Think => self.attempt(|composer| composer.attributed("attitude")),
            Symbol::Promise => self.attempt(|composer| composer.control("subject_control")),
            Symbol::Ask => self.attempt(|composer| composer.control("object_control")),
            Symbol::Reflexive => self.attempt(|composer| composer.reflexive(link)),
            Symbol::Reciprocal => self.attempt(|composer| composer.reciprocal(link)),
            Symbol::Impersonal => self.attempt(|composer| composer.impersonal(link)),
            Symbol::Absent => self.attempt(|composer| composer.absent(link)),
            Symbol::Experience => self.attempt(|composer| composer.experience(link)),
            Symbol::Command => self.attempt(Self::command),
            Symbol::Relative => self.attempt(Self::relative),
            Symbol::Cleft => self.attempt(Self::cleft),
        }?;
        self.pieces.extend(pieces);
        Some(())
    }

    pub(super) fn first_person(&mut self, filler: Filler) -> Filler {
        self.has_first_person = true;
        filler
    }

    /// Writes a clause whose subject is no anaphor, with what depends on the subject.
    pub(super) fn finish(
        &mut self,
        clause: &'l Clause,
        fillers: Vec<Filler>,
        topic: Option<usize>,
        link: Link,
    ) -> Option<Vec<Piece>> {
        let mut how = self.how(link, clause);
        how.is_negated = !is_subordinate(link) && self.rng.chance(0.08);
        let is_whole = match clause.parts.first() {
            None | Some(Part::Slot(_)) => true,
            Some(Part::Word(word)) => ["a", "en", "con", "de", "por"].contains(&word.as_str()),
            Some(_) => false,
        };
        let can_be_inverted =
            is_whole && topic.is_some() && self.announced.is_none() && link != Link::That;
        how.is_inverted =
            self.language() == Language::Es && can_be_inverted && self.rng.chance(0.06);
        how.is_stressed = is_like_first_person(how.form);
        let mut pieces = self.say(clause, &fillers, topic, how)?;
        let is_plain = !clause.is_state && !clause.has_subject && link == Link::Main;
        if is_plain && self.rng.chance(0.12) {
            let manner = self.rng.item(&self.lexicon.lists["manner"])?;
            pieces.extend(words(manner));
        }
        self.topic = topic;
        Some(pieces)
    }

    /// Writes a clause, with what depends on its subject: agreement, *se*, possessives.
    pub(super) fn say(
        &mut self,
        clause: &'l Clause,
        fillers: &[Filler],
        subject: Option<usize>,
        mut how: How,
    ) -> Option<Vec<Piece>> {
        how.subject_form = self.subject_form(&fillers[0], subject);
        if clause.is_pronominal
            && how.reflexive.is_none()
            && let Some(subject) = subject
        {
            how.reflexive = Some(self.reflexive_of(subject));
        }
        self.spell_fixed(clause, &fillers[0], subject, &mut how);
        self.realise(clause, fillers, &how)
    }

    /// A pronoun for `target` in a slot that is not the subject's.
    pub(super) fn complement(
        &mut self,
        clause: &Clause,
        number: usize,
        target: usize,
        excluded: &[usize],
    ) -> Option<Filler> {
        let role = clause.roles[number];
        let (shows, possible) = match role {
            // *le* could be about whoever it is done for.
            Role::Dative => (Shows::Number, clause.slots[number].possible.union(Classes::ANIMATE)),
            _ => (Shows::GenderAndNumber, clause.slots[number].possible),
        };
        let kind = self.kind_of(role);
        let (anaphor, form) = self.anaphor(target, kind, shows, possible, excluded)?;
        Some(Filler::Anaphor { anaphor, form })
    }

    /// The fillers of all slots but the subject's: a pronoun for `target` in slot `number`, simple
    /// phrases in the others.
    pub(super) fn others(
        &mut self,
        clause: &'l Clause,
        number: usize,
        target: usize,
        excluded: &[usize],
    ) -> Option<Vec<Filler>> {
        let mut fillers = Vec::new();
        for (other, slot) in clause.slots.iter().enumerate().skip(1) {
            fillers.push(match other == number {
                true => self.complement(clause, number, target, excluded)?,
                false => self.new_filler(slot, SIMPLE)?.0,
            });
        }
        Some(fillers)
    }

    /// What agrees with a subject takes this form.
    pub(super) fn subject_form(&mut self, subject: &Filler, id: Option<usize>) -> Agreement {
        match (subject, id) {
            (Filler::Anaphor { form, .. }, _) => *form,
            (_, Some(id)) => self.form_of(id).unwrap_or(Agreement(1)),
            (Filler::We, _) => Agreement(4),
            _ => Agreement(1 << self.rng.below(2)),
        }
    }

    /// The anaphor of a reflexive of this subject.
    pub(super) fn reflexive_of(&mut self, subject: usize) -> usize {
        let competes = self.referents.iter().enumerate().any(|(idx, other)| {
            idx != subject && other.possible.meets(self.referents[subject].agreement)
        });
        let decision = if competes { Decision::Syntax } else { Decision::Agreement };
        self.add_anaphor(AnaphorKind::Reflexive, Some(subject), decision)
    }

    /// Those who cannot be meant by a third person: in a quotation, who speaks and is spoken to.
    pub(super) fn not_third_persons(&self, link: Link) -> Vec<usize> {
        match link {
            Link::Quote => self.speakers.clone(),
            _ => Vec::new(),
        }
    }

    /// Who can be taken up: each kind of thing as often as persons.
    pub(super) fn choose_target(&mut self, wanted: Classes) -> Option<usize> {
        let can = |idx: &usize| {
            let referent = &self.referents[*idx];
            referent.can_be_meant && referent.class.meets(wanted)
        };
        let fitting: Vec<usize> = (0..self.referents.len()).filter(can).collect();
        self.rng.item(&fitting).copied()
    }

    /// Noun phrases without modifiers for all slots but the subject's.
    pub(super) fn simple_fillers(&mut self, clause: &'l Clause) -> Option<Vec<Filler>> {
        let slots = clause.slots.iter().skip(1);
        slots.map(|slot| self.new_filler(slot, SIMPLE).map(|(filler, _)| filler)).collect()
    }
}
