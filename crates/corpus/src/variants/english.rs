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

/// Words that begin no noun: if one of these follows *her*, it is an object and not a possessive.
const NOT_A_NOUN: [&str; 105] = [
    "",
    "a",
    "about",
    "after",
    "again",
    "all",
    "alone",
    "already",
    "also",
    "although",
    "always",
    "an",
    "and",
    "any",
    "are",
    "around",
    "as",
    "at",
    "away",
    "back",
    "be",
    "because",
    "before",
    "but",
    "by",
    "can",
    "could",
    "did",
    "do",
    "does",
    "down",
    "during",
    "ever",
    "every",
    "for",
    "from",
    "go",
    "had",
    "has",
    "have",
    "here",
    "his",
    "home",
    "how",
    "if",
    "in",
    "into",
    "is",
    "it",
    "just",
    "later",
    "may",
    "might",
    "must",
    "my",
    "never",
    "not",
    "now",
    "of",
    "off",
    "often",
    "on",
    "once",
    "or",
    "out",
    "over",
    "she",
    "should",
    "since",
    "so",
    "some",
    "soon",
    "than",
    "that",
    "the",
    "then",
    "there",
    "they",
    "this",
    "through",
    "to",
    "today",
    "together",
    "tomorrow",
    "tonight",
    "too",
    "under",
    "until",
    "up",
    "very",
    "was",
    "we",
    "well",
    "were",
    "what",
    "when",
    "where",
    "while",
    "who",
    "why",
    "will",
    "with",
    "without",
    "would",
    "yesterday",
];

/// Verbs that have two objects: after them, *her* before a noun may be either of two words (*gave her
/// flowers*, *told her stories*).
const TWO_OBJECTS: [&str; 30] = [
    "ask", "asked", "asks", "bring", "brings", "brought", "buy", "buys", "bought", "gave", "give",
    "gives", "giving", "lend", "lends", "lent", "made", "make", "makes", "offer", "offered",
    "offers", "send", "sends", "sent", "show", "showed", "shows", "tell", "told",
];

/// Adjectives that persons and things can have, and their opposites.
const PROPERTIES: [[&str; 2]; 9] = [
    ["big", "small"],
    ["tall", "short"],
    ["heavy", "light"],
    ["wet", "dry"],
    ["old", "new"],
    ["clean", "dirty"],
    ["strong", "weak"],
    ["slow", "fast"],
    ["happy", "sad"],
];

/// Adjectives and others that can be said of whatever the first can be said of: of persons or of things.
const OTHER_PROPERTIES: [[&str; 2]; 16] = [
    ["wide", "narrow"],
    ["narrow", "wide"],
    ["full", "empty"],
    ["empty", "full"],
    ["expensive", "cheap"],
    ["cheap", "expensive"],
    ["open", "closed"],
    ["closed", "open"],
    ["fragile", "heavy"],
    ["broken", "wet"],
    ["damaged", "wet"],
    ["sick", "happy"],
    ["ill", "happy"],
    ["tired", "happy"],
    ["angry", "happy"],
    ["hungry", "happy"],
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
    if form < 2 && !is_ambiguous(clause) {
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
    let fits = |row: usize| match clause.pronoun.as_str() {
        "her" => (row == 1) != precedes_noun(clause),
        _ => true,
    };
    (0..PRONOUNS.len())
        .filter(|&row| fits(row))
        .find_map(|row| Some((row, PRONOUNS[row].iter().position(|form| *form == clause.pronoun)?)))
}

/// Whether the word after the pronoun may be a noun, or a word before one.
fn precedes_noun(clause: &Clause) -> bool {
    let next = clause.following.first().map_or(clause.end.as_str(), |(_, word)| word);
    let is_other = NOT_A_NOUN.contains(&next);
    next.starts_with(char::is_alphabetic) && !is_other && !next.ends_with("ly")
}

/// Whether nothing tells if *her* is *him* or *his*.
fn is_ambiguous(clause: &Clause) -> bool {
    clause.pronoun == "her"
        && TWO_OBJECTS.contains(&clause.before.as_str())
        && precedes_noun(clause)
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
    let both_ways = PROPERTIES.iter().flat_map(|&[a, b]| [[a, b], [b, a]]);
    let all: Vec<[&str; 2]> = both_ways.chain(OTHER_PROPERTIES).collect();
    let exchange = |(span, word): &(CharSpan, String)| {
        let [_, other] = all.iter().find(|[from, _]| from == word)?;
        Some((Kind::Adjective, vec![(*span, (*other).to_owned())]))
    };
    clause.following.iter().find_map(exchange)
}
