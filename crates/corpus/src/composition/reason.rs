//! Pairs of clauses of which the second is certainly about one of those in the first.

use super::clause::{self, ClassOf, Clause};
use crate::example::Language;
use crate::grammar::document::{Fault, Node, fault};

/// How a second clause is joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// A clause of its own.
    Main,
    Because,
    When,
    So,
    And,
    But,
    Although,
    Until,
    Purpose,
    If,
    That,
    Quote,
    While,
    Relative,
}

impl Link {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "main" => Self::Main,
            "because" => Self::Because,
            "when" => Self::When,
            "so" => Self::So,
            "and" => Self::And,
            "but" => Self::But,
            "although" => Self::Although,
            "until" => Self::Until,
            "to" => Self::Purpose,
            "if" => Self::If,
            "that" => Self::That,
            "quote" => Self::Quote,
            "while" => Self::While,
            _ => return None,
        })
    }

    /// The name of the list with the words that join.
    pub(super) fn list(self) -> &'static str {
        match self {
            Self::Because => "because",
            Self::When => "when",
            Self::So => "so",
            Self::And => "and",
            Self::But => "but",
            Self::Although => "although",
            Self::Until => "until",
            Self::Purpose => "to",
            _ => "and",
        }
    }
}

/// A clause, and what can be said next of whom in it.
#[derive(Debug)]
pub(super) struct Reason {
    pub(super) clause: Clause,
    /// A link, a slot, and a phrase whose subject that slot is.
    pub(super) follow: Vec<(Link, usize, Clause)>,
}

impl Reason {
    pub(super) fn clauses(&self) -> impl Iterator<Item = &Clause> {
        std::iter::once(&self.clause).chain(self.follow.iter().map(|(_, _, clause)| clause))
    }
}

/// Reads a `[[reason]]`; `None` if its clause is left out.
pub(super) fn read(
    language: Language,
    node: &Node,
    class_of: ClassOf<'_>,
    is_left_out: &dyn Fn(&str) -> bool,
) -> Result<Option<Reason>, Fault> {
    let entry = "reason";
    let mut clause = None;
    let mut follow = Vec::new();
    let parse = |line: usize, text: &str| {
        clause::read(language, text, class_of)
            .or_else(|expected| fault(line, entry, format!("{text:?}"), expected))
    };
    for (key, value) in node.table(entry)? {
        if key == "clause" {
            if is_left_out(value.text(entry)?) {
                return Ok(None);
            }
            clause = Some(parse(value.line, value.text(entry)?)?);
            continue;
        }
        let Some(link) = Link::named(key) else {
            let expected = "clause, because, so, but, and, when, although, until or to";
            return fault(value.line, entry, format!("the key {key:?}"), expected);
        };
        for (slot, phrases) in value.table(entry)? {
            let number = slot.parse::<usize>().ok().filter(|number| (1..=4).contains(number));
            let Some(number) = number else {
                return fault(phrases.line, entry, format!("the slot {slot:?}"), "1 to 4");
            };
            for (line, text) in phrases.texts(entry)? {
                if is_left_out(text) {
                    continue;
                }
                follow.push((link, number - 1, parse(line, text)?));
            }
        }
    }
    let Some(clause) = clause else {
        return fault(node.line, entry, "no clause", "clause = \"…\"");
    };
    follow.retain(|(_, slot, _)| *slot < clause.slots.len());
    Ok(Some(Reason { clause, follow }))
}
