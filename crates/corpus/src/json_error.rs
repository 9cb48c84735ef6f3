//! The JSON parser's errors in the words of a file rather than of Rust's types: the field, what was
//! found, and what was expected.

/// Rust's types as they stand in the parser's messages, and what a file has in their place.
const TYPES: [(&str, &str); 8] = [
    ("expected usize", "expected a whole number from 0"),
    ("expected u64", "expected a whole number from 0"),
    ("expected f64", "expected a number"),
    ("expected a sequence", "expected an array"),
    ("expected a tuple of size 2", "expected an array of 2"),
    ("expected an array of length 2", "expected an array of 2"),
    ("expected struct Example", "expected an object"),
    ("expected struct AnnotatedText", "expected an object"),
];

/// The most characters of a line that a message repeats.
const MAX_FOUND_CHARS: usize = 20;

/// A message without a place for `error`, which the parser met in `text`, in the value of `field` if that
/// is not empty.
pub(crate) fn describe(field: &str, error: &serde_json::Error, text: &str) -> String {
    let message = without_place(error);
    let what = ["invalid type: ", "invalid value: ", "invalid length "]
        .into_iter()
        .find_map(|kind| message.strip_prefix(kind))
        .map(|found| format!("found {found}"))
        .or_else(|| not_json(&message, error, text))
        .unwrap_or(message);
    let what = TYPES.iter().fold(what, |what, (rust, file)| what.replace(rust, file));
    if field.is_empty() || field == "." { what } else { format!("{field}: {what}") }
}

/// The message for what no JSON has, if it is of a kind that programs are known to write.
fn not_json(message: &str, error: &serde_json::Error, text: &str) -> Option<String> {
    match message {
        "expected value" | "invalid number" => {
            let found = found_at(error, text)?;
            let no_number = ["NaN", "Infinity", "-Infinity"].contains(&found.as_str());
            let expected =
                if no_number { "null or a number: JSON has no other" } else { "a value" };
            Some(format!("found {}, expected {expected}", found.escape_debug()))
        }
        "trailing characters" if text.trim_end().contains('\r') => Some(
            "found a carriage return without a line feed, expected one object in each line; hint: \
             tr '\\r' '\\n' < FILE makes lines of it"
                .to_owned(),
        ),
        "unexpected end of hex escape" | "lone leading surrogate in hex escape" => Some(
            "found one half of a surrogate pair, expected both, as in \\ud83d\\ude42".to_owned(),
        ),
        _ => None,
    }
}

/// What stands at the error's place, up to the end of the word.
fn found_at(error: &serde_json::Error, text: &str) -> Option<String> {
    let line = text.split('\n').nth(error.line() - 1)?;
    let before = line.get(..error.column().saturating_sub(1))?;
    let is_of_word = |c: &char| c.is_alphanumeric() || "-+.".contains(*c);
    let begin = before.trim_end_matches(|c| is_of_word(&c)).len();
    let mut found: String =
        line[begin..].chars().take_while(is_of_word).take(MAX_FOUND_CHARS).collect();
    if found.is_empty() {
        found.extend(line[begin..].chars().next());
    }
    (!found.is_empty()).then_some(found)
}

/// The parser's message without its "at line 1 column 7", which counts from where the parser began and
/// not from the beginning of the file.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}
