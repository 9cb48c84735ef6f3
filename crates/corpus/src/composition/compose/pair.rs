//! Two clauses of which the second is certainly about one of those in the first.

use super::super::class::Classes;
use super::super::clause::Clause;
use super::super::draft::{Piece, words};
use super::super::filler::Filler;
use super::super::reason::{Link, Reason};
use super::super::referent::{AnaphorKind, Decision};
use super::super::verb_form::VerbForm;
use super::phrase::Wanted;
use super::{Composer, Shows};
use crate::example::Language;

impl<'l> Composer<'l> {
    /// Two clauses of which the second is certainly about one of those in the first.
    pub(super) fn reason(&mut self) -> Option<Vec<Piece>> {
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
        let mut pieces = self.finish_plain(clause, fillers, ids[0])?;
        let joined = self.rng.item(lexicon.lists.get(link.list())?)?;
        pieces.extend(words(joined));
        pieces.extend(self.follow(second, link, target, &ids)?);
        self.topic = Some(target);
        Some(pieces)
    }

    /// The first clause of a pair: as it is in the list, and with its subject said.
    pub(super) fn finish_plain(
        &mut self,
        clause: &'l Clause,
        fillers: Vec<Filler>,
        subject: usize,
    ) -> Option<Vec<Piece>> {
        let mut how = self.how(Link::Main, clause);
        how.auxiliary = None;
        if self.is_past && !clause.is_state {
            how.form = VerbForm::Past;
        }
        self.say(clause, &fillers, Some(subject), how)
    }

    /// The second clause of a pair, whose subject is `target`; the others that take part are excluded
    /// by sense.
    pub(super) fn follow(
        &mut self,
        clause: &'l Clause,
        link: Link,
        target: usize,
        partners: &[usize],
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
        let shows = if shows_gender { Shows::GenderAndNumber } else { Shows::Number };
        let visible = self.visible(form, shows);
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
        let anaphor = self.add_anaphor(kind, Some(target), decision);
        if is_null {
            if self.has_first_person {
                return None;
            }
            how.has_null_subject = true;
            how.null_anaphor = Some(anaphor);
        }
        let subject = Filler::Anaphor { anaphor, form };
        let mut fillers = vec![subject];
        fillers.extend(self.simple_fillers(clause)?);
        self.say(clause, &fillers, Some(target), how)
    }
}
