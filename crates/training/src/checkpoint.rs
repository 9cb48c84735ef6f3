//! A checkpoint on its way to the disk: a copy of weights, moments and state.
//!
//! What it consists of and how it is read: [`run::checkpoint`].

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

/// A copy of all that a run needs to go on.
pub struct Pending {
    state: State,
    model: ModuleRecord,
    optimizer: OptimizerRecord,
}

impl Pending {
    /// Copies everything as it is now.
    ///
    /// # Errors
    ///
    /// If a device cannot be read.
    pub fn new(
        model: &Resolver,
        optimizer: &ModuleOptimizer,
        state: &State,
    ) -> Result<Self, CheckpointError> {
        let is_copied = model.devices().iter().all(is_flex);
        let (mut model, mut optimizer) = (weights::record(model), optimizer.to_record());
        // Burn reads a GPU's tensors only when a record is written, and by then a step may have
        // changed them.
        if !is_copied {
            (model, optimizer) = read_now(model, optimizer).map_err(unwritable)?;
        }
        Ok(Self { state: state.clone(), model, optimizer })
    }

    /// Writes it, and removes the checkpoints that `retention` does not keep.
    ///
    /// # Errors
    ///
    /// If a file cannot be written; what was there is then still there.
    pub fn write(
        self,
        checkpoints: &Checkpoints,
        retention: Retention,
    ) -> Result<(), CheckpointError> {
        let Self { state, model, optimizer } = self;
        // Tensor by tensor, so that the files are never in memory beside the model.
        checkpoints.write(&state, retention, |directory| {
            optimizer.save(directory.join(OPTIMIZER)).map_err(unwritable)?;
            model.save(directory.join(MODEL)).map_err(unwritable)?;
            let path = directory.join(STATE);
            let written = write_synced(&path, state.to_json().as_bytes());
            Ok(written.map_err(FileError::at("access", &path))?)
        })
    }
}

/// Burn's own error names the file.
fn unwritable(error: RecordError) -> CheckpointError {
    CheckpointError::Unwritable(error.into())
}

/// The same records with all numbers in memory.
fn read_now(
    model: ModuleRecord,
    optimizer: OptimizerRecord,
) -> Result<(ModuleRecord, OptimizerRecord), RecordError> {
    let model = ModuleRecord::from_bytes(model.into_bytes()?)?;
    Ok((model, OptimizerRecord::from_bytes(optimizer.into_bytes()?)?))
}
