//! The bodies of requests. Their sizes are checked before the model is asked.

use corpus::{mention, span::CharSpan};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::failure::{Code, Failure};

/// The longest text. A longer one is refused before it is tokenised.
pub const MAX_CHARACTERS: usize = 4_000;
/// The most tokens of a text. The attention of 12 heads for 256 tokens is 2 MB of JSON.
pub const MAX_TOKENS: usize = 256;
/// The largest body of a request: the longest text with each character as two `\u` escapes of six
/// bytes, and 16 KiB for the other fields.
pub const MAX_BODY_BYTES: usize = 12 * MAX_CHARACTERS + 16_384;
/// The most matches of a search.
pub const MAX_MATCHES: usize = 500;

/// What replaces the output of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ablation {
    /// It is set to zero.
    #[default]
    Zero,
    /// It is replaced by the head's mean output over the probes.
    Mean,
}

/// Asks for the answer and the attention of the model for a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadRequest {
    /// The step of a checkpoint, or `None` for the best one.
    #[serde(default)]
    pub checkpoint: Option<usize>,
    /// The text, in which braces may mark one pronoun.
    pub text: String,
    /// The span of the pronoun to resolve, in the text without braces. `None` means the marked one
    /// or, if none is marked, all that are found.
    #[serde(default)]
    pub pronoun: Option<CharSpan>,
    /// Indices of tokens that no token may attend to.
    #[serde(default)]
    pub masked: Vec<usize>,
    /// The heads, as layer and head, whose output is replaced.
    #[serde(default)]
    pub ablated: Vec<(usize, usize)>,
    /// What the output of these heads is replaced by.
    #[serde(default)]
    pub ablation: Ablation,
}

/// Asks for the queries, keys and values of one head for a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VectorsRequest {
    /// The text, and the interventions with which the model reads it.
    #[serde(flatten)]
    pub read: ReadRequest,
    /// Index of the layer.
    pub layer: usize,
    /// Index of the head.
    pub head: usize,
}

/// Asks for what one token's vector becomes on its way through the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivationsRequest {
    /// The text, and the interventions with which the model reads it.
    #[serde(flatten)]
    pub read: ReadRequest,
    /// Index of the token.
    pub token: usize,
}

/// Asks for the snapshot of a training step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotRequest {
    /// The training step.
    pub step: usize,
}

/// Asks for the variants of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantsRequest {
    /// The text without braces.
    pub text: String,
    /// The span of the pronoun.
    pub pronoun: CharSpan,
}

/// Which vectors of two tokens are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The residual stream.
    Hidden,
    /// The output of a head.
    Attention,
}

/// Asks for tokens of the corpus whose vectors are similar to that of a token of this text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchRequest {
    /// The text, and the interventions with which the model reads it.
    #[serde(flatten)]
    pub read: ReadRequest,
    /// Index of the token.
    pub token: usize,
    /// The kind of vector.
    pub by: By,
    /// With [`By::Hidden`] the number of layers before the residual stream is taken, with
    /// [`By::Attention`] the index of the layer.
    pub layer: usize,
    /// With [`By::Attention`] the index of the head, else `None`.
    #[serde(default)]
    pub head: Option<usize>,
    /// The most matches.
    pub limit: usize,
}

/// The body of a request.
pub trait Body: Serialize + DeserializeOwned {
    /// Checks what the types of the fields do not guarantee.
    ///
    /// # Errors
    /// If a field is too large or contradicts another one.
    fn check(&self) -> Result<(), Failure>;

    /// Reads and checks a body. Unknown fields are refused, since they are mistakes of the caller.
    ///
    /// # Errors
    /// If the body is not JSON, has a field that is missing, unknown or of the wrong type, or does
    /// not pass [`Body::check`].
    fn parse(body: &[u8]) -> Result<Self, Failure> {
        let bad_json = |error: serde_json::Error| Failure::new(Code::BadJson, error.to_string());
        let value: Value = serde_json::from_slice(body).map_err(bad_json)?;
        let bad_type = |error: serde_json::Error| Failure::new(Code::BadRequest, error.to_string());
        let content = Self::deserialize(&value).map_err(bad_type)?;
        refuse_unknown_fields(&content, &value)?;
        content.check()?;
        Ok(content)
    }
}

impl ReadRequest {
    /// A request to the best checkpoint without interventions.
    pub fn new(text: String, pronoun: Option<CharSpan>) -> Self {
        let ablation = Ablation::Zero;
        Self { checkpoint: None, text, pronoun, masked: vec![], ablated: vec![], ablation }
    }
}

impl Body for ReadRequest {
    fn check(&self) -> Result<(), Failure> {
        check_text(&self.text)?;
        if let Some(pronoun) = self.pronoun {
            check_span(pronoun, &self.text)?;
        }
        let most = MAX_TOKENS * 4;
        let longest = self.masked.len().max(self.ablated.len());
        if longest > most {
            return bad_request(format!("a list of {longest} numbers, expected at most {most}"));
        }
        Ok(())
    }
}

impl Body for VectorsRequest {
    fn check(&self) -> Result<(), Failure> {
        self.read.check()
    }
}

impl Body for ActivationsRequest {
    fn check(&self) -> Result<(), Failure> {
        self.read.check()
    }
}

impl Body for SnapshotRequest {
    fn check(&self) -> Result<(), Failure> {
        Ok(())
    }
}

impl Body for VariantsRequest {
    fn check(&self) -> Result<(), Failure> {
        check_text(&self.text)?;
        check_span(self.pronoun, &self.text)
    }
}

impl Body for SearchRequest {
    fn check(&self) -> Result<(), Failure> {
        self.read.check()?;
        let limit = self.limit;
        if limit > MAX_MATCHES {
            return bad_request(format!("limit is {limit}, expected at most {MAX_MATCHES}"));
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

/// Refuses a field of `body` that `request` does not have. Serde's `deny_unknown_fields` is not
/// used since it does not support the flattened [`ReadRequest`].
fn refuse_unknown_fields(request: &impl Serialize, body: &Value) -> Result<(), Failure> {
    let known = serde_json::to_value(request).expect("a request is plain data");
    let (Value::Object(found), Value::Object(known)) = (body, known) else { return Ok(()) };
    match found.keys().find(|name| !known.contains_key(*name)) {
        None => Ok(()),
        Some(name) => {
            let expected = known.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            bad_request(format!("the field {name:?}, expected one of {expected}"))
        }
    }
}

fn check_text(text: &str) -> Result<(), Failure> {
    let n_characters = text.chars().count();
    if n_characters > MAX_CHARACTERS {
        let what =
            format!("the text has {n_characters} characters, expected at most {MAX_CHARACTERS}");
        return Err(Failure::new(Code::TooLong, what));
    }
    if text.trim().is_empty() {
        let what = "the text is empty, expected a sentence with a pronoun";
        return Err(Failure::new(Code::Empty, what));
    }
    Ok(())
}

/// Checks that a span is within the text. It counts the characters without the braces.
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
    fn a_missing_field_has_its_default() {
        let read = ReadRequest::parse(r#"{"text": "él"}"#.as_bytes()).unwrap();
        let whole = r#"{"checkpoint":null,"text":"él","pronoun":null,"masked":[],"ablated":[],"ablation":"zero"}"#;
        assert_eq!(serde_json::to_string(&read).unwrap(), whole);
        assert_eq!(ReadRequest::parse(whole.as_bytes()).unwrap(), read);
    }

    #[test]
    fn an_unknown_field_is_refused_by_name_in_every_request() {
        let refused = |failure: Failure| {
            assert_eq!(failure.code, Code::BadRequest);
            assert!(failure.message.contains("\"mask\""), "{}", failure.message);
        };
        let read = r#""text": "él", "mask": 1"#;
        refused(ReadRequest::parse(format!("{{{read}}}").as_bytes()).unwrap_err());
        let vectors = format!(r#"{{{read}, "layer": 0, "head": 0}}"#);
        refused(VectorsRequest::parse(vectors.as_bytes()).unwrap_err());
        let activations = format!(r#"{{{read}, "token": 0}}"#);
        refused(ActivationsRequest::parse(activations.as_bytes()).unwrap_err());
        refused(SnapshotRequest::parse(br#"{"step": 1, "mask": 1}"#).unwrap_err());
        let variants = format!(r#"{{{read}, "pronoun": [0, 2]}}"#);
        refused(VariantsRequest::parse(variants.as_bytes()).unwrap_err());
        let search = format!(r#"{{{read}, "token": 0, "by": "hidden", "layer": 0, "limit": 1}}"#);
        refused(SearchRequest::parse(search.as_bytes()).unwrap_err());
    }

    #[test]
    fn a_malformed_request_is_refused_with_its_code() {
        assert_eq!(code::<ReadRequest>("{"), Code::BadJson);
        assert_eq!(code::<ReadRequest>("[]"), Code::BadRequest);
        assert_eq!(code::<ReadRequest>("{}"), Code::BadRequest);
        assert_eq!(code::<ReadRequest>(r#"{"text": " "}"#), Code::Empty);
        assert_eq!(code::<ReadRequest>(r#"{"text": "a", "mask": []}"#), Code::BadRequest);
        assert_eq!(code::<ReadRequest>(r#"{"text": "a", "masked": [-1]}"#), Code::BadRequest);
        assert_eq!(code::<ReadRequest>(r#"{"text": "él", "pronoun": [1, 9]}"#), Code::BadRequest);
        assert_eq!(code::<ReadRequest>(r#"{"text": "él", "pronoun": [2, 1]}"#), Code::BadRequest);
        let long = format!(r#"{{"text": "{}"}}"#, "a".repeat(MAX_CHARACTERS + 1));
        assert_eq!(code::<ReadRequest>(&long), Code::TooLong);
        assert_eq!(code::<SnapshotRequest>(r#"{"step": 1.5}"#), Code::BadRequest);
        let search = r#"{"text": "él", "token": 1, "by": "attention", "layer": 1, "limit": 5}"#;
        assert_eq!(code::<SearchRequest>(search), Code::BadRequest);
    }
}
