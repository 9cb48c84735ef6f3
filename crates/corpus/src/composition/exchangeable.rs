//! Words that could stand in place of one another, whatever the text says.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::agreement::Agreement;
use super::class::Classes;
use super::english_words::takes_an;
use super::lexicon::Lexicon;
use crate::example::Language;

/// What words must have in common: the class, the pronouns that stand for them, and what the articles
/// before them depend on.
type Kind = (Classes, Agreement, bool);

/// For each first name and noun of one word the list of those of its kind. A form of two nouns, and
/// what is neither alive nor a thing that can be touched, is left out: *a wedding* and *a lesson* are
/// not alike enough.
pub(super) fn words(lexicon: &Lexicon) -> HashMap<String, Arc<[String]>> {
    let mut kinds: BTreeMap<Kind, Vec<&str>> = BTreeMap::new();
    for noun in &lexicon.nouns {
        if !noun.class.is_within(Classes::PERSON.union(Classes::ANIMAL).union(Classes::THING)) {
            continue;
        }
        let forms = [(&noun.singular, noun.one), (&noun.plural, noun.many)];
        for (form, agreement) in forms {
            let Some(word) = form.as_deref().filter(|word| is_one_word(word)) else { continue };
            let article = match lexicon.language {
                Language::Es => noun.takes_el,
                Language::En => takes_an(word),
            };
            kinds.entry((noun.class, agreement, article)).or_default().push(word);
        }
    }
    let names = lexicon.names.first.iter().map(|lists| {
        lists.iter().flatten().map(String::as_str).filter(|name| is_one_word(name)).collect()
    });
    let mut n_kinds: HashMap<&str, usize> = HashMap::new();
    for word in kinds.values().flatten() {
        *n_kinds.entry(word).or_default() += 1;
    }
    let mut exchangeable = HashMap::new();
    for list in kinds.values().cloned().chain(names) {
        let list: Vec<&str> =
            list.into_iter().filter(|word| n_kinds.get(word) != Some(&2)).collect();
        let all: Arc<[String]> = list.iter().map(|word| (*word).to_owned()).collect();
        exchangeable.extend(list.iter().map(|word| ((*word).to_owned(), all.clone())));
    }
    exchangeable
}

fn is_one_word(text: &str) -> bool {
    text.chars().all(char::is_alphabetic)
}
