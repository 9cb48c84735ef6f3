//! Everything that a run needs to go on, or to be used.
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
//! The last one is that of the greatest step, and says in its state which one is the best: there is
//! nothing beside the directories that could point to a wrong one.
//!
//! Batches, dropout and learning rate are functions of the seed and the step, so there is no other
//! state to save.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use burn::{
    module::Module,
    optim::{ModuleOptimizer, OptimizerRecord},
    store::{ModuleRecord, RecordError},
    tensor::Bytes,
};
use kernels::burn_ops::is_flex;

use crate::{
    capture::is_on_grid,
    config::RecordConfig,
    durable::write_synced,
    manifest::{read_directory, write_directory},
    task::ResolverTask,
};

pub mod error;
pub mod state;

use error::CheckpointError;
use state::State;

const MODEL: &str = "model.bpk";
const OPTIMIZER: &str = "optimizer.bpk";
const STATE: &str = "state.json";

/// A checkpoint that is not on the disk yet.
pub struct Unwritten {
    state: State,
    model: ModuleRecord,
    optimizer: OptimizerRecord,
}

/// A checkpoint from the disk: all of it was checked against its manifest.
pub struct Checkpoint {
    /// Where it lies.
    pub directory: PathBuf,
    /// Where the run stood.
    pub state: State,
    files: BTreeMap<String, Vec<u8>>,
}

/// The checkpoints of a run.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    directory: PathBuf,
}

/// Which checkpoints stay.
#[derive(Debug, Clone, Copy)]
pub struct Keep {
    /// So many of the newest.
    newest: usize,
    /// So many for each doubling of the step, see [`is_on_grid`].
    milestones_per_doubling: usize,
}

impl From<&RecordConfig> for Keep {
    fn from(record: &RecordConfig) -> Self {
        let milestones_per_doubling = record.milestones_per_doubling;
        Self { newest: record.keep_checkpoints, milestones_per_doubling }
    }
}

impl Keep {
    /// Whether a checkpoint at `step` stays for good.
    pub fn is_milestone(self, step: usize) -> bool {
        self.milestones_per_doubling > 0 && is_on_grid(step, self.milestones_per_doubling)
    }
}

impl Unwritten {
    /// A copy of everything as it is now.
    pub fn new(
        model: &ResolverTask,
        optimizer: &ModuleOptimizer,
        state: &State,
    ) -> Result<Self, CheckpointError> {
        let is_copied = model.devices().iter().all(is_flex);
        let (mut model, mut optimizer) = (model.clone().into_record(), optimizer.to_record());
        // From a GPU Burn reads a tensor of a record when it is written, and by then a step may have
        // changed it.
        if !is_copied {
            (model, optimizer) = read_now(model, optimizer).map_err(CheckpointError::Unwritable)?;
        }
        Ok(Self { state: state.clone(), model, optimizer })
    }

    /// Writes its files tensor by tensor, so that they are never in memory beside it.
    fn fill(self, directory: &Path) -> Result<(), CheckpointError> {
        let Self { state, model, optimizer } = self;
        // Burn's own error names the file.
        optimizer.save(directory.join(OPTIMIZER)).map_err(CheckpointError::Unwritable)?;
        model.save(directory.join(MODEL)).map_err(CheckpointError::Unwritable)?;
        let path = directory.join(STATE);
        write_synced(&path, state.to_json().as_bytes()).map_err(io_at(&path))
    }
}

/// The same with all numbers in memory.
fn read_now(
    model: ModuleRecord,
    optimizer: OptimizerRecord,
) -> Result<(ModuleRecord, OptimizerRecord), RecordError> {
    let model = ModuleRecord::from_bytes(model.into_bytes()?)?;
    Ok((model, OptimizerRecord::from_bytes(optimizer.into_bytes()?)?))
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

    /// Puts its weights into `model`.
    pub fn load_weights(&mut self, model: ResolverTask) -> Result<ResolverTask, CheckpointError> {
        let record = ModuleRecord::from_bytes(self.take(MODEL)?);
        record.and_then(|record| model.try_load_record(record)).map_err(self.at(MODEL))
    }

    /// Puts its moments into `optimizer`.
    pub fn load_optimizer(
        &mut self,
        optimizer: ModuleOptimizer,
    ) -> Result<ModuleOptimizer, CheckpointError> {
        optimizer.from_bytes(self.take(OPTIMIZER)?).map_err(self.at(OPTIMIZER))
    }

    fn take(&mut self, name: &str) -> Result<Bytes, CheckpointError> {
        let path = self.directory.join(name);
        let content = self.files.remove(name).ok_or(CheckpointError::Unlisted { path })?;
        Ok(Bytes::from_bytes_vec(content))
    }

    fn at(&self, name: &str) -> impl FnOnce(RecordError) -> CheckpointError {
        let path = self.directory.join(name);
        move |source| CheckpointError::Record { path, source }
    }
}

impl Checkpoints {
    /// Those in `directory`, which need not exist yet.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Writes `checkpoint`, then removes old ones: those that `keep` asks for and the best are left.
    pub fn write(&self, checkpoint: Unwritten, keep: Keep) -> Result<(), CheckpointError> {
        let State { step, best, .. } = checkpoint.state;
        let directory = self.directory.join(name_of(step));
        write_directory(&directory, &[OPTIMIZER, MODEL, STATE], |path| checkpoint.fill(path))?;
        self.remove_old(best.map(|best| best.step), keep)
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
        let entries = fs::read_dir(&self.directory).map_err(io_at(&self.directory))?;
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| step_of(name).is_some())
            .collect();
        names.sort_by_key(|name| step_of(name));
        Ok(names)
    }

    fn remove_old(&self, best: Option<usize>, keep: Keep) -> Result<(), CheckpointError> {
        let existing = self.existing()?;
        let stays = |step| Some(step) == best || keep.is_milestone(step);
        let old = &existing[..existing.len().saturating_sub(keep.newest)];
        for name in old.iter().filter(|name| !step_of(name).is_some_and(stays)) {
            let path = self.directory.join(name);
            fs::remove_dir_all(&path).map_err(io_at(&path))?;
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

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> CheckpointError {
    let path = path.to_owned();
    move |source| CheckpointError::Io { path, source }
}
