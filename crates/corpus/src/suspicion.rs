//! Whether the spans of somebody's file look as if they were counted in something else than characters.

use std::fmt;

use crate::example::Example;
use crate::mention::{attached_pronouns, before_apostrophe, before_possessive};
use crate::span::CharSpan;
use crate::word::words;

/// Spans of a file that begin or end inside a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspicion {
    /// How many of the spans do.
    pub n_inside: usize,
    /// Pronouns and candidates.
    pub n_spans: usize,
    /// The first example with one.
    pub id: String,
    /// What its span covers.
    pub covered: String,
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { n_inside, n_spans, id, covered } = self;
        write!(
            f,
            "{n_inside} of {n_spans} spans begin or end inside a word, the first in example {id} \
             ({covered:?})\nhint: spans count characters (Unicode scalar values); of a text with \
             accents or emoji, bytes and UTF-16 units are others"
        )
    }
}

/// The suspicion that these examples raise, if any: spans that divide words, but for pronouns attached to
/// a verb and what stands before an apostrophe.
pub fn suspicion<'e>(examples: impl IntoIterator<Item = &'e Example>) -> Option<Suspicion> {
    let (mut n_inside, mut n_spans, mut first) = (0, 0, None);
    for example in examples {
        for span in [example.pronoun].iter().chain(&example.candidates) {
            n_spans += 1;
            if divides_a_word(&example.text, *span) {
                n_inside += 1;
                first.get_or_insert((example, *span));
            }
        }
    }
    let (example, span) = first?;
    let covered = span.slice(&example.text).unwrap_or_default().to_owned();
    Some(Suspicion { n_inside, n_spans, id: example.id.clone(), covered })
}

fn divides_a_word(text: &str, span: CharSpan) -> bool {
    words(text).any(|word| {
        let is_divided =
            word.span.overlaps(span) && (word.span.start < span.start || span.end < word.span.end);
        let within = |at: usize| at.saturating_sub(word.span.start);
        let (start, end) = (within(span.start), within(span.end));
        let ends_before_apostrophe = [before_apostrophe(word.text), before_possessive(word.text)]
            .iter()
            .any(|part| start == 0 && part.chars().count() == end);
        is_divided
            && !attached_pronouns(word.text).contains(&(start..end))
            && !ends_before_apostrophe
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::Language;

    fn example(text: &str, pronoun: (usize, usize), candidate: (usize, usize)) -> Example {
        Example {
            id: "mine-1".to_owned(),
            lang: Language::Es,
            text: text.to_owned(),
            pronoun: pronoun.into(),
            candidates: vec![candidate.into()],
            antecedent: None,
            phenomenon: "mine".to_owned(),
            pair: None,
            form: None,
            agreeing: None,
        }
    }

    #[test]
    fn spans_that_count_bytes_divide_words() {
        // In characters Luis is [12, 16]; in bytes, [13, 17].
        let counted_in_bytes = example("Ana llamó a Luis porque él vino.", (25, 28), (13, 17));
        let found = suspicion([&counted_in_bytes]).unwrap();
        assert_eq!((found.n_inside, found.n_spans), (2, 2));
        assert!(found.to_string().contains("mine-1 (\"l v\")"), "{found}");
    }

    #[test]
    fn attached_pronouns_and_what_stands_before_an_apostrophe_are_no_reason() {
        for (text, pronoun, candidate) in [
            ("Ana quiere verlo.", (14, 16), (0, 3)),
            ("Ana quiere dárselo.", (14, 16), (0, 3)),
            ("Ana's cat says he's ill.", (15, 17), (0, 3)),
            ("Ana vio que él vino.", (12, 14), (0, 3)),
        ] {
            assert_eq!(suspicion([&example(text, pronoun, candidate)]), None, "{text}");
        }
    }
}
