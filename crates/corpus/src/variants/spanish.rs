//! Gender, number and properties in Spanish.

use super::agreeing::Agreeing;
use super::{Clause, Edits, Kind};
use crate::example::Language;
use crate::span::CharSpan;

/// Pronouns in the order of the grammar's forms; the next one but one is the plural.
const PRONOUNS: [[&str; 4]; 2] = [["él", "ella", "ellos", "ellas"], ["lo", "la", "los", "las"]];

/// Where what agrees with the pronoun ends.
pub(super) const STOPS: [&str; 30] = [
    "un", "una", "unos", "unas", "el", "la", "los", "las", "mi", "su", "sus", "de", "del", "a",
    "al", "en", "por", "para", "con", "sin", "que", "porque", "y", "pero", "cuando", "aunque",
    "desde", "hasta", "sobre", "como",
];

/// Behind these an article begins a property, as in *era una mentirosa*.
const BEING: [&str; 6] = ["es", "son", "era", "eran", "fue", "fueron"];

/// Properties, and one in their place.
const PROPERTIES: [[&str; 2]; 12] = [
    ["grande", "pequeño"],
    ["ancho", "estrecho"],
    ["alto", "bajo"],
    ["roto", "cansado"],
    ["dañado", "cansado"],
    ["enfermo", "contento"],
    ["lleno", "vacío"],
    ["caro", "barato"],
    ["nuevo", "viejo"],
    ["largo", "corto"],
    ["limpio", "sucio"],
    ["pesado", "ligero"],
];

pub(super) fn edits(clause: &Clause, pronoun: CharSpan) -> Vec<(Kind, Edits)> {
    let forms = PRONOUNS
        .iter()
        .find_map(|forms| Some((forms, forms.iter().position(|form| *form == clause.pronoun)?)));
    // A null subject: the verb stands for it, and an adjective says its gender.
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
        // What a clitic stands for is no subject: nothing agrees with it.
        let is_whole = is_clitic || agree(clause, form, kind, forms.is_some(), &mut edits);
        if is_whole && !edits.is_empty() {
            all.push((kind, edits));
        }
    }
    all.extend(property(clause));
    all
}

/// The form of the first adjective.
fn adjective_form(clause: &Clause) -> Option<usize> {
    let agreeing = Agreeing::of(Language::Es);
    let form = |(_, word): &(CharSpan, String)| {
        agreeing.adjective(word)?.iter().position(|form| form == word)
    };
    clause.following.iter().find_map(form)
}

/// Changes what agrees with a pronoun of the form `form`; `false` where it cannot be.
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

/// Another property in place of the first that has one.
fn property(clause: &Clause) -> Option<(Kind, Edits)> {
    let exchange = |(span, word): &(CharSpan, String)| {
        PROPERTIES.iter().find_map(|[a, b]| {
            let (of_a, of_b) = (inflected(a), inflected(b));
            // The first form fits of those that are equal, as *grande*: the other word's has no better.
            let a_to_b = of_a.iter().position(|form| form == word).map(|form| of_b[form].clone());
            let b_to_a =
                || of_b.iter().position(|form| form == word).map(|form| of_a[form].clone());
            let other = a_to_b.or_else(b_to_a)?;
            Some((Kind::Adjective, vec![(*span, other)]))
        })
    };
    clause.following.iter().find_map(exchange)
}

fn inflected(adjective: &str) -> [String; 4] {
    match adjective.strip_suffix('o') {
        Some(stem) => ["o", "a", "os", "as"].map(|ending| format!("{stem}{ending}")),
        None => ["", "", "s", "s"].map(|ending| format!("{adjective}{ending}")),
    }
}
