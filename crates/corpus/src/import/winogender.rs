//! Winogender: an occupation, a participant, and a pronoun in three genders that refers to one of
//! them.
//!
//! ```text
//! technician.customer.1.male.txt    The technician told the customer that he could pay with cash.
//! ```
//!
//! The name of a sentence has its occupation, its participant, which of them is right (0 or 1) and
//! the gender of the pronoun. The gender is the phenomenon: `winogender-male`, `winogender-female`,
//! `winogender-neutral`. The two sentences that differ in the answer only are a pair.
//!
//! Reference: Rudinger et al. 2018, <https://arxiv.org/abs/1804.09301>.

use std::path::Path;

use super::Record;
use super::error::ImportError;
use super::occurrence::occurrences;
use super::source::{self, MAX_FILE_BYTES, Row};
use super::window::Limit;
use crate::example::{Example, Language};
use crate::span::CharSpan;

const COLUMNS: [&str; 2] = ["sentid", "sentence"];
const NAME: usize = 0;
const SENTENCE: usize = 1;

/// Reads `all_sentences.tsv`. Every row is a record.
pub(super) fn read(path: &Path, limit: &Limit<'_>) -> Result<Vec<Record>, ImportError> {
    let text = source::read(path, MAX_FILE_BYTES)?;
    source::rows(path, &text, COLUMNS)?
        .map(|row| {
            let row = row?;
            Ok(Record::whole(row.line.number, example(&row)?, limit))
        })
        .collect()
}

fn example(row: &Row<'_, 2>) -> Result<Example, ImportError> {
    let name = row.cells[NAME];
    let parts: Vec<&str> = name.split('.').collect();
    let [occupation, participant, answer @ ("0" | "1"), gender, "txt"] = parts[..] else {
        return Err(row.malformed(NAME, "occupation.participant.0.gender.txt, or with 1"));
    };
    let pronouns: &[&str] = match gender {
        "male" => &["he", "him", "his"],
        "female" => &["she", "her", "hers"],
        "neutral" => &["they", "them", "their", "theirs"],
        _ => return Err(row.malformed(NAME, "male, female or neutral as the gender")),
    };
    let right = only(row, &[if answer == "0" { occupation } else { participant }])?;
    let wrong = only(row, &[if answer == "0" { participant } else { occupation }])?;
    let candidates = vec![right.min(wrong), right.max(wrong)];
    Ok(Example {
        id: format!("winogender-{}", name.trim_end_matches(".txt")),
        lang: Language::En,
        text: row.cells[SENTENCE].to_owned(),
        pronoun: only(row, pronouns)?,
        antecedent: Some(usize::from(wrong < right)),
        candidates,
        phenomenon: format!("winogender-{gender}"),
        pair: Some(format!("winogender-{occupation}.{participant}.{gender}")),
        form: None,
        agreeing: None,
    })
}

/// The only occurrence of any of these words in the sentence; none or several are an error.
fn only(row: &Row<'_, 2>, words: &[&str]) -> Result<CharSpan, ImportError> {
    let sentence = row.cells[SENTENCE];
    let places: Vec<CharSpan> = words.iter().flat_map(|word| occurrences(sentence, word)).collect();
    match places[..] {
        [place] => Ok(place),
        _ => {
            let (words, n) = (words.join(" or "), places.len());
            Err(row.malformed_as(SENTENCE, format_args!("{words} {n} times"), "it exactly once"))
        }
    }
}
