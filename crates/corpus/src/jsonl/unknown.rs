//! Fields of somebody's file that an example does not have: they are passed over and named once, with
//! the field that a misspelling resembles.

use std::collections::BTreeMap;
use std::fmt;

/// The fields of an example, of a text with mentions, and of a mention.
const FIELDS: [&str; 17] = [
    "id",
    "lang",
    "text",
    "pronoun",
    "candidates",
    "antecedent",
    "phenomenon",
    "pair",
    "form",
    "agreeing",
    "mentions",
    "span",
    "head",
    "anaphor",
    "null",
    "absent",
    "chain",
];

/// How many unknown fields of a file a notice names at most.
const MAX_NAMED: usize = 8;

/// The unknown fields of a file, each with the first line that has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct UnknownFields(BTreeMap<String, usize>);

impl UnknownFields {
    pub(super) fn insert(&mut self, path: &serde_ignored::Path<'_>, line: usize) {
        let path = path.to_string();
        let parts: Vec<&str> =
            path.split('.').filter(|part| part.parse::<usize>().is_err()).collect();
        self.0.entry(parts.join(".")).or_insert(line);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for UnknownFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fields that are not read:")?;
        for (index, (path, line)) in self.0.iter().take(MAX_NAMED).enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma} {path} (line {line}")?;
            match resembling(path.rsplit('.').next().unwrap_or(path)) {
                Some(field) => write!(f, "; is {field} meant?)")?,
                None => write!(f, ")")?,
            }
        }
        match self.0.len().saturating_sub(MAX_NAMED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// The field that `name` is probably a misspelling of.
fn resembling(name: &str) -> Option<&'static str> {
    let similarity = |field: &str| strsim::jaro_winkler(&name.to_lowercase(), field);
    let likeliest = FIELDS.into_iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)))?;
    (similarity(likeliest) >= 0.85).then_some(likeliest)
}

/// A hint for the parser's message about a missing field: the unknown one of `line` that resembles it.
pub(super) fn hint(message: &str, line: &str) -> Option<String> {
    let missing = message.strip_prefix("missing field `")?.split('`').next()?;
    let object: BTreeMap<String, serde::de::IgnoredAny> = serde_json::from_str(line).ok()?;
    let found = object.into_keys().find(|name| resembling(name) == Some(missing))?;
    Some(format!("; hint: is {found} meant?"))
}
