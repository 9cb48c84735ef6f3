//! Writes what a training leaves in its run (metrics, snapshots and checkpoints) in an order from which
//! a run can go on however it ended.
//!
//! A checkpoint is written after every snapshot and every line of `metrics.jsonl` that belong to the
//! steps before it, so whoever goes on from it finds them, and writes the later ones again.

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

/// What attention is captured for.
pub struct Probes {
    /// The sentences.
    pub examples: Vec<EncodedExample>,
    /// How texts became tokens.
    pub tokenizer: Arc<Tokenizer>,
    /// Where the model computes without gradients.
    pub device: Device,
    /// The name of the model's configuration; none if it has no attention.
    pub model: Option<String>,
}

/// A run, open for writing.
pub struct Recorder {
    run: Run,
    record: RecordConfig,
    metrics: MetricsFile,
    tensorboard: TensorBoard,
    checkpoints: Checkpoints,
    writer: Writer,
    saved: Saved,
    /// Where the time goes.
    pub clock: Clock,
}

/// The newest checkpoint.
struct Saved {
    step: usize,
    at: Instant,
}

impl Recorder {
    /// Opens the files of `run` to go on after `step`.
    pub fn open(run: &Run, config: &ExperimentConfig, step: usize) -> Result<Self, TrainError> {
        Ok(Self {
            run: run.clone(),
            record: config.record.clone(),
            metrics: MetricsFile::open(&run.metrics(), step)?,
            tensorboard: TensorBoard::open(run, config.record.tensorboard, step)?,
            checkpoints: Checkpoints::new(run.checkpoints()),
            writer: Writer::default(),
            saved: Saved { step, at: Instant::now() },
            clock: Clock::new(),
        })
    }

    /// Writes a line of `metrics.jsonl`, and what of it TensorBoard shows.
    pub fn append(&mut self, line: &Line) -> Result<(), TrainError> {
        self.metrics.append(line)?;
        Ok(self.tensorboard.append(line)?)
    }

    /// Whether a checkpoint is due after `step` by what the configuration says.
    pub fn is_save_due(&self, step: usize) -> bool {
        let RecordConfig { checkpoint_every, checkpoint_minutes, .. } = self.record;
        let since = self.saved.at.elapsed();
        step.is_multiple_of(checkpoint_every)
            || Retention::from(&self.record).is_milestone(step)
            || checkpoint_minutes.is_some_and(|n| since >= Duration::from_secs_f64(60.0 * n))
    }

    /// Writes a checkpoint of the current state unless the newest already is one.
    pub fn save(
        &mut self,
        model: &Resolver,
        optimizer: &ModuleOptimizer,
        state: &State,
    ) -> Result<(), TrainError> {
        if state.step == self.saved.step {
            return Ok(());
        }
        self.saved = Saved { step: state.step, at: Instant::now() };
        let Self { record, metrics, checkpoints, writer, clock, .. } = self;
        clock.time(Section::Checkpoint, || {
            let checkpoint = Pending::new(model, optimizer, state)?;
            let (checkpoints, retention) = (checkpoints.clone(), Retention::from(&*record));
            let lines: File = metrics.handle()?;
            writer.submit(move || {
                // A file system may refuse to be asked; then its own order has to do.
                let _ = lines.sync_data();
                Ok(checkpoint.write(&checkpoints, retention)?)
            })
        })
    }

    /// Whether attention is captured after `step`.
    pub fn is_snapshot_due(&self, step: usize) -> bool {
        is_on_grid(step, self.record.snapshots_per_doubling)
    }

    /// Writes the attention for the probes; a recurrent network has none.
    pub fn capture(
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

    /// Waits until everything is on the disk.
    pub fn finish(&mut self) -> Result<(), TrainError> {
        let Self { writer, clock, .. } = self;
        clock.time(Section::Checkpoint, || writer.wait())
    }
}
