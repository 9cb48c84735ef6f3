//! The forms of texts, `[[form]]`: `"{new} {because} {more:because}."`

use super::reason::Link;
use crate::grammar::document::{Fault, Node, fault};

/// A piece of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    Literal(String),
    /// An item of a list.
    List(String),
    Symbol(Symbol, Link),
}

/// What a form can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    /// A clause about somebody or something new.
    New,
    /// A clause about something new that is no person.
    Thing,
    /// A clause with an anaphor.
    More,
    /// A clause with an anaphor whose antecedent comes later.
    Before,
    /// The subject of a clause whose verb comes next, and that verb: *Ana llamó a Luis* `{same}`
    Same,
    /// The same, with a pronoun for somebody else: *Ana llamó a Eva* `{same_to}`
    SameTo,
    /// Two clauses of which the second is about one of those in the first.
    Reason,
    /// *Ana told Luis*
    Say,
    /// *Ana thought*
    Think,
    /// *Ana promised Luis to …*, with an anaphor in it.
    Promise,
    /// *Ana asked Luis to …*, with an anaphor in it.
    Ask,
    Reflexive,
    Reciprocal,
    /// A clause without subject.
    Impersonal,
    /// A clause whose pronoun stands for nobody in the text.
    Absent,
    /// *gustarle*: with an anaphor.
    Experience,
    /// *Call her!*
    Command,
    /// A noun phrase followed by a relative clause with an anaphor.
    Relative,
    /// *Ana who called Luis*, of *it was*.
    Cleft,
}

/// A form of a text.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub(super) line: usize,
    pub(super) weight: usize,
    /// Whether the text is told in the past; `None` for either.
    pub(super) is_past: Option<bool>,
    pub(super) segments: Vec<Segment>,
}

impl Form {
    /// The names of the lists that it takes words from.
    pub(super) fn lists(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::List(name) => Some(name.as_str()),
            _ => None,
        })
    }
}

/// Reads a `[[form]]`.
pub(super) fn read(node: &Node) -> Result<Form, Fault> {
    let entry = "form";
    let mut form = Form { line: node.line, weight: 1, is_past: None, segments: Vec::new() };
    for (key, value) in node.table(entry)? {
        match key.as_str() {
            "weight" => form.weight = value.count(entry)?,
            "time" => {
                form.is_past = match value.text(entry)? {
                    "past" => Some(true),
                    "present" => Some(false),
                    other => {
                        return fault(value.line, entry, format!("{other:?}"), "past or present");
                    }
                }
            }
            "text" => form.segments = segments(value.line, value.text(entry)?)?,
            other => {
                return fault(
                    value.line,
                    entry,
                    format!("the key {other:?}"),
                    "text, weight or time",
                );
            }
        }
    }
    Ok(form)
}

fn segments(line: usize, text: &str) -> Result<Vec<Segment>, Fault> {
    let mut segments = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        push_literal(&mut segments, before);
        let Some((symbol, after)) = after.split_once('}') else {
            return fault(line, "form", format!("{text:?}"), "a } behind every {");
        };
        segments.push(symbol_of(line, symbol)?);
        rest = after;
    }
    push_literal(&mut segments, rest);
    Ok(segments)
}

/// Words and signs apart, so that each is a piece.
fn push_literal(segments: &mut Vec<Segment>, text: &str) {
    let mut word = String::new();
    let mut push = |word: &mut String| {
        if !word.is_empty() {
            segments.push(Segment::Literal(std::mem::take(word)));
        }
    };
    for c in text.chars() {
        if c.is_whitespace() {
            push(&mut word);
        } else if ".,;:!?…»«“”¿¡—()".contains(c) {
            push(&mut word);
            word.push(c);
            push(&mut word);
        } else {
            word.push(c);
        }
    }
    push(&mut word);
}

fn symbol_of(line: usize, text: &str) -> Result<Segment, Fault> {
    let (name, link) = match text.split_once(':') {
        Some((name, link)) => (name, Some(link)),
        None => (text, None),
    };
    let link = match link {
        None => Link::Main,
        Some(link) => match Link::named(link) {
            Some(link) => link,
            None => return fault(line, "form", format!("{link:?}"), "main, because, when, …"),
        },
    };
    let symbol = match name {
        "new" => Symbol::New,
        "thing" => Symbol::Thing,
        "more" => Symbol::More,
        "before" => Symbol::Before,
        "same" => Symbol::Same,
        "same_to" => Symbol::SameTo,
        "reason" => Symbol::Reason,
        "say" => Symbol::Say,
        "think" => Symbol::Think,
        "promise" => Symbol::Promise,
        "ask" => Symbol::Ask,
        "reflexive" => Symbol::Reflexive,
        "reciprocal" => Symbol::Reciprocal,
        "impersonal" => Symbol::Impersonal,
        "absent" => Symbol::Absent,
        "experience" => Symbol::Experience,
        "command" => Symbol::Command,
        "relative" => Symbol::Relative,
        "cleft" => Symbol::Cleft,
        _ => return Ok(Segment::List(name.to_owned())),
    };
    Ok(Segment::Symbol(symbol, link))
}
