//! Checks that the fields of an example fit each other.

use crate::example::Example;
use crate::span::CharSpan;
use crate::word::{TextWord, words};

/// The fields of an example do not fit each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum InvalidExample {
    /// A field that must not be blank is blank.
    #[error("{field}: found nothing but white space, expected {expected}")]
    Blank { field: &'static str, expected: &'static str },
    /// The list of candidates is empty.
    #[error("candidates: found an empty list, expected at least one span")]
    NoCandidates,
    /// A span is empty, or its end is before its start.
    #[error("{field}: found [{}, {}], expected a start below the end", span.start, span.end)]
    EmptySpan { field: Field, span: CharSpan },
    /// A span ends behind the text.
    #[error(
        "{field}: found [{}, {}], expected an end of at most {n_chars}, the text's length in \
         characters; hint: spans count characters (Unicode scalar values), not bytes",
        span.start, span.end
    )]
    OutsideText { field: Field, span: CharSpan, n_chars: usize },
    /// A span separates a letter from the combining character `mark` that follows it at index `at`.
    #[error(
        "{field}: found [{}, {}], which splits a letter from the combining character U+{:04X} at \
         {at}, expected a span that keeps them together", span.start, span.end, u32::from(*mark)
    )]
    SplitsCharacter { field: Field, span: CharSpan, mark: char, at: usize },
    /// A span holds nothing but white space.
    #[error("{field}: found [{}, {}], which holds no word, expected at least one", span.start, span.end)]
    NoWord { field: Field, span: CharSpan },
    /// Two candidates within one word, which could not be told apart.
    #[error(
        "{field}: found a part of the word {word:?}, of which {other} is another, expected words of \
         their own"
    )]
    SharedWord { field: Field, other: Field, word: String },
    /// Two spans share a character.
    #[error(
        "{field}: found [{}, {}], which overlaps {other} [{}, {}], expected spans apart",
        span.start, span.end, other_span.start, other_span.end
    )]
    Overlap { field: Field, span: CharSpan, other: Field, other_span: CharSpan },
    /// The antecedent is not the index of a candidate.
    #[error(
        "antecedent: found {found}, expected null or an index below {n_candidates}, the number of \
         candidates"
    )]
    NoSuchCandidate { found: usize, n_candidates: usize },
    /// An entry of `agreeing` is not the index of a candidate.
    #[error(
        "agreeing: found {found}, expected indices below {n_candidates}, the number of candidates"
    )]
    NoSuchAgreeing { found: usize, n_candidates: usize },
}

/// The field that holds a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The field `pronoun`.
    Pronoun,
    /// The entry of the field `candidates` with this index.
    Candidate(usize),
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pronoun => write!(f, "pronoun"),
            Self::Candidate(idx) => write!(f, "candidates[{idx}]"),
        }
    }
}

/// Checks an example. [`read`](super::read) does this for every example of a file.
///
/// # Errors
/// The first contradiction.
pub fn validate(example: &Example) -> Result<(), InvalidExample> {
    let Example {
        id,
        lang: _,
        text,
        pronoun,
        candidates,
        antecedent,
        phenomenon,
        pair,
        form,
        agreeing,
    } = example;
    not_blank("id", id, "a name for the example")?;
    not_blank("text", text, "a text")?;
    not_blank("phenomenon", phenomenon, "a name such as \"gender\"")?;
    if let Some(pair) = pair {
        not_blank("pair", pair, "a name for the pair, or no such field")?;
    }
    if let Some(form) = form {
        not_blank("form", form, "a name such as \"clitic\", or no such field")?;
    }
    if candidates.is_empty() {
        return Err(InvalidExample::NoCandidates);
    }
    let is_beyond = |&&idx: &&usize| idx >= candidates.len();
    if let Some(&found) = agreeing.iter().flatten().find(is_beyond) {
        return Err(InvalidExample::NoSuchAgreeing { found, n_candidates: candidates.len() });
    }
    let chars: Vec<char> = text.chars().collect();
    let pronoun = [(Field::Pronoun, *pronoun)].into_iter();
    let candidates_of = candidates.iter().enumerate();
    let spans: Vec<(Field, CharSpan)> =
        pronoun.chain(candidates_of.map(|(idx, &span)| (Field::Candidate(idx), span))).collect();
    for &(field, span) in &spans {
        inside(&chars, field, span)?;
    }
    apart(&spans)?;
    in_words_of_their_own(text, &chars, &spans[1..])?;
    match *antecedent {
        Some(found) if found >= candidates.len() => {
            Err(InvalidExample::NoSuchCandidate { found, n_candidates: candidates.len() })
        }
        _ => Ok(()),
    }
}

fn not_blank(
    field: &'static str,
    text: &str,
    expected: &'static str,
) -> Result<(), InvalidExample> {
    if text.trim().is_empty() {
        return Err(InvalidExample::Blank { field, expected });
    }
    Ok(())
}

fn inside(chars: &[char], field: Field, span: CharSpan) -> Result<(), InvalidExample> {
    if span.start >= span.end {
        return Err(InvalidExample::EmptySpan { field, span });
    }
    if span.end > chars.len() {
        return Err(InvalidExample::OutsideText { field, span, n_chars: chars.len() });
    }
    if chars[span.start..span.end].iter().all(|c| c.is_whitespace()) {
        return Err(InvalidExample::NoWord { field, span });
    }
    for at in [span.start, span.end] {
        if let Some(&mark) = chars.get(at).filter(|&&mark| is_combining(mark)) {
            return Err(InvalidExample::SplitsCharacter { field, span, mark, at });
        }
    }
    Ok(())
}

/// Checks that no two spans overlap. They are sorted first, since sorted spans can be compared with
/// their neighbours only, and a file may have many candidates.
fn apart(spans: &[(Field, CharSpan)]) -> Result<(), InvalidExample> {
    let mut sorted = spans.to_vec();
    sorted.sort_by_key(|(_, span)| *span);
    for neighbours in sorted.windows(2) {
        let ((field, span), (other, other_span)) = (neighbours[0], neighbours[1]);
        if !span.overlaps(other_span) {
            continue;
        }
        // The error blames the later entry of the example; the pronoun comes before all candidates.
        let later_is_first = matches!((field, other), (Field::Candidate(a), Field::Candidate(b)) if a > b)
            || other == Field::Pronoun;
        let ((field, span), (other, other_span)) = match later_is_first {
            true => ((field, span), (other, other_span)),
            false => ((other, other_span), (field, span)),
        };
        return Err(InvalidExample::Overlap { field, span, other, other_span });
    }
    Ok(())
}

/// Checks that no two candidates are parts of one word.
fn in_words_of_their_own(
    text: &str,
    chars: &[char],
    candidates: &[(Field, CharSpan)],
) -> Result<(), InvalidExample> {
    let mut sorted = candidates.to_vec();
    sorted.sort_by_key(|(_, span)| *span);
    for neighbours in sorted.windows(2) {
        let ((other, other_span), (field, span)) = (neighbours[0], neighbours[1]);
        // Texts are divided into words only where nothing else tells the two apart.
        if chars[other_span.end..span.start].iter().any(|c| c.is_whitespace()) {
            continue;
        }
        let shared =
            |word: &TextWord<'_>| word.span.overlaps(span) && word.span.overlaps(other_span);
        if let Some(word) = words(text).find(shared) {
            let word = word.text.to_owned();
            return Err(InvalidExample::SharedWord { field, other, word });
        }
    }
    Ok(())
}

/// Whether the character modifies the one before it: combining marks, joiners, variation selectors
/// and the skin tones of emoji.
fn is_combining(c: char) -> bool {
    matches!(u32::from(c),
        0x0300..=0x036F     // combining diacritical marks: the accent of e + U+0301
        | 0x0483..=0x0489   // Cyrillic
        | 0x0591..=0x05BD   // Hebrew points
        | 0x064B..=0x065F   // Arabic vowel signs
        | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F
        | 0x200C..=0x200D   // zero-width joiners
        | 0xFE00..=0xFE0F   // variation selectors
        | 0x1F3FB..=0x1F3FF // skin tones
    )
}
