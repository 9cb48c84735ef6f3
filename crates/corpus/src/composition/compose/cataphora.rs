//! An anaphor whose antecedent comes in the next clause: *When she arrived, Ana …*

use super::super::agreement::Agreement;
use super::super::class::Classes;
use super::super::draft::Piece;
use super::super::filler::Filler;
use super::super::reason::Link;
use super::super::referent::Referent;
use super::Composer;
use super::phrase::Wanted;
use crate::example::Language;

impl<'l> Composer<'l> {
    /// A clause with an anaphor for the subject of the clause that comes next.
    pub(super) fn before(&mut self, link: Link) -> Option<Vec<Piece>> {
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
    pub(super) fn announced_clause(&mut self, id: usize, link: Link) -> Option<Vec<Piece>> {
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
        fillers.extend(self.simple_fillers(clause)?);
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
}
