//! Who says, thinks, promises and asks.

use super::super::clause::{Clause, Part, Role};
use super::super::draft::Piece;
use super::super::filler::{Filler, How};
use super::super::referent::{AnaphorKind, Decision};
use super::super::verb_form::VerbForm;
use super::Composer;
use super::phrase::{SIMPLE, Wanted};
use crate::example::Language;

impl<'l> Composer<'l> {
    /// *Ana told Luis*, *Ana thought*.
    pub(super) fn attributed(&mut self, kind: &str) -> Option<Vec<Piece>> {
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
        let pieces = self.finish_plain(clause, fillers, id)?;
        self.topic = Some(id);
        self.speakers = speakers;
        Some(pieces)
    }

    /// *Ana promised Luis to call him*, *Ana asked Luis to call her*.
    pub(super) fn control(&mut self, kind: &str) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let clause = self.rng.item(lexicon.of_kind(kind))?;
        let (subject, first) = self.new_filler(&clause.slots[0], Wanted::default())?;
        let (addressee, second) = self.new_filler(clause.slots.get(1)?, Wanted::default())?;
        let mut pieces = self.finish_plain(clause, vec![subject, addressee], first)?;
        let (controller, target) = match kind {
            "subject_control" => (first, second),
            _ => (second, first),
        };
        let (inner, number) = self.controlled(target)?;
        if !Self::is_for_persons(&inner.slots[0]) || inner.is_state || inner.is_negated {
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
                let anaphor =
                    self.add_anaphor(AnaphorKind::Null, Some(controller), Decision::Syntax);
                how.has_null_subject = true;
                how.null_anaphor = Some(anaphor);
                inner_subject = Filler::Anaphor { anaphor, form };
            }
            Language::Es => {}
        }
        let mut fillers = vec![inner_subject];
        match number {
            Some(number) => fillers.extend(self.others(inner, number, target, &[controller])?),
            None => {
                fillers.extend(self.simple_fillers(inner)?);
                how.reflexive = (!inner.has_possessive()).then(|| self.reflexive_of(controller));
            }
        }
        self.stresses_own = true;
        let said = self.say(inner, &fillers, Some(controller), how);
        self.stresses_own = false;
        pieces.extend(said?);
        self.topic = Some(first);
        Some(pieces)
    }

    /// What somebody is to do: something to `target`, in the slot of this number, or something to
    /// himself or of his own.
    fn controlled(&mut self, target: usize) -> Option<(&'l Clause, Option<usize>)> {
        let lexicon = self.lexicon;
        match self.rng.weighted(&[60, 20, 20]) {
            0 => {
                let roles = [Role::Object, Role::Preposition, Role::Dative];
                let role = roles[self.rng.weighted(&[60, 20, 20])];
                let class = self.referents[target].class;
                let &(idx, number) = self.rng.item(lexicon.with_slot(role, class))?;
                (number > 0).then_some((&lexicon.clauses[idx], Some(number)))
            }
            1 => Some((self.rng.item(lexicon.of_kind("reflexive"))?, None)),
            _ => Some((&lexicon.clauses[*self.rng.item(&lexicon.owned)?], None)),
        }
    }
}
