//! Noun phrases: names, determiners, adjectives, possessors, relative clauses, coordination.

use super::super::agreement::Agreement;
use super::super::class::Classes;
use super::super::clause::Slot;
use super::super::draft::{Piece, words};
use super::super::filler::{Filler, How};
use super::super::noun::Noun;
use super::super::reason::Link;
use super::super::referent::Referent;
use super::super::verb_form;
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

/// What may follow a noun.
#[derive(Debug, Clone, Copy)]
struct Modifier {
    can_be_owned: bool,
    needs_owner: bool,
}

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

    fn with_class(&mut self, class: Classes, wanted: Wanted) -> Option<Phrase> {
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
    fn add(&mut self, referent: Referent, wanted: Wanted) -> usize {
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

    fn with_noun(&mut self, noun: &'l Noun, is_plural: bool, wanted: Wanted) -> Option<Phrase> {
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

    fn spanish_phrase(
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

    fn spanish_determiner(&mut self, noun: &Noun, form: usize, is_plural: bool) -> &'static str {
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

    fn spanish_modifier(
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
    fn relative_state(&mut self, id: usize, is_plural: bool, pieces: &mut Vec<Piece>) {
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

    fn english_phrase(
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

    /// A proper name, with a title or a surname at times.
    fn name(&mut self, wanted: Wanted) -> Option<Phrase> {
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
    fn city(&mut self, wanted: Wanted) -> Option<Phrase> {
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

    fn member(&mut self, wanted: Wanted) -> Option<Phrase> {
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
