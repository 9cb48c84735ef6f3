//! Everything that a run needs to go on, or to be used.
//!
//! ```text
//! checkpoints/
//!   step-00000500/
//!     model.bpk       weights (Burn's own format)
//!     optimizer.bpk   AdamW's moments
//!     state.json      step, best validation, what the weights belong to
//!     MANIFEST.json   sizes and SHA-256 sums
//!   last, best        the names of two of them
//! ```
//!
//! Batches, dropout and learning rate are functions of the seed and the step, so there is no other
//! state to save.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use burn::{
    module::Module,
    optim::ModuleOptimizer,
    store::{ModuleRecord, RecordError},
};
use corpus::tokenizer::Tokenizer;
use encoder::config::body::BodyConfig;
use serde::{Deserialize, Serialize};

use crate::{
    manifest::{ManifestError, sha256, verify_directory, write_directory},
    meter::Window,
    task::ResolverTask,
};

const STATE_FORMAT: &str = "anafora-state";
const NAME_FORMAT: &str = "anafora-checkpoint-name";
const VERSION: u32 = 1;

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

/// A file that names a checkpoint.
#[derive(Debug, Serialize, Deserialize)]
struct Name {
    format: String,
    version: u32,
    checkpoint: String,
}

/// Why a checkpoint cannot be written or used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// It is not what was written, or cannot be written.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Reading or writing failed.
    #[error("cannot access {path}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Burn cannot make a file of the weights or moments, or weights or moments of a file.
    #[error("{path}: {source}", path = .path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Why.
        source: RecordError,
    },
    /// Not the JSON that it should be.
    #[error("{path} is not a checkpoint's file of this program: {source}", path = .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Written by another version.
    #[error("{path} is {found}, expected {expected} version {VERSION}", path = .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Format and version.
        found: String,
        /// The format.
        expected: &'static str,
    },
    /// No such checkpoint.
    #[error("{directory} has no checkpoint {name}, expected one of: {existing}", directory = .directory.display())]
    Unknown {
        /// Where checkpoints are.
        directory: PathBuf,
        /// What was asked for.
        name: String,
        /// What is there.
        existing: String,
    },
    /// No checkpoint at all.
    #[error("{directory} has no checkpoint yet\nhint: the run was stopped before its first one", directory = .directory.display())]
    None {
        /// Where checkpoints are.
        directory: PathBuf,
    },
    /// The run's files do not belong together.
    #[error(
        "{path} does not fit the run: {what} {found}, its weights were trained with {expected}\nhint: \
         put the run's file back as it was, or train a new run",
        path = .path.display()
    )]
    Mismatch {
        /// The checkpoint.
        path: PathBuf,
        /// The fact that differs.
        what: &'static str,
        /// What the run says.
        found: String,
        /// What the checkpoint says.
        expected: String,
    },
}

impl State {
    /// The state of a run before its first step.
    pub fn new(encoder: &BodyConfig, tokenizer: &Tokenizer) -> Self {
        Self {
            format: STATE_FORMAT.to_owned(),
            version: VERSION,
            step: 0,
            best: None,
            validations_without_progress: 0,
            window: Window::default(),
            encoder: encoder.clone(),
            vocab_size: tokenizer.vocab_size(),
            tokenizer_sha256: sha256(tokenizer.to_json().as_bytes()),
        }
    }
}

/// The checkpoints of a run.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    directory: PathBuf,
}

impl Checkpoints {
    /// Those in `directory`, which need not exist yet.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Writes a checkpoint and names it `last`, then `best` if it is, and removes old ones until
    /// the newest `keep` and the best are left.
    pub fn save(
        &self,
        model: &ResolverTask,
        optimizer: &ModuleOptimizer,
        state: &State,
        keep: usize,
    ) -> Result<(), CheckpointError> {
        let name = name_of(state.step);
        write_directory(&self.directory.join(&name), |directory| {
            let path = directory.join("model.bpk");
            let record = model.clone().into_record();
            record.save(&path).map_err(|source| CheckpointError::Record { path, source })?;
            let path = directory.join("optimizer.bpk");
            optimizer.save(&path).map_err(|source| CheckpointError::Record { path, source })?;
            write_json(&directory.join("state.json"), state)
        })?;
        self.point("last", &name)?;
        if state.best.is_some_and(|best| best.step == state.step) {
            self.point("best", &name)?;
        }
        self.remove_old(keep)
    }

    /// The directory of the checkpoint called `name`: `last`, `best` or `step-N`.
    pub fn resolve(&self, name: &str) -> Result<PathBuf, CheckpointError> {
        let existing = self.existing()?;
        if existing.is_empty() {
            return Err(CheckpointError::None { directory: self.directory.clone() });
        }
        let wanted = match name {
            "best" if self.directory.join(name).exists() => self.pointed(name)?,
            // A run that was stopped before its first validation has no best one yet; and where
            // somebody has removed a damaged last one, the one before it is the last.
            "last" | "best" => {
                let last = self.pointed("last")?;
                if existing.contains(&last) { last } else { existing[existing.len() - 1].clone() }
            }
            _ => match name.strip_prefix("step-").and_then(|step| step.parse().ok()) {
                Some(step) => name_of(step),
                None => name.to_owned(),
            },
        };
        if existing.contains(&wanted) {
            return Ok(self.directory.join(wanted));
        }
        Err(CheckpointError::Unknown {
            directory: self.directory.clone(),
            name: name.to_owned(),
            existing: format!("last, best, {}", existing.join(", ")),
        })
    }

    /// The names of all complete checkpoints, the oldest first.
    pub fn existing(&self) -> Result<Vec<String>, CheckpointError> {
        if !self.directory.exists() {
            return Ok(Vec::new());
        }
        let entries = fs::read_dir(&self.directory).map_err(io_at(&self.directory))?;
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.starts_with("step-"))
            .collect();
        names.sort();
        Ok(names)
    }

    fn remove_old(&self, keep: usize) -> Result<(), CheckpointError> {
        let existing = self.existing()?;
        let best =
            self.directory.join("best").exists().then(|| self.pointed("best")).transpose()?;
        let old = &existing[..existing.len().saturating_sub(keep)];
        for name in old.iter().filter(|name| Some(*name) != best.as_ref()) {
            let path = self.directory.join(name);
            fs::remove_dir_all(&path).map_err(io_at(&path))?;
        }
        Ok(())
    }

    /// Lets `alias` name a checkpoint.
    fn point(&self, alias: &str, checkpoint: &str) -> Result<(), CheckpointError> {
        let partial = self.directory.join(format!(".{alias}.partial"));
        let name = Name {
            format: NAME_FORMAT.to_owned(),
            version: VERSION,
            checkpoint: checkpoint.to_owned(),
        };
        write_json(&partial, &name)?;
        let path = self.directory.join(alias);
        fs::rename(&partial, &path).map_err(io_at(&path))
    }

    fn pointed(&self, alias: &str) -> Result<String, CheckpointError> {
        let path = self.directory.join(alias);
        let name: Name = read_json(&path)?;
        expect_format(&path, &name.format, name.version, NAME_FORMAT)?;
        Ok(name.checkpoint)
    }
}

/// Checks the checkpoint in `directory` and reads its state.
pub fn read_state(directory: &Path) -> Result<State, CheckpointError> {
    verify_directory(directory)?;
    let path = directory.join("state.json");
    let state: State = read_json(&path)?;
    expect_format(&path, &state.format, state.version, STATE_FORMAT)?;
    Ok(state)
}

/// Puts the weights of the checkpoint in `directory` into `model`.
pub fn load_weights(
    model: ResolverTask,
    directory: &Path,
) -> Result<ResolverTask, CheckpointError> {
    let path = directory.join("model.bpk");
    let at = |source| CheckpointError::Record { path: path.clone(), source };
    let record = ModuleRecord::load(&path).map_err(at)?;
    model.try_load_record(record).map_err(at)
}

/// Puts the moments of the checkpoint in `directory` into `optimizer`.
pub fn load_optimizer(
    optimizer: ModuleOptimizer,
    directory: &Path,
) -> Result<ModuleOptimizer, CheckpointError> {
    let path = directory.join("optimizer.bpk");
    optimizer.load(&path).map_err(|source| CheckpointError::Record { path, source })
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
    let table = |config| toml::Table::try_from(config).expect("a config is plain data");
    let (found, expected) = (table(found), table(expected));
    let show = |of: &toml::Table, other: &toml::Table| {
        let differ = of.iter().filter(|(key, value)| other.get(*key) != Some(*value));
        let shown: Vec<String> =
            differ.map(|(key, value)| format!("encoder.{key} = {value}")).collect();
        if shown.is_empty() { "no such key".to_owned() } else { shown.join(", ") }
    };
    (show(&found, &expected), show(&expected, &found))
}

fn name_of(step: usize) -> String {
    format!("step-{step:08}")
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), CheckpointError> {
    let json = serde_json::to_string_pretty(value)
        .map_err(|source| CheckpointError::Json { path: path.to_owned(), source })?;
    fs::write(path, json + "\n").map_err(io_at(path))
}

fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, CheckpointError> {
    let text = fs::read_to_string(path).map_err(io_at(path))?;
    serde_json::from_str(&text)
        .map_err(|source| CheckpointError::Json { path: path.to_owned(), source })
}

fn expect_format(
    path: &Path,
    format: &str,
    version: u32,
    expected: &'static str,
) -> Result<(), CheckpointError> {
    if format == expected && version == VERSION {
        return Ok(());
    }
    let found = format!("{format} version {version}");
    Err(CheckpointError::Version { path: path.to_owned(), found, expected })
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> CheckpointError {
    let path = path.to_owned();
    move |source| CheckpointError::Io { path, source }
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
