//! Reads, parses and checks a config file; every error names the line.

use std::path::Path;

use files::bounded;
use toml::de::DeTable;

use crate::{
    experiment::{ExperimentConfig, InvalidConfig},
    renamed::RENAMED,
};

/// Size limit of a config file, some three hundred times the size of the default one.
pub(crate) const MAX_BYTES: u64 = 1 << 20;

/// An error in a config file or in a `--set` of the command line.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the config {path}")]
    Read {
        /// Path of the config file.
        path: String,
        /// The error of the operating system; also: the file is too large, or not UTF-8.
        source: std::io::Error,
    },
    /// The file is not TOML, lacks a key, or has an unknown key or a value of the wrong type.
    #[error("{path}:{line}: {message}")]
    Parse {
        /// Path of the config file.
        path: String,
        /// Line number, from 1.
        line: usize,
        /// The parser's message, and the text of the line.
        message: String,
    },
    /// A value has the right type but is outside of its range.
    #[error("{place}: {invalid}")]
    Value {
        /// `file:line` of the value, or the `--set` that it comes from.
        place: String,
        /// The key, what was found and what was expected.
        invalid: InvalidConfig,
    },
    /// A `--set` names an unknown key or has a value of the wrong type.
    #[error("--set {assignment}: {message}")]
    Override {
        /// The assignment as the user typed it.
        assignment: String,
        /// What is wrong with the assignment.
        message: String,
    },
}

/// Reads and checks the config file at `path`.
///
/// # Errors
///
/// If it cannot be read or parsed, or if a value is outside of its range.
pub fn load(path: &Path) -> Result<ExperimentConfig, ConfigError> {
    let name = path.display().to_string();
    parse(&name, &read(path)?)
}

/// Parses and checks the text of a config; messages give `name` as its path.
///
/// # Errors
///
/// If it cannot be parsed, or if a value is outside of its range.
pub fn parse(name: &str, text: &str) -> Result<ExperimentConfig, ConfigError> {
    let config = deserialise(name, text)?;
    config.validate().map_err(|invalid| ConfigError::Value {
        place: place_of(name, text, &invalid.field),
        invalid,
    })?;
    Ok(config)
}

/// Reads the text of the config file at `path`.
pub(crate) fn read(path: &Path) -> Result<String, ConfigError> {
    bounded::read_to_string(path, MAX_BYTES)
        .map_err(|source| ConfigError::Read { path: path.display().to_string(), source })
}

/// Parses a config: checks keys and types, but not the ranges of values.
pub(crate) fn deserialise(name: &str, text: &str) -> Result<ExperimentConfig, ConfigError> {
    toml::from_str(text).map_err(|error| parse_error(name, text, &error))
}

/// Replaces the names of Rust types in a message of the parser: who writes configs need not know
/// them.
pub(crate) fn plain(message: &str) -> String {
    message.trim_end().replace("usize", "a whole number").replace("f64", "a number")
}

fn parse_error(name: &str, text: &str, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = line_of(text, start);
    let message = match text.lines().nth(line - 1) {
        Some(source) if error.span().is_some() && !source.trim().is_empty() => {
            format!("{}, in `{}`", plain(error.message()), source.trim())
        }
        _ => plain(error.message()),
    };
    ConfigError::Parse { path: name.to_owned(), line, message }
}

/// The number of the line that contains the byte at the offset `byte`, from 1.
fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|&byte| byte == b'\n').count() + 1
}

/// The position of the value of `field` in `text` as `name:line`, or only `name` if the key is not
/// in the text.
pub(crate) fn place_of(name: &str, text: &str, field: &str) -> String {
    let old_names = RENAMED.iter().filter(|(_, new)| *new == field).map(|(old, _)| *old);
    let line = DeTable::parse(text).ok().and_then(|document| {
        std::iter::once(field).chain(old_names).find_map(|field| {
            let (section, key) = match field.split_once('.') {
                Some((section, key)) => (section, Some(key)),
                None => (field, None),
            };
            let mut value = document.get_ref().get(section)?;
            if let Some(key) = key {
                value = value.get_ref().as_table()?.get(key)?;
            }
            Some(line_of(text, value.span().start))
        })
    });
    line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}"))
}
