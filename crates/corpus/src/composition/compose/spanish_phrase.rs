//! Spanish noun phrases: determiners, adjectives, and what may follow a noun.

use super::super::agreement::Agreement;
use super::super::class::Classes;
use super::super::draft::{Piece, words};
use super::super::filler::{Filler, How};
use super::super::noun::Noun;
use super::super::reason::Link;
use super::super::verb_form;
use super::Composer;
use crate::example::Language;

use super::phrase::Wanted;

/// What may follow a noun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Modifier {
    can_be_owned: bool,
    needs_owner: bool,
}

impl<'l> Composer<'l> {
    pub(super) fn spanish_phrase(
        &mut self,
        noun: &Noun,
        text: &str,
        is_plural: bool,
        id: usize,
        wanted: Wanted,
    ) -> Vec<Piece> {
        let feminine = noun.one.meets(Agreement::ELLA) || noun.many.meets(Agreement::ELLAS);
        let form = usize::from(feminine) + 2 * usize::from(is_plural);
        let is_kin = noun.class == Classes::KIN;
        let determiner = match wanted.is_definite && !is_kin {
            true if noun.takes_el && !is_plural => "el",
            true => ["el", "la", "los", "las"][form],
            false => self.spanish_determiner(noun, form, is_plural),
        };
        let hides_gender = matches!(determiner, "mi" | "tu" | "mis" | "tus" | "dos" | "tres");
        if hides_gender && noun.has_both_genders {
            let both = if is_plural { Agreement::ES_PLURAL } else { Agreement::ES_SINGULAR };
            self.referents[id].possible = both;
        }
        let mut pieces = vec![Piece::Phrase(id)];
        pieces.extend(words(determiner));
        let adjectives = &self.lexicon.adjectives[noun.class.index()];
        if !noun.takes_el
            && self.rng.chance(0.07)
            && let Some(adjective) = self.rng.item(&adjectives[0])
        {
            pieces.push(Piece::word(adjective[form].clone()));
        }
        pieces.push(Piece::Head(id));
        let mut noun_words = words(text);
        pieces.extend(noun_words.next());
        pieces.push(Piece::HeadEnd(id));
        pieces.extend(noun_words);
        if self.rng.chance(0.14)
            && let Some(adjective) = self.rng.item(&adjectives[1])
        {
            pieces.extend(words(&adjective[form]));
        }
        if !wanted.is_simple {
            let has_article = matches!(determiner, "el" | "la" | "los" | "las" | "un" | "una");
            let needs_owner = is_kin && has_article;
            let wants = Modifier { can_be_owned: has_article, needs_owner };
            self.spanish_modifier(noun, is_plural, wants, id, &mut pieces);
        }
        pieces.push(Piece::PhraseEnd(id));
        pieces
    }

    pub(super) fn spanish_determiner(
        &mut self,
        noun: &Noun,
        form: usize,
        is_plural: bool,
    ) -> &'static str {
        const DETERMINERS: [[&str; 4]; 9] = [
            ["el", "la", "los", "las"],
            ["un", "una", "unos", "unas"],
            ["mi", "mi", "mis", "mis"],
            ["este", "esta", "estos", "estas"],
            ["ese", "esa", "esos", "esas"],
            ["tu", "tu", "tus", "tus"],
            ["nuestro", "nuestra", "nuestros", "nuestras"],
            ["otro", "otra", "otros", "otras"],
            ["aquel", "aquella", "aquellos", "aquellas"],
        ];
        const NUMBERS: [[&str; 2]; 6] = [
            ["dos", "dos"],
            ["tres", "tres"],
            ["varios", "varias"],
            ["muchos", "muchas"],
            ["todos los", "todas las"],
            ["algunos", "algunas"],
        ];
        let weights: [usize; 9] = match noun.class {
            Classes::KIN => [14, 8, 60, 0, 0, 10, 8, 0, 0],
            Classes::PLACE | Classes::BUILDING | Classes::ROOM | Classes::EVENT => {
                [76, 12, 3, 4, 2, 0, 1, 1, 1]
            }
            Classes::BODY => [80, 0, 20, 0, 0, 0, 0, 0, 0],
            _ => [58, 20, 8, 4, 3, 3, 1, 2, 1],
        };
        if is_plural && self.rng.chance(0.15) && noun.class != Classes::BODY {
            let number = NUMBERS[self.rng.below(6)];
            return number[form % 2];
        }
        let which = self.rng.weighted(&weights);
        if noun.takes_el && !is_plural && which < 2 {
            return DETERMINERS[which][0];
        }
        DETERMINERS[which][form]
    }

    pub(super) fn spanish_modifier(
        &mut self,
        noun: &Noun,
        is_plural: bool,
        Modifier { can_be_owned, needs_owner }: Modifier,
        id: usize,
        pieces: &mut Vec<Piece>,
    ) {
        let inner = Wanted { is_simple: true, host: Some(id), ..Wanted::default() };
        let owned = noun.class.meets(Classes::THING.union(Classes::ANIMAL).union(Classes::KIN));
        if needs_owner || owned && can_be_owned && self.rng.chance(0.1) {
            if let Some(owner) = self.phrase_of(Classes::PERSON, inner) {
                pieces.push(Piece::word("de"));
                pieces.extend(owner.pieces);
            }
        } else if noun.class.meets(Classes::PERSON.union(Classes::THING)) && self.rng.chance(0.05) {
            if let Some(place) = self.phrase_of(Classes::PLACE, inner) {
                pieces.push(Piece::word("de"));
                pieces.extend(place.pieces);
            }
        } else if noun.class.meets(Classes::PERSON) && self.rng.chance(0.05) {
            self.relative_state(id, is_plural, pieces);
        }
    }

    /// *que tenía hambre, who was tired*
    pub(super) fn relative_state(&mut self, id: usize, is_plural: bool, pieces: &mut Vec<Piece>) {
        let lexicon = self.lexicon;
        let states = lexicon.of_kind("states");
        let Some(clause) = self.rng.item(states) else { return };
        let is_plain = clause.slots.len() == 1
            && clause.slots[0].natural.meets(Classes::PERSON)
            && clause.parts.iter().all(|part| {
                matches!(
                    part,
                    super::super::clause::Part::Word(_) | super::super::clause::Part::Agreeing(_)
                )
            });
        if !is_plain {
            return;
        }
        let (form, auxiliary) =
            verb_form::choose(Link::Relative, self.is_past, true, false, &mut self.rng);
        let mut how = How::new(form, auxiliary);
        how.subject_form = self.referents[id].agreement;
        let subject = Filler::Phrase { pieces: Vec::new(), is_plural };
        if clause.is_pronominal {
            return;
        }
        if let Some(said) = self.realise(clause, &[subject], &how) {
            pieces.push(Piece::word(if self.language() == Language::Es { "que" } else { "who" }));
            pieces.extend(said);
        }
    }
}
