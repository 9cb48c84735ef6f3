//! The checkpoints of a run: which there are, which stay, and what their directories hold.
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
//! The last one is that of the greatest step, and its state says which one is the best: there is
//! no file beside the directories that could point to a wrong one.
//!
//! Batches, dropout and learning rate are functions of the seed and the step, so there is no other
//! state to save. Weights and moments are bytes here; `anafora::weights` makes a model of them.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use config::experiment::RecordConfig;
use files::{error::FileError, format::WrongFormat};

use crate::{
    grid::is_on_grid,
    manifest::{ManifestError, read_directory, write_directory},
    state::State,
};

/// The weights.
pub const MODEL: &str = "model.bpk";
/// The moments of AdamW.
pub const OPTIMIZER: &str = "optimizer.bpk";
/// The [`State`].
pub const STATE: &str = "state.json";

/// A checkpoint from the disk: all of it was checked against its manifest.
pub struct Checkpoint {
    /// Where it lies.
    pub directory: PathBuf,
    /// Where the run stood.
    pub state: State,
    files: BTreeMap<String, Vec<u8>>,
}

/// Why a checkpoint cannot be written or used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// It is not what was written, or cannot be written.
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
        /// The file.
        path: PathBuf,
        /// What the reader of the record said.
        source: Box<dyn Error + Send + Sync>,
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
    #[error("{path} {source}", path = .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The formats.
        source: WrongFormat,
    },
    /// A manifest without a file that every checkpoint has.
    #[error("{path} is not listed in the manifest beside it, expected it there", path = .path.display())]
    Unlisted {
        /// The file.
        path: PathBuf,
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

/// The checkpoints of a run.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    directory: PathBuf,
}

/// Which old checkpoints are kept.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// How many of the newest.
    newest: usize,
    /// How many for each doubling of the step, see [`is_on_grid`].
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
    /// Reads and checks the checkpoint in `directory`.
    pub fn read(directory: &Path) -> Result<Self, CheckpointError> {
        let files = read_directory(directory)?;
        let path = directory.join(STATE);
        let bytes =
            files.get(STATE).ok_or_else(|| CheckpointError::Unlisted { path: path.clone() })?;
        let state = State::parse(&path, bytes)?;
        Ok(Self { directory: directory.to_owned(), state, files })
    }

    /// Takes the content of the file called `name` ([`MODEL`] or [`OPTIMIZER`]) out of it.
    ///
    /// # Errors
    ///
    /// If the manifest does not list it.
    pub fn take(&mut self, name: &str) -> Result<Vec<u8>, CheckpointError> {
        let path = self.directory.join(name);
        self.files.remove(name).ok_or(CheckpointError::Unlisted { path })
    }
}

impl Checkpoints {
    /// Those in `directory`, which need not exist yet.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Writes the checkpoint of `state`, whose files `fill` makes in the directory it is given, then
    /// removes old ones; those that `retention` asks for and the best are left.
    ///
    /// # Errors
    ///
    /// If a file cannot be written or an old checkpoint not be removed. What was there is then still
    /// there, and nothing beside it.
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

    /// The directory of the checkpoint called `name`: `last`, `best` or `step-N`.
    pub fn resolve(&self, name: &str) -> Result<PathBuf, CheckpointError> {
        let existing = self.existing()?;
        let Some(last) = existing.last() else {
            return Err(CheckpointError::None { directory: self.directory.clone() });
        };
        let wanted = match (name, name.strip_prefix("step-").map(str::parse)) {
            ("last", _) => last.clone(),
            ("best", _) => {
                let state = Checkpoint::read(&self.directory.join(last))?.state;
                // A run that was stopped before its first validation has no best one yet.
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

    /// The names of all complete checkpoints, the oldest first.
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
        let stays = |step| Some(step) == best || retention.is_milestone(step);
        let old = &existing[..existing.len().saturating_sub(retention.newest)];
        for name in old.iter().filter(|name| !step_of(name).is_some_and(stays)) {
            let path = self.directory.join(name);
            fs::remove_dir_all(&path).map_err(FileError::at("access", &path))?;
        }
        Ok(())
    }
}

fn name_of(step: usize) -> String {
    format!("step-{step:08}")
}

/// The step of a checkpoint's directory, or of another thing that is called so, if it is the name of one.
pub fn step_of(name: &str) -> Option<usize> {
    let step = name.strip_prefix("step-")?.parse().ok()?;
    (name == name_of(step)).then_some(step)
}
