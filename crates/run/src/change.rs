//! Which keys of the config may change when a run is resumed.
//!
//! The weights of a run are a function of its config. The number of steps and the `[record]`
//! section do not influence a step's update and may change; every other key may not, because the
//! weights would then belong to neither the old config nor the new one. Files of examples may have
//! moved: what is in them is compared by a checksum.

use std::fmt;

use serde::Deserialize;
use toml::{Table, Value};

use crate::state::table;
use config::experiment::ExperimentConfig;

/// Keys and sections that may change.
const ALLOWED: [&str; 5] =
    ["training.steps", "training.patience", "record", "data.train", "data.validation"];

/// A key whose value differs from the one in the checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The key, as `section.key`.
    pub key: String,
    /// The value that the checkpoint was trained with; `None` if the key was absent.
    pub saved: Option<Value>,
    /// The value in the present config; `None` if the key is absent.
    pub now: Option<Value>,
}

/// Some of the changes are not allowed; the message lists all of them.
#[derive(Debug, thiserror::Error)]
#[error(
    "the configuration is not the one that this run was trained with:\n{}\nhint: put back what is not \
     allowed, or begin a new run with it",
    lines(.0)
)]
pub struct ChangeError(Vec<Change>);

impl Change {
    /// Whether a run can be resumed with this change.
    pub fn is_allowed(&self) -> bool {
        ALLOWED.iter().any(|allowed| {
            self.key
                .strip_prefix(allowed)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |value: &Option<Value>| {
            value.as_ref().map_or_else(|| "absent".to_owned(), Value::to_string)
        };
        let verdict = if self.is_allowed() { "allowed" } else { "not allowed" };
        let Self { key, saved, now } = self;
        write!(formatter, "{key} is {}, was {} ({verdict})", show(now), show(saved))
    }
}

fn lines(changes: &[Change]) -> String {
    changes.iter().map(|change| format!("  {change}")).collect::<Vec<_>>().join("\n")
}

/// The keys in which `config` differs from `saved`, the config in a checkpoint, sorted by key.
///
/// # Errors
///
/// If a key differs that may not change.
pub fn changes(saved: &Table, config: &ExperimentConfig) -> Result<Vec<Change>, ChangeError> {
    // Reading the old config fills in the defaults of keys that did not exist when it was written.
    let saved = ExperimentConfig::deserialize(saved.clone())
        .map_or_else(|_| saved.clone(), |old| table(&old));
    let (saved, now) = (flat(&saved), flat(&table(config)));
    let mut keys: Vec<&String> = now.iter().chain(&saved).map(|(key, _)| key).collect();
    keys.sort();
    keys.dedup();
    let value = |of: &[(String, Value)], key: &str| {
        of.iter().find(|(other, _)| other == key).map(|(_, value)| value.clone())
    };
    let changes: Vec<Change> = (keys.into_iter())
        .map(|key| Change { key: key.clone(), saved: value(&saved, key), now: value(&now, key) })
        .filter(|change| change.saved != change.now)
        .collect();
    if changes.iter().all(Change::is_allowed) { Ok(changes) } else { Err(ChangeError(changes)) }
}

/// All keys, as `section.key`, with their values.
fn flat(table: &Table) -> Vec<(String, Value)> {
    let of_section = |(name, value): (&String, &Value)| match value {
        Value::Table(section) => {
            flat(section).into_iter().map(|(key, value)| (format!("{name}.{key}"), value)).collect()
        }
        value => vec![(name.clone(), value.clone())],
    };
    table.iter().flat_map(of_section).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::overrides::resolve;

    fn config(overrides: &[&str]) -> ExperimentConfig {
        let overrides: Vec<String> = overrides.iter().map(|&o| o.to_owned()).collect();
        let tiny = include_str!("../../../configs/tiny.toml");
        resolve("tiny", tiny, &overrides).unwrap().config
    }

    /// A config as it is read from the JSON of a checkpoint.
    fn saved(overrides: &[&str]) -> Table {
        let json = serde_json::to_string(&table(&config(overrides))).unwrap();
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn the_same_configuration_is_no_change() {
        assert_eq!(changes(&saved(&[]), &config(&[])).unwrap(), []);
    }

    #[test]
    fn length_and_records_may_change() {
        let now = config(&["training.steps=900", "training.patience=3", "record.metrics_every=3"]);
        let changes = changes(&saved(&[]), &now).unwrap();
        let shown: Vec<String> = changes.iter().map(Change::to_string).collect();
        let expected = [
            "record.metrics_every is 3, was 10 (allowed)",
            "training.patience is 3, was absent (allowed)",
            "training.steps is 900, was 500 (allowed)",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn keys_that_influence_the_weights_may_not_change() {
        for assignment in [
            "seed=2",
            "data.subword_regularisation=0.5",
            "training.batch_size=8",
            "training.peak_learning_rate=0.1",
            "encoder.dropout=0.3",
        ] {
            let now = config(&[assignment, "training.steps=900"]);
            let message = changes(&saved(&[]), &now).unwrap_err().to_string();
            let key = assignment.split('=').next().unwrap();
            assert!(message.contains(&format!("  {key} is ")), "{message}");
            assert!(message.contains(" (not allowed)"), "{message}");
            assert!(message.contains("training.steps is 900, was 500 (allowed)"), "{message}");
        }
    }
}
