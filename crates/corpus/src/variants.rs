//! The same text with something changed: the gender or the number of a pronoun with all that agrees
//! with it, or a property. A reader sees what the answer hangs on.
//!
//! It knows no syntax: what follows the pronoun up to the first comma, article or preposition is taken
//! to agree with it. Where a word there cannot be changed along, there is no variant.

pub(crate) mod agreeing;
mod english;
mod spanish;

use crate::example::Language;
use crate::mention;
use crate::span::CharSpan;
use crate::word::{normalise, words};

/// What was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Of the pronoun, and what agrees with it.
    Gender,
    /// Of the pronoun, and what agrees with it.
    Number,
    /// Another property.
    Adjective,
}

impl Kind {
    /// As on the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gender => "gender",
            Self::Number => "number",
            Self::Adjective => "adjective",
        }
    }
}

/// A changed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// What was changed.
    pub kind: Kind,
    /// The text.
    pub text: String,
    /// Where its pronoun is.
    pub pronoun: CharSpan,
    /// What is not as it was.
    pub changed: Vec<CharSpan>,
}

/// The words of a text from the pronoun on.
struct Clause {
    /// In lower case.
    pronoun: String,
    /// Those behind it that may agree with it, in lower case, with their place in the text.
    following: Vec<(CharSpan, String)>,
    /// The word at which they end, in lower case.
    end: String,
}

/// New words in place of some of a text.
type Edits = Vec<(CharSpan, String)>;

/// The changes that the words of `text` allow.
pub fn variants(text: &str, pronoun: CharSpan) -> Vec<Variant> {
    let Some(word) = pronoun.slice(text) else { return Vec::new() };
    let found = mention::find_pronouns(text);
    let language = found.iter().find(|found| found.span == pronoun).or(found.first());
    let language = language.map_or(Language::Es, |found| found.lang);
    let language = match language {
        // A null subject is none of the pronouns that are found.
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
        Self { pronoun: normalise(word), following, end }
    }
}

/// `text` with other words; an edit keeps the capital of what it replaces.
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
        let capital = characters[span.start].is_uppercase();
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            if capital { new.extend(first.to_uppercase()) } else { new.push(first) }
        }
        new.extend(letters);
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

#[cfg(test)]
mod tests;
