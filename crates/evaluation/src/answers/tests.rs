//! Fixtures for the tests of this crate.

use corpus::{
    example::{Example, Language},
    span::CharSpan,
};

use super::{Answered, AnsweredSplit};

/// An answer to the text `a b c`, in which the pronoun `c` refers to the candidate `antecedent`.
pub(crate) fn answered(
    lang: Language,
    pair: &str,
    antecedent: usize,
    answer: Option<usize>,
) -> Answered {
    let example = Example {
        id: format!("{pair}-{antecedent}"),
        lang,
        text: "a b c".to_owned(),
        pronoun: CharSpan::new(4, 5),
        candidates: vec![CharSpan::new(0, 1), CharSpan::new(2, 3)],
        antecedent: Some(antecedent),
        phenomenon: "gender".to_owned(),
        pair: Some(pair.to_owned()),
        form: None,
        agreeing: None,
    };
    Answered { example, answer, probability: 0.75 }
}

/// A pair in each language; one of four answers is wrong.
pub(crate) fn split() -> AnsweredSplit {
    let answers = vec![
        answered(Language::Es, "p", 0, Some(0)),
        answered(Language::Es, "p", 1, Some(1)),
        answered(Language::En, "q", 0, Some(0)),
        answered(Language::En, "q", 1, None),
    ];
    AnsweredSplit { name: "test".to_owned(), answers }
}
