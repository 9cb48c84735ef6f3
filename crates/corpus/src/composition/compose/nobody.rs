//! Anaphors that stand for nothing in the text.

use super::super::agreement::Agreement;
use super::super::class::Classes;
use super::super::clause::Role;
use super::super::draft::Piece;
use super::super::filler::Filler;
use super::super::reason::Link;
use super::super::referent::{AnaphorKind, Decision, Referent};
use super::phrase::SIMPLE;
use super::{Composer, is_like_first_person};
use crate::example::Language;

impl<'l> Composer<'l> {
    /// *it was raining, llovía*
    pub(super) fn impersonal(&mut self, link: Link) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let clause = self.rng.item(lexicon.of_kind("impersonal"))?;
        let mut how = self.how(link, clause);
        how.auxiliary = None;
        how.null_anaphor = Some(self.add_anaphor(AnaphorKind::Pleonastic, None, Decision::Nothing));
        let mut fillers = vec![Filler::None];
        fillers.extend(self.simple_fillers(clause)?);
        self.say(clause, &fillers, None, how)
    }

    /// A clause whose pronoun stands for nobody in the text: nobody in it agrees.
    pub(super) fn absent(&mut self, link: Link) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let form = self.unused_form()?;
        // No dative: *le* shows no gender, so that whoever is there could be meant.
        let role =
            [Role::Subject, Role::Object, Role::Preposition][self.rng.weighted(&[52, 32, 16])];
        let &(idx, number) = self.rng.item(lexicon.with_slot(role, Classes::KIN))?;
        let clause = &lexicon.clauses[idx];
        if !Self::is_for_persons(&clause.slots[0]) || clause.is_pronominal {
            return None;
        }
        let mut how = self.how(link, clause);
        let kind = self.kind_of(role);
        let mut fillers = Vec::new();
        let mut subject_id = None;
        for (other, slot) in clause.slots.iter().enumerate() {
            fillers.push(if other == number {
                let anaphor = self.add_anaphor(kind, None, Decision::Nothing);
                Filler::Anaphor { anaphor, form }
            } else if other == 0 && self.rng.chance(0.6) {
                how.is_stressed = is_like_first_person(how.form);
                self.first_person(Filler::I)
            } else {
                let (filler, id) = self.new_filler(slot, SIMPLE)?;
                subject_id = subject_id.or((other == 0).then_some(id));
                filler
            });
        }
        self.absent.push(form);
        if number == 0 && clause.has_possessive() {
            return None;
        }
        self.say(clause, &fillers, subject_id, how)
    }

    /// A pronoun of persons that nobody of the text so far agrees with.
    pub(super) fn unused_form(&mut self) -> Option<Agreement> {
        let is_plural = |form: Agreement| match self.language() {
            Language::Es => form.meets(Agreement::ES_PLURAL),
            Language::En => form == Agreement::THEY,
        };
        let animate = |referent: &&Referent| referent.class.meets(Classes::ANIMATE);
        let n_single = self.referents.iter().filter(animate).filter(|r| !r.is_plural).count();
        let is_free = |form: &Agreement| {
            let is_it = self.language() == Language::En && *form == Agreement::IT;
            // *They* can be somebody whose gender is not said.
            let could_be_one = *form == Agreement::THEY
                && self.language() == Language::En
                && (self.has_indefinite
                    || self.referents.iter().any(|r| r.agreement == Agreement::HE_OR_SHE));
            let could_be_a_sum = is_plural(*form) && n_single > 1;
            let agrees = self.referents.iter().filter(animate).any(|r| r.possible.meets(*form));
            !is_it && !could_be_one && !could_be_a_sum && !agrees
        };
        let free: Vec<Agreement> = (0..4).map(|bit| Agreement(1 << bit)).filter(is_free).collect();
        self.rng.item(&free).copied()
    }
}
