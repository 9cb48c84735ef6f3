//! Keys that were renamed, so that the configs of older runs can still be read.
//!
//! serde accepts the old names as aliases. This list serves the notice about old names, and
//! `--set`, where both names must mean the same key.

/// Old and new name of each renamed key, as `section.key`.
pub const RENAMED: [(&str, &str); 6] = [
    ("data.invented", "data.nonce_words"),
    ("data.rough", "data.noise"),
    ("data.pieces", "data.subword_regularisation"),
    ("training.accumulation", "training.gradient_accumulation_steps"),
    ("training.window_batches", "training.length_bucket_batches"),
    ("training.naming_weight", "objective.antecedent_token"),
];

/// The current name of `key` (`section.key`), which may be an old name.
pub fn current(key: &str) -> &str {
    RENAMED.iter().find(|(old, _)| *old == key).map_or(key, |(_, new)| new)
}

/// The old names that are used in `text`, a TOML document, each with its new name.
pub fn old_names(text: &str) -> Vec<(&'static str, &'static str)> {
    let Ok(table) = text.parse::<toml::Table>() else { return Vec::new() };
    let is_there = |key: &str| {
        let (section, key) = key.split_once('.').expect("a key stands in a section");
        table.get(section).and_then(toml::Value::as_table).is_some_and(|t| t.contains_key(key))
    };
    RENAMED.into_iter().filter(|(old, _)| is_there(old)).collect()
}
