//! Reads the mentions of a brat file: `T7 <tab> NOM_PER 122 128 <tab> a wife`.
//!
//! LitBank annotates each mention twice: with its kind (`NOM_PER`) and, unless it is an attribute,
//! with the name of its coreference chain (`a_wife-1`).

use std::collections::BTreeMap;
use std::path::Path;

use super::super::error::ImportError;
use super::super::source::{self, Line};
use crate::span::CharSpan;

/// The kind of a mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name: `PROP` in the file.
    Name,
    /// A noun phrase: `NOM` in the file.
    Noun,
    /// A pronoun: `PRON` in the file.
    Pronoun,
}

/// A mention: a part of the text that refers to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    /// The id of the annotation with its kind.
    pub(super) id: String,
    /// The line of that annotation, from 1.
    pub(super) line: usize,
    pub(super) span: CharSpan,
    pub(super) kind: Kind,
    /// Its coreference chain, if it has one.
    pub(super) chain: Option<String>,
}

/// The mentions in the order of the text. Each annotation quotes its part of `text`, which is
/// checked.
pub(super) fn mentions(
    path: &Path,
    annotations: &str,
    text: &str,
) -> Result<Vec<Mention>, ImportError> {
    let chars: Vec<char> = text.chars().collect();
    let mut mentions: BTreeMap<CharSpan, Mention> = BTreeMap::new();
    let mut chains: BTreeMap<CharSpan, (Line<'_>, &str)> = BTreeMap::new();
    for line in source::lines(path, annotations) {
        let line = line?;
        if is_relation(line)? {
            continue;
        }
        let Annotation { id, label, span } = annotation(line, &chars)?;
        if let Some(kind) = kind(label) {
            let (id, chain) = (id.to_owned(), None);
            mentions.entry(span).or_insert(Mention { id, line: line.number, span, kind, chain });
        } else if let Some((_, other)) = chains.insert(span, (line, label)) {
            let found = format!("{label:?} and {other:?} on the same span");
            return Err(line.malformed("label", found, "one chain"));
        }
    }
    for (span, (line, chain)) in chains {
        let mention = mentions.get_mut(&span).ok_or_else(|| {
            let found = format!("the chain {chain:?} alone");
            line.malformed("label", found, "a second annotation of the same span, with its kind")
        })?;
        mention.chain = Some(chain.to_owned());
    }
    Ok(mentions.into_values().collect())
}

/// Whether the line is a relation between two mentions (`R`) and not the annotation of one (`T`).
fn is_relation(line: Line<'_>) -> Result<bool, ImportError> {
    match line.text.chars().next() {
        Some('T') => Ok(false),
        Some('R') => Ok(true),
        found => {
            let found = format!("{:?}", found.map(String::from).unwrap_or_default());
            Err(line.malformed("column 1", found, "T, a mention, or R, a relation"))
        }
    }
}

struct Annotation<'f> {
    id: &'f str,
    label: &'f str,
    span: CharSpan,
}

fn annotation<'f>(line: Line<'f>, text: &[char]) -> Result<Annotation<'f>, ImportError> {
    let cells: Vec<&str> = line.text.split('\t').collect();
    let [id, place, quote] = cells[..] else {
        return Err(line.malformed("columns", cells.len(), "3, separated by tabs"));
    };
    let place_is_wrong = || {
        let expected = "LABEL START END, with numbers of characters";
        line.malformed("column 2", format_args!("{place:?}"), expected)
    };
    let [label, start, end] = place.split(' ').collect::<Vec<_>>()[..] else {
        return Err(place_is_wrong());
    };
    let (Ok(start), Ok(end)) = (start.parse::<usize>(), end.parse::<usize>()) else {
        return Err(place_is_wrong());
    };
    if kind(label).is_none() && !is_chain(label) {
        let expected = "a kind such as PROP_PER, NOM_FAC or PRON_LOC, or a chain such as Tom-3";
        return Err(line.malformed("label", format_args!("{label:?}"), expected));
    }
    let found = text.get(start..end).filter(|found| !found.is_empty());
    let found = found.map(|found| found.iter().collect::<String>());
    if found.as_deref() != Some(quote) {
        let found = found.map_or_else(|| "nothing".to_owned(), |found| format!("{found:?}"));
        let found = format!("{found} at {start}..{end} of the text");
        return Err(line.malformed("column 3", found, format_args!("{quote:?} there")));
    }
    Ok(Annotation { id, label, span: CharSpan::new(start, end) })
}

fn kind(label: &str) -> Option<Kind> {
    let (kind, category) = label.split_once('_')?;
    let known = ["PER", "FAC", "GPE", "LOC", "VEH", "ORG"].contains(&category);
    match kind {
        "PROP" if known => Some(Kind::Name),
        "NOM" if known => Some(Kind::Noun),
        "PRON" if known => Some(Kind::Pronoun),
        _ => None,
    }
}

/// Whether the label is the name of a chain, which ends in a number.
fn is_chain(label: &str) -> bool {
    label
        .rsplit_once('-')
        .is_some_and(|(name, number)| !name.is_empty() && number.parse::<u32>().is_ok())
}
