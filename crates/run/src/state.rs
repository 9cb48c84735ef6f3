//! The state of a run: everything in a checkpoint except weights and moments.

use std::path::Path;

use config::encoder::body::BodyConfig;
use corpus::tokenizer::Tokenizer;
use serde::{Deserialize, Serialize};

use crate::{checkpoint::CheckpointError, outlier::OutlierDetector, window::Window};
use config::experiment::ExperimentConfig;
use files::{checksum::sha256, format::Format};

/// Since version 2 a state contains the config and a checksum of the training examples.
const FORMAT: Format = Format::since("anafora-state", 1, 2);

/// The state of a run after a step, except weights and moments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    format: String,
    version: u32,
    /// Number of updates done.
    pub step: usize,
    /// The best validation so far; `None` before the first one.
    pub best: Option<Best>,
    /// Number of validations since the accuracy last rose.
    pub validations_without_progress: usize,
    /// Metrics of the batches since the last line of metrics.jsonl.
    #[serde(default)]
    pub window: Window,
    /// Config of the network, which decides the shapes of the weights.
    pub encoder: BodyConfig,
    /// Number of tokens in the vocabulary.
    pub vocab_size: usize,
    /// SHA-256 checksum of the tokenizer.json that the weights were trained with.
    pub tokenizer_sha256: String,
    /// The whole config; `None` in version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<toml::Table>,
    /// SHA-256 checksum of the training examples, see [`crate::source::Source::fingerprint`];
    /// `None` in version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_sha256: Option<String>,
    /// The same of the validation examples; `None` in states of older programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_sha256: Option<String>,
    /// Losses and gradient norms of the last updates; empty in version 1.
    #[serde(default, rename = "watch")]
    pub outliers: OutlierDetector,
}

/// The best validation of a run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Number of updates done before it.
    pub step: usize,
    /// Share of right answers, in `0.0..=1.0`.
    pub accuracy: f64,
    /// Mean loss in nats, which decides between equal accuracies.
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
            validation_sha256: None,
            outliers: OutlierDetector::default(),
        }
    }

    /// Parses `bytes`, the content of the file at `path`.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Version`] if the format or version cannot be read,
    /// [`CheckpointError::Json`] if the rest cannot.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, CheckpointError> {
        let path = || path.to_owned();
        // The format is checked first, since another version may have other fields.
        FORMAT.check(bytes).map_err(|source| CheckpointError::Version { path: path(), source })?;
        serde_json::from_slice(bytes)
            .map_err(|source| CheckpointError::Json { path: path(), source })
    }

    /// The text that [`State::parse`] reads, always in the current version.
    pub fn to_json(&self) -> String {
        let state = Self { version: FORMAT.version, ..self.clone() };
        serde_json::to_string_pretty(&state).expect("a state is plain data") + "\n"
    }
}

/// A config as a TOML table.
pub fn table(config: &impl Serialize) -> toml::Table {
    toml::Table::try_from(config).expect("a config is plain data")
}

/// Checks that the checkpoint in `directory`, whose state is `saved`, was trained with the network,
/// vocabulary and tokenizer of `wanted`, the state of a new run with the present files.
///
/// # Errors
///
/// [`CheckpointError::Mismatch`] with the first difference.
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

/// The keys in which two configs differ, with the values of each.
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

    /// Otherwise a resumed run could take an equal accuracy for a higher one.
    #[test]
    fn accuracies_survive_json_to_the_last_bit() {
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
