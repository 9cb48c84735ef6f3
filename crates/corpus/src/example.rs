//! One pronoun to resolve: a text, the pronoun's span, its candidates and the right one.

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::span::CharSpan;

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Spanish.
    Es,
    /// English.
    En,
}

impl Language {
    /// Every language, in the order of the tables.
    pub const ALL: [Self; 2] = [Self::Es, Self::En];

    /// The two-letter code, as in the files.
    pub fn code(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }
}

/// One line of a JSONL file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// A name that is unique within its file.
    pub id: String,
    /// The language of the text.
    pub lang: Language,
    /// One or more sentences.
    pub text: String,
    /// The pronoun to resolve (of a Spanish null subject, the finite verb that carries it).
    pub pronoun: CharSpan,
    /// Head nouns or whole names, without article, none overlapping another or the pronoun.
    pub candidates: Vec<CharSpan>,
    /// Index of the antecedent among the candidates; `null` where none of them is right. It must be
    /// written: a file that lost the field would otherwise say that nothing is ever right.
    #[serde(deserialize_with = "index_or_null")]
    pub antecedent: Option<usize>,
    /// What decides the answer: `gender`, `number`, …. User data may have any name here.
    pub phenomenon: String,
    /// The name that both examples of a minimal pair share: two texts that differ in a word or two
    /// and have different answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<String>,
    /// What the pronoun is: `subject`, `clitic`, `possessive`, …. Any name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// The indices of the candidates that agree with the pronoun in gender, number and animacy, for
    /// the baseline *nearest that agrees*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreeing: Option<Vec<usize>>,
}

/// An index or `null`. Also a whole number with a point, as pandas writes a column in which some are
/// missing: `1.0`.
fn index_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    let Some(number) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
    match number >= 0.0 && number.fract() == 0.0 && number <= f64::from(u32::MAX) {
        true => Ok(Some(number as usize)),
        false => Err(D::Error::custom(format!(
            "found {number}, expected the index of a candidate or null"
        ))),
    }
}
