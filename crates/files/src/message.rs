//! Formats an error and its causes as one message for people.

use std::{error::Error, iter};

/// Joins the messages of `error` and of its causes with `: `, and appends a line `hint: …` for each
/// thing that can be done about it.
///
/// A cause whose text an outer message already contains is left out. Hints come from the messages
/// themselves (`…\nhint: …`) and from `remedy`, which returns one for the causes that it knows.
pub fn message(
    error: &(dyn Error + 'static),
    remedy: impl Fn(&(dyn Error + 'static)) -> Option<&'static str>,
) -> String {
    let mut message = String::new();
    let mut hints = Vec::new();
    for cause in iter::successors(Some(error), |&cause| cause.source()) {
        let text = cause.to_string();
        let (text, hint) = split_hint(&text);
        // Most wrappers repeat their cause, some without serde_json's "at line 1 column 7".
        let place = cause.downcast_ref().map(place_in_json).unwrap_or_default();
        if !message.contains(text.strip_suffix(&place).unwrap_or(text)) {
            message += if message.is_empty() { "" } else { ": " };
            message += text;
        }
        if let Some(hint) = hint.or_else(|| remedy(cause))
            && !hints.iter().any(|known: &String| known == hint)
        {
            hints.push(hint.to_owned());
        }
    }
    hints.into_iter().fold(message, |message, hint| format!("{message}\nhint: {hint}"))
}

/// Separates a message from the hint at its end.
fn split_hint(text: &str) -> (&str, Option<&str>) {
    let split = text.split_once("\nhint: ").or_else(|| text.split_once("; hint: "));
    split.map_or((text, None), |(text, hint)| (text, Some(hint)))
}

/// The position that serde_json appends to its messages.
fn place_in_json(error: &serde_json::Error) -> String {
    format!(" at line {} column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use std::{io, path::Path};

    use super::*;
    use crate::error::FileError;

    #[derive(Debug, thiserror::Error)]
    #[error("no run\nhint: train one")]
    struct NoRun(#[source] FileError);

    #[test]
    fn each_cause_appears_once_and_hints_come_last() {
        let cause = io::Error::new(io::ErrorKind::NotFound, "no such file");
        let error = NoRun(FileError::at("read", Path::new("a.toml"))(cause));
        let remedy = |cause: &(dyn Error + 'static)| {
            cause.downcast_ref::<FileError>().map(|_| "look for it")
        };
        let expected =
            "no run: cannot read a.toml: no such file\nhint: train one\nhint: look for it";
        assert_eq!(message(&error, remedy), expected);
    }
}
