//! A config file: read, parsed and checked, with errors that name the line.

use std::path::Path;

use files::bounded;
use toml::de::DeTable;

use crate::{
    experiment::{ExperimentConfig, InvalidConfig},
    renamed::RENAMED,
};

/// The largest config file, three hundred times the default one.
pub(crate) const MAX_BYTES: u64 = 1 << 20;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the config {path}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no TOML, lacks a key, or has an unknown key or a value of a wrong type.
    #[error("{path}:{line}: {message}")]
    Parse {
        /// The file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong, with the line itself.
        message: String,
    },
    /// A value of the right type that makes no sense.
    #[error("{place}: {invalid}")]
    Value {
        /// `file:line`, or the `--set` that brought it.
        place: String,
        /// The key, what was found and what was expected.
        invalid: InvalidConfig,
    },
    /// A `--set` that names no key, or a value of a wrong type.
    #[error("--set {assignment}: {message}")]
    Override {
        /// As typed.
        assignment: String,
        /// What is wrong with it.
        message: String,
    },
}

/// Reads and checks the config file at `path`.
///
/// # Errors
///
/// If it cannot be read, is not a config, or has a value that makes no sense.
pub fn load(path: &Path) -> Result<ExperimentConfig, ConfigError> {
    let name = path.display().to_string();
    parse(&name, &read(path)?)
}

/// The same for a text; `name` stands for its path in messages.
///
/// # Errors
///
/// If it is not a config, or has a value that makes no sense.
pub fn parse(name: &str, text: &str) -> Result<ExperimentConfig, ConfigError> {
    let config = deserialise(name, text)?;
    config.validate().map_err(|invalid| ConfigError::Value {
        place: place_of(name, text, &invalid.field),
        invalid,
    })?;
    Ok(config)
}

/// The text of the config file at `path`.
pub(crate) fn read(path: &Path) -> Result<String, ConfigError> {
    bounded::read_to_string(path, MAX_BYTES)
        .map_err(|source| ConfigError::Read { path: path.display().to_string(), source })
}

/// Checks keys and types, not yet values.
pub(crate) fn deserialise(name: &str, text: &str) -> Result<ExperimentConfig, ConfigError> {
    toml::from_str(text).map_err(|error| parse_error(name, text, &error))
}

/// A message of the parser in the words of somebody who writes configs.
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

/// The line of a byte, from 1.
fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|&byte| byte == b'\n').count() + 1
}

/// Where the value of `field` stands in `text`: `name:line`, or only `name` if it is not there.
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
