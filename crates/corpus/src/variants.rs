//! Variants of a text that differ in the gender or the number of the pronoun (and of all that
//! agrees with it) or in an adjective. They show what a model's answer depends on.
//!
//! There is no parser: the words after the pronoun up to the first comma, article or preposition
//! are taken to agree with it. If one of them cannot be inflected, the variant is left out.

pub(crate) mod agreeing;
mod english;
mod spanish;

use crate::example::Language;
use crate::mention;
use crate::span::CharSpan;
use crate::word::{normalise, words};

/// What a variant changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The gender of the pronoun and of what agrees with it.
    Gender,
    /// The number of the pronoun and of what agrees with it.
    Number,
    /// An adjective that is said of the pronoun.
    Adjective,
}

impl Kind {
    /// The name that the explorer's page uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gender => "gender",
            Self::Number => "number",
            Self::Adjective => "adjective",
        }
    }
}

/// A text with some words replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// What is different.
    pub kind: Kind,
    /// The text of the variant.
    pub text: String,
    /// The span of its pronoun in the new text.
    pub pronoun: CharSpan,
    /// The spans of the replaced words in the new text.
    pub changed: Vec<CharSpan>,
}

/// The pronoun and the words around it, in lower case.
struct Clause {
    /// The word before the pronoun, empty if there is none.
    before: String,
    pronoun: String,
    /// The words that may agree with the pronoun, with their spans.
    following: Vec<(CharSpan, String)>,
    /// The word that ends them (a comma, an article, …), empty at the end of the text.
    end: String,
}

/// Spans of a text, and the words that replace them.
type Edits = Vec<(CharSpan, String)>;

/// The variants of `text` that its words allow, for the pronoun at `pronoun`. There are none if
/// that span is not within the text.
pub fn variants(text: &str, pronoun: CharSpan) -> Vec<Variant> {
    let Some(word) = pronoun.slice(text) else { return Vec::new() };
    let found = mention::find_pronouns(text);
    let language = found.iter().find(|found| found.span == pronoun).or(found.first());
    let language = language.map_or(Language::Es, |found| found.lang);
    let language = match language {
        // `find_pronouns` does not find a Spanish null subject, so that the language may be
        // another's.
        Language::En if english::is_pronoun(&normalise(word)) => Language::En,
        _ => Language::Es,
    };
    let language = if english::is_only_english(&normalise(word)) { Language::En } else { language };
    let stops: &[&str] = match language {
        Language::Es => &spanish::STOPS,
        Language::En => &english::STOPS,
    };
    let clause = Clause::new(text, pronoun, word, stops);
    let edits = match language {
        Language::Es => spanish::edits(&clause, pronoun),
        Language::En => english::edits(&clause, pronoun),
    };
    let variants = edits.into_iter().map(|(kind, edits)| apply(text, pronoun, kind, edits));
    variants.filter(|variant| variant.text != text).collect()
}

impl Clause {
    fn new(text: &str, pronoun: CharSpan, word: &str, stops: &[&str]) -> Self {
        let mut following = Vec::new();
        let mut end = String::new();
        for word in words(text).skip_while(|word| word.span.start < pronoun.end) {
            let normal = normalise(word.text);
            if !normal.starts_with(char::is_alphabetic) || stops.contains(&normal.as_str()) {
                end = normal;
                break;
            }
            following.push((word.span, normal));
        }
        let before = words(text).take_while(|word| word.span.end <= pronoun.start).last();
        let before = before.map(|word| normalise(word.text)).unwrap_or_default();
        Self { before, pronoun: normalise(word), following, end }
    }
}

/// Applies edits to a text. A new word has the capitals of the one that it replaces.
fn apply(text: &str, pronoun: CharSpan, kind: Kind, mut edits: Edits) -> Variant {
    edits.sort();
    let characters: Vec<char> = text.chars().collect();
    let (mut changed, mut new, mut at) = (Vec::new(), Vec::new(), 0);
    let mut new_pronoun = None;
    let mut copy = |new: &mut Vec<char>, from: usize, to: usize| {
        if (from..to).contains(&pronoun.start) {
            let start = new.len() + pronoun.start - from;
            new_pronoun = Some(CharSpan::new(start, start + pronoun.end - pronoun.start));
        }
        new.extend(&characters[from..to]);
    };
    let mut edited_pronoun = None;
    for (span, word) in edits {
        copy(&mut new, at, span.start);
        let start = new.len();
        new.extend(with_capitals_of(&characters[span.start..span.end], &word).chars());
        let place = CharSpan::new(start, new.len());
        if span == pronoun {
            edited_pronoun = Some(place);
        }
        changed.push(place);
        at = span.end;
    }
    copy(&mut new, at, characters.len());
    let pronoun = edited_pronoun.or(new_pronoun).expect("a pronoun is copied or edited");
    Variant { kind, text: new.into_iter().collect(), pronoun, changed }
}

/// `word` all in capitals if `written` is, with a capital if `written` begins with one.
fn with_capitals_of(written: &[char], word: &str) -> String {
    let is_shouted = written.len() > 1 && !written.iter().any(|letter| letter.is_lowercase());
    let mut letters = word.chars();
    match letters.next() {
        _ if is_shouted => word.to_uppercase(),
        Some(first) if written[0].is_uppercase() => first.to_uppercase().chain(letters).collect(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests;
