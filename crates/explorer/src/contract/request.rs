//! What is asked, and whether it can be: sizes are checked before any model is.

use corpus::{mention, span::CharSpan};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::failure::{Code, Failure};

/// A text longer than that is not even split.
pub const MOST_CHARACTERS: usize = 4_000;
/// So many tokens have 12 heads times 256 squared weights, 2 MB of JSON.
pub const MOST_TOKENS: usize = 256;
/// The most bytes of a request's body: each character in the longest way to write it, and some more.
pub const MOST_BYTES: usize = 12 * MOST_CHARACTERS + 16_384;
/// The most matches of a search.
pub const MOST_MATCHES: usize = 500;

/// What replaces the output of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ablation {
    /// Zeros.
    #[default]
    Zero,
    /// The head's mean output over the probes.
    Mean,
}

/// A text to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadRequest {
    /// A step; `None` for the best one.
    #[serde(default)]
    pub checkpoint: Option<usize>,
    /// May mark one pronoun with braces.
    pub text: String,
    /// What is to be resolved; `None`: what is marked, or all that are found.
    #[serde(default)]
    pub pronoun: Option<CharSpan>,
    /// Tokens that none reads from.
    #[serde(default)]
    pub masked: Vec<usize>,
    /// Heads, as layer and head, whose output is replaced.
    #[serde(default)]
    pub ablated: Vec<(usize, usize)>,
    /// By what.
    #[serde(default)]
    pub ablation: Ablation,
}

/// One head's vectors of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VectorsRequest {
    /// How the text is read.
    #[serde(flatten)]
    pub read: ReadRequest,
    /// Index of the block.
    pub layer: usize,
    /// Index of the head.
    pub head: usize,
}

/// The probes at a step of the training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotRequest {
    /// Updates done.
    pub step: usize,
}

/// A text, to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantsRequest {
    /// Without braces.
    pub text: String,
    /// Which pronoun.
    pub pronoun: CharSpan,
}

/// What of a token is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The residual stream.
    Hidden,
    /// What a head hands on.
    Attention,
}

/// Tokens of other texts that are like one of this text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchRequest {
    /// How the text is read.
    #[serde(flatten)]
    pub read: ReadRequest,
    /// Whose vector is compared.
    pub token: usize,
    /// Which vector.
    pub by: By,
    /// After so many blocks, or of this block.
    pub layer: usize,
    /// Of `attention`: which head.
    #[serde(default)]
    pub head: Option<usize>,
    /// The most matches.
    pub limit: usize,
}

/// Something that a body says.
pub trait Body: DeserializeOwned {
    /// The fields that it may have; another one is a mistake of whoever asks.
    const FIELDS: &'static [&'static str];

    /// What its type cannot say.
    fn check(&self) -> Result<(), Failure>;

    /// Reads and checks it.
    fn parse(body: &[u8]) -> Result<Self, Failure> {
        let bad = |error: serde_json::Error| Failure::new(Code::BadJson, error.to_string());
        let value: Value = serde_json::from_slice(body).map_err(bad)?;
        if let Value::Object(fields) = &value
            && let Some(name) = fields.keys().find(|name| !Self::FIELDS.contains(&name.as_str()))
        {
            let expected = Self::FIELDS.join(", ");
            return bad_request(format!("the field {name:?}, expected one of {expected}"));
        }
        let content = serde_json::from_value::<Self>(value);
        let content = content.map_err(|error| Failure::new(Code::BadRequest, error.to_string()))?;
        content.check()?;
        Ok(content)
    }
}

impl ReadRequest {
    /// What the best checkpoint makes of `text`, with nothing changed.
    pub fn new(text: String, pronoun: Option<CharSpan>) -> Self {
        let ablation = Ablation::Zero;
        Self { checkpoint: None, text, pronoun, masked: vec![], ablated: vec![], ablation }
    }
}

impl Body for ReadRequest {
    const FIELDS: &'static [&'static str] =
        &["checkpoint", "text", "pronoun", "masked", "ablated", "ablation"];

    fn check(&self) -> Result<(), Failure> {
        check_text(&self.text)?;
        if let Some(pronoun) = self.pronoun {
            check_span(pronoun, &self.text)?;
        }
        let most = MOST_TOKENS * 4;
        let longest = self.masked.len().max(self.ablated.len());
        if longest > most {
            return bad_request(format!("a list of {longest} numbers, expected at most {most}"));
        }
        Ok(())
    }
}

impl Body for VectorsRequest {
    const FIELDS: &'static [&'static str] =
        &["checkpoint", "text", "pronoun", "masked", "ablated", "ablation", "layer", "head"];

    fn check(&self) -> Result<(), Failure> {
        self.read.check()
    }
}

impl Body for SnapshotRequest {
    const FIELDS: &'static [&'static str] = &["step"];

    fn check(&self) -> Result<(), Failure> {
        Ok(())
    }
}

impl Body for VariantsRequest {
    const FIELDS: &'static [&'static str] = &["text", "pronoun"];

    fn check(&self) -> Result<(), Failure> {
        check_text(&self.text)?;
        check_span(self.pronoun, &self.text)
    }
}

impl Body for SearchRequest {
    const FIELDS: &'static [&'static str] = &[
        "checkpoint",
        "text",
        "pronoun",
        "masked",
        "ablated",
        "ablation",
        "token",
        "by",
        "layer",
        "head",
        "limit",
    ];

    fn check(&self) -> Result<(), Failure> {
        self.read.check()?;
        let limit = self.limit;
        if limit > MOST_MATCHES {
            return bad_request(format!("limit is {limit}, expected at most {MOST_MATCHES}"));
        }
        match (self.by, self.head) {
            (By::Attention, None) => {
                bad_request("by is \"attention\" and head null, expected a head".to_owned())
            }
            (By::Hidden, Some(head)) => {
                bad_request(format!("by is \"hidden\" and head {head}, expected null"))
            }
            _ => Ok(()),
        }
    }
}

fn check_text(text: &str) -> Result<(), Failure> {
    let n_characters = text.chars().count();
    if n_characters > MOST_CHARACTERS {
        let what =
            format!("the text has {n_characters} characters, expected at most {MOST_CHARACTERS}");
        return Err(Failure::new(Code::TooLong, what));
    }
    if text.trim().is_empty() {
        let what = "the text is empty, expected a sentence with a pronoun";
        return Err(Failure::new(Code::Empty, what));
    }
    Ok(())
}

/// A span counts the characters without the braces.
fn check_span(span: CharSpan, text: &str) -> Result<(), Failure> {
    let plain = mention::parse_marked(text);
    let text = plain.as_ref().map_or(text, |(plain, _)| plain);
    if span.slice(text).is_some() {
        return Ok(());
    }
    let CharSpan { start, end } = span;
    let n_characters = text.chars().count();
    bad_request(format!(
        "pronoun is [{start}, {end}], expected a span within {n_characters} characters"
    ))
}

fn bad_request<T>(message: String) -> Result<T, Failure> {
    Err(Failure::new(Code::BadRequest, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<B: Body + std::fmt::Debug>(body: &str) -> Code {
        B::parse(body.as_bytes()).unwrap_err().code
    }

    #[test]
    fn what_is_left_out_is_as_null() {
        let read = ReadRequest::parse(r#"{"text": "él"}"#.as_bytes()).unwrap();
        let whole = r#"{"checkpoint":null,"text":"él","pronoun":null,"masked":[],"ablated":[],"ablation":"zero"}"#;
        assert_eq!(serde_json::to_string(&read).unwrap(), whole);
        assert_eq!(ReadRequest::parse(whole.as_bytes()).unwrap(), read);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        assert_eq!(code::<ReadRequest>("{"), Code::BadJson);
        assert_eq!(code::<ReadRequest>("[]"), Code::BadRequest);
        assert_eq!(code::<ReadRequest>("{}"), Code::BadRequest);
        assert_eq!(code::<ReadRequest>(r#"{"text": " "}"#), Code::Empty);
        assert_eq!(code::<ReadRequest>(r#"{"text": "a", "mask": []}"#), Code::BadRequest);
        assert_eq!(code::<ReadRequest>(r#"{"text": "a", "masked": [-1]}"#), Code::BadRequest);
        assert_eq!(code::<ReadRequest>(r#"{"text": "él", "pronoun": [1, 9]}"#), Code::BadRequest);
        assert_eq!(code::<ReadRequest>(r#"{"text": "él", "pronoun": [2, 1]}"#), Code::BadRequest);
        let long = format!(r#"{{"text": "{}"}}"#, "a".repeat(MOST_CHARACTERS + 1));
        assert_eq!(code::<ReadRequest>(&long), Code::TooLong);
        assert_eq!(code::<SnapshotRequest>(r#"{"step": 1.5}"#), Code::BadRequest);
        let search = r#"{"text": "él", "token": 1, "by": "attention", "layer": 1, "limit": 5}"#;
        assert_eq!(code::<SearchRequest>(search), Code::BadRequest);
    }
}
