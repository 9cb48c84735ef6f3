//! Copies weights, moments and state, so that a checkpoint can be written while the training goes
//! on.
//!
//! The files of a checkpoint, and how they are read, are described in [`run::checkpoint`].

use anafora::weights;
use burn::{
    module::Module,
    optim::{ModuleOptimizer, OptimizerRecord},
    store::{ModuleRecord, RecordError},
};
use encoder::resolver::Resolver;
use files::{atomic::write_synced, error::FileError};
use kernels::burn_ops::is_flex;
use run::{
    checkpoint::{CheckpointError, Checkpoints, MODEL, OPTIMIZER, Retention, STATE},
    state::State,
};

/// A copy of everything that a run needs to be resumed, not yet written.
pub struct Pending {
    state: State,
    model: ModuleRecord,
    optimizer: OptimizerRecord,
}

impl Pending {
    /// Copies the current weights, moments and state.
    ///
    /// # Errors
    ///
    /// If the tensors of a device cannot be read.
    pub fn new(
        model: &Resolver,
        optimizer: &ModuleOptimizer,
        state: &State,
    ) -> Result<Self, CheckpointError> {
        let is_on_cpu = model.devices().iter().all(is_flex);
        let (mut model, mut optimizer) = (weights::record(model), optimizer.to_record());
        // Burn reads a GPU's tensors only when a record is written, and by then a step may have
        // changed them.
        if !is_on_cpu {
            (model, optimizer) = read_now(model, optimizer).map_err(unwritable)?;
        }
        Ok(Self { state: state.clone(), model, optimizer })
    }

    /// Writes the checkpoint, and removes those that `retention` does not keep.
    ///
    /// # Errors
    ///
    /// If a file cannot be written; the older checkpoints are then still there.
    pub fn write(
        self,
        checkpoints: &Checkpoints,
        retention: Retention,
    ) -> Result<(), CheckpointError> {
        let Self { state, model, optimizer } = self;
        // Records are saved tensor by tensor, so that no whole file is in memory beside the model.
        checkpoints.write(&state, retention, |directory| {
            optimizer.save(directory.join(OPTIMIZER)).map_err(unwritable)?;
            model.save(directory.join(MODEL)).map_err(unwritable)?;
            let path = directory.join(STATE);
            let written = write_synced(&path, state.to_json().as_bytes());
            Ok(written.map_err(FileError::at("access", &path))?)
        })
    }
}

/// Burn's error already names the file.
fn unwritable(error: RecordError) -> CheckpointError {
    CheckpointError::Unwritable(error.into())
}

/// The same records, with all tensors read into memory.
fn read_now(
    model: ModuleRecord,
    optimizer: OptimizerRecord,
) -> Result<(ModuleRecord, OptimizerRecord), RecordError> {
    let model = ModuleRecord::from_bytes(model.into_bytes()?)?;
    Ok((model, OptimizerRecord::from_bytes(optimizer.into_bytes()?)?))
}
