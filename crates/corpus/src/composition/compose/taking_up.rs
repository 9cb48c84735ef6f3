//! Clauses that take up somebody with an anaphor.

use super::super::class::Classes;
use super::super::clause::{Clause, Role};
use super::super::draft::Piece;
use super::super::filler::{Filler, How};
use super::super::reason::Link;
use super::super::referent::{AnaphorKind, Decision};
use super::super::verb_form::VerbForm;
use super::phrase::{SIMPLE, Wanted};
use super::{Composer, Shows, is_like_first_person};
use crate::example::Language;

impl<'l> Composer<'l> {
    /// A clause with an anaphor.
    pub(super) fn more(&mut self, link: Link) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let target = self.choose_target(Classes::ANY)?;
        let class = self.referents[target].class;
        let is_person = class.meets(Classes::PERSON);
        let roles = [Role::Subject, Role::Object, Role::Dative, Role::Preposition];
        let weights = match (is_person, self.language()) {
            (true, Language::Es) => [52, 20, 12, 16],
            (true, Language::En) => [56, 26, 0, 18],
            (false, _) => [54, 38, 0, 8],
        };
        let role = roles[self.rng.weighted(&weights)];
        let &(idx, number) = self.rng.item(lexicon.with_slot(role, class))?;
        let clause = &lexicon.clauses[idx];
        if number == 0 {
            self.with_subject_anaphor(clause, target, link)
        } else {
            self.with_object_anaphor(clause, number, target, link)
        }
    }

    /// A clause whose subject is an anaphor.
    pub(super) fn with_subject_anaphor(
        &mut self,
        clause: &'l Clause,
        target: usize,
        link: Link,
    ) -> Option<Vec<Piece>> {
        let mut how = self.how(link, clause);
        let excluded = self.not_third_persons(link);
        let is_person = self.referents[target].class.meets(Classes::PERSON);
        let subject = self.subject_anaphor(clause, target, is_person, &excluded, &mut how)?;
        let mut fillers = vec![subject];
        let mut others = excluded;
        others.push(target);
        for (number, slot) in clause.slots.iter().enumerate().skip(1) {
            let other = match self.rng.chance(0.3) {
                true => self.choose_target(slot.natural),
                false => None,
            };
            let filler = match other {
                Some(other) if other != target => {
                    let pronoun = self.complement(clause, number, other, &others)?;
                    others.push(other);
                    pronoun
                }
                _ if Self::is_for_persons(slot) && self.rng.chance(0.2) => {
                    self.first_person(Filler::I)
                }
                _ => self.new_filler(slot, Wanted::default())?.0,
            };
            fillers.push(filler);
        }
        how.is_negated = self.rng.chance(0.1) && !clause.is_negated;
        let pieces = self.say(clause, &fillers, Some(target), how)?;
        self.topic = Some(target);
        Some(pieces)
    }

    /// A subject pronoun, or in Spanish often none.
    pub(super) fn subject_anaphor(
        &mut self,
        clause: &Clause,
        target: usize,
        is_person: bool,
        excluded: &[usize],
        how: &mut How,
    ) -> Option<Filler> {
        let possible = clause.slots[0].possible;
        let can_be_null = self.language() == Language::Es;
        let is_thing = !self.referents[target].class.meets(Classes::ANIMATE);
        let left_out = self.is_cataphoric || is_thing;
        let is_null =
            can_be_null && (left_out || self.rng.chance(if is_person { 0.55 } else { 0.9 }));
        if !is_null {
            let (anaphor, form) = self.anaphor(
                target,
                AnaphorKind::Subject,
                Shows::GenderAndNumber,
                possible,
                excluded,
            )?;
            return Some(Filler::Anaphor { anaphor, form });
        }
        let could_be_first = self.has_first_person
            && is_like_first_person(how.form)
            && possible.meets(Classes::PERSON)
            && !self.referents[target].is_plural;
        if could_be_first {
            return None;
        }
        let shows = if clause.shows_gender() { Shows::GenderAndNumber } else { Shows::Number };
        let (anaphor, form) = self.anaphor(target, AnaphorKind::Null, shows, possible, excluded)?;
        how.has_null_subject = true;
        how.null_anaphor = Some(anaphor);
        Some(Filler::Anaphor { anaphor, form })
    }

    /// A clause with an anaphor that is not its subject.
    pub(super) fn with_object_anaphor(
        &mut self,
        clause: &'l Clause,
        number: usize,
        target: usize,
        link: Link,
    ) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let mut how = self.how(link, clause);
        let mut excluded = self.not_third_persons(link);
        let for_persons = Self::is_for_persons(&clause.slots[0]);
        let mut subject_id = None;
        let subject = match for_persons {
            false => {
                let (filler, id) = self.new_filler(&clause.slots[0], Wanted::default())?;
                subject_id = Some(id);
                filler
            }
            true => match self.rng.weighted(&[30, 16, 8, 5, 12, 29]) {
                1 => self.first_person(Filler::I),
                2 => self.first_person(Filler::We),
                3 => Filler::You,
                4 => {
                    self.has_indefinite = true;
                    Filler::Indefinite(self.rng.item(&lexicon.lists["somebody"])?.clone())
                }
                5 => {
                    let other =
                        self.choose_target(Classes::PERSON).filter(|&other| other != target);
                    let part_of = |a: usize, b: usize| {
                        self.referents[a].parts.is_some_and(|parts| parts.contains(&b))
                    };
                    match other.filter(|&other| !part_of(other, target) && !part_of(target, other))
                    {
                        Some(other) => {
                            subject_id = Some(other);
                            self.subject_anaphor(clause, other, true, &excluded, &mut how)?
                        }
                        None => Filler::You,
                    }
                }
                _ => {
                    let (filler, id) = self.new_filler(&clause.slots[0], Wanted::default())?;
                    subject_id = Some(id);
                    filler
                }
            },
        };
        excluded.extend(subject_id);
        let mut fillers = vec![subject];
        for (other, slot) in clause.slots.iter().enumerate().skip(1) {
            if other == number {
                fillers.push(self.complement(clause, number, target, &excluded)?);
                continue;
            }
            let filler = match Self::is_for_persons(slot) && self.rng.chance(0.2) {
                true => self.first_person(Filler::I),
                false => {
                    let (filler, id) = self.new_filler(slot, SIMPLE)?;
                    excluded.push(id);
                    filler
                }
            };
            fillers.push(filler);
        }
        how.is_negated = self.rng.chance(0.12)
            && !clause.is_negated
            && !matches!(fillers[0], Filler::Indefinite(_));
        how.is_stressed = self.rng.chance(0.1) || is_like_first_person(how.form);
        let pieces = self.say(clause, &fillers, subject_id, how)?;
        self.topic = subject_id.or(self.topic);
        Some(pieces)
    }

    /// The subject of the clause before does something more: *Ana llamó a Luis* y se fue.
    pub(super) fn same(&mut self) -> Option<Vec<Piece>> {
        let subject = self.topic_person()?;
        let clause = self.rng.item(self.lexicon.of_kind("actions"))?;
        self.of_same_subject(subject, clause, None)
    }

    /// The subject of the clause before does something to somebody else: *Ana llamó a Eva* y la invitó.
    pub(super) fn same_to(&mut self) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let subject = self.topic_person()?;
        // Persons more often: of two, grammar says which is meant.
        let wanted = if self.rng.chance(0.6) { Classes::PERSON } else { Classes::ANY };
        let target = self.choose_target(wanted).filter(|&target| target != subject)?;
        let role =
            [Role::Object, Role::Dative, Role::Preposition][self.rng.weighted(&[60, 15, 25])];
        let &(idx, number) =
            self.rng.item(lexicon.with_slot(role, self.referents[target].class))?;
        let clause = &lexicon.clauses[idx];
        match number == 0 || clause.is_state {
            true => None,
            false => self.of_same_subject(subject, clause, Some((number, target))),
        }
    }

    /// The subject of the clause before, if it is a person.
    fn topic_person(&self) -> Option<usize> {
        self.topic.filter(|&topic| self.referents[topic].class.meets(Classes::PERSON))
    }

    /// A clause whose subject is that of the clause before, with a pronoun for somebody in the slot that
    /// `taken_up` names.
    fn of_same_subject(
        &mut self,
        subject: usize,
        clause: &'l Clause,
        taken_up: Option<(usize, usize)>,
    ) -> Option<Vec<Piece>> {
        if !Self::is_for_persons(&clause.slots[0]) {
            return None;
        }
        let mut how = self.how(Link::And, clause);
        how.auxiliary = None;
        how.form = if self.is_past { VerbForm::Past } else { how.form };
        let is_plural = self.referents[subject].is_plural;
        let filler = match self.language() {
            Language::En => Filler::Phrase { pieces: Vec::new(), is_plural },
            Language::Es => {
                let form = self.form_of(subject)?;
                let competes = (0..self.referents.len()).any(|idx| {
                    let other = &self.referents[idx];
                    idx != subject
                        && other.is_plural == is_plural
                        && other.class.meets(Classes::ANIMATE)
                });
                let decision = if competes { Decision::Syntax } else { Decision::Agreement };
                let anaphor = self.add_anaphor(AnaphorKind::Null, Some(subject), decision);
                how.has_null_subject = true;
                how.null_anaphor = Some(anaphor);
                Filler::Anaphor { anaphor, form }
            }
        };
        let mut fillers = vec![filler];
        let mut excluded = vec![subject];
        for (number, slot) in clause.slots.iter().enumerate().skip(1) {
            let other = match taken_up {
                Some((taken, target)) => (taken == number).then_some(target),
                None if self.rng.chance(0.45) => self.choose_target(slot.natural),
                None => None,
            };
            fillers.push(match other {
                Some(other) if other != subject => {
                    let pronoun = self.complement(clause, number, other, &excluded)?;
                    excluded.push(other);
                    pronoun
                }
                _ => self.new_filler(slot, Wanted::default())?.0,
            });
        }
        self.say(clause, &fillers, Some(subject), how)
    }

    /// Spanish: *le gusta el libro*, with an anaphor.
    pub(super) fn experience(&mut self, link: Link) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        if self.language() == Language::En {
            return self.more(link);
        }
        let clause = self.rng.item(lexicon.of_kind("experiencers"))?;
        let number = clause.roles.iter().position(|role| *role == Role::Dative)?;
        let target = self.choose_target(Classes::PERSON)?;
        let (subject, id) = self.new_filler(&clause.slots[0], SIMPLE)?;
        // What is new comes behind the clitic.
        let excluded = [&self.not_third_persons(link)[..], &[id]].concat();
        let mut fillers = vec![subject];
        fillers.extend(self.others(clause, number, target, &excluded)?);
        let mut how = self.how(link, clause);
        how.has_subject_last = true;
        how.is_negated = self.rng.chance(0.3);
        if clause.is_pronominal {
            return None;
        }
        self.say(clause, &fillers, Some(id), how)
    }

    /// *Call her!*, *¡Llámala!*
    pub(super) fn command(&mut self) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let target = self.choose_target(Classes::ANY)?;
        let role = [Role::Object, Role::Dative][self.rng.weighted(&[75, 25])];
        let &(idx, number) =
            self.rng.item(lexicon.with_slot(role, self.referents[target].class))?;
        let clause = &lexicon.clauses[idx];
        if number == 0
            || clause.is_state
            || clause.is_negated
            || !Self::is_for_persons(&clause.slots[0])
            || clause.is_pronominal
        {
            return None;
        }
        let mut how = How::new(VerbForm::Imperative, None);
        how.is_negated = self.rng.chance(0.3);
        let mut fillers = vec![Filler::You];
        fillers.extend(self.others(clause, number, target, &[])?);
        self.say(clause, &fillers, None, how)
    }

    /// A noun phrase with a relative clause that has an anaphor: *the woman who greeted him*.
    pub(super) fn relative(&mut self) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let target = self.choose_target(Classes::ANY)?;
        let head = self.phrase_of(Classes::PERSON.without(Classes::KIN), SIMPLE)?;
        let is_name = !matches!(head.pieces.get(1), Some(Piece::Word(_) | Piece::Indefinite));
        if is_name || self.referents[head.id].parts.is_some() {
            return None;
        }
        let role = [Role::Object, Role::Preposition][self.rng.weighted(&[75, 25])];
        let &(idx, number) =
            self.rng.item(lexicon.with_slot(role, self.referents[target].class))?;
        let clause = &lexicon.clauses[idx];
        if number == 0 || !Self::is_for_persons(&clause.slots[0]) {
            return None;
        }
        let is_plural = self.referents[head.id].is_plural;
        let mut fillers = vec![Filler::Phrase { pieces: Vec::new(), is_plural }];
        fillers.extend(self.others(clause, number, target, &[head.id])?);
        let how = self.how(Link::Relative, clause);
        let said = self.say(clause, &fillers, Some(head.id), how)?;
        let mut pieces = head.pieces;
        pieces.push(Piece::word(if self.language() == Language::Es { "que" } else { "who" }));
        pieces.extend(said);
        Some(pieces)
    }
}
