//! What each symbol of a form stands for.

use super::super::agreement::Agreement;
use super::super::class::Classes;
use super::super::clause::{Clause, Part, Role};
use super::super::draft::{Piece, words};
use super::super::filler::{Filler, How};
use super::super::form::Symbol;
use super::super::reason::{Link, Reason};
use super::super::referent::{Anaphor, AnaphorKind, Decision, Referent};
use super::super::verb_form::VerbForm;
use super::phrase::Wanted;
use super::{Composer, Shows, is_like_first_person, is_subordinate};
use crate::example::Language;

/// A phrase without somebody else in it.
const SIMPLE: Wanted =
    Wanted { agreement: None, is_simple: true, is_definite: false, host: None, id: None };

/// Whether a part belongs to the subject: *their keys*.
fn is_owned(part: &Part) -> bool {
    match part {
        Part::Fixed(fixed) => fixed.determiner.is_none(),
        Part::Possessive => true,
        _ => false,
    }
}

impl<'l> Composer<'l> {
    /// Writes what a symbol stands for.
    pub(super) fn symbol(&mut self, symbol: Symbol, link: Link) -> Option<()> {
        let pieces = match symbol {
            Symbol::New => self.attempt(|composer| composer.new_clause(link, false)),
            Symbol::Thing => self.attempt(|composer| composer.new_clause(link, true)),
            Symbol::More => self.attempt(|composer| composer.more(link)),
            Symbol::Before => self.attempt(|composer| composer.before(link)),
            Symbol::Same => self.attempt(Self::same),
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

    /// A clause in which everybody is new.
    fn new_clause(&mut self, link: Link, about_thing: bool) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        if let Some(id) = self.announced {
            return self.announced_clause(id, link);
        }
        let kind = match about_thing {
            true => "things",
            false => {
                ["actions", "states", "things", "reciprocal"][self.rng.weighted(&[70, 10, 12, 8])]
            }
        };
        if kind == "reciprocal" {
            return self.reciprocal(link);
        }
        let clause = self.rng.item(lexicon.of_kind(kind))?;
        let mut fillers = Vec::new();
        let mut topic = None;
        for (number, slot) in clause.slots.iter().enumerate() {
            let own = match number {
                0 if Self::is_for_persons(slot) => self.rng.weighted(&[76, 13, 7, 4]),
                _ if Self::is_for_persons(slot) && topic.is_some() => {
                    self.rng.weighted(&[90, 5, 3, 2])
                }
                _ => 0,
            };
            let filler = match own {
                1 => self.first_person(Filler::I),
                2 => self.first_person(Filler::We),
                3 => Filler::You,
                _ => {
                    let (filler, id) = self.new_filler(slot, Wanted::default())?;
                    if number == 0 {
                        topic = Some(id);
                    }
                    filler
                }
            };
            fillers.push(filler);
        }
        self.finish(clause, fillers, topic, link)
    }

    fn first_person(&mut self, filler: Filler) -> Filler {
        self.has_first_person = true;
        filler
    }

    /// Writes a clause whose subject is no anaphor, with what depends on the subject.
    fn finish(
        &mut self,
        clause: &'l Clause,
        fillers: Vec<Filler>,
        topic: Option<usize>,
        link: Link,
    ) -> Option<Vec<Piece>> {
        let mut how = self.how(link, clause);
        how.subject_form = self.subject_form(&fillers[0], topic);
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
        if clause.is_pronominal
            && let Some(subject) = topic
        {
            how.reflexive = Some(self.reflexive_of(subject));
        }
        self.spell_fixed(clause, &fillers[0], topic, &mut how);
        let pieces = self.realise(clause, &fillers, &how)?;
        self.topic = topic;
        Some(pieces)
    }

    /// What agrees with a subject takes this form.
    fn subject_form(&mut self, subject: &Filler, id: Option<usize>) -> Agreement {
        match (subject, id) {
            (Filler::Anaphor { form, .. }, _) => *form,
            (_, Some(id)) => self.form_of(id).unwrap_or(Agreement(1)),
            (Filler::We, _) => Agreement(4),
            _ => Agreement(1 << self.rng.below(2)),
        }
    }

    /// The anaphor of a reflexive of this subject.
    fn reflexive_of(&mut self, subject: usize) -> usize {
        let competes = self.referents.iter().enumerate().any(|(idx, other)| {
            idx != subject && other.possible.meets(self.referents[subject].agreement)
        });
        let decision = if competes { Decision::Syntax } else { Decision::Agreement };
        self.anaphors.push(Anaphor {
            kind: AnaphorKind::Reflexive,
            target: Some(subject),
            decision,
        });
        self.anaphors.len() - 1
    }

    /// Those who cannot be meant by a third person: in a quotation, who speaks and is spoken to.
    fn not_third_persons(&self, link: Link) -> Vec<usize> {
        match link {
            Link::Quote => self.speakers.clone(),
            _ => Vec::new(),
        }
    }

    /// Who can be taken up: each kind of thing as often as persons.
    fn choose_target(&mut self, wanted: Classes) -> Option<usize> {
        let can = |idx: &usize| {
            let referent = &self.referents[*idx];
            referent.can_be_meant && referent.class.meets(wanted)
        };
        let fitting: Vec<usize> = (0..self.referents.len()).filter(can).collect();
        self.rng.item(&fitting).copied()
    }

    /// A clause with an anaphor.
    fn more(&mut self, link: Link) -> Option<Vec<Piece>> {
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
    fn with_subject_anaphor(
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
            let role = clause.roles[number];
            let filler = match other {
                Some(other) if other != target => {
                    let kind = self.kind_of(role, false);
                    let shows =
                        if role == Role::Dative { Shows::Number } else { Shows::GenderAndNumber };
                    let (anaphor, form) =
                        self.anaphor(other, kind, shows, slot.possible, &others)?;
                    others.push(other);
                    Filler::Anaphor { anaphor, form }
                }
                _ if Self::is_for_persons(slot) && self.rng.chance(0.2) => {
                    self.first_person(Filler::I)
                }
                _ => self.new_filler(slot, Wanted::default())?.0,
            };
            fillers.push(filler);
        }
        how.is_negated = self.rng.chance(0.1) && !clause.is_negated;
        how.subject_form = self.subject_form(&fillers[0], Some(target));
        if clause.is_pronominal {
            how.reflexive = Some(self.reflexive_of(target));
        }
        self.spell_fixed(clause, &fillers[0].clone(), Some(target), &mut how);
        let pieces = self.realise(clause, &fillers, &how)?;
        self.topic = Some(target);
        Some(pieces)
    }

    /// A subject pronoun, or in Spanish often none.
    fn subject_anaphor(
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
    fn with_object_anaphor(
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
                4 => Filler::Indefinite(self.rng.item(&lexicon.lists["somebody"])?.clone()),
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
        let role = clause.roles[number];
        let mut fillers = vec![subject];
        for (other, slot) in clause.slots.iter().enumerate().skip(1) {
            if other == number {
                let shows =
                    if role == Role::Dative { Shows::Number } else { Shows::GenderAndNumber };
                let kind = self.kind_of(role, false);
                let possible = match role {
                    // *le* could be about whoever it is done for.
                    Role::Dative => slot.possible.union(Classes::ANIMATE),
                    _ => slot.possible,
                };
                let (anaphor, form) = self.anaphor(target, kind, shows, possible, &excluded)?;
                fillers.push(Filler::Anaphor { anaphor, form });
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
        how.subject_form = self.subject_form(&fillers[0], subject_id);
        if clause.is_pronominal
            && let Some(subject) = subject_id
        {
            how.reflexive = Some(self.reflexive_of(subject));
        }
        self.spell_fixed(clause, &fillers[0].clone(), subject_id, &mut how);
        let pieces = self.realise(clause, &fillers, &how)?;
        self.topic = subject_id.or(self.topic);
        Some(pieces)
    }

    /// A clause with an anaphor for the subject of the clause that comes next.
    fn before(&mut self, link: Link) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let kind = ["actions", "states"][self.rng.below(2)];
        let clause = self.rng.item(lexicon.of_kind(kind))?;
        if !Self::is_for_persons(&clause.slots[0]) {
            return None;
        }
        let forms: &[Agreement] = match self.language() {
            Language::Es => &[
                Agreement::EL,
                Agreement::ELLA,
                Agreement::EL,
                Agreement::ELLA,
                Agreement::ELLOS,
                Agreement::ELLAS,
            ],
            Language::En => {
                &[Agreement::HE, Agreement::SHE, Agreement::HE, Agreement::SHE, Agreement::THEY]
            }
        };
        let form = *self.rng.item(forms)?;
        self.referents.push(Referent {
            agreement: form,
            possible: form,
            class: Classes::PERSON.without(Classes::KIN),
            is_plural: form.meets(match self.language() {
                Language::Es => Agreement::ES_PLURAL,
                Language::En => Agreement::THEY,
            }),
            host: None,
            parts: None,
            can_be_meant: true,
        });
        let id = self.referents.len() - 1;
        self.is_cataphoric = true;
        let pieces = self.with_subject_anaphor(clause, id, link);
        self.is_cataphoric = false;
        let pieces = pieces?;
        self.announced = Some(id);
        Some(pieces)
    }

    /// The clause that names who was announced; nobody else in it may agree.
    fn announced_clause(&mut self, id: usize, link: Link) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let clause = self.rng.item(lexicon.of_kind("actions"))?;
        if !Self::is_for_persons(&clause.slots[0]) || clause.slots[0].natural.meets(Classes::ANIMAL)
        {
            return None;
        }
        let form = self.referents[id].agreement;
        let wanted = Wanted {
            agreement: Some(form),
            id: Some(id),
            is_simple: true,
            is_definite: true,
            host: None,
        };
        let person = Classes::PERSON.without(Classes::KIN);
        let phrase = self.phrase_of(person, wanted)?;
        self.referents[id].agreement = form;
        let is_plural = self.referents[id].is_plural;
        let mut fillers = vec![Filler::Phrase { pieces: phrase.pieces, is_plural }];
        for slot in clause.slots.iter().skip(1) {
            fillers.push(self.new_filler(slot, SIMPLE)?.0);
        }
        let own = self.referents[id].parts.unwrap_or([id; 2]);
        let competes = self.referents.iter().enumerate().any(|(idx, other)| {
            idx != id
                && !own.contains(&idx)
                && other.possible.meets(form)
                && other.class.meets(Classes::ANIMATE)
        });
        if competes {
            return None;
        }
        let pieces = self.finish(clause, fillers, Some(id), link);
        self.announced = None;
        pieces
    }

    /// The subject of the clause before does something more: *Ana llamó a Luis* y se fue.
    fn same(&mut self) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let subject =
            self.topic.filter(|&topic| self.referents[topic].class.meets(Classes::PERSON))?;
        let clause = self.rng.item(lexicon.of_kind("actions"))?;
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
                self.anaphors.push(Anaphor {
                    kind: AnaphorKind::Null,
                    target: Some(subject),
                    decision,
                });
                let anaphor = self.anaphors.len() - 1;
                how.has_null_subject = true;
                how.null_anaphor = Some(anaphor);
                Filler::Anaphor { anaphor, form }
            }
        };
        let mut fillers = vec![filler];
        let mut excluded = vec![subject];
        for (number, slot) in clause.slots.iter().enumerate().skip(1) {
            let other = if self.rng.chance(0.45) { self.choose_target(slot.natural) } else { None };
            let role = clause.roles[number];
            fillers.push(match other {
                Some(other) if other != subject => {
                    let kind = self.kind_of(role, false);
                    let shows =
                        if role == Role::Dative { Shows::Number } else { Shows::GenderAndNumber };
                    let (anaphor, form) =
                        self.anaphor(other, kind, shows, slot.possible, &excluded)?;
                    excluded.push(other);
                    Filler::Anaphor { anaphor, form }
                }
                _ => self.new_filler(slot, Wanted::default())?.0,
            });
        }
        how.subject_form = self.form_of(subject)?;
        if clause.is_pronominal {
            how.reflexive = Some(self.reflexive_of(subject));
        }
        self.spell_fixed(clause, &fillers[0].clone(), Some(subject), &mut how);
        self.realise(clause, &fillers, &how)
    }

    /// Two clauses of which the second is certainly about one of those in the first.
    fn reason(&mut self) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let reason: &'l Reason = self.rng.item(&lexicon.reasons)?;
        let clause = &reason.clause;
        let (link, slot, second) = self.rng.item(&reason.follow)?;
        let (link, slot) = (*link, *slot);
        if !self.is_past && matches!(link, Link::When | Link::Until) {
            return None;
        }
        // Mostly those that could be meant agree, so that sense decides.
        let agree = self.rng.chance(0.75);
        let mut wanted = Wanted { is_simple: !self.rng.chance(0.25), ..Wanted::default() };
        let mut fillers = Vec::new();
        let mut ids = Vec::new();
        for slot in &clause.slots {
            let own =
                matches!(self.language(), Language::Es) || slot.natural.meets(Classes::PERSON);
            let (filler, id) = self.new_filler(slot, wanted)?;
            let form = self.form_of(id)?;
            if agree
                && own
                && wanted.agreement.is_none()
                && slot.natural.meets(
                    clause.slots[clause.slots.len() - 1].natural.union(clause.slots[0].natural),
                )
            {
                wanted.agreement = Some(form);
            }
            fillers.push(filler);
            ids.push(id);
        }
        let target = ids[slot];
        let n_named = self.referents.len();
        let mut pieces = self.finish_plain(clause, fillers, ids[0], Link::Main)?;
        let joined = self.rng.item(lexicon.lists.get(link.list())?)?;
        pieces.extend(words(joined));
        pieces.extend(self.follow(second, link, target, &ids, n_named)?);
        self.topic = Some(target);
        Some(pieces)
    }

    /// The first clause of a pair: as it is in the list, and with its subject said.
    fn finish_plain(
        &mut self,
        clause: &'l Clause,
        fillers: Vec<Filler>,
        subject: usize,
        link: Link,
    ) -> Option<Vec<Piece>> {
        let mut how = self.how(link, clause);
        how.auxiliary = None;
        if self.is_past && !clause.is_state {
            how.form = VerbForm::Past;
        }
        how.subject_form = self.form_of(subject)?;
        if clause.is_pronominal {
            how.reflexive = Some(self.reflexive_of(subject));
        }
        self.spell_fixed(clause, &fillers[0], Some(subject), &mut how);
        self.realise(clause, &fillers, &how)
    }

    /// The second clause of a pair, whose subject is `target`; the others that take part are excluded
    /// by sense.
    fn follow(
        &mut self,
        clause: &'l Clause,
        link: Link,
        target: usize,
        partners: &[usize],
        _n_named: usize,
    ) -> Option<Vec<Piece>> {
        let mut how = self.how(link, clause);
        if link == Link::Because && !clause.is_state && !clause.is_before {
            how.auxiliary = None;
            how.form = if self.is_past { VerbForm::Imperfect } else { VerbForm::Present };
            if self.language() == Language::En {
                how.auxiliary = Some(super::super::verb_form::Auxiliary::Going);
            }
        }
        if matches!(link, Link::So | Link::And | Link::But | Link::When | Link::Until)
            && self.is_past
            && !clause.is_state
            && !clause.is_before
        {
            how.auxiliary = None;
            how.form = VerbForm::Past;
        }
        let is_thing = !self.referents[target].class.meets(Classes::ANIMATE);
        let form = self.form_of(target)?;
        let is_null = self.language() == Language::Es && (is_thing || self.rng.chance(0.7));
        let shows_gender = !is_null || clause.shows_gender();
        let visible = match (self.language(), shows_gender) {
            (Language::En, _) | (_, true) => form,
            (_, false) if form.meets(Agreement::ES_PLURAL) => Agreement::ES_PLURAL,
            _ => Agreement::ES_SINGULAR,
        };
        let kind_class = |class: Classes| class.meets(Classes::ANIMATE);
        let mut decision = Decision::Agreement;
        for (idx, other) in self.referents.iter().enumerate() {
            let own = self.referents[target].parts.unwrap_or([target; 2]);
            if idx == target || own.contains(&idx) || !other.possible.meets(visible) {
                continue;
            }
            let of_partner = partners.contains(&idx)
                || partners
                    .iter()
                    .any(|&p| self.referents[p].parts.is_some_and(|parts| parts.contains(&idx)));
            if of_partner {
                decision = Decision::Meaning;
            } else if other.host != Some(target)
                && kind_class(other.class) == kind_class(self.referents[target].class)
                && other.can_be_meant
            {
                return None;
            }
        }
        let kind = if is_null { AnaphorKind::Null } else { AnaphorKind::Subject };
        self.anaphors.push(Anaphor { kind, target: Some(target), decision });
        let anaphor = self.anaphors.len() - 1;
        if is_null {
            if self.has_first_person {
                return None;
            }
            how.has_null_subject = true;
            how.null_anaphor = Some(anaphor);
        }
        let subject = Filler::Anaphor { anaphor, form };
        how.subject_form = form;
        if clause.is_pronominal {
            how.reflexive = Some(self.reflexive_of(target));
        }
        let mut fillers = vec![subject];
        for slot in clause.slots.iter().skip(1) {
            fillers.push(self.new_filler(slot, SIMPLE)?.0);
        }
        self.spell_fixed(clause, &fillers[0].clone(), Some(target), &mut how);
        self.realise(clause, &fillers, &how)
    }

    /// *Ana told Luis*, *Ana thought*.
    fn attributed(&mut self, kind: &str) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let clause = self.rng.item(lexicon.of_kind(kind))?;
        let person = &clause.slots[0];
        let (subject, id) = self.new_filler(person, Wanted::default())?;
        let mut fillers = vec![subject];
        let mut speakers = vec![id];
        for slot in clause.slots.iter().skip(1) {
            let (filler, other) = self.new_filler(slot, SIMPLE)?;
            speakers.push(other);
            fillers.push(filler);
        }
        let pieces = self.finish_plain(clause, fillers, id, Link::Main)?;
        self.topic = Some(id);
        self.speakers = speakers;
        Some(pieces)
    }

    /// *Ana promised Luis to call him*, *Ana asked Luis to call her*.
    fn control(&mut self, kind: &str) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let clause = self.rng.item(lexicon.of_kind(kind))?;
        let (subject, first) = self.new_filler(&clause.slots[0], Wanted::default())?;
        let (addressee, second) = self.new_filler(clause.slots.get(1)?, Wanted::default())?;
        let mut pieces = self.finish_plain(clause, vec![subject, addressee], first, Link::Main)?;
        let (controller, target) = match kind {
            "subject_control" => (first, second),
            _ => (second, first),
        };
        let role =
            [Role::Object, Role::Preposition, Role::Dative][self.rng.weighted(&[60, 20, 20])];
        let class = self.referents[target].class;
        let &(idx, number) = self.rng.item(lexicon.with_slot(role, class))?;
        let inner = &lexicon.clauses[idx];
        if number == 0
            || !Self::is_for_persons(&inner.slots[0])
            || inner.is_state
            || inner.is_negated
        {
            return None;
        }
        let ends_in_preposition = matches!(clause.parts.last(), Some(Part::Word(_)));
        let mut how = How::new(VerbForm::Infinitive, None);
        let is_plural = self.referents[controller].is_plural;
        let mut inner_subject = Filler::Phrase { pieces: Vec::new(), is_plural };
        match self.language() {
            Language::En => pieces.push(Piece::word("to")),
            Language::Es if kind == "object_control" && !ends_in_preposition => {
                pieces.push(Piece::word("que"));
                how.form =
                    if self.is_past { VerbForm::PastSubjunctive } else { VerbForm::Subjunctive };
                let form = self.form_of(controller)?;
                self.anaphors.push(Anaphor {
                    kind: AnaphorKind::Null,
                    target: Some(controller),
                    decision: Decision::Syntax,
                });
                let anaphor = self.anaphors.len() - 1;
                how.has_null_subject = true;
                how.null_anaphor = Some(anaphor);
                inner_subject = Filler::Anaphor { anaphor, form };
            }
            Language::Es => {}
        }
        let mut fillers = vec![inner_subject];
        for (other, slot) in inner.slots.iter().enumerate().skip(1) {
            if other == number {
                let kind = self.kind_of(role, false);
                let shows =
                    if role == Role::Dative { Shows::Number } else { Shows::GenderAndNumber };
                let (anaphor, form) =
                    self.anaphor(target, kind, shows, slot.possible, &[controller])?;
                fillers.push(Filler::Anaphor { anaphor, form });
            } else {
                fillers.push(self.new_filler(slot, SIMPLE)?.0);
            }
        }
        how.subject_form = self.form_of(controller)?;
        if inner.is_pronominal {
            how.reflexive = Some(self.reflexive_of(controller));
        }
        self.spell_fixed(inner, &fillers[0].clone(), Some(controller), &mut how);
        pieces.extend(self.realise(inner, &fillers, &how)?);
        self.topic = Some(first);
        Some(pieces)
    }

    /// A clause whose object is its subject.
    fn reflexive(&mut self, link: Link) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let clause = self.rng.item(lexicon.of_kind("reflexive"))?;
        let (subject, id) = self.new_filler(&clause.slots[0], Wanted::default())?;
        let mut fillers = vec![subject];
        for slot in clause.slots.iter().skip(1) {
            fillers.push(self.new_filler(slot, SIMPLE)?.0);
        }
        let mut how = self.how(link, clause);
        how.subject_form = self.form_of(id)?;
        how.reflexive = Some(self.reflexive_of(id));
        self.spell_fixed(clause, &fillers[0].clone(), Some(id), &mut how);
        let pieces = self.realise(clause, &fillers, &how)?;
        self.topic = Some(id);
        Some(pieces)
    }

    /// *Ana y Luis se casaron, Ana and Luis got married*
    fn reciprocal(&mut self, link: Link) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let clause = self.rng.item(lexicon.of_kind("reciprocal"))?;
        let phrase = self.coordination(Wanted::default())?;
        let subject = Filler::Phrase { pieces: phrase.pieces, is_plural: true };
        let mut fillers = vec![subject];
        for slot in clause.slots.iter().skip(1) {
            fillers.push(self.new_filler(slot, SIMPLE)?.0);
        }
        let mut how = self.how(link, clause);
        how.subject_form = self.form_of(phrase.id)?;
        if clause.is_pronominal {
            how.reflexive = Some(self.reflexive_of(phrase.id));
        }
        self.spell_fixed(clause, &fillers[0].clone(), Some(phrase.id), &mut how);
        let pieces = self.realise(clause, &fillers, &how)?;
        self.topic = Some(phrase.id);
        Some(pieces)
    }

    /// *it was raining, llovía*
    fn impersonal(&mut self, link: Link) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let clause = self.rng.item(lexicon.of_kind("impersonal"))?;
        let mut how = self.how(link, clause);
        how.auxiliary = None;
        self.anaphors.push(Anaphor {
            kind: AnaphorKind::Pleonastic,
            target: None,
            decision: Decision::Nothing,
        });
        how.null_anaphor = Some(self.anaphors.len() - 1);
        let mut fillers = vec![Filler::None];
        for slot in clause.slots.iter().skip(1) {
            fillers.push(self.new_filler(slot, SIMPLE)?.0);
        }
        self.spell_fixed(clause, &Filler::None, None, &mut how);
        self.realise(clause, &fillers, &how)
    }

    /// A clause whose pronoun stands for nobody in the text: nobody in it agrees.
    fn absent(&mut self, link: Link) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let form = self.unused_form()?;
        let role = [Role::Subject, Role::Object, Role::Dative, Role::Preposition]
            [self.rng.weighted(&[50, 28, 8, 14])];
        let &(idx, number) = self.rng.item(lexicon.with_slot(role, Classes::KIN))?;
        let clause = &lexicon.clauses[idx];
        if !Self::is_for_persons(&clause.slots[0]) || clause.is_pronominal {
            return None;
        }
        let mut how = self.how(link, clause);
        let kind = self.kind_of(role, false);
        let nobody = Anaphor { kind, target: None, decision: Decision::Nothing };
        let mut fillers = Vec::new();
        let mut subject_id = None;
        for (other, slot) in clause.slots.iter().enumerate() {
            fillers.push(if other == number {
                self.anaphors.push(nobody);
                Filler::Anaphor { anaphor: self.anaphors.len() - 1, form }
            } else if other == 0 && self.rng.chance(0.6) {
                how.is_stressed = is_like_first_person(how.form);
                self.first_person(Filler::I)
            } else {
                let (filler, id) = self.new_filler(slot, SIMPLE)?;
                subject_id = subject_id.or((other == 0).then_some(id));
                filler
            });
        }
        how.subject_form = self.subject_form(&fillers[0], subject_id);
        self.absent.push(form);
        if number == 0 && clause.parts.iter().any(is_owned) {
            return None;
        }
        self.spell_fixed(clause, &fillers[0].clone(), subject_id, &mut how);
        self.realise(clause, &fillers, &how)
    }

    /// A pronoun of persons that nobody of the text so far agrees with.
    fn unused_form(&mut self) -> Option<Agreement> {
        let is_plural = |form: Agreement| match self.language() {
            Language::Es => form.meets(Agreement::ES_PLURAL),
            Language::En => form == Agreement::THEY,
        };
        let animate = |referent: &&Referent| referent.class.meets(Classes::ANIMATE);
        let n_single = self.referents.iter().filter(animate).filter(|r| !r.is_plural).count();
        let is_free = |form: &Agreement| {
            let is_it = self.language() == Language::En && *form == Agreement::IT;
            let could_be_a_sum = is_plural(*form) && n_single > 1;
            let agrees = self.referents.iter().filter(animate).any(|r| r.possible.meets(*form));
            !is_it && !could_be_a_sum && !agrees
        };
        let free: Vec<Agreement> = (0..4).map(|bit| Agreement(1 << bit)).filter(is_free).collect();
        self.rng.item(&free).copied()
    }

    /// *it was Ana who called Luis*: the person, and what is said of her.
    fn cleft(&mut self) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let head = self.phrase_of(Classes::PERSON.without(Classes::KIN), SIMPLE)?;
        let clause = self.rng.item(lexicon.of_kind("actions"))?;
        if !Self::is_for_persons(&clause.slots[0]) || clause.is_pronominal {
            return None;
        }
        let is_plural = self.referents[head.id].is_plural;
        if is_plural {
            return None;
        }
        let mut fillers = vec![Filler::Phrase { pieces: Vec::new(), is_plural }];
        for slot in clause.slots.iter().skip(1) {
            fillers.push(self.new_filler(slot, SIMPLE)?.0);
        }
        let mut how = self.how(Link::Main, clause);
        how.subject_form = self.form_of(head.id)?;
        self.spell_fixed(clause, &fillers[0].clone(), Some(head.id), &mut how);
        let said = self.realise(clause, &fillers, &how)?;
        let mut pieces = head.pieces;
        pieces.push(Piece::word(if self.language() == Language::Es { "quien" } else { "who" }));
        pieces.extend(said);
        self.topic = Some(head.id);
        Some(pieces)
    }

    /// Spanish: *le gusta el libro*, with an anaphor.
    fn experience(&mut self, link: Link) -> Option<Vec<Piece>> {
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
        let (anaphor, form) =
            self.anaphor(target, AnaphorKind::Clitic, Shows::Number, Classes::ANIMATE, &excluded)?;
        let mut fillers = vec![subject];
        for (other, slot) in clause.slots.iter().enumerate().skip(1) {
            fillers.push(match other == number {
                true => Filler::Anaphor { anaphor, form },
                false => self.new_filler(slot, SIMPLE)?.0,
            });
        }
        let mut how = self.how(link, clause);
        how.has_subject_last = true;
        how.is_negated = self.rng.chance(0.3);
        how.subject_form = self.form_of(id)?;
        if clause.is_pronominal {
            return None;
        }
        self.spell_fixed(clause, &fillers[0].clone(), Some(id), &mut how);
        self.realise(clause, &fillers, &how)
    }

    /// *Call her!*, *¡Llámala!*
    fn command(&mut self) -> Option<Vec<Piece>> {
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
        let excluded = Vec::new();
        let mut fillers = vec![Filler::You];
        for (other, slot) in clause.slots.iter().enumerate().skip(1) {
            fillers.push(if other == number {
                let kind = self.kind_of(role, false);
                let shows =
                    if role == Role::Dative { Shows::Number } else { Shows::GenderAndNumber };
                let (anaphor, form) =
                    self.anaphor(target, kind, shows, slot.possible, &excluded)?;
                Filler::Anaphor { anaphor, form }
            } else {
                self.new_filler(slot, SIMPLE)?.0
            });
        }
        self.spell_fixed(clause, &Filler::You, None, &mut how);
        self.realise(clause, &fillers, &how)
    }

    /// A noun phrase with a relative clause that has an anaphor: *the woman who greeted him*.
    fn relative(&mut self) -> Option<Vec<Piece>> {
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
        let excluded = vec![head.id];
        let is_plural = self.referents[head.id].is_plural;
        let mut fillers = vec![Filler::Phrase { pieces: Vec::new(), is_plural }];
        for (other, slot) in clause.slots.iter().enumerate().skip(1) {
            fillers.push(if other == number {
                let kind = self.kind_of(role, false);
                let (anaphor, form) =
                    self.anaphor(target, kind, Shows::GenderAndNumber, slot.possible, &excluded)?;
                Filler::Anaphor { anaphor, form }
            } else {
                self.new_filler(slot, SIMPLE)?.0
            });
        }
        let mut how = self.how(Link::Relative, clause);
        how.subject_form = self.form_of(head.id)?;
        if clause.is_pronominal {
            how.reflexive = Some(self.reflexive_of(head.id));
        }
        self.spell_fixed(clause, &fillers[0].clone(), Some(head.id), &mut how);
        let said = self.realise(clause, &fillers, &how)?;
        let mut pieces = head.pieces;
        pieces.push(Piece::word(if self.language() == Language::Es { "que" } else { "who" }));
        pieces.extend(said);
        Some(pieces)
    }
}
