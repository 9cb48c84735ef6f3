//! ctxpro: Spanish subtitles with a pronoun, the head of its antecedent, its gender and number.
//!
//! Every object of the array is a record. Its text is the segment of the pronoun, preceded by the
//! segment of the antecedent if that is the previous one. If the antecedent is farther away the
//! record is skipped, since the file does not have the segments between.
//!
//! The file marks one antecedent and no other noun. **The candidates are the words of the text that
//! the file itself knows as nouns**: those that are, anywhere in the file, the head of an
//! antecedent or the lemma of its head. Hence a competing noun that is never an antecedent in the
//! file is no candidate, and a verb that is spelled like a noun of the file (*vino*) is one. A text
//! with fewer than two candidates is skipped.
//!
//! The pronoun is given as a word (*la*) without its position. It is the only occurrence in its
//! segment that is neither in the antecedent's phrase nor, for *la*, *los* and *las*, an article
//! directly before a candidate. If there is none or several, the record is skipped. All of this is
//! automatic, as is the annotation.
//!
//! The phenomenon says case and place: `ctxpro-nom-intra` (*él, ella, ellos, ellas*, antecedent in
//! the same segment), `ctxpro-nom-inter` (in the previous one), `ctxpro-acc-intra` and
//! `ctxpro-acc-inter` (*lo, la, los, las*).
//!
//! Reference: Wicks and Post 2023, <https://arxiv.org/abs/2311.02321>.

use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;

use super::error::ImportError;
use super::occurrence::occurrences;
use super::source::{self, Line, MAX_FILE_BYTES};
use super::window::Limit;
use super::{Outcome, Record, Skip, json_array};
use crate::example::{Example, Language};
use crate::span::CharSpan;
use crate::word;

const ARTICLES: [&str; 3] = ["la", "los", "las"];

/// The fields that are needed of an object. The file has more.
#[derive(Debug, Deserialize)]
struct Annotation {
    expected: String,
    #[serde(rename = "ante distance")]
    distance: usize,
    #[serde(rename = "ref ante head")]
    head: String,
    #[serde(rename = "ref ante head lemma")]
    lemma: String,
    #[serde(rename = "ref ante phrase")]
    phrase: String,
    #[serde(rename = "ref segment")]
    segment: String,
    #[serde(rename = "ref ante segment")]
    antecedent_segment: String,
    #[serde(rename = "segment id")]
    segment_id: u64,
    #[serde(rename = "document id")]
    document: String,
    rule: String,
}

/// Reads a file. Every object is a record.
pub(super) fn read(path: &Path, limit: &Limit<'_>) -> Result<Vec<Record>, ImportError> {
    let text = source::read(path, MAX_FILE_BYTES)?;
    let annotations: Vec<(usize, Annotation)> = json_array::read(path, &text)?;
    let nouns: HashSet<String> = (annotations.iter())
        .flat_map(|(_, annotation)| [&annotation.head, &annotation.lemma])
        .map(|noun| word::normalise(bare(noun)))
        .collect();
    (1..)
        .zip(annotations)
        .map(|(count, (line, annotation))| {
            let line = Line { path, number: line, text: "" };
            let phenomenon = annotation.phenomenon(line)?;
            let document = annotation.document.rsplit('/').next().unwrap_or_default();
            let id = format!("ctxpro-{document}-{}-{count}", annotation.segment_id);
            Ok(match annotation.question(&nouns) {
                Ok(Question { text, pronoun, candidates, antecedent }) => {
                    let (lang, antecedent, pair) = (Language::Es, Some(antecedent), None);
                    let example = Example {
                        id,
                        lang,
                        text,
                        pronoun,
                        candidates,
                        antecedent,
                        phenomenon,
                        pair,
                        form: None,
                        agreeing: None,
                    };
                    Record::whole(line.number, example, limit)
                }
                Err(skip) => Record { line: line.number, id, outcome: Outcome::Skipped(skip) },
            })
        })
        .collect()
}

/// A head without the punctuation that the annotation left on it, as in *-Mujeres*.
fn bare(noun: &str) -> &str {
    noun.trim_matches(|c: char| !c.is_alphanumeric())
}

/// The fields of an example that depend on the text.
struct Question {
    text: String,
    pronoun: CharSpan,
    candidates: Vec<CharSpan>,
    antecedent: usize,
}

impl Annotation {
    fn phenomenon(&self, line: Line<'_>) -> Result<String, ImportError> {
        let case = match self.rule.split('.').next() {
            Some("NOM") => "nom",
            Some("ACC") => "acc",
            _ => {
                let expected = "a rule such as NOM.FEM.PLUR or ACC.MASC.SING";
                return Err(line.malformed("\"rule\"", format_args!("{:?}", self.rule), expected));
            }
        };
        Ok(format!("ctxpro-{case}-{}", if self.distance == 0 { "intra" } else { "inter" }))
    }

    fn question(&self, nouns: &HashSet<String>) -> Result<Question, Skip> {
        let text = match self.distance {
            0 => self.segment.clone(),
            1 => format!("{} {}", self.antecedent_segment, self.segment),
            distance => {
                let detail = format!("{distance} segments before the pronoun");
                return Err(Skip { reason: "antecedent too far away", detail });
            }
        };
        let (phrase, antecedent) = self.antecedent(&text)?;
        let is_noun = |word: &word::TextWord<'_>| nouns.contains(&word::normalise(word.text));
        let words = word::words(&text).filter(is_noun).map(|word| word.span);
        let mut candidates: Vec<CharSpan> =
            words.filter(|span| !span.overlaps(antecedent)).chain([antecedent]).collect();
        candidates.sort();
        let pronoun = self.pronoun(&text, phrase, &candidates)?;
        candidates.retain(|candidate| !candidate.overlaps(pronoun));
        if candidates.len() < 2 {
            let detail = format!("only {:?}", self.head);
            return Err(Skip { reason: "fewer than two nouns of the file", detail });
        }
        let idx = candidates.iter().position(|&candidate| candidate == antecedent);
        let antecedent =
            idx.expect("the antecedent is outside of the pronoun and among the candidates");
        Ok(Question { text, pronoun, candidates, antecedent })
    }

    /// The spans of the antecedent's phrase and of its head.
    fn antecedent(&self, text: &str) -> Result<(CharSpan, CharSpan), Skip> {
        let end = self.antecedent_segment.chars().count();
        let phrases = occurrences(text, &self.phrase);
        let phrases: Vec<CharSpan> = phrases.into_iter().filter(|span| span.end <= end).collect();
        let [phrase] = phrases[..] else {
            let detail = format!("{:?} {} times", self.phrase, phrases.len());
            return Err(Skip { reason: "antecedent's phrase not exactly once", detail });
        };
        let heads = occurrences(text, bare(&self.head));
        let inside = |head: &CharSpan| phrase.start <= head.start && head.end <= phrase.end;
        let heads: Vec<CharSpan> = heads.into_iter().filter(inside).collect();
        let [head] = heads[..] else {
            let detail = format!("{:?} {} times", self.head, heads.len());
            return Err(Skip { reason: "antecedent's head not exactly once", detail });
        };
        Ok((phrase, head))
    }

    /// The span of the pronoun.
    fn pronoun(&self, text: &str, phrase: CharSpan, nouns: &[CharSpan]) -> Result<CharSpan, Skip> {
        let start = text.chars().count() - self.segment.chars().count();
        let may_be_article = ARTICLES.contains(&word::normalise(&self.expected).as_str());
        let is_article = |span: &CharSpan| {
            let next = word::words(text).find(|word| word.span.start >= span.end);
            may_be_article
                && next.is_some_and(|next| nouns.iter().any(|n| n.start == next.span.start))
        };
        let places: Vec<CharSpan> = (occurrences(text, &self.expected).into_iter())
            .filter(|place| place.start >= start && !place.overlaps(phrase) && !is_article(place))
            .collect();
        match places[..] {
            [place] => Ok(place),
            _ => {
                let detail = format!("{:?} {} times", self.expected, places.len());
                Err(Skip { reason: "pronoun not exactly once", detail })
            }
        }
    }
}
