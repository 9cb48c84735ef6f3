//! Writes metrics, attention snapshots and checkpoints of a training into its run, in an order that
//! allows a resume after any interruption.
//!
//! A checkpoint is written after all snapshots and lines of `metrics.jsonl` of the steps before it.
//! A resumed run therefore finds them complete, and writes the later ones again.

use std::{
    fs::File,
    sync::Arc,
    time::{Duration, Instant},
};

use burn::{module::Module, optim::ModuleOptimizer, tensor::Device};
use corpus::tokenizer::Tokenizer;
use encoder::resolver::Resolver;
use snapshot::{content::Snapshot, file};

use crate::{
    checkpoint::Pending,
    error::TrainError,
    meter::{Clock, Section},
    tensorboard::TensorBoard,
    writer::Writer,
};
use anafora::{batch::EncodedExample, observe::observe};
use config::experiment::{ExperimentConfig, RecordConfig};
use run::{
    checkpoint::{Checkpoints, Retention},
    directory::Run,
    grid::is_on_grid,
    metrics::{Line, MetricsFile},
    state::State,
};

/// The probes of which attention snapshots are written.
pub struct Probes {
    /// The encoded sentences.
    pub examples: Vec<EncodedExample>,
    /// The tokenizer that encoded them.
    pub tokenizer: Arc<Tokenizer>,
    /// The device, without autodiff.
    pub device: Device,
    /// The name of the encoder's shape; `None` for a recurrent network, which has no attention.
    pub model: Option<String>,
}

/// The open files of a run.
pub struct Recorder {
    run: Run,
    record: RecordConfig,
    metrics: MetricsFile,
    tensorboard: TensorBoard,
    checkpoints: Checkpoints,
    writer: Writer,
    last_checkpoint: LastCheckpoint,
    /// Measures the time of the training and of writing.
    pub clock: Clock,
}

/// The last checkpoint that was written or resumed from.
struct LastCheckpoint {
    step: usize,
    at: Instant,
}

impl Recorder {
    /// Opens the files of `run` for a training that continues after `step` updates.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or written.
    pub fn open(run: &Run, config: &ExperimentConfig, step: usize) -> Result<Self, TrainError> {
        Ok(Self {
            run: run.clone(),
            record: config.record.clone(),
            metrics: MetricsFile::open(&run.metrics(), step)?,
            tensorboard: TensorBoard::open(run, config.record.tensorboard, step)?,
            checkpoints: Checkpoints::new(run.checkpoints()),
            writer: Writer::default(),
            last_checkpoint: LastCheckpoint { step, at: Instant::now() },
            clock: Clock::new(),
        })
    }

    /// Writes a line to `metrics.jsonl`, and its scalars to TensorBoard's event file.
    ///
    /// # Errors
    ///
    /// If one of the files cannot be written.
    pub fn append(&mut self, line: &Line) -> Result<(), TrainError> {
        self.metrics.append(line)?;
        Ok(self.tensorboard.append(line)?)
    }

    /// Whether the config asks for a checkpoint after `step`: by steps, by minutes or as a
    /// milestone.
    pub fn is_checkpoint_due(&self, step: usize) -> bool {
        let RecordConfig { checkpoint_every, checkpoint_minutes, .. } = self.record;
        let since = self.last_checkpoint.at.elapsed();
        step.is_multiple_of(checkpoint_every)
            || Retention::from(&self.record).is_milestone(step)
            || checkpoint_minutes.is_some_and(|n| since >= Duration::from_secs_f64(60.0 * n))
    }

    /// Writes a checkpoint of the current state, unless the last checkpoint already is one. Copying
    /// is done at once, writing on a background thread.
    ///
    /// # Errors
    ///
    /// If the device cannot be read, or if an earlier write failed.
    pub fn write_checkpoint(
        &mut self,
        model: &Resolver,
        optimizer: &ModuleOptimizer,
        state: &State,
    ) -> Result<(), TrainError> {
        if state.step == self.last_checkpoint.step {
            return Ok(());
        }
        self.last_checkpoint = LastCheckpoint { step: state.step, at: Instant::now() };
        let Self { record, metrics, checkpoints, writer, clock, .. } = self;
        clock.time(Section::Checkpoint, || {
            let checkpoint = Pending::new(model, optimizer, state)?;
            let (checkpoints, retention) = (checkpoints.clone(), Retention::from(&*record));
            let lines: File = metrics.handle()?;
            writer.submit(move || {
                // Some file systems do not support sync; then their own order of writing has to do.
                let _ = lines.sync_data();
                Ok(checkpoint.write(&checkpoints, retention)?)
            })
        })
    }

    /// Whether the config asks for an attention snapshot after `step`.
    pub fn is_snapshot_due(&self, step: usize) -> bool {
        is_on_grid(step, self.record.snapshots_per_doubling)
    }

    /// Writes an attention snapshot of the probes, with the training loss `loss` in its header.
    /// Does nothing for a recurrent network, which has no attention.
    ///
    /// # Errors
    ///
    /// [`TrainError::NoAnswer`] if a probability is not finite, or if an earlier write failed.
    pub fn write_snapshot(
        &mut self,
        model: &Resolver,
        step: usize,
        loss: Option<f64>,
        probes: &Probes,
    ) -> Result<(), TrainError> {
        let Some(name) = probes.model.clone() else { return Ok(()) };
        let Self { run, tensorboard, writer, clock, .. } = self;
        clock.time(Section::Snapshot, || {
            let probes =
                observe(&model.valid(), &probes.tokenizer, &probes.examples, &probes.device);
            let mut answers = probes.iter().flat_map(|probe| &probe.probabilities);
            if !answers.all(|probability| probability.is_finite()) {
                return Err(TrainError::NoAnswer { step });
            }
            let snapshot =
                Snapshot { step: step as u64, loss, accuracy: None, model: name, probes };
            tensorboard.draw(&snapshot)?;
            let path = run.snapshot(step);
            writer.submit(move || Ok(file::write(&snapshot, &path)?))
        })
    }

    /// Waits until all files are written.
    ///
    /// # Errors
    ///
    /// If a write failed.
    pub fn finish(&mut self) -> Result<(), TrainError> {
        let Self { writer, clock, .. } = self;
        clock.time(Section::Checkpoint, || writer.wait())
    }
}
