//! `tokenizer.json`: the definition of the tokenizer in Hugging Face's format.
//!
//! A file is accepted only if all of it but the vocabulary is what this program writes. A tokenizer
//! with another normaliser, for example, would silently give other spans and ids.

use serde_json::{Value, json};

use crate::tokenizer::{CLS, CONTINUATION, MAX_VOCAB_SIZE, MAX_WORD_CHARS, SEP, SPECIALS, UNK};
use crate::word;

/// How many characters of a part are quoted in an error message.
const QUOTE_CHARS: usize = 200;

/// The keys of all parts of a file but the vocabulary.
const PARTS: [&str; 12] = [
    "version",
    "truncation",
    "padding",
    "added_tokens",
    "normalizer",
    "pre_tokenizer",
    "post_processor",
    "decoder",
    "model.type",
    "model.unk_token",
    "model.continuing_subword_prefix",
    "model.max_input_chars_per_word",
];

/// A text is not a `tokenizer.json` that this program could have written.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum FormatError {
    /// It is not JSON.
    #[error("malformed JSON")]
    Json { source: serde_json::Error },
    /// A part differs from what this program writes. `part` is its key.
    #[error("{part} is {found}, expected {expected}")]
    Part { part: &'static str, found: String, expected: String },
    /// The ids of the vocabulary are not 0, 1, 2, ….
    #[error("model.vocab: token {token:?} has the id {found}, expected {expected}")]
    Id { token: String, found: String, expected: String },
    /// A special token has another id than in [`SPECIALS`].
    #[error("model.vocab: id {id} is {found:?}, expected {expected:?}")]
    Special { id: usize, found: String, expected: &'static str },
    /// A token has a combining mark, so that it could split a character of a text.
    #[error("model.vocab: token {token:?} has a combining mark, expected composed letters (NFC)")]
    Mark { token: String },
}

/// The library's tokenizer with this vocabulary.
pub(crate) fn pipeline(tokens: &[String]) -> tokenizers::Tokenizer {
    serde_json::from_value(definition(tokens)).expect("the definition is the library's own format")
}

/// The library's tokenizer that `json` defines, and its vocabulary in the order of the ids.
pub(crate) fn parse(json: &[u8]) -> Result<(tokenizers::Tokenizer, Vec<String>), FormatError> {
    let found: Value =
        serde_json::from_slice(json).map_err(|source| FormatError::Json { source })?;
    let tokens = vocabulary(&found)?;
    let expected = definition(&tokens);
    for part in PARTS {
        same(part, value(&found, part), value(&expected, part))?;
    }
    Ok((pipeline(&tokens), tokens))
}

/// The value of a file at a dotted key, or `null` if there is none.
fn value<'f>(file: &'f Value, part: &str) -> &'f Value {
    part.split('.').fold(file, |value, key| &value[key])
}

fn same(part: &'static str, found: &Value, expected: &Value) -> Result<(), FormatError> {
    if found == expected {
        return Ok(());
    }
    Err(FormatError::Part { part, found: quote(found), expected: quote(expected) })
}

fn quote(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(QUOTE_CHARS) {
        Some((byte, _)) => format!("{}…", &text[..byte]),
        None => text,
    }
}

/// The tokens in the order of their ids, which have to be 0, 1, 2, … with the special tokens first.
fn vocabulary(file: &Value) -> Result<Vec<String>, FormatError> {
    let Some(vocab) = file["model"]["vocab"].as_object() else {
        let (found, expected) = (quote(&file["model"]["vocab"]), "an object".to_owned());
        return Err(FormatError::Part { part: "model.vocab", found, expected });
    };
    if vocab.len() > MAX_VOCAB_SIZE {
        let (found, expected) =
            (format!("{} tokens", vocab.len()), format!("at most {MAX_VOCAB_SIZE}"));
        return Err(FormatError::Part { part: "model.vocab", found, expected });
    }
    let mut tokens: Vec<Option<&String>> = vec![None; vocab.len()];
    for (token, id) in vocab {
        let free = id.as_u64().and_then(|id| tokens.get_mut(usize::try_from(id).ok()?));
        match free {
            Some(place @ None) => *place = Some(token),
            _ => {
                let expected = format!("one of its own below {}", vocab.len());
                return Err(FormatError::Id { token: token.clone(), found: quote(id), expected });
            }
        }
    }
    // There are as many ids as tokens and none occurs twice, so that no place is empty.
    let tokens: Vec<String> = tokens.into_iter().flatten().cloned().collect();
    for (id, expected) in SPECIALS.into_iter().enumerate() {
        let found = tokens.get(id).cloned().unwrap_or_default();
        if found != expected {
            return Err(FormatError::Special { id, found, expected });
        }
    }
    match tokens.iter().find(|token| token.chars().any(word::is_mark)) {
        Some(token) => Err(FormatError::Mark { token: token.clone() }),
        None => Ok(tokens),
    }
}

/// The whole file for this vocabulary.
fn definition(tokens: &[String]) -> Value {
    let vocab: serde_json::Map<String, Value> =
        tokens.iter().zip(0_u32..).map(|(token, id)| (token.clone(), id.into())).collect();
    let added_tokens: Vec<Value> = SPECIALS.iter().enumerate().map(added_token).collect();
    let [cls, sep] = [CLS, SEP].map(|id| SPECIALS[id as usize]);
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added_tokens,
        "normalizer": {
            "type": "Sequence",
            "normalizers": [{ "type": "NFC" }, { "type": "Lowercase" }],
        },
        "pre_tokenizer": {
            "type": "Split",
            "pattern": { "Regex": word::PATTERN },
            "behavior": "Removed",
            "invert": true,
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [special(cls, 0), sequence("A", 0), special(sep, 0)],
            "pair": [special(cls, 0), sequence("A", 0), special(sep, 0), sequence("B", 1), special(sep, 1)],
            "special_tokens": {
                cls: { "id": cls, "ids": [CLS], "tokens": [cls] },
                sep: { "id": sep, "ids": [SEP], "tokens": [sep] },
            },
        },
        "decoder": { "type": "WordPiece", "prefix": CONTINUATION, "cleanup": true },
        "model": {
            "type": "WordPiece",
            "unk_token": SPECIALS[UNK as usize],
            "continuing_subword_prefix": CONTINUATION,
            "max_input_chars_per_word": MAX_WORD_CHARS,
            "vocab": vocab,
        },
    })
}

fn added_token((id, content): (usize, &&str)) -> Value {
    json!({
        "id": id,
        "content": content,
        "single_word": false,
        "lstrip": false,
        "rstrip": false,
        "normalized": false,
        "special": true,
    })
}

fn special(id: &str, type_id: u32) -> Value {
    json!({ "SpecialToken": { "id": id, "type_id": type_id } })
}

fn sequence(id: &str, type_id: u32) -> Value {
    json!({ "Sequence": { "id": id, "type_id": type_id } })
}
