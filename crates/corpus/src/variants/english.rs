//! Variants in English.

use super::agreeing::Agreeing;
use super::{Clause, Edits, Kind};
use crate::example::Language;
use crate::span::CharSpan;

/// *He*, *she*, *it* and *they* as subject, object, possessive and reflexive.
const PRONOUNS: [[&str; 4]; 4] = [
    ["he", "she", "it", "they"],
    ["him", "her", "it", "them"],
    ["his", "her", "its", "their"],
    ["himself", "herself", "itself", "themselves"],
];

/// Words that end what agrees with the pronoun.
pub(super) const STOPS: [&str; 22] = [
    "a", "an", "the", "my", "his", "her", "its", "their", "of", "to", "in", "on", "at", "for",
    "from", "with", "because", "and", "but", "when", "although", "that",
];

/// If one of these follows *her*, it is an object and not a possessive.
const NOT_A_NOUN: [&str; 12] =
    ["", "and", "but", "because", "when", "to", "in", "on", "at", "for", "the", "a"];

/// Adjectives and their replacements, in both directions.
const PROPERTIES: [[&str; 2]; 12] = [
    ["big", "small"],
    ["wide", "narrow"],
    ["tall", "short"],
    ["heavy", "light"],
    ["broken", "tired"],
    ["fragile", "heavy"],
    ["full", "empty"],
    ["sick", "closed"],
    ["happy", "sad"],
    ["expensive", "cheap"],
    ["new", "old"],
    ["clean", "dirty"],
];

/// Whether the word is one of [`PRONOUNS`].
pub(super) fn is_pronoun(word: &str) -> bool {
    PRONOUNS.iter().flatten().any(|pronoun| *pronoun == word)
}

/// Whether the word is one of [`PRONOUNS`] and not a word of Spanish too.
pub(super) fn is_only_english(word: &str) -> bool {
    is_pronoun(word) && word != "he"
}

pub(super) fn edits(clause: &Clause, pronoun: CharSpan) -> Vec<(Kind, Edits)> {
    let Some((row, form)) = find(clause) else { return Vec::new() };
    let mut all = Vec::new();
    if form < 2 {
        all.push((Kind::Gender, vec![(pronoun, PRONOUNS[row][form ^ 1].to_owned())]));
    }
    if form >= 2 {
        let plural = form == 2;
        let mut edits = vec![(pronoun, PRONOUNS[row][if plural { 3 } else { 2 }].to_owned())];
        if row != 0 || agree(clause, plural, &mut edits) {
            all.push((Kind::Number, edits));
        }
    }
    all.extend(property(clause));
    all
}

/// The indices of the pronoun in [`PRONOUNS`]. *Her* is a possessive if the next word can be a
/// noun; *it* is taken for a subject, which makes no difference to its variants.
fn find(clause: &Clause) -> Option<(usize, usize)> {
    let next = clause.following.first().map_or(clause.end.as_str(), |(_, word)| word);
    let is_object = !next.starts_with(char::is_alphabetic) || NOT_A_NOUN.contains(&next);
    let fits = |row: usize| match clause.pronoun.as_str() {
        "her" => (row == 1) == is_object,
        _ => true,
    };
    (0..PRONOUNS.len())
        .filter(|&row| fits(row))
        .find_map(|row| Some((row, PRONOUNS[row].iter().position(|form| *form == clause.pronoun)?)))
}

/// Changes the number of the verb. Returns `false` if its other form is not known.
fn agree(clause: &Clause, plural: bool, edits: &mut Edits) -> bool {
    let agreeing = Agreeing::of(Language::En);
    let is_adverb = |word: &str| word.ends_with("ly") || matches!(word, "just" | "never" | "still");
    let Some((span, verb)) = clause.following.iter().find(|(_, word)| !is_adverb(word)) else {
        return false;
    };
    if let Some(forms) = agreeing.numbers(verb) {
        let other = forms[usize::from(plural)];
        edits.extend((other != verb).then(|| (*span, other.to_owned())));
        return true;
    }
    // A past tense is the same in both numbers. A verb in *-s* is a singular without a known
    // plural.
    (verb.ends_with("ed") || matches!(verb.as_str(), "had" | "could" | "would" | "did"))
        && !verb.ends_with('s')
}

/// Replaces the first adjective that has a replacement.
fn property(clause: &Clause) -> Option<(Kind, Edits)> {
    let exchange = |(span, word): &(CharSpan, String)| {
        let other = PROPERTIES.iter().find_map(|[a, b]| match word.as_str() {
            word if word == *a => Some(*b),
            word if word == *b => Some(*a),
            _ => None,
        })?;
        Some((Kind::Adjective, vec![(*span, other.to_owned())]))
    };
    clause.following.iter().find_map(exchange)
}
