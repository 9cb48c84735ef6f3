//! Noun phrases: names, determiners, adjectives, possessors, relative clauses, coordination.

use super::super::agreement::Agreement;
use super::super::class::Classes;
use super::super::clause::Slot;
use super::super::draft::Piece;
use super::super::filler::Filler;
use super::super::noun::Noun;
use super::super::referent::Referent;
use super::Composer;
use crate::example::Language;

/// What is asked of a noun phrase.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    /// It agrees with this pronoun.
    pub(super) agreement: Option<Agreement>,
    /// No modifier that names somebody else.
    pub(super) is_simple: bool,
    /// The referent in whose phrase it stands.
    pub(super) host: Option<usize>,
    /// It is known already: a name, or *the*.
    pub(super) is_definite: bool,
    /// The number that an earlier anaphor gave it.
    pub(super) id: Option<usize>,
}

/// A phrase without somebody else in it.
pub(super) const SIMPLE: Wanted =
    Wanted { agreement: None, is_simple: true, is_definite: false, host: None, id: None };

/// A noun phrase.
pub(super) struct Phrase {
    pub(super) pieces: Vec<Piece>,
    pub(super) id: usize,
}

impl<'l> Composer<'l> {
    /// A filler for a new referent.
    pub(super) fn new_filler(&mut self, slot: &'l Slot, wanted: Wanted) -> Option<(Filler, usize)> {
        let Phrase { pieces, id } = self.phrase(slot, wanted)?;
        let is_plural = self.referents[id].is_plural;
        Some((Filler::Phrase { pieces, is_plural }, id))
    }

    /// A noun phrase that is natural in a slot.
    pub(super) fn phrase(&mut self, slot: &'l Slot, wanted: Wanted) -> Option<Phrase> {
        if !slot.nouns.is_empty() {
            for _ in 0..8 {
                let noun = self.rng.item(&slot.nouns)?;
                let is_plural = noun.singular.is_none()
                    || wanted
                        .agreement
                        .is_some_and(|form| form.meets(noun.many) && !form.meets(noun.one));
                let agreement = if is_plural { noun.many } else { noun.one };
                let fits = wanted.agreement.is_none_or(|form| agreement.meets(form));
                if fits && noun.text(is_plural).is_some() && !self.used.contains(&noun.lemma()) {
                    return self.with_noun(noun, is_plural, wanted);
                }
            }
            return None;
        }
        let classes: Vec<Classes> = slot.natural.each().collect();
        let mut class = *self.rng.item(&classes)?;
        if classes.len() > 2 && classes.contains(&Classes::KIN) && self.rng.chance(0.5) {
            class = Classes::PERSON;
        }
        self.phrase_of(class, wanted)
    }

    /// A noun phrase of a class.
    pub(super) fn phrase_of(&mut self, class: Classes, wanted: Wanted) -> Option<Phrase> {
        if class.meets(Classes::PERSON) {
            let plural = Agreement(if self.language() == Language::Es { 0b1100 } else { 0b1000 });
            let can_be_plural = wanted.agreement.is_none_or(|form| form.meets(plural));
            let can_be_one = wanted.agreement.is_none_or(|form| !form.is_within(plural));
            if can_be_plural && wanted.host.is_none() && self.rng.chance(0.08) {
                return self.coordination(wanted);
            }
            if can_be_one && self.rng.chance(0.5) {
                return self.name(wanted);
            }
            let kin = self.rng.chance(0.4);
            let class = if kin { Classes::KIN } else { Classes::PERSON.without(Classes::KIN) };
            return self.with_class(class, wanted);
        }
        if class == Classes::PLACE && wanted.agreement.is_none() && self.rng.chance(0.2) {
            return self.city(wanted);
        }
        self.with_class(class, wanted)
    }

    pub(super) fn with_class(&mut self, class: Classes, wanted: Wanted) -> Option<Phrase> {
        let lexicon = self.lexicon;
        for _ in 0..12 {
            let tier = usize::from(self.rng.chance(0.4));
            let idx = *self.rng.item(&lexicon.by_class[class.index()][tier])?;
            let noun = &lexicon.nouns[idx];
            let is_plural = match (&noun.singular, &noun.plural) {
                (None, _) => true,
                (_, None) => false,
                _ => match wanted.agreement {
                    Some(form) if form.meets(noun.one) && form.meets(noun.many) => {
                        self.rng.chance(0.3)
                    }
                    Some(form) => form.meets(noun.many),
                    None => self.rng.chance(0.22),
                },
            };
            let agreement = if is_plural { noun.many } else { noun.one };
            let fits = wanted.agreement.is_none_or(|form| agreement.meets(form));
            if fits && !self.used.contains(&noun.lemma()) {
                return self.with_noun(noun, is_plural, wanted);
            }
        }
        None
    }

    /// Adds a referent, or fills in the one that was announced.
    pub(super) fn add(&mut self, referent: Referent, wanted: Wanted) -> usize {
        match wanted.id {
            Some(id) => {
                self.referents[id] = referent;
                id
            }
            None => {
                self.referents.push(referent);
                self.referents.len() - 1
            }
        }
    }

    pub(super) fn with_noun(
        &mut self,
        noun: &'l Noun,
        is_plural: bool,
        wanted: Wanted,
    ) -> Option<Phrase> {
        let text = noun.text(is_plural)?;
        self.used.push(noun.lemma());
        let natural = if is_plural { noun.many } else { noun.one };
        let agreement = match wanted.agreement {
            Some(form) => natural.intersection(form),
            None => natural,
        };
        let id = self.add(
            Referent {
                agreement,
                possible: if is_plural { noun.many } else { noun.one_possible },
                class: noun.class,
                is_plural,
                host: wanted.host,
                parts: None,
                can_be_meant: true,
            },
            wanted,
        );
        let pieces = match self.language() {
            Language::Es => self.spanish_phrase(noun, text, is_plural, id, wanted),
            Language::En => self.english_phrase(noun, text, is_plural, id, wanted),
        };
        Some(Phrase { pieces, id })
    }

    /// *Ana and her brother, el médico y la enfermera*
    pub(super) fn coordination(&mut self, wanted: Wanted) -> Option<Phrase> {
        let id = match wanted.id {
            Some(id) => id,
            None => {
                self.referents.push(Referent {
                    agreement: Agreement::NONE,
                    possible: Agreement::NONE,
                    class: Classes::PERSON.without(Classes::KIN),
                    is_plural: true,
                    host: wanted.host,
                    parts: None,
                    can_be_meant: true,
                });
                self.referents.len() - 1
            }
        };
        let feminine_only =
            wanted.agreement == Some(Agreement::ELLAS) && self.language() == Language::Es;
        let member = Wanted {
            is_simple: true,
            agreement: Some(match (self.language(), feminine_only) {
                (Language::Es, true) => Agreement::ELLA,
                (Language::Es, false) => Agreement::ES_SINGULAR,
                (Language::En, _) => Agreement::HE_OR_SHE,
            }),
            host: Some(id),
            ..Wanted::default()
        };
        let first = self.member(member)?;
        let second = self.member(member)?;
        let both_feminine = [first.id, second.id]
            .iter()
            .all(|&part| self.referents[part].agreement == Agreement::ELLA);
        let agreement = match self.language() {
            Language::Es => Agreement::es(both_feminine, true),
            Language::En => Agreement::THEY,
        };
        if wanted.agreement.is_some_and(|form| !form.meets(agreement)) {
            return None;
        }
        for part in [first.id, second.id] {
            self.referents[part].host = None;
        }
        self.referents[id] = Referent {
            agreement,
            possible: agreement,
            class: Classes::PERSON.without(Classes::KIN),
            is_plural: true,
            host: wanted.host,
            parts: Some([first.id, second.id]),
            can_be_meant: true,
        };
        // The first article is no part of the head: *los [hijos y la tía]*.
        let (article, rest) = match &first.pieces[..] {
            [phrase @ Piece::Phrase(_), Piece::Word(word), rest @ ..]
                if matches!(word.as_str(), "el" | "la" | "the" | "un" | "una" | "mi" | "my") =>
            {
                (vec![phrase.clone(), Piece::word(word.clone())], rest.to_vec())
            }
            pieces => (Vec::new(), pieces.to_vec()),
        };
        let mut pieces = vec![Piece::Phrase(id)];
        pieces.extend(article);
        pieces.push(Piece::Head(id));
        pieces.extend(rest);
        pieces.push(Piece::word(if self.language() == Language::Es { "y" } else { "and" }));
        pieces.extend(second.pieces);
        pieces.extend([Piece::HeadEnd(id), Piece::PhraseEnd(id)]);
        Some(Phrase { pieces, id })
    }

    pub(super) fn member(&mut self, wanted: Wanted) -> Option<Phrase> {
        match self.rng.chance(0.6) {
            true => self.name(wanted),
            false => {
                let class = match self.rng.chance(0.5) {
                    true => Classes::KIN,
                    false => Classes::PERSON.without(Classes::KIN),
                };
                self.with_class(class, wanted)
            }
        }
    }
}
