//! Where a run stands, beside its weights and moments.

use std::path::Path;

use config::encoder::body::BodyConfig;
use corpus::tokenizer::Tokenizer;
use serde::{Deserialize, Serialize};

use crate::{checkpoint::CheckpointError, outlier::Watch, window::Window};
use config::experiment::ExperimentConfig;
use files::{checksum::sha256, format::Format};

/// Since version 2 a state says what configuration and examples it comes from.
const FORMAT: Format = Format::since("anafora-state", 1, 2);

/// Where a run stands, beside its weights and moments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    format: String,
    version: u32,
    /// Updates done.
    pub step: usize,
    /// The best validation so far.
    pub best: Option<Best>,
    /// Validations since the accuracy last rose.
    pub validations_without_progress: usize,
    /// Batches that no line of metrics.jsonl tells of yet.
    #[serde(default)]
    pub window: Window,
    /// What the weights are shaped after.
    pub encoder: BodyConfig,
    /// Tokens of the vocabulary that the embedding was made for.
    pub vocab_size: usize,
    /// SHA-256 sum of the tokenizer.json that the weights were trained with.
    pub tokenizer_sha256: String,
    /// The whole configuration; version 1 is without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<toml::Table>,
    /// SHA-256 sum of the training examples, see [`crate::source::Source::fingerprint`]; version 1 is
    /// without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_sha256: Option<String>,
    /// What the losses and gradient norms of late were; version 1 is without it.
    #[serde(default)]
    pub watch: Watch,
}

/// A validation that no other has beaten.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Updates done.
    pub step: usize,
    /// Share of right answers.
    pub accuracy: f64,
    /// Mean loss, which decides between equal accuracies.
    pub loss: f64,
}

impl State {
    /// The state of a run before its first step.
    pub fn new(config: &ExperimentConfig, tokenizer: &Tokenizer) -> Self {
        Self {
            format: FORMAT.name.to_owned(),
            version: FORMAT.version,
            step: 0,
            best: None,
            validations_without_progress: 0,
            window: Window::default(),
            encoder: config.encoder.clone(),
            vocab_size: tokenizer.vocab_size(),
            tokenizer_sha256: sha256(tokenizer.to_json().as_bytes()),
            config: Some(table(config)),
            data_sha256: None,
            watch: Watch::default(),
        }
    }

    /// The state in `bytes`, the content of the file at `path`.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, CheckpointError> {
        let path = || path.to_owned();
        // The format first: another version may have other fields.
        FORMAT.check(bytes).map_err(|source| CheckpointError::Version { path: path(), source })?;
        serde_json::from_slice(bytes)
            .map_err(|source| CheckpointError::Json { path: path(), source })
    }

    /// What [`State::parse`] reads; by a run that goes on, version 1 becomes the present one.
    pub fn to_json(&self) -> String {
        let state = Self { version: FORMAT.version, ..self.clone() };
        serde_json::to_string_pretty(&state).expect("a state is plain data") + "\n"
    }
}

/// A configuration as keys and values.
pub fn table(config: &impl Serialize) -> toml::Table {
    toml::Table::try_from(config).expect("a config is plain data")
}

/// Whether the weights of the checkpoint in `directory`, whose state is `saved`, belong to the run
/// whose state would be `wanted` if it began now.
pub fn check_fit(directory: &Path, saved: &State, wanted: &State) -> Result<(), CheckpointError> {
    let differ = |what, found: String, expected: String| {
        let path = directory.to_owned();
        Err(CheckpointError::Mismatch { path, what, found, expected })
    };
    if saved.encoder != wanted.encoder {
        let (found, expected) = differences(&wanted.encoder, &saved.encoder);
        return differ("config.toml says", found, expected);
    }
    if saved.vocab_size != wanted.vocab_size {
        let found = format!("{} tokens", wanted.vocab_size);
        return differ("tokenizer.json has", found, saved.vocab_size.to_string());
    }
    if saved.tokenizer_sha256 != wanted.tokenizer_sha256 {
        let sum = |state: &State| format!("SHA-256 {}", state.tokenizer_sha256);
        return differ("tokenizer.json has", sum(wanted), sum(saved));
    }
    Ok(())
}

/// The keys in which two configurations differ, with the values of each.
fn differences(found: &BodyConfig, expected: &BodyConfig) -> (String, String) {
    let (found, expected) = (table(found), table(expected));
    let show = |of: &toml::Table, other: &toml::Table| {
        let differ = of.iter().filter(|(key, value)| other.get(*key) != Some(*value));
        let shown: Vec<String> =
            differ.map(|(key, value)| format!("encoder.{key} = {value}")).collect();
        if shown.is_empty() { "no such key".to_owned() } else { shown.join(", ") }
    };
    (show(&found, &expected), show(&expected, &found))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Else a resumed run might take an equal accuracy for a higher one.
    #[test]
    fn accuracies_come_back_to_the_last_bit() {
        for n_examples in 1..400 {
            for right in 0..=n_examples {
                let accuracy = f64::from(right) / f64::from(n_examples);
                let best = Best { step: 1, accuracy, loss: 1.0 / (1.0 + accuracy) };
                let text = serde_json::to_string(&best).unwrap();
                assert_eq!(serde_json::from_str::<Best>(&text).unwrap(), best);
            }
        }
    }
}
