//! GAP: a snippet of Wikipedia, two names, and a pronoun that refers to one of them or to neither.
//!
//! A file is a table with a header and eleven columns separated by tabs; offsets count characters.
//! The candidates are A and B in this order. The phenomenon is `gap-masculine` or `gap-feminine`,
//! which the official score needs.
//!
//! Reference: Webster et al. 2018, <https://arxiv.org/abs/1810.05201>.

use std::path::Path;

use super::Record;
use super::error::ImportError;
use super::source::{self, MAX_FILE_BYTES, Row};
use super::window::{self, Limit};
use crate::example::{Example, Language};
use crate::span::CharSpan;

const COLUMNS: [&str; 11] = [
    "ID",
    "Text",
    "Pronoun",
    "Pronoun-offset",
    "A",
    "A-offset",
    "A-coref",
    "B",
    "B-offset",
    "B-coref",
    "URL",
];
const ID: usize = 0;
const TEXT: usize = 1;
const PRONOUN: usize = 2;
const A: usize = 4;
const B: usize = 7;

/// The phenomenon of masculine pronouns.
pub const MASCULINE: &str = "gap-masculine";
/// The phenomenon of feminine pronouns.
pub const FEMININE: &str = "gap-feminine";

/// Reads a file. Every row is a record; a text above the limit is cut to whole sentences.
pub(super) fn read(path: &Path, limit: &Limit<'_>) -> Result<Vec<Record>, ImportError> {
    let text = source::read(path, MAX_FILE_BYTES)?;
    source::rows(path, &text, COLUMNS)?
        .map(|row| {
            let row = row?;
            Ok(window::fit(row.line.number, example(&row)?, limit))
        })
        .collect()
}

fn example(row: &Row<'_, 11>) -> Result<Example, ImportError> {
    if row.cells[ID].trim().is_empty() {
        return Err(row.malformed(ID, "a name for the row"));
    }
    let antecedent = match (is_coreferent(row, A + 2)?, is_coreferent(row, B + 2)?) {
        (true, false) => Some(0),
        (false, true) => Some(1),
        (false, false) => None,
        (true, true) => return Err(row.malformed(B + 2, "FALSE where A-coref is TRUE")),
    };
    Ok(Example {
        id: format!("gap-{}", row.cells[ID]),
        lang: Language::En,
        text: row.cells[TEXT].to_owned(),
        pronoun: mention(row, PRONOUN)?,
        candidates: vec![mention(row, A)?, mention(row, B)?],
        antecedent,
        phenomenon: phenomenon(row)?.to_owned(),
        pair: None,
        form: None,
        agreeing: None,
    })
}

fn phenomenon(row: &Row<'_, 11>) -> Result<&'static str, ImportError> {
    match row.cells[PRONOUN].to_lowercase().as_str() {
        "he" | "his" | "him" => Ok(MASCULINE),
        "she" | "her" | "hers" => Ok(FEMININE),
        _ => Err(row.malformed(PRONOUN, "he, him, his, she, her or hers")),
    }
}

/// The span of the mention in `column`, whose offset is in the next column.
fn mention(row: &Row<'_, 11>, column: usize) -> Result<CharSpan, ImportError> {
    let mention = row.cells[column];
    if mention.trim().is_empty() {
        return Err(row.malformed(column, "a stretch of the text"));
    }
    let offset = row.cells[column + 1];
    let Ok(start) = offset.parse::<usize>() else {
        return Err(row.malformed(column + 1, "a number of characters"));
    };
    let span = CharSpan::new(start, start.saturating_add(mention.chars().count()));
    match span.slice(row.cells[TEXT]) {
        Some(found) if found == mention => Ok(span),
        found => {
            let found =
                found.map_or_else(|| "the end of the text".to_owned(), |f| format!("{f:?}"));
            let found = format!("{found} at {start}");
            let expected = format!("{mention:?} there; hint: offsets count characters, not bytes");
            Err(row.malformed_as(column + 1, found, expected))
        }
    }
}

fn is_coreferent(row: &Row<'_, 11>, column: usize) -> Result<bool, ImportError> {
    match row.cells[column].to_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(row.malformed(column, "TRUE or FALSE")),
    }
}
