//! LitBank: third-person pronouns of English fiction in chains of coreference.
//!
//! An excerpt is two files: the annotations in the `.ann` that is imported, and the text in the
//! `.txt` beside it. The text has a sentence in each line and spaces around punctuation, and is
//! kept so.
//!
//! - A record is a mention of the kind `PRON` whose text is a personal, possessive or reflexive
//!   pronoun of the third person.
//! - Its text is the pronoun's sentence and up to [`SENTENCES_BEFORE`] sentences before it, fewer
//!   if that would be above the limit.
//! - Its candidates are one for each chain: the chain's last name or noun (`PROP`, `NOM`) that is
//!   in the text and ends before the pronoun. Of a noun phrase the span is the head, of a name all
//!   but the article ([`head`]). A mention that overlaps another candidate is left out.
//! - The antecedent is the candidate of the pronoun's own chain. If that chain has no candidate, or
//!   no other chain has one, the record is skipped.
//!
//! Copulas and appositions (`R` lines) and mentions without a chain are ignored. The phenomenon is
//! the pronoun's person: `litbank-he`, `litbank-she`, `litbank-it`, `litbank-they`.
//!
//! Reference: Bamman et al. 2020, <https://arxiv.org/abs/1912.01140>.

use std::collections::HashSet;
use std::path::Path;

use super::error::ImportError;
use super::source;
use super::window::Limit;
use super::{Outcome, Record, Skip};
use crate::example::{Example, Language};
use crate::span::CharSpan;

mod brat;
pub mod head;

use brat::{Kind, Mention};

/// How many sentences before that of the pronoun belong to its text.
pub const SENTENCES_BEFORE: usize = 2;

/// The largest text and the largest file of annotations. Excerpts have two thousand words.
const MAX_EXCERPT_BYTES: u64 = 1 << 20;

/// Reads an excerpt. Every third-person pronoun is a record.
pub(super) fn read(path: &Path, limit: &Limit<'_>) -> Result<Vec<Record>, ImportError> {
    if path.extension().is_none_or(|extension| extension != "ann") {
        let expected = "the .ann of an excerpt, which has its .txt beside it";
        return Err(ImportError::Name { path: path.to_owned(), expected });
    }
    let text = source::read(&path.with_extension("txt"), MAX_EXCERPT_BYTES)?;
    let annotations = source::read(path, MAX_EXCERPT_BYTES)?;
    let excerpt = Excerpt {
        name: path.file_stem().unwrap_or_default().to_string_lossy().replace("_brat", ""),
        sentences: lines(&text),
        mentions: brat::mentions(path, &annotations, &text)?,
        text,
    };
    Ok((0..excerpt.mentions.len()).filter_map(|idx| excerpt.record(idx, limit)).collect())
}

/// The person of a pronoun, as in the name of the phenomenon.
fn person(pronoun: &str) -> Option<&'static str> {
    match pronoun.to_lowercase().as_str() {
        "he" | "him" | "his" | "himself" => Some("he"),
        "she" | "her" | "hers" | "herself" => Some("she"),
        "it" | "its" | "itself" => Some("it"),
        "they" | "them" | "their" | "theirs" | "themselves" => Some("they"),
        _ => None,
    }
}

/// The spans of a text's lines, without their line ends.
fn lines(text: &str) -> Vec<CharSpan> {
    let mut start = 0;
    let span = |line: &str| {
        let length = line.chars().count();
        let content = line.trim_end_matches(['\r', '\n']).chars().count();
        start += length;
        CharSpan::new(start - length, start - length + content)
    };
    text.split_inclusive('\n').map(span).collect()
}

/// An annotated text.
struct Excerpt {
    name: String,
    text: String,
    sentences: Vec<CharSpan>,
    /// In the order of the text.
    mentions: Vec<Mention>,
}

impl Excerpt {
    /// The record of mention `idx`, or `None` if that is not a third-person pronoun.
    fn record(&self, idx: usize, limit: &Limit<'_>) -> Option<Record> {
        let pronoun = &self.mentions[idx];
        let person = person(pronoun.span.slice(&self.text)?)?;
        if pronoun.kind != Kind::Pronoun {
            return None;
        }
        let id = format!("litbank-{}-{}", self.name, pronoun.id);
        let outcome = match self.example(&id, pronoun, person, limit) {
            Ok(example) => Outcome::Whole(example),
            Err(skip) => Outcome::Skipped(skip),
        };
        Some(Record { line: pronoun.line, id, outcome })
    }

    fn example(
        &self,
        id: &str,
        pronoun: &Mention,
        person: &str,
        limit: &Limit<'_>,
    ) -> Result<Example, Skip> {
        let window = self.window(pronoun.span, limit)?;
        let candidates = self.candidates(pronoun, window);
        let word = pronoun.span.slice(&self.text).unwrap_or_default();
        let Some(chain) = &pronoun.chain else {
            return Err(Skip { reason: "pronoun without a chain", detail: word.to_owned() });
        };
        let place = || format!("{word} of {chain}");
        let own = |(mention, _): &(&Mention, CharSpan)| mention.chain == pronoun.chain;
        let Some(antecedent) = candidates.iter().position(own) else {
            return Err(Skip { reason: "no name or noun of the chain nearby", detail: place() });
        };
        if candidates.len() < 2 {
            return Err(Skip { reason: "no other chain nearby", detail: place() });
        }
        let shift =
            |span: CharSpan| CharSpan::new(span.start - window.start, span.end - window.start);
        Ok(Example {
            id: id.to_owned(),
            lang: Language::En,
            text: self.slice(window),
            pronoun: shift(pronoun.span),
            candidates: candidates.into_iter().map(|(_, span)| shift(span)).collect(),
            antecedent: Some(antecedent),
            phenomenon: format!("litbank-{person}"),
            pair: None,
            form: None,
            agreeing: None,
        })
    }

    /// The span of the pronoun's sentence and as many before it as belong to its text.
    fn window(&self, pronoun: CharSpan, limit: &Limit<'_>) -> Result<CharSpan, Skip> {
        let own = self.sentences.iter().rposition(|sentence| sentence.start <= pronoun.start);
        let own = own.expect("the first sentence begins with the text");
        let mut detail = String::new();
        for first in own.saturating_sub(SENTENCES_BEFORE)..=own {
            let window = CharSpan::new(self.sentences[first].start, self.sentences[own].end);
            match limit.excess(&self.slice(window)) {
                None => return Ok(window),
                Some(excess) => detail = excess,
            }
        }
        Err(Skip { reason: Skip::TOO_LONG, detail })
    }

    /// A part of the text, with its line ends replaced by spaces.
    fn slice(&self, span: CharSpan) -> String {
        span.slice(&self.text).unwrap_or_default().replace(['\r', '\n'], " ")
    }

    /// The last name or noun of every chain, in the order of the text, and the span of its
    /// candidate.
    fn candidates(&self, pronoun: &Mention, window: CharSpan) -> Vec<(&Mention, CharSpan)> {
        let mut candidates: Vec<(&Mention, CharSpan)> = Vec::new();
        let mut chains = HashSet::new();
        let before = |mention: &&Mention| {
            mention.span.start >= window.start && mention.span.end <= pronoun.span.start
        };
        let mut mentions: Vec<&Mention> = self.mentions.iter().filter(before).collect();
        mentions.sort_by_key(|mention| (mention.span.end, mention.span.start));
        for mention in mentions.into_iter().rev() {
            let Some(chain) = &mention.chain else { continue };
            if mention.kind == Kind::Pronoun || chains.contains(chain) {
                continue;
            }
            let text = mention.span.slice(&self.text).expect("mentions lie within their text");
            let inner = head::of(text, mention.kind == Kind::Name);
            let start = mention.span.start;
            let span = CharSpan::new(start + inner.start, start + inner.end);
            if candidates.iter().all(|(_, other)| !other.overlaps(span)) {
                chains.insert(chain);
                candidates.push((mention, span));
            }
        }
        candidates.sort_by_key(|&(_, span)| span);
        candidates
    }
}
