//! Imports public data sets for pronoun resolution into the format of this crate.
//!
//! | set | record | example |
//! |---|---|---|
//! | [`gap`] | a row of the TSV | the two names, one of them or neither right |
//! | [`winobias`] | a line | the occupations of the sentence |
//! | [`winogender`] | a row of the TSV | occupation and participant |
//! | [`litbank`] | a third-person pronoun | the last name or noun of every coreference chain nearby |
//! | [`ctxpro`] | an object of the array | the nouns that the file knows |
//!
//! A malformed file is an error, with file, line, field, what was found and what was expected. A
//! well-formed record that cannot become an example is skipped with a reason. Every record is in
//! the result, so that nothing is dropped silently.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::example::Example;
use crate::jsonl::validate;

pub mod ctxpro;
pub mod error;
pub mod gap;
mod json_array;
pub mod litbank;
mod occurrence;
mod source;
pub mod window;
pub mod winobias;
pub mod winogender;

use error::ImportError;
use window::Limit;

/// A public data set that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// Gendered Ambiguous Pronouns: snippets of Wikipedia with two names each.
    Gap,
    /// WinoBias: sentences with two occupations, in two types, with and against the stereotype.
    WinoBias,
    /// Winogender: an occupation, a participant, and a pronoun in three genders.
    Winogender,
    /// LitBank: coreference chains in English fiction.
    LitBank,
    /// ctxpro: Spanish subtitles with automatic annotation.
    CtxPro,
}

/// One pronoun of a file, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The line at which it begins, from 1.
    pub line: usize,
    /// The id of the example, even if the record was skipped.
    pub id: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It became an example with its whole text.
    Whole(Example),
    /// It became an example with some of its sentences; the note says how many.
    Cut(Example, String),
    /// It did not become an example.
    Skipped(Skip),
}

/// Why a well-formed record did not become an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The reason, which is the same for all records of its kind, so that they can be counted.
    pub reason: &'static str,
    /// What was found in this record.
    pub detail: String,
}

/// The records of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Where the file is.
    pub path: PathBuf,
    /// Its records, in the order of the file.
    pub records: Vec<Record>,
}

/// Imports files of one data set. A text above `limit` is cut to fewer sentences or, where that is
/// not possible, its record is skipped.
///
/// # Errors
/// The first mistake in a file, or two records with the same id.
pub fn import(
    set: Set,
    paths: &[PathBuf],
    limit: &Limit<'_>,
) -> Result<Vec<Imported>, ImportError> {
    let read = match set {
        Set::Gap => gap::read,
        Set::WinoBias => winobias::read,
        Set::Winogender => winogender::read,
        Set::LitBank => litbank::read,
        Set::CtxPro => ctxpro::read,
    };
    let mut files = Vec::new();
    let mut places: HashMap<String, (PathBuf, usize)> = HashMap::new();
    for path in paths {
        let records = read(path, limit)?;
        if records.is_empty() {
            return Err(ImportError::Empty { path: path.clone() });
        }
        for record in &records {
            check(path, record)?;
            let place = (path.clone(), record.line);
            if let Some((first_path, first)) = places.insert(record.id.clone(), place) {
                let (path, line, id) = (path.clone(), record.line, record.id.clone());
                return Err(ImportError::DuplicateId { path, line, id, first_path, first });
            }
        }
        files.push(Imported { path: path.clone(), records });
    }
    Ok(files)
}

/// Validates the example of a record, since a file may contradict itself (two names that overlap,
/// say).
fn check(path: &Path, record: &Record) -> Result<(), ImportError> {
    let Some(example) = record.example() else { return Ok(()) };
    validate(example).map_err(|source| {
        let (path, line) = (path.to_owned(), record.line);
        ImportError::Invalid { path, line, source }
    })
}

impl Record {
    /// The example, unless the record was skipped.
    pub fn example(&self) -> Option<&Example> {
        match &self.outcome {
            Outcome::Whole(example) | Outcome::Cut(example, _) => Some(example),
            Outcome::Skipped(_) => None,
        }
    }

    /// A record whose text is kept whole or, if it is above the limit, skipped.
    fn whole(line: usize, example: Example, limit: &Limit<'_>) -> Self {
        let id = example.id.clone();
        let outcome = match limit.excess(&example.text) {
            None => Outcome::Whole(example),
            Some(detail) => Outcome::Skipped(Skip { reason: Skip::TOO_LONG, detail }),
        };
        Self { line, id, outcome }
    }
}

impl Skip {
    /// The reason if even the shortest text with the pronoun and its candidates is above the limit.
    pub const TOO_LONG: &str = "too long";
}
