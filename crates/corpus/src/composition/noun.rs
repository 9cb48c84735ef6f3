//! Nouns as the files list them: *el niño / la niña*, *el lápiz, los lápices*; *child, children*,
//! *king (he)*.

use super::agreement::Agreement;
use super::class::Classes;
use super::{english_words, spanish_words};
use crate::example::Language;

/// A noun of one gender.
#[derive(Debug, Clone)]
pub(super) struct Noun {
    /// `None` for what is only said in the plural (*scissors*).
    pub(super) singular: Option<String>,
    /// `None` for what is not counted.
    pub(super) plural: Option<String>,
    /// The pronouns that stand for the singular.
    pub(super) one: Agreement,
    /// The pronouns that could stand for the singular: *he* for a dog, *they* for a team.
    pub(super) one_possible: Agreement,
    pub(super) many: Agreement,
    pub(super) class: Classes,
    /// Spanish: feminine with *el* (*el agua*).
    pub(super) takes_el: bool,
    /// Spanish: the same word in both genders (*el karateca, la karateca*), so that *mi karateca* shows
    /// none.
    pub(super) has_both_genders: bool,
}

impl Noun {
    /// The singular or the plural, if there is one.
    pub(super) fn text(&self, plural: bool) -> Option<&str> {
        if plural { self.plural.as_deref() } else { self.singular.as_deref() }
    }

    /// The words by which a repetition is recognised.
    pub(super) fn lemma(&self) -> &str {
        self.singular.as_deref().or(self.plural.as_deref()).unwrap_or_default()
    }
}

/// Reads an entry: one noun, or one for each gender. The error says what was expected.
pub(super) fn read(
    language: Language,
    entry: &str,
    class: Classes,
) -> Result<Vec<Noun>, &'static str> {
    match language {
        Language::Es => {
            let halves = entry.split(" / ").map(|half| spanish(half.trim(), class));
            let mut nouns = halves.collect::<Result<Vec<_>, _>>()?;
            let is_same = nouns.len() == 2 && nouns[0].singular == nouns[1].singular;
            nouns.iter_mut().for_each(|noun| noun.has_both_genders = is_same);
            Ok(nouns)
        }
        Language::En => Ok(vec![english(entry.trim(), class)?]),
    }
}

fn spanish(entry: &str, class: Classes) -> Result<Noun, &'static str> {
    const EXPECTED: &str = "an article and a noun, such as \"el lápiz, los lápices\"";
    let (takes_el, entry) = match entry.split_once("(f)") {
        Some((before, after)) => (true, format!("{}{after}", before.trim_end())),
        None => (false, entry.to_owned()),
    };
    let (first, plural) = match entry.split_once(',') {
        Some((first, plural)) => (first.trim(), Some(plural.trim())),
        None => (entry.trim(), None),
    };
    let (article, word) = first.split_once(' ').ok_or(EXPECTED)?;
    let feminine = match article {
        "el" | "los" => takes_el,
        "la" | "las" => true,
        _ => return Err(EXPECTED),
    };
    let without_article = |text: &str| text.split_once(' ').map(|(_, word)| word.trim().to_owned());
    let is_plural = article == "los" || article == "las";
    let plural = match plural {
        _ if is_plural => Some(word.to_owned()),
        Some("-") => None,
        Some(plural) => Some(without_article(plural).ok_or(EXPECTED)?),
        None if word.contains(' ') => None,
        None => Some(spanish_words::plural(word)),
    };
    let one = Agreement::es(feminine, false);
    let many = Agreement::es(feminine, true);
    let one_possible = match class {
        Classes::GROUP => one.union(Agreement::ES_PLURAL),
        _ => one,
    };
    let singular = (!is_plural).then(|| word.to_owned());
    Ok(Noun { singular, plural, one, one_possible, many, class, takes_el, has_both_genders: false })
}

fn english(entry: &str, class: Classes) -> Result<Noun, &'static str> {
    let entry = entry.strip_prefix("the ").unwrap_or(entry);
    let mark = ["(he)", "(she)", "(they)", "(it)"].into_iter().find(|mark| entry.contains(mark));
    let entry = mark.map_or(entry.to_owned(), |mark| entry.replace(mark, ""));
    let (singular, plural) = match entry.split_once(',') {
        Some((singular, plural)) => (singular.trim(), Some(plural.trim())),
        None => (entry.trim(), None),
    };
    let plural = plural.map(|plural| plural.strip_prefix("the ").unwrap_or(plural));
    if singular.is_empty() {
        return Err("a noun, such as \"child, children\"");
    }
    if mark == Some("(they)") {
        let plural = Some(singular.to_owned());
        let many = Agreement::THEY;
        return Ok(Noun {
            singular: None,
            plural,
            one: many,
            one_possible: many,
            many,
            class,
            takes_el: false,
            has_both_genders: false,
        });
    }
    let is_person = class.is_within(Classes::PERSON);
    let one = match mark {
        Some("(he)") => Agreement::HE,
        Some("(she)") => Agreement::SHE,
        _ if is_person => Agreement::HE_OR_SHE,
        _ => Agreement::IT,
    };
    let one_possible = match class {
        Classes::ANIMAL => one.union(Agreement::HE_OR_SHE).union(Agreement::IT),
        Classes::GROUP => Agreement::IT.union(Agreement::THEY),
        _ => one,
    };
    let plural = match plural {
        Some("-") => None,
        Some(plural) => Some(plural.to_owned()),
        None => Some(english_words::plural(singular)),
    };
    let singular = Some(singular.to_owned());
    Ok(Noun {
        singular,
        plural,
        one,
        one_possible,
        many: Agreement::THEY,
        class,
        takes_el: false,
        has_both_genders: false,
    })
}
