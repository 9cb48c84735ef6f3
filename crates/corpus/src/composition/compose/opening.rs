//! Clauses about somebody or something new.

use super::super::class::Classes;
use super::super::draft::Piece;
use super::super::filler::Filler;
use super::super::reason::Link;
use super::Composer;
use super::phrase::{SIMPLE, Wanted};
use crate::example::Language;

impl<'l> Composer<'l> {
    /// A clause in which everybody is new.
    pub(super) fn new_clause(&mut self, link: Link, about_thing: bool) -> Option<Vec<Piece>> {
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

    /// A clause whose object is its subject.
    pub(super) fn reflexive(&mut self, link: Link) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let clause = self.rng.item(lexicon.of_kind("reflexive"))?;
        let (subject, id) = self.new_filler(&clause.slots[0], Wanted::default())?;
        let mut fillers = vec![subject];
        fillers.extend(self.simple_fillers(clause)?);
        let mut how = self.how(link, clause);
        how.reflexive = Some(self.reflexive_of(id));
        let pieces = self.say(clause, &fillers, Some(id), how)?;
        self.topic = Some(id);
        Some(pieces)
    }

    /// *Ana y Luis se casaron, Ana and Luis got married*
    pub(super) fn reciprocal(&mut self, link: Link) -> Option<Vec<Piece>> {
        let lexicon = self.lexicon;
        let clause = self.rng.item(lexicon.of_kind("reciprocal"))?;
        let phrase = self.coordination(Wanted::default())?;
        let subject = Filler::Phrase { pieces: phrase.pieces, is_plural: true };
        let mut fillers = vec![subject];
        fillers.extend(self.simple_fillers(clause)?);
        let how = self.how(link, clause);
        let pieces = self.say(clause, &fillers, Some(phrase.id), how)?;
        self.topic = Some(phrase.id);
        Some(pieces)
    }

    /// *it was Ana who called Luis*: the person, and what is said of her.
    pub(super) fn cleft(&mut self) -> Option<Vec<Piece>> {
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
        fillers.extend(self.simple_fillers(clause)?);
        let how = self.how(Link::Main, clause);
        let said = self.say(clause, &fillers, Some(head.id), how)?;
        let mut pieces = head.pieces;
        pieces.push(Piece::word(if self.language() == Language::Es { "quien" } else { "who" }));
        pieces.extend(said);
        self.topic = Some(head.id);
        Some(pieces)
    }
}
