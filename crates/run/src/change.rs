//! What may be different when a run goes on, and what may not.
//!
//! A run is a function of its configuration. How long it is and what it writes down can change on
//! the way; whatever decides a weight cannot, since the run would be neither the old one nor a new one.

use std::fmt;

use serde::Deserialize;
use toml::{Table, Value};

use crate::state::table;
use config::experiment::ExperimentConfig;

/// Keys that may change, or sections of them.
const ALLOWED: [&str; 3] = ["training.steps", "training.patience", "record"];

/// A key whose value is not that of the checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// As `section.key`.
    pub key: String,
    /// What the checkpoint was trained with.
    pub saved: Option<Value>,
    /// What the configuration says now.
    pub now: Option<Value>,
}

/// Changes of which some are not allowed.
#[derive(Debug, thiserror::Error)]
#[error(
    "the configuration is not the one that this run was trained with:\n{}\nhint: put back what is not \
     allowed, or begin a new run with it",
    lines(.0)
)]
pub struct ChangeError(Vec<Change>);

impl Change {
    /// Whether a run can go on with it.
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

/// The keys in which `config` differs from that of a checkpoint.
///
/// # Errors
///
/// If one of them decides what the weights become.
pub fn changes(saved: &Table, config: &ExperimentConfig) -> Result<Vec<Change>, ChangeError> {
    // A key that is younger than the checkpoint has the value that stands for its absence.
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

/// `section.key` and value, for all keys.
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

    /// As it comes back from a checkpoint's JSON.
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
        let told: Vec<String> = changes.iter().map(Change::to_string).collect();
        let expected = [
            "record.metrics_every is 3, was 10 (allowed)",
            "training.patience is 3, was absent (allowed)",
            "training.steps is 900, was 500 (allowed)",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_decides_a_weight_may_not() {
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
