//! The same text with something changed: the gender or the number of a pronoun, or a property.

use crate::span::CharSpan;

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

/// The changes that the words of `text` allow.
pub fn variants(_text: &str, _pronoun: CharSpan) -> Vec<Variant> {
    Vec::new()
}
