//! Proper names of persons and places.

use super::super::agreement::Agreement;
use super::super::class::Classes;
use super::super::draft::{Piece, words};
use super::super::referent::Referent;
use super::Composer;
use crate::example::Language;

use super::phrase::{Phrase, Wanted};

impl<'l> Composer<'l> {
    /// A proper name, with a title or a surname at times.
    pub(super) fn name(&mut self, wanted: Wanted) -> Option<Phrase> {
        let lexicon = self.lexicon;
        // In both languages the first pronoun is the masculine one and the second the feminine one.
        let gender = match wanted.agreement {
            Some(form) if form.meets(Agreement(1)) && form.meets(Agreement(2)) => self.rng.below(2),
            Some(form) if form.meets(Agreement(2)) => 0,
            Some(form) if form.meets(Agreement(1)) => 1,
            Some(_) => return None,
            None => self.rng.below(2),
        };
        let tier = self.rng.weighted(&[50, 34, 6, 10]);
        let first = self.rng.item(&lexicon.names.first[gender][tier])?.as_str();
        let mut before: &[Piece] = &[];
        let title;
        let mut name: Vec<Piece> = Vec::new();
        match self.rng.weighted(&[78, 12, 4, 6]) {
            0 => name.extend(words(first)),
            1 => {
                let surname = self.rng.item(&lexicon.names.surnames)?;
                name.extend(words(first));
                name.push(Piece::word(surname.clone()));
            }
            with_title => {
                let kind = usize::from(with_title == 3);
                let text = self.rng.item(&lexicon.names.titles[gender][kind])?;
                let parts: Vec<Piece> = words(text).collect();
                // Of *la doctora Ruiz*, the article is no part of the name.
                let has_article =
                    text.starts_with("el ") || text.starts_with("la ") || text.starts_with("the ");
                title = parts;
                let (article, rest) = title.split_at(usize::from(has_article));
                before = article;
                name.extend(rest.iter().cloned());
                match kind {
                    0 => name.extend(words(first)),
                    _ => name.push(Piece::word(self.rng.item(&lexicon.names.surnames)?.clone())),
                }
            }
        }
        if self.used.contains(&first) {
            return None;
        }
        self.used.push(first);
        let form = Agreement(if gender == 0 { 2 } else { 1 });
        let id = self.add(
            Referent {
                agreement: form,
                possible: form,
                class: Classes::PERSON.without(Classes::KIN),
                is_plural: false,
                host: wanted.host,
                parts: None,
                can_be_meant: true,
            },
            wanted,
        );
        let mut pieces = vec![Piece::Phrase(id)];
        pieces.extend(before.iter().cloned());
        pieces.push(Piece::Head(id));
        pieces.extend(name);
        pieces.push(Piece::HeadEnd(id));
        pieces.push(Piece::PhraseEnd(id));
        Some(Phrase { pieces, id })
    }

    /// A city: its gender is unknown in Spanish.
    pub(super) fn city(&mut self, wanted: Wanted) -> Option<Phrase> {
        let lexicon = self.lexicon;
        let city = self.rng.item(&lexicon.names.cities)?.as_str();
        if self.used.contains(&city) {
            return None;
        }
        self.used.push(city);
        let possible = match self.language() {
            Language::Es => Agreement::ES_SINGULAR,
            Language::En => Agreement::IT,
        };
        let id = self.add(
            Referent {
                agreement: possible,
                possible,
                class: Classes::PLACE,
                is_plural: false,
                host: wanted.host,
                parts: None,
                can_be_meant: false,
            },
            wanted,
        );
        let mut pieces = vec![Piece::Phrase(id), Piece::Head(id)];
        pieces.extend(words(city));
        pieces.extend([Piece::HeadEnd(id), Piece::PhraseEnd(id)]);
        Some(Phrase { pieces, id })
    }
}
