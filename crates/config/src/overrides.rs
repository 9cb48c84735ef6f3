//! Overrides of single keys of a config file: `--set section.key=value`.
//!
//! The file is parsed first, then each `--set` on top of it, and the ranges of all values are
//! checked at the end, so that an error names the file or the `--set` that caused it. Comments are
//! kept, since the resolved file in the run directory is read by people.

use std::path::Path;

use toml_edit::{DocumentMut, Item, Key, Table, TableLike, Value};

use crate::{
    experiment::ExperimentConfig,
    file::{ConfigError, deserialise, place_of, plain, read},
    renamed::{current, old_names},
};

/// A checked config together with its text.
#[derive(Debug, Clone)]
pub struct ResolvedConfig {
    /// The parsed config.
    pub config: ExperimentConfig,
    /// The text of the file with the overrides applied and comments kept.
    pub text: String,
    /// The name of the file without directory and extension.
    pub name: String,
    /// Each override as the user typed it.
    pub overrides: Vec<String>,
    /// The name of the backend, see [`ResolvedConfig::on`].
    pub device: Option<String>,
    /// Old names of keys that the file uses, each with the new name.
    pub old_names: Vec<(&'static str, &'static str)>,
}

impl ResolvedConfig {
    /// Adds the name of the backend, which the config does not decide but a run records.
    #[must_use]
    pub fn on(mut self, device: &str) -> Self {
        self.device = Some(device.to_owned());
        self
    }
}

/// Reads the config file at `path` and applies `overrides` (`section.key=value`).
///
/// # Errors
///
/// If the file cannot be read, or if a key or a value of the file or of an override is invalid.
pub fn load(path: &Path, overrides: &[String]) -> Result<ResolvedConfig, ConfigError> {
    resolve(&path.display().to_string(), &read(path)?, overrides)
}

/// Applies `overrides` to the text of a config; messages give `name` as its path.
///
/// # Errors
///
/// If a key or a value of the text or of an override is invalid.
pub fn resolve(
    name: &str,
    text: &str,
    overrides: &[String],
) -> Result<ResolvedConfig, ConfigError> {
    let original = text;
    let mut config: ExperimentConfig = deserialise(name, original)?;
    let old_names = old_names(original);
    let mut text = with_current_names(original, &old_names);
    for assignment in overrides {
        let error = |message| ConfigError::Override { assignment: assignment.clone(), message };
        text = assign(&text, assignment).map_err(error)?;
        config = toml::from_str(&text).map_err(|e| error(plain(e.message())))?;
    }
    config.validate().map_err(|invalid| {
        let set = |assignment: &&String| {
            assignment.split_once('=').is_some_and(|(key, _)| {
                // `--set training={steps=3}` sets all keys of a section.
                let key = current(key.trim());
                let within = invalid.field.strip_prefix(key);
                within.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        let place = match overrides.iter().rev().find(set) {
            Some(assignment) => format!("--set {assignment}"),
            None => place_of(name, original, &invalid.field),
        };
        ConfigError::Value { place, invalid }
    })?;
    let name = Path::new(name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let overrides = overrides.to_vec();
    Ok(ResolvedConfig { config, text, name, overrides, device: None, old_names })
}

/// `text` with old names of keys replaced by the current ones, comments kept.
fn with_current_names(text: &str, old_names: &[(&str, &str)]) -> String {
    let Ok(mut document) = text.parse::<DocumentMut>() else { return text.to_owned() };
    for (old, new) in old_names {
        rename(document.as_table_mut(), old, new);
    }
    document.to_string()
}

/// Moves a value from the key `old` to `new`; within a section it keeps its place in the file.
fn rename(document: &mut Table, old: &str, new: &str) {
    let split = |key: &str| {
        let (section, key) = key.split_once('.').expect("a renamed key stands in a section");
        (section.to_owned(), key.to_owned())
    };
    let ((old_section, old_key), (new_section, new_key)) = (split(old), split(new));
    let Some(table) = document.get_mut(&old_section).and_then(Item::as_table_mut) else { return };
    if old_section == new_section {
        let items: Vec<(Key, Item)> = table
            .iter()
            .map(|(name, item)| {
                let key = table.key(name).expect("the key was just read").clone();
                (key, item.clone())
            })
            .collect();
        table.clear();
        for (key, item) in items {
            let is_old = key.get() == old_key;
            let renamed = Key::new(&new_key).with_leaf_decor(key.leaf_decor().clone());
            table.insert_formatted(&if is_old { renamed } else { key }, item);
        }
        return;
    }
    let Some(item) = table.remove(&old_key) else { return };
    if !document.contains_key(&new_section) {
        document.insert(&new_section, Item::Table(Table::new()));
    }
    if let Some(table) = document.get_mut(&new_section).and_then(Item::as_table_mut) {
        table.insert(&new_key, item);
        // A file with the old name has no [objective], whose keys are all required.
        table.entry("masked_words").or_insert(Item::Value(0.0.into()));
    }
}

/// `text` with the value of one key replaced.
fn assign(text: &str, assignment: &str) -> Result<String, String> {
    let (key, value) = assignment.split_once('=').ok_or("expected section.key=value")?;
    let mut document: DocumentMut =
        text.parse().map_err(|e: toml_edit::TomlError| e.to_string())?;
    let mut path: Vec<&str> = current(key.trim()).split('.').collect();
    let last = path.pop().filter(|last| !last.is_empty()).ok_or("expected section.key=value")?;
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for section in path {
        table = table
            .get_mut(section)
            .and_then(Item::as_table_like_mut)
            .ok_or_else(|| format!("there is no section `{section}`"))?;
    }
    // A value that does not parse as TOML (data.train=grammar, file names) is taken as a string.
    let value = value.trim();
    let mut value: Value = value.parse().unwrap_or_else(|_| Value::from(value));
    if let Some(old) = table.get(last).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone(); // keeps the comment behind the value
    }
    table.insert(last, Item::Value(value));
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        experiment::{InvalidConfig, Origin},
        file::MAX_BYTES,
    };

    const TINY: &str = include_str!("../configs/tiny.toml");

    /// The error for this text, as the file x.toml, and these overrides.
    fn error(text: &str, overrides: &[&str]) -> ConfigError {
        let overrides: Vec<String> = overrides.iter().map(|&o| o.to_owned()).collect();
        resolve("x.toml", text, &overrides).unwrap_err()
    }

    /// The place and the content of an error about the range of a value.
    fn range_error(text: &str, overrides: &[&str]) -> (String, InvalidConfig) {
        match error(text, overrides) {
            ConfigError::Value { place, invalid } => (place, invalid),
            other => panic!("expected an error about a range, found: {other}"),
        }
    }

    /// The line and the message of an error of the parser.
    fn parse_error(text: &str) -> (usize, String) {
        match error(text, &[]) {
            ConfigError::Parse { line, message, .. } => (line, message),
            other => panic!("expected an error of the parser, found: {other}"),
        }
    }

    /// The number of the first line of `text` that begins with `start`.
    fn line_of(text: &str, start: &str) -> usize {
        text.lines().position(|line| line.starts_with(start)).unwrap() + 1
    }

    #[test]
    fn every_config_of_the_repository_is_valid() {
        for entry in std::fs::read_dir("../../configs").unwrap() {
            let path = entry.unwrap().path();
            let resolved = load(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
            // This key has a default for the sake of older runs, but no config may rely on it.
            assert!(resolved.text.contains("\ntensorboard = "), "{}", path.display());
        }
    }

    #[test]
    fn a_run_from_before_tensorboard_is_read_and_goes_on_without_it() {
        let old = TINY.replace("\ntensorboard = true", "");
        assert_ne!(old, TINY);
        assert!(resolve("x.toml", TINY, &[]).unwrap().config.record.tensorboard);
        assert!(!resolve("x.toml", &old, &[]).unwrap().config.record.tensorboard);
    }

    #[test]
    fn an_ablation_is_the_base_but_for_one_value() {
        let values = |path: &Path| {
            let document: DocumentMut = std::fs::read_to_string(path).unwrap().parse().unwrap();
            let sections = document.iter().map(|(name, item)| (name.to_owned(), item.clone()));
            let mut values = Vec::new();
            for (section, item) in sections {
                match item.as_table() {
                    Some(table) => values.extend(table.iter().map(|(key, value)| {
                        (format!("{section}.{key}"), value.to_string().trim().to_owned())
                    })),
                    None => values.push((section, item.to_string().trim().to_owned())),
                }
            }
            values
        };
        let base = values(Path::new("../../configs/grammar.toml"));
        for entry in std::fs::read_dir("../../experiments/ablations").unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                load(&path, &[]).unwrap();
                let ablation = values(&path);
                let differing = ablation.iter().filter(|value| !base.contains(value)).count();
                assert_eq!((ablation.len(), differing), (base.len(), 1), "{}", path.display());
            }
        }
    }

    #[test]
    fn a_misspelled_key_is_named_with_its_line() {
        let (line, message) = parse_error(&TINY.replace("batch_size", "batchsize"));
        assert_eq!(line, line_of(TINY, "batch_size"));
        assert!(message.contains("`batchsize`"), "{message}");
        assert!(message.contains("`batchsize = 32`"), "the line itself is shown: {message}");
    }

    #[test]
    fn a_wrong_type_is_named_with_its_line() {
        let (line, message) = parse_error(&TINY.replace("steps = 500", "steps = \"many\""));
        assert_eq!(line, line_of(TINY, "steps"));
        assert!(message.contains("whole number"), "{message}");
    }

    #[test]
    fn a_missing_key_is_named() {
        let (_, message) = parse_error(&TINY.replace("gradient_accumulation_steps = 1\n", ""));
        assert!(message.contains("`gradient_accumulation_steps`"), "{message}");
    }

    #[test]
    fn an_impossible_value_is_named_with_its_line_and_what_was_expected() {
        let cases = [
            ("batch_size = 32", "batch_size = 0", "training.batch_size", "at least 1"),
            ("warmup_steps = 30", "warmup_steps = 500", "training.warmup_steps", "fewer"),
            ("n_heads = 2", "n_heads = 5", "encoder.n_heads", "divisor"),
        ];
        for (old, new, field, expected) in cases {
            let (_, key) = field.split_once('.').unwrap();
            let (place, invalid) = range_error(&TINY.replace(old, new), &[]);
            assert_eq!(place, format!("x.toml:{}", line_of(TINY, key)));
            assert_eq!(invalid.field, field);
            assert!(invalid.message.contains(expected), "{invalid}");
        }
    }

    #[test]
    fn a_config_that_asks_for_more_than_a_machine_has_is_refused_by_its_key() {
        let cases = [
            ("tokenizer.vocab_size", "100001", "500 to 100000"),
            ("tokenizer.examples", "1000001", "at most 1000000"),
            ("data.validation_examples", "1000001", "at most 1000000"),
            ("encoder.d_model", "16386", "1 to 16384"),
            ("encoder.n_layers", "1025", "1 to 1024"),
            ("encoder.max_seq", "9223372036854775807", "1 to 131072"),
            ("training.steps", "1000000001", "at most 1000000000"),
            ("training.batch_size", "65537", "at most 65536"),
            ("training.gradient_accumulation_steps", "65537", "at most 65536"),
            ("training.length_bucket_batches", "31251", "at most 31250"),
            ("record.snapshots_per_doubling", "1001", "at most 1000"),
        ];
        for (key, value, expected) in cases {
            let (place, invalid) = range_error(TINY, &[&format!("{key}={value}")]);
            assert_eq!(place, format!("--set {key}={value}"));
            assert_eq!(invalid.field, key);
            assert!(invalid.message.contains(expected), "{invalid}");
        }
        let large = ["encoder.d_model=12288", "encoder.d_ff=49152", "encoder.n_layers=96"];
        let (place, invalid) = range_error(TINY, &large);
        let section = format!("x.toml:{}", line_of(TINY, "[encoder]"));
        assert_eq!((place, invalid.field), (section, "encoder".to_owned()));
        let wide = ["encoder.d_model=4096", "encoder.n_layers=4", "training.batch_size=8192"];
        let (place, invalid) = range_error(TINY, &wide);
        assert_eq!(place, "--set training.batch_size=8192");
        assert_eq!(invalid.field, "training.batch_size");
    }

    #[test]
    fn a_file_larger_than_any_config_is_not_read_to_its_end() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("large.toml");
        std::fs::write(&path, " ".repeat(MAX_BYTES as usize + 1)).unwrap();
        let ConfigError::Read { source, .. } = load(&path, &[]).unwrap_err() else {
            panic!("a config of blanks");
        };
        assert_eq!(source.kind(), std::io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn a_section_may_be_an_inline_table_in_the_file_or_in_an_override() {
        let table: toml::Table = TINY.parse().unwrap();
        let inline = |section: &str| {
            let values = table[section].as_table().unwrap().iter();
            let values: Vec<String> =
                values.map(|(key, value)| format!("{key} = {value}")).collect();
            format!("{section} = {{ {} }}", values.join(", "))
        };
        let (start, end) = (TINY.find("[record]").unwrap(), TINY.len());
        let mut text = TINY.to_owned();
        text.replace_range(start..end, "");
        let text = format!("{}\n{text}", inline("record"));
        let set = |text: &str, sets: &[&str]| {
            let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
            resolve("x.toml", text, &sets).unwrap().config
        };
        assert_eq!(set(&text, &["record.metrics_every=7"]).record.metrics_every, 7);
        let training = inline("training").replacen(" = ", "=", 1);
        let config = set(TINY, &[&training, "training.steps=77"]);
        assert_eq!(config.training.steps, 77);
        let wrong = training.replace("batch_size = 32", "batch_size = 0");
        let (place, _) = range_error(TINY, &[&wrong]);
        assert_eq!(place, format!("--set {wrong}"));
    }

    #[test]
    fn an_override_is_checked_like_the_file_and_quoted_as_typed() {
        let cases = [
            ("training.batch_size=0", "at least 1"),
            ("training.steps=many", "whole number"),
            ("training.step=3", "`step`"),
            ("trainig.steps=3", "`trainig`"),
            ("training.steps", "section.key=value"),
            ("data.train=7", "JSONL"),
        ];
        for (assignment, expected) in cases {
            let message = error(TINY, &[assignment]).to_string();
            assert!(message.starts_with(&format!("--set {assignment}: ")), "{message}");
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn overrides_replace_the_value_and_keep_the_comments() {
        let text = TINY.replace("steps = 500", "steps = 500 # short");
        let overrides = ["training.steps=200", "training.patience=3", "data.train=[\"my.jsonl\"]"];
        let overrides: Vec<String> = overrides.map(str::to_owned).to_vec();
        let resolved = resolve("x.toml", &text, &overrides).unwrap();
        assert_eq!(resolved.config.training.steps, 200);
        assert_eq!(resolved.config.training.patience, Some(3));
        assert_eq!(resolved.config.data.train, Origin::Files(vec!["my.jsonl".into()]));
        assert!(resolved.text.contains("steps = 200 # short"), "{}", resolved.text);
        // The text that goes into the run directory is the same config.
        assert_eq!(resolve("again", &resolved.text, &[]).unwrap().config, resolved.config);
    }

    /// `configs/tiny.toml` as it was before keys were renamed.
    fn with_old_names() -> String {
        let objective = TINY.find("[objective]").unwrap()..TINY.find("[training]").unwrap();
        let mut old = TINY.replace(&TINY[objective], "").replace(
            "max_gradient_norm",
            "naming_weight = 0.5 # of the second task\nmax_gradient_norm",
        );
        for (old_name, new_name) in crate::renamed::RENAMED {
            let (_, old_key) = old_name.split_once('.').unwrap();
            let (_, new_key) = new_name.split_once('.').unwrap();
            old = old.replace(&format!("\n{new_key} = "), &format!("\n{old_key} = "));
        }
        old
    }

    #[test]
    fn a_config_with_old_names_is_the_same_config_and_its_old_names_are_listed() {
        let now = resolve("x.toml", TINY, &[]).unwrap();
        assert_eq!(now.old_names, []);
        assert_eq!(now.text, TINY);
        let old = resolve("x.toml", &with_old_names(), &[]).unwrap();
        assert_eq!(old.config, now.config);
        assert_eq!(old.old_names, crate::renamed::RENAMED);
        // The run directory gets the current names, with the comments of the old file.
        let again = resolve("again", &old.text, &[]).unwrap();
        assert_eq!((again.config, again.old_names), (now.config, Vec::new()));
        assert!(old.text.contains("antecedent_token = 0.5 # of the second task"), "{}", old.text);
    }

    #[test]
    fn an_override_may_use_either_name_of_a_key_over_a_file_with_either() {
        for text in [TINY, &with_old_names()] {
            for (old, new) in crate::renamed::RENAMED {
                let value = if new.starts_with("training") { "2" } else { "0.125" };
                let set = |key: &str| {
                    resolve("x.toml", text, &[format!("{key}={value}")]).unwrap().config
                };
                assert_eq!(set(old), set(new));
                assert_ne!(set(old), resolve("x.toml", TINY, &[]).unwrap().config, "{old}");
            }
        }
    }

    #[test]
    fn errors_name_the_line_of_an_old_name() {
        let old = with_old_names().replace("\naccumulation = 1", "\naccumulation = 0");
        let (place, invalid) = range_error(&old, &[]);
        assert_eq!(place, format!("x.toml:{}", line_of(&old, "accumulation")));
        assert_eq!(invalid.field, "training.gradient_accumulation_steps");
    }

    #[test]
    fn both_names_of_a_key_at_once_are_refused() {
        let both = TINY.replace("\nnoise = 0.2", "\nnoise = 0.2\nrough = 0.3");
        assert!(parse_error(&both).1.contains("`noise`"));
        let both = TINY.replace("max_gradient_norm", "naming_weight = 0.5\nmax_gradient_norm");
        assert!(parse_error(&both).1.contains("objective.antecedent_token"));
    }
}
