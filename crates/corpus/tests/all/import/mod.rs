//! The format of each public data set, by files made for these tests: what they become, and how
//! mistakes are reported.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;

use anafora_corpus::example::Example;
use anafora_corpus::import::error::ImportError;
use anafora_corpus::import::window::Limit;
use anafora_corpus::import::{Imported, Outcome, Record, Set, Skip, import};

mod changed;
mod ctxpro;
mod gap;
mod litbank;
mod winobias;
mod winogender;

const LONG: Limit<'static> = Limit { length: 1000, tokenizer: None };

/// Imports files that lie in one directory; the first of `files` is the one that is named.
fn import_files(
    set: Set,
    files: &[(&str, &str)],
    limit: &Limit<'_>,
) -> Result<Vec<Record>, ImportError> {
    let directory = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(directory.path().join(name), content).unwrap();
    }
    let path = directory.path().join(files[0].0);
    import(set, &[path], limit).map(|mut imported| imported.remove(0).records)
}

fn records(set: Set, name: &str, content: &str) -> Vec<Record> {
    import_files(set, &[(name, content)], &LONG).unwrap()
}

fn error(set: Set, name: &str, content: &str) -> ImportError {
    import_files(set, &[(name, content)], &LONG).unwrap_err()
}

/// Checks that an error is about a field on a line, and that field and what was found contain these
/// words.
fn check_malformed(error: &ImportError, at: usize, [in_field, in_found]: [&str; 2]) {
    match error {
        ImportError::Malformed { line, field, found, .. } => {
            assert_eq!(*line, at, "{error}");
            assert!(field.contains(in_field), "{in_field:?} is not the field of {error}");
            assert!(found.contains(in_found), "{in_found:?} was not found in {error}");
        }
        error => panic!("{error}"),
    }
}

/// What an example's spans cover: the pronoun, the candidates, the antecedent.
fn spans(example: &Example) -> (&str, Vec<&str>, Option<&str>) {
    let slice = |span: anafora_corpus::span::CharSpan| span.slice(&example.text).unwrap();
    let candidates: Vec<&str> = example.candidates.iter().map(|&span| slice(span)).collect();
    (slice(example.pronoun), candidates.clone(), example.antecedent.map(|idx| candidates[idx]))
}

fn skip(record: &Record) -> &Skip {
    match &record.outcome {
        Outcome::Skipped(skip) => skip,
        outcome => panic!("expected a skipped record, found {outcome:?}"),
    }
}

#[test]
fn two_files_may_not_share_a_name() {
    let directory = tempfile::tempdir().unwrap();
    let line = "1 [The guard] saw the chief as [she] left.\n";
    let paths = ["a", "b"].map(|folder| {
        let folder = directory.path().join(folder);
        fs::create_dir(&folder).unwrap();
        let path = folder.join("pro_stereotyped_type1.txt.dev");
        fs::write(&path, line).unwrap();
        path
    });
    let error = import(Set::WinoBias, &paths, &LONG).unwrap_err();
    let ImportError::DuplicateId { path, line, id, first_path, first } = error else {
        panic!("{error}");
    };
    assert_eq!((&path, line), (&paths[1], 1));
    assert_eq!((&first_path, first), (&paths[0], 1));
    assert_eq!(id, "winobias-type1-pro-dev-1");
    let imported: Vec<Imported> = import(Set::WinoBias, &paths[..1], &LONG).unwrap();
    assert_eq!((imported.len(), imported[0].path.clone()), (1, paths[0].clone()));
}
