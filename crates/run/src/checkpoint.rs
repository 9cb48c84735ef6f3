//! The checkpoints of a run: their files, their names, and which old ones are removed.
//!
//! ```text
//! checkpoints/
//!   step-00000500/
//!     model.bpk       weights (Burn's own format)
//!     optimizer.bpk   AdamW's moments
//!     state.json      step, best validation, what the weights belong to
//!     MANIFEST.json   sizes and SHA-256 sums
//! ```
//!
//! `last` is the checkpoint with the largest step, and its state names the step of `best`. No
//! separate file points to either, since a pointer could go stale.
//!
//! Batches, dropout and learning rate are functions of the seed and the step, so there is no other
//! state to save. Weights and moments are handled as bytes; `anafora::weights` loads them into a
//! model.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use config::experiment::RecordConfig;
use files::{error::FileError, format::WrongFormat};

use crate::{
    grid::is_on_grid,
    manifest::{ManifestError, read_directory, write_directory},
    state::State,
};

/// Name of the file with the weights.
pub const MODEL: &str = "model.bpk";
/// Name of the file with AdamW's moments.
pub const OPTIMIZER: &str = "optimizer.bpk";
/// Name of the file with the [`State`].
pub const STATE: &str = "state.json";

/// A checkpoint that was read from the disk and whose files all match its manifest.
pub struct Checkpoint {
    /// The directory of the checkpoint.
    pub directory: PathBuf,
    /// The state of the run when the checkpoint was written.
    pub state: State,
    files: BTreeMap<String, Vec<u8>>,
}

/// A checkpoint cannot be written, read or used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// A file does not match the manifest, or the directory cannot be written.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file or directory cannot be read, written or removed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The weights or moments cannot be written; the cause names the file.
    #[error("cannot write a checkpoint: {0}")]
    Unwritable(Box<dyn Error + Send + Sync>),
    /// The content of a file is not weights or moments of this model.
    #[error("{path}: {source}", path = .path.display())]
    Record {
        /// Path of `model.bpk` or `optimizer.bpk`.
        path: PathBuf,
        /// Burn's error from loading the record.
        source: Box<dyn Error + Send + Sync>,
    },
    /// `state.json` cannot be parsed.
    #[error("{path} is not a checkpoint's file of this program: {source}", path = .path.display())]
    Json {
        /// Path of `state.json`.
        path: PathBuf,
        /// The parser's error.
        source: serde_json::Error,
    },
    /// `state.json` has a format or version that this program cannot read.
    #[error("{path} {source}", path = .path.display())]
    Version {
        /// Path of `state.json`.
        path: PathBuf,
        /// The version that was found and those that can be read.
        source: WrongFormat,
    },
    /// The manifest does not list a file that every checkpoint has.
    #[error("{path} is not listed in the manifest beside it, expected it there", path = .path.display())]
    Unlisted {
        /// Path of the file that is not listed.
        path: PathBuf,
    },
    /// The run has no checkpoint of this name.
    #[error("{directory} has no checkpoint {name}, expected one of: {existing}", directory = .directory.display())]
    Unknown {
        /// The directory that contains the run's checkpoints.
        directory: PathBuf,
        /// The requested name.
        name: String,
        /// The names that could be requested, separated by commas.
        existing: String,
    },
    /// The run has no checkpoint at all.
    #[error("{directory} has no checkpoint yet\nhint: the first one comes after record.checkpoint_every steps; where the run was stopped before, train --resume goes on with it", directory = .directory.display())]
    None {
        /// The directory that contains the run's checkpoints.
        directory: PathBuf,
    },
    /// The weights were trained with another config or tokenizer than the run has now.
    #[error(
        "{path} does not fit the run: {what} {found}, its weights were trained with {expected}\nhint: \
         put the run's file back as it was, or train a new run",
        path = .path.display()
    )]
    Mismatch {
        /// The directory of the checkpoint.
        path: PathBuf,
        /// Start of a sentence about what differs, such as `tokenizer.json has`.
        what: &'static str,
        /// The value in the run's file.
        found: String,
        /// The value in the checkpoint.
        expected: String,
    },
}

/// The checkpoints of a run.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    directory: PathBuf,
}

/// Which checkpoints are kept when a new one is written.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Number of the newest checkpoints to keep.
    newest: usize,
    /// Number of checkpoints to keep for each doubling of the step, see [`is_on_grid`].
    milestones_per_doubling: usize,
}

impl From<&RecordConfig> for Retention {
    fn from(record: &RecordConfig) -> Self {
        let milestones_per_doubling = record.milestones_per_doubling;
        Self { newest: record.keep_checkpoints, milestones_per_doubling }
    }
}

impl Retention {
    /// Whether a checkpoint at `step` is kept for good.
    pub fn is_milestone(self, step: usize) -> bool {
        self.milestones_per_doubling > 0 && is_on_grid(step, self.milestones_per_doubling)
    }
}

impl Checkpoint {
    /// Reads the checkpoint in `directory` and checks it against its manifest.
    ///
    /// # Errors
    ///
    /// If a file is missing or damaged, or has a format that this program cannot read.
    pub fn read(directory: &Path) -> Result<Self, CheckpointError> {
        let files = read_directory(directory)?;
        let path = directory.join(STATE);
        let bytes =
            files.get(STATE).ok_or_else(|| CheckpointError::Unlisted { path: path.clone() })?;
        let state = State::parse(&path, bytes)?;
        Ok(Self { directory: directory.to_owned(), state, files })
    }

    /// Moves the content of the file called `name` ([`MODEL`] or [`OPTIMIZER`]) out of the
    /// checkpoint, which holds it in memory.
    ///
    /// # Errors
    ///
    /// If the manifest does not list the file, or its content was already taken.
    pub fn take(&mut self, name: &str) -> Result<Vec<u8>, CheckpointError> {
        let path = self.directory.join(name);
        self.files.remove(name).ok_or(CheckpointError::Unlisted { path })
    }
}

/// How often a checkpoint is looked for while others come and go.
const MAX_READS: usize = 5;

/// Longer than it takes to remove the files of a checkpoint.
const REMOVING: Duration = Duration::from_millis(50);

impl Checkpoints {
    /// The checkpoints in `directory`, which need not exist yet.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Writes the checkpoint of `state` atomically, then removes old checkpoints except the best
    /// one and those that `retention` keeps. `fill` writes the files into the directory that it is
    /// given.
    ///
    /// # Errors
    ///
    /// If a file cannot be written, or an old checkpoint cannot be removed. A checkpoint that could
    /// not be written leaves nothing behind, and the older ones are still there.
    pub fn write(
        &self,
        state: &State,
        retention: Retention,
        fill: impl FnOnce(&Path) -> Result<(), CheckpointError>,
    ) -> Result<(), CheckpointError> {
        let directory = self.directory.join(name_of(state.step));
        write_directory(&directory, &[OPTIMIZER, MODEL, STATE], fill)?;
        self.remove_old(state.best.map(|best| best.step), retention)
    }

    /// The directory of the checkpoint called `name`: `last`, `best` or `step-N`. Before the first
    /// validation `best` is the last one.
    ///
    /// # Errors
    ///
    /// If there is no such checkpoint, or if the last one, which names the best, cannot be read.
    pub fn resolve(&self, name: &str) -> Result<PathBuf, CheckpointError> {
        let existing = self.existing()?;
        let Some(last) = existing.last() else {
            return Err(CheckpointError::None { directory: self.directory.clone() });
        };
        let wanted = match (name, name.strip_prefix("step-").map(str::parse)) {
            ("last", _) => last.clone(),
            ("best", _) => {
                let state = Checkpoint::read(&self.directory.join(last))?.state;
                // A run that was stopped before its first validation has no best checkpoint yet.
                state.best.map_or_else(|| last.clone(), |best| name_of(best.step))
            }
            (_, Some(Ok(step))) => name_of(step),
            _ => name.to_owned(),
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

    /// Reads the checkpoint called `name`, as [`Checkpoints::resolve`] has it. A program that trains the
    /// run may remove it meanwhile, because there are newer ones: then it is looked for again.
    ///
    /// # Errors
    ///
    /// If there is no such checkpoint, or if a file is missing or damaged.
    pub fn read(&self, name: &str) -> Result<Checkpoint, CheckpointError> {
        let read = || self.resolve(name).and_then(|directory| Checkpoint::read(&directory));
        let mut before = self.existing()?;
        for _ in 0..MAX_READS {
            let result = read();
            if result.is_ok() {
                return result;
            }
            thread::sleep(REMOVING);
            let now = self.existing()?;
            if now == before {
                break; // nobody changes anything
            }
            before = now;
        }
        read()
    }

    /// Whether there is a checkpoint of this step.
    ///
    /// # Errors
    ///
    /// If the directory cannot be read.
    pub fn has_step(&self, step: usize) -> Result<bool, CheckpointError> {
        Ok(self.existing()?.contains(&name_of(step)))
    }

    /// The names of all complete checkpoints, the smallest step first.
    ///
    /// # Errors
    ///
    /// If the directory cannot be read.
    pub fn existing(&self) -> Result<Vec<String>, CheckpointError> {
        if !self.directory.exists() {
            return Ok(Vec::new());
        }
        let entries =
            fs::read_dir(&self.directory).map_err(FileError::at("access", &self.directory))?;
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| step_of(name).is_some())
            .collect();
        names.sort_by_key(|name| step_of(name));
        Ok(names)
    }

    fn remove_old(&self, best: Option<usize>, retention: Retention) -> Result<(), CheckpointError> {
        let existing = self.existing()?;
        let is_kept = |step| Some(step) == best || retention.is_milestone(step);
        let old = &existing[..existing.len().saturating_sub(retention.newest)];
        for name in old.iter().filter(|name| !step_of(name).is_some_and(is_kept)) {
            let path = self.directory.join(name);
            fs::remove_dir_all(&path).map_err(FileError::at("access", &path))?;
        }
        Ok(())
    }
}

fn name_of(step: usize) -> String {
    format!("step-{step:08}")
}

/// The step `N` of a name of the form `step-N`, with at least eight digits; `None` for other names.
/// Checkpoints and snapshots are named like this.
pub fn step_of(name: &str) -> Option<usize> {
    let step = name.strip_prefix("step-")?.parse().ok()?;
    (name == name_of(step)).then_some(step)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use config::overrides::resolve;
    use corpus::tokenizer::Tokenizer;

    use super::*;

    /// `resolve`, `evaluate` and the explorer read runs that are being trained.
    #[test]
    fn a_checkpoint_can_be_read_while_newer_ones_replace_it() {
        let directory = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::new(directory.path().to_owned());
        let tiny = include_str!("../../../configs/tiny.toml");
        let config = resolve("tiny", tiny, &[]).unwrap().config;
        let mut state = State::new(&config, &Tokenizer::train(["Ana vio a Luis"], 500).unwrap());
        let retention = Retention { newest: 1, milestones_per_doubling: 0 };
        let mut write = |step: usize| {
            state.step = step;
            let bytes = serde_json::to_vec(&state).unwrap();
            let fill = |directory: &Path| {
                for (name, content) in [(MODEL, &b"w"[..]), (OPTIMIZER, b"m"), (STATE, &bytes)] {
                    let path = directory.join(name);
                    fs::write(&path, content).map_err(FileError::at("access", &path))?;
                }
                Ok(())
            };
            checkpoints.write(&state, retention, fill).unwrap();
        };
        write(1);
        let is_done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                for step in 2..150 {
                    write(step);
                    thread::sleep(Duration::from_millis(5));
                }
                is_done.store(true, Ordering::SeqCst);
            });
            let mut last = 0;
            while !is_done.load(Ordering::SeqCst) {
                let read = checkpoints.read("best").unwrap();
                assert!(read.state.step >= last, "{} after {last}", read.state.step);
                last = read.state.step;
            }
        });
    }

    #[test]
    fn a_damaged_checkpoint_is_no_reason_to_wait_for_another() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("step-00000001")).unwrap();
        let checkpoints = Checkpoints::new(directory.path().to_owned());
        assert!(matches!(checkpoints.read("last"), Err(CheckpointError::Manifest(_))));
    }
}
