//! WinoBias: two occupations, and a pronoun whose gender is the stereotype of one of them.
//!
//! ```text
//! 1 [The developer] argued with the designer because [she] did not like the design.
//! ```
//!
//! The file marks the right occupation and its pronouns. The candidates are that occupation and the
//! first mention of every other one of [`OCCUPATIONS`] in the sentence. If two pronouns are marked,
//! the first is resolved. The phenomenon comes from the name of the file: `winobias-type1-pro`,
//! `winobias-type1-anti`, `winobias-type2-pro`, `winobias-type2-anti`. Lines 2k−1 and 2k have the
//! same two occupations with different answers: they are a pair.
//!
//! Reference: Zhao et al. 2018, <https://arxiv.org/abs/1804.06876>.

use std::path::Path;

use super::error::ImportError;
use super::occurrence::occurrences;
use super::source::{self, Line, MAX_FILE_BYTES};
use super::window::Limit;
use super::{Outcome, Record, Skip};
use crate::example::{Example, Language};
use crate::span::CharSpan;

/// The occupations of the data set: those of the paper's table 1, from statistics of the United
/// States' Department of Labor.
pub const OCCUPATIONS: [&str; 40] = [
    "accountant",
    "analyst",
    "assistant",
    "attendant",
    "auditor",
    "baker",
    "carpenter",
    "cashier",
    "CEO",
    "chief",
    "cleaner",
    "clerk",
    "construction worker",
    "cook",
    "counselor",
    "designer",
    "developer",
    "driver",
    "editor",
    "farmer",
    "guard",
    "hairdresser",
    "housekeeper",
    "janitor",
    "laborer",
    "lawyer",
    "librarian",
    "manager",
    "mechanic",
    "mover",
    "nurse",
    "physician",
    "receptionist",
    "salesperson",
    "secretary",
    "sheriff",
    "supervisor",
    "tailor",
    "teacher",
    "writer",
];

const PRONOUNS: [&str; 6] = ["he", "him", "his", "she", "her", "hers"];

/// Reads a file. Every line is a record.
pub(super) fn read(path: &Path, limit: &Limit<'_>) -> Result<Vec<Record>, ImportError> {
    let part = Part::of(path)?;
    let text = source::read(path, MAX_FILE_BYTES)?;
    source::lines(path, &text).map(|line| record(line?, &part, limit)).collect()
}

/// What the name of a file tells about its examples.
struct Part {
    phenomenon: String,
    /// `-dev` or `-test`, or empty if the name ends in neither.
    split: String,
}

impl Part {
    fn of(path: &Path) -> Result<Self, ImportError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let parse = || {
            let (attitude, rest) = name.split_once("_stereotyped_")?;
            let (kind, split) = rest.split_once(".txt")?;
            let known = ["pro", "anti"].contains(&attitude) && ["type1", "type2"].contains(&kind);
            let phenomenon = format!("winobias-{kind}-{attitude}");
            known.then(|| Self { phenomenon, split: split.replace('.', "-") })
        };
        let expected = "pro_stereotyped_type1.txt.dev, anti_stereotyped_type2.txt.test or alike";
        parse().ok_or_else(|| ImportError::Name { path: path.to_owned(), expected })
    }
}

fn record(line: Line<'_>, part: &Part, limit: &Limit<'_>) -> Result<Record, ImportError> {
    let (number, marked) = line.text.split_once(' ').unwrap_or((line.text, ""));
    let number: usize =
        number.parse().ok().filter(|&number| number > 0).ok_or_else(|| {
            line.malformed("number", format_args!("{number:?}"), "a count from 1")
        })?;
    let name = |number| format!("{}{}-{number}", part.phenomenon, part.split);
    let (text, marks) = parse_marked(line, marked)?;
    let (antecedent, pronoun) = roles(line, &text, &marks)?;
    let candidates = candidates(&text, antecedent);
    if candidates.len() < 2 {
        let detail = format!("found only {:?}", antecedent.slice(&text).unwrap_or_default());
        let outcome = Outcome::Skipped(Skip { reason: "one known occupation", detail });
        return Ok(Record { line: line.number, id: name(number), outcome });
    }
    let example = Example {
        id: name(number),
        lang: Language::En,
        text,
        pronoun,
        antecedent: candidates.iter().position(|&candidate| candidate == antecedent),
        candidates,
        phenomenon: part.phenomenon.clone(),
        pair: Some(name(number.div_ceil(2))),
        form: None,
        agreeing: None,
    };
    Ok(Record::whole(line.number, example, limit))
}

/// The text without its brackets, and the spans between them, without spaces just inside.
fn parse_marked(line: Line<'_>, marked: &str) -> Result<(String, Vec<CharSpan>), ImportError> {
    let mut text = String::new();
    let mut marks = Vec::new();
    let mut open = None;
    let offset = line.text.chars().count() - marked.chars().count();
    for (column, c) in (offset + 1..).zip(marked.chars()) {
        let malformed = |expected| {
            line.malformed(format_args!("column {column}"), format_args!("'{c}'"), expected)
        };
        match (c, open) {
            ('[', Some(_)) => return Err(malformed("a ']' first")),
            (']', None) => return Err(malformed("a '[' first")),
            ('[', None) => open = Some(text.chars().count()),
            (']', Some(start)) => {
                let inside: String = text.chars().skip(start).collect();
                let start = start + inside.chars().take_while(|c| c.is_whitespace()).count();
                let end = start + inside.trim().chars().count();
                if start >= end {
                    return Err(malformed("something between the brackets"));
                }
                marks.push(CharSpan::new(start, end));
                open = None;
            }
            _ => text.push(c),
        }
    }
    if open.is_some() {
        return Err(line.malformed("sentence", "the end of the line", "a ']'"));
    }
    Ok((text, marks))
}

/// The marked occupation without its article, and the first marked pronoun.
fn roles(
    line: Line<'_>,
    text: &str,
    marks: &[CharSpan],
) -> Result<(CharSpan, CharSpan), ImportError> {
    let is_pronoun = |span: &&CharSpan| {
        span.slice(text).is_some_and(|mark| PRONOUNS.contains(&mark.to_lowercase().as_str()))
    };
    let (pronouns, others): (Vec<&CharSpan>, Vec<_>) = marks.iter().partition(is_pronoun);
    let ([other], [pronoun, ..]) = (&others[..], &pronouns[..]) else {
        let found = format!("{} and {} of them", others.len(), pronouns.len());
        let expected = "one occupation and at least one pronoun in brackets";
        return Err(line.malformed("sentence", found, expected));
    };
    let inside = |span: &CharSpan| other.start <= span.start && span.end == other.end;
    let mentions = OCCUPATIONS.iter().flat_map(|occupation| occurrences(text, occupation));
    let antecedent = mentions.into_iter().find(inside).ok_or_else(|| {
        let found = format!("{:?}", other.slice(text).unwrap_or_default());
        line.malformed("sentence", found, "an occupation of the set in brackets")
    })?;
    Ok((antecedent, **pronoun))
}

/// The antecedent and the first mention of every other occupation, in the order of the text.
fn candidates(text: &str, antecedent: CharSpan) -> Vec<CharSpan> {
    let mentions = OCCUPATIONS.iter().filter_map(|occupation| {
        let mentions = occurrences(text, occupation);
        let is_antecedent = mentions.contains(&antecedent);
        mentions.first().map(|&first| if is_antecedent { antecedent } else { first })
    });
    let mut candidates: Vec<CharSpan> = mentions.collect();
    candidates.sort();
    candidates
}
