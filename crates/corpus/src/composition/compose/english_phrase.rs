//! English noun phrases: determiners, adjectives, owners, and what may follow a noun.

use super::super::class::Classes;
use super::super::draft::{Piece, words};
use super::super::noun::Noun;
use super::Composer;

use super::phrase::Wanted;

impl<'l> Composer<'l> {
    pub(super) fn english_phrase(
        &mut self,
        noun: &Noun,
        text: &str,
        is_plural: bool,
        id: usize,
        wanted: Wanted,
    ) -> Vec<Piece> {
        const SINGULAR: [&str; 8] = ["the", "a", "my", "this", "that", "your", "our", "another"];
        const PLURAL: [&str; 8] = ["the", "some", "my", "these", "those", "your", "our", "several"];
        const NUMBERS: [&str; 6] = ["two", "three", "many", "all the", "a few", "most of the"];
        let weights: [usize; 8] = match noun.class {
            Classes::KIN => [8, 8, 58, 0, 0, 14, 12, 0],
            Classes::PLACE | Classes::BUILDING | Classes::ROOM | Classes::EVENT => {
                [74, 14, 3, 4, 3, 0, 1, 1]
            }
            Classes::BODY => [60, 0, 30, 0, 0, 10, 0, 0],
            _ => [56, 24, 8, 4, 3, 3, 1, 1],
        };
        let which = match wanted.is_definite && noun.class != Classes::KIN {
            true => 0,
            false => self.rng.weighted(&weights),
        };
        let mut pieces = vec![Piece::Phrase(id)];
        let is_mass = noun.plural.is_none() && !is_plural;
        let inner = Wanted { is_simple: true, host: Some(id), ..Wanted::default() };
        let owned = noun.class.meets(Classes::THING.union(Classes::ANIMAL).union(Classes::KIN));
        let mut has_owner = false;
        let owner = match owned && !wanted.is_simple && self.rng.chance(0.1) {
            true => self.phrase_of(Classes::PERSON, inner),
            false => None,
        };
        if let Some(owner) = owner {
            has_owner = true;
            let ends_in_s = self.referents[owner.id].is_plural;
            pieces.extend(owner.pieces);
            pieces.push(Piece::word(if ends_in_s { "+'" } else { "+'s" }));
        } else if is_plural && self.rng.chance(0.15) {
            pieces.extend(words(NUMBERS[self.rng.below(6)]));
        } else {
            match (is_plural, which, is_mass) {
                (true, _, _) => pieces.push(Piece::word(PLURAL[which])),
                (_, 1, true) => pieces.push(Piece::word("some")),
                (_, 1, _) => pieces.push(Piece::Indefinite),
                (_, 7, true) => pieces.push(Piece::word("the")),
                _ => pieces.push(Piece::word(SINGULAR[which])),
            }
        }
        let adjectives = &self.lexicon.adjectives[noun.class.index()];
        if self.rng.chance(0.18)
            && let Some(adjective) = self.rng.item(&adjectives[0])
        {
            pieces.extend(words(&adjective[0]));
        }
        pieces.push(Piece::Head(id));
        pieces.extend(words(text));
        pieces.push(Piece::HeadEnd(id));
        if !wanted.is_simple {
            if self.rng.chance(0.05)
                && let Some(behind) = self.rng.item(&adjectives[1])
            {
                pieces.extend(words(&behind[0]));
            } else if noun.class.meets(Classes::PERSON) && self.rng.chance(0.05) {
                self.relative_state(id, is_plural, &mut pieces);
            } else if noun.class.meets(Classes::KIN)
                && which == 0
                && !has_owner
                && let Some(other) = self.phrase_of(Classes::PERSON, inner)
            {
                pieces.push(Piece::word("of"));
                pieces.extend(other.pieces);
            }
        }
        pieces.push(Piece::PhraseEnd(id));
        pieces
    }
}
