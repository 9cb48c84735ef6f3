//! Variants in Spanish.

use super::agreeing::Agreeing;
use super::{Clause, Edits, Kind};
use crate::example::Language;
use crate::span::CharSpan;

/// Pronouns in the order of the grammar. Bit 0 of the index is the gender, bit 1 the number.
const PRONOUNS: [[&str; 4]; 2] = [["él", "ella", "ellos", "ellas"], ["lo", "la", "los", "las"]];

/// Words that end what agrees with the pronoun.
pub(super) const STOPS: [&str; 30] = [
    "un", "una", "unos", "unas", "el", "la", "los", "las", "mi", "su", "sus", "de", "del", "a",
    "al", "en", "por", "para", "con", "sin", "que", "porque", "y", "pero", "cuando", "aunque",
    "desde", "hasta", "sobre", "como",
];

/// An article after one of these begins a predicate noun, as in *era una mentirosa*.
const BEING: [&str; 6] = ["es", "son", "era", "eran", "fue", "fueron"];

/// Adjectives and their opposites, which can be said of whatever the others can be said of.
const OPPOSITES: [[&str; 2]; 12] = [
    ["grande", "pequeño"],
    ["ancho", "estrecho"],
    ["alto", "bajo"],
    ["contento", "triste"],
    ["lleno", "vacío"],
    ["caro", "barato"],
    ["nuevo", "viejo"],
    ["largo", "corto"],
    ["limpio", "sucio"],
    ["pesado", "ligero"],
    ["abierto", "cerrado"],
    ["mojado", "seco"],
];

/// Adjectives and others that can be said of whatever the first can be said of, but not the other way
/// round: persons get wet and do not break.
const OTHERS: [[&str; 2]; 6] = [
    ["roto", "mojado"],
    ["dañado", "mojado"],
    ["estropeado", "mojado"],
    ["enfermo", "contento"],
    ["cansado", "contento"],
    ["enfadado", "contento"],
];

pub(super) fn edits(clause: &Clause, pronoun: CharSpan) -> Vec<(Kind, Edits)> {
    let forms = PRONOUNS
        .iter()
        .find_map(|forms| Some((forms, forms.iter().position(|form| *form == clause.pronoun)?)));
    // If it is none of these it may be a null subject: then the span is its verb, and the gender is
    // that of an adjective.
    let agreeing = Agreeing::of(Language::Es);
    let is_clitic = forms.is_some_and(|(forms, _)| forms[0] == "lo");
    let form = match forms {
        Some((_, form)) => Some(form),
        None if agreeing.numbers(&clause.pronoun).is_some() => adjective_form(clause),
        None => None,
    };
    let mut all = Vec::new();
    for (kind, flip) in [(Kind::Gender, 1), (Kind::Number, 2)] {
        let Some(form) = form else { continue };
        let mut edits = Vec::new();
        match forms {
            Some((forms, _)) => edits.push((pronoun, forms[form ^ flip].to_owned())),
            None if kind == Kind::Number => {
                let plural = usize::from(form < 2);
                let verb = agreeing.numbers(&clause.pronoun).map(|forms| forms[plural]);
                edits.extend(verb.map(|verb| (pronoun, verb.to_owned())));
            }
            None => {}
        }
        // A clitic is an object, with which nothing agrees.
        let is_whole = is_clitic || agree(clause, form, kind, forms.is_some(), &mut edits);
        if is_whole && !edits.is_empty() {
            all.push((kind, edits));
        }
    }
    all.extend(property(clause));
    all
}

/// The index of the form in which the first adjective is, in the order of the pronouns.
fn adjective_form(clause: &Clause) -> Option<usize> {
    let agreeing = Agreeing::of(Language::Es);
    let form = |(_, word): &(CharSpan, String)| {
        agreeing.adjective(word)?.iter().position(|form| form == word)
    };
    clause.following.iter().find_map(form)
}

/// Changes what agrees with the pronoun whose index is `form`. Returns `false` if that is not
/// possible.
fn agree(clause: &Clause, form: usize, kind: Kind, needs_verb: bool, edits: &mut Edits) -> bool {
    let agreeing = Agreeing::of(Language::Es);
    let (other, plural) = match kind {
        Kind::Gender => (form ^ 1, form / 2),
        _ => (form ^ 2, 1 - form / 2),
    };
    let mut has_verb = false;
    for (index, (span, word)) in clause.following.iter().enumerate() {
        let is_last = index + 1 == clause.following.len();
        let is_article = matches!(clause.end.as_str(), "un" | "una" | "unos" | "unas");
        if is_last && is_article && BEING.contains(&word.as_str()) {
            return false;
        }
        if let Some(forms) = agreeing.adjective(word).filter(|forms| forms[form] == word) {
            edits.push((*span, forms[other].to_owned()));
        } else if let Some(forms) =
            agreeing.numbers(word).filter(|forms| forms.contains(&word.as_str()))
        {
            has_verb = true;
            edits.extend((forms[plural] != word).then(|| (*span, forms[plural].to_owned())));
        }
    }
    kind == Kind::Gender || has_verb || !needs_verb
}

/// Replaces the first adjective that has a replacement.
fn property(clause: &Clause) -> Option<(Kind, Edits)> {
    let both_ways = OPPOSITES.iter().flat_map(|&[a, b]| [[a, b], [b, a]]);
    let all: Vec<[&str; 2]> = both_ways.chain(OTHERS).collect();
    let exchange = |(span, word): &(CharSpan, String)| {
        // Where several forms are equal (*grande*) the first is taken: the text does not tell more.
        let form_of = |from| inflected(from).iter().position(|form| form == word);
        let (to, form) = all.iter().find_map(|[from, to]| Some((to, form_of(from)?)))?;
        Some((Kind::Adjective, vec![(*span, inflected(to)[form].clone())]))
    };
    clause.following.iter().find_map(exchange)
}

fn inflected(adjective: &str) -> [String; 4] {
    match adjective.strip_suffix('o') {
        Some(stem) => ["o", "a", "os", "as"].map(|ending| format!("{stem}{ending}")),
        None => ["", "", "s", "s"].map(|ending| format!("{adjective}{ending}")),
    }
}
