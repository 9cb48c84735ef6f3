//! Public sets of pronouns to resolve, turned into examples of our format.
//!
//! | set | record | example |
//! |---|---|---|
//! | [`gap`] | a row of the TSV | the two names, one of them or neither right |
//! | [`winobias`] | a line | the occupations of the sentence |
//! | [`winogender`] | a row of the TSV | occupation and participant |
//! | [`litbank`] | a third-person pronoun | the last name or noun of every chain nearby |
//! | [`ctxpro`] | an object of the array | the nouns that the file knows |
//!
//! A file that is not what it should be is an error with file, line, field, what was found and what
//! was expected. A record that is well-formed and yet no example is skipped, and says why; nothing
//! is left out in silence.

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

/// A public set that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// Gendered Ambiguous Pronouns: Wikipedia, two names each.
    Gap,
    /// Stereotypes of occupations, two sentence types.
    WinoBias,
    /// Occupation, participant, and a pronoun of three genders.
    Winogender,
    /// Chains of coreference in English fiction.
    LitBank,
    /// Spanish subtitles with automatic annotation.
    CtxPro,
}

/// One question of a file and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it begins, from 1.
    pub line: usize,
    /// The name of the example that it is or would have been.
    pub id: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The whole record.
    Whole(Example),
    /// Only the sentences around the pronoun and its candidates; the note says how many.
    Cut(Example, String),
    /// No example, and why.
    Skipped(Skip),
}

/// Why a well-formed record is no example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The kind of reason, for counting.
    pub reason: &'static str,
    /// What it is about in this record.
    pub detail: String,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The file.
    pub path: PathBuf,
    /// Its records, in order.
    pub records: Vec<Record>,
}

/// Reads files of one set; no text is longer than `limit`, except where the set has no sentences to
/// leave out, and then the record is skipped.
///
/// # Errors
/// The first mistake in a file, or two records of the same name.
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

/// What a file says of its own spans may still contradict itself: two names that overlap.
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

    /// A record that is an example as it stands, or is skipped because it is too long.
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
    /// The shortest text that holds the pronoun and its candidates is above the limit.
    pub const TOO_LONG: &str = "too long";
}
