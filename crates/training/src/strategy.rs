//! The training loop, which is what readers come for.
//!
//! It is a learning strategy of burn-train: metrics, dashboard and interrupter are burn-train's,
//! the order of what happens is ours, in `Training::steps`, the one function here that is longer
//! than a screen would like. There are no callbacks.

use std::sync::{Arc, Mutex};

use burn::{
    data::dataloader::Progress,
    module::Module,
    optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer},
    tensor::Device,
    train::{
        EventProcessorTraining, Interrupter, Learner, LearnerEvent, SupervisedLearningStrategy,
        SupervisedTrainingEventProcessor, TrainLoader, TrainingComponents, TrainingItem,
        ValidLoader,
    },
};

use corpus::tokenizer::Tokenizer;
use kernels::burn_ops::in_pool;
use snapshot::content::Snapshot;

use crate::{
    batch::{Batch, EncodedExample},
    capture::{is_snapshot_step, observe},
    checkpoint::{Best, Checkpoints, State},
    clipping::clip_global_norm,
    config::ExperimentConfig,
    error::TrainError,
    meter::{Clock, Meter, Section},
    metrics::{Line, MetricsFile},
    run::Run,
    schedule::learning_rate,
    snapshot_writer::SnapshotWriter,
    task::{Reading, ResolverTask},
    tensorboard::TensorBoard,
};

/// Why there is a model: only an update takes it, since it changes weights without an owner.
const PUT_BACK: &str = "an update puts the model back";

/// burn-train's end of the wire to its metrics and dashboard.
type Processor = SupervisedTrainingEventProcessor<ResolverTask>;

/// Everything that the loop needs to know.
pub struct Training {
    /// The resolved configuration.
    pub config: ExperimentConfig,
    /// Where everything is written.
    pub run: Run,
    /// An autodiff device.
    pub device: Device,
    /// How texts became tokens.
    pub tokenizer: Arc<Tokenizer>,
    /// What attention is captured for.
    pub probes: Vec<EncodedExample>,
    /// Where to begin; taken when the loop starts.
    pub start: Mutex<Option<Start>>,
    /// How it went; there when the loop has ended.
    pub outcome: Mutex<Option<Result<Outcome, TrainError>>>,
}

/// Where a run begins or goes on.
pub struct Start {
    /// With the moments of the steps done.
    pub optimizer: ModuleOptimizer,
    /// The steps done.
    pub state: State,
}

/// How a training went.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The state at the end.
    pub state: State,
    /// Why it ended.
    pub ending: Ending,
    /// Where the time went.
    pub clock: Clock,
    /// Share of all computed positions that were padding.
    pub padded_share: f64,
}

/// Why a training ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// All steps are done.
    Finished,
    /// No validation was better for too long.
    NoProgress,
    /// Somebody asked for it.
    Interrupted,
}

impl SupervisedLearningStrategy<ResolverTask> for Training {
    fn fit(
        &self,
        components: TrainingComponents<ResolverTask>,
        learner: Learner<ResolverTask>,
        train: TrainLoader<ResolverTask>,
        validation: ValidLoader<ResolverTask>,
        _starting_epoch: usize,
    ) -> (ResolverTask, Processor) {
        let mut events = components.event_processor;
        let mut model = Some(learner.model());
        drop(learner); // weights with a second owner would be copied instead of changed
        let outcome =
            self.steps(&mut model, &train, &validation, &mut events, &components.interrupter);
        *self.outcome.lock().expect("no other thread holds it") = Some(outcome);
        (model.expect(PUT_BACK), events)
    }
}

impl Training {
    /// Learning rate → batch → forward → loss → backward → clip → update → record.
    fn steps(
        &self,
        model: &mut Option<ResolverTask>,
        train: &TrainLoader<ResolverTask>,
        validation: &ValidLoader<ResolverTask>,
        events: &mut Processor,
        interrupter: &Interrupter,
    ) -> Result<Outcome, TrainError> {
        let ExperimentConfig { seed, training, record, .. } = &self.config;
        let start = self.start.lock().expect("no other thread holds it").take();
        let Start { mut optimizer, mut state } = start.expect("a training is run once");
        let mut metrics = MetricsFile::open(&self.run.metrics(), state.step)?;
        let mut tensorboard = TensorBoard::open(&self.run, record.tensorboard, state.step)?;
        let checkpoints = Checkpoints::new(self.run.checkpoints());
        let mut snapshots = SnapshotWriter::default();
        let mut batches = train.iter();
        let mut meter = Meter::new(std::mem::take(&mut state.window));
        let mut clock = Clock::new();
        let mut ending = Ending::Finished;
        if state.step == 0 {
            let task = model.as_ref().expect(PUT_BACK);
            clock.time(Section::Snapshot, || {
                self.capture(task, 0, None, &mut snapshots, &mut tensorboard)
            })?;
        }
        self.begin_round(events, interrupter, &state);

        while state.step < training.steps {
            let rate = learning_rate(state.step, training);
            // Dropout is a function of the seed and the step, so a resumed run repeats it.
            self.device.seed(step_seed(*seed, state.step));

            let mut round = Vec::with_capacity(training.accumulation);
            for _ in 0..training.accumulation {
                round.push(batches.next().expect("the loader has a batch for every step")?);
            }
            let norm = in_pool(&self.device, || {
                let task = model.as_ref().expect(PUT_BACK);
                let mut accumulator = GradientsAccumulator::new();
                for batch in round {
                    let output = task.forward(&batch, training.naming_weight);
                    let objective = output.objective.clone() / training.accumulation as f64;
                    let gradients = GradientsParams::from_grads(objective.backward(), task);
                    accumulator.accumulate(task, gradients);
                    meter.add(batch, output);
                }
                let mut gradients = accumulator.grads();
                let norm = clip_global_norm(task, &mut gradients, training.max_gradient_norm);
                *model = optimizer.step(rate, model.take(), gradients);
                norm
            });
            let task = model.as_ref().expect(PUT_BACK);
            state.step += 1;

            let step = state.step;
            let last = step == training.steps;
            if step.is_multiple_of(record.metrics_every) || last {
                let (reading, padded_share) = meter.read(norm, &clock);
                let line = Line::train(step, &reading, rate, padded_share, clock.seconds());
                metrics.append(&line)?;
                tensorboard.append(&line)?;
                let progress = Progress::new(step, training.steps, Some("steps".to_owned()));
                let item = TrainingItem::new(reading, progress, Some(step), Some(rate.into()));
                interrupter.fail_on_error(events.process_train(LearnerEvent::ProcessedItem(item)));
                if !reading.loss.is_finite() {
                    return Err(TrainError::NotFinite { step, what: "loss" });
                }
            }
            let mut save = step.is_multiple_of(record.checkpoint_every) || last;
            if step.is_multiple_of(record.validation_every) || last {
                let reading = clock.time(Section::Validation, || {
                    self.validate(task, validation, events, interrupter, &state)
                })?;
                let line = Line::validation(step, &reading, clock.seconds());
                metrics.append(&line)?;
                tensorboard.append(&line)?;
                save |= state.judge(&reading);
                if training.patience.is_some_and(|n| state.validations_without_progress >= n) {
                    ending = Ending::NoProgress;
                }
            }
            if interrupter.should_stop() {
                ending = Ending::Interrupted;
            }
            let stop = ending != Ending::Finished;
            if save || stop {
                // Who resumes from it finds the snapshots from before it.
                clock.time(Section::Snapshot, || snapshots.wait())?;
                clock.time(Section::Checkpoint, || {
                    state.window = meter.window();
                    checkpoints.save(task, &optimizer, &state, record.keep_checkpoints)
                })?;
            }
            if is_snapshot_step(step, record.snapshots_per_doubling) || last || stop {
                clock.time(Section::Snapshot, || {
                    self.capture(task, step, meter.loss(), &mut snapshots, &mut tensorboard)
                })?;
            }
            if stop {
                break;
            }
        }
        clock.time(Section::Snapshot, || snapshots.wait())?;
        let padded_share = meter.padded_share();
        metrics.append(&Line::end(state.step, &clock, padded_share))?;
        Ok(Outcome { state, ending, clock, padded_share })
    }

    /// One pass over the validation set, without dropout.
    fn validate(
        &self,
        task: &ResolverTask,
        validation: &ValidLoader<ResolverTask>,
        events: &mut Processor,
        interrupter: &Interrupter,
        state: &State,
    ) -> Result<Reading, TrainError> {
        let task = task.valid();
        let round = self.round(state);
        let mut report = |event| interrupter.fail_on_error(events.process_valid(event));
        let total_items = validation.num_items();
        report(LearnerEvent::StartSplit { epoch_number: round, total_items });
        let mut readings = Vec::new();
        let mut batches = validation.iter();
        while let Some(batch) = batches.next() {
            let batch: Batch = batch?;
            let reading = task.forward(&batch, 0.0).read(&batch);
            let item = TrainingItem::new(reading, batches.progress(), Some(state.step), None);
            report(LearnerEvent::ProcessedItem(item));
            readings.push(reading);
        }
        report(LearnerEvent::EndSplit(round));
        interrupter.fail_on_error(events.process_train(LearnerEvent::EndEpoch(round)));
        self.begin_round(events, interrupter, state);
        Ok(Reading::mean(&readings))
    }

    /// Tells burn-train that a stretch of training begins: its epochs are our validations.
    fn begin_round(&self, events: &mut Processor, interrupter: &Interrupter, state: &State) {
        let (epoch_number, total_items) = (self.round(state) + 1, self.config.training.steps);
        interrupter.fail_on_error(
            events.process_train(LearnerEvent::StartSplit { epoch_number, total_items }),
        );
    }

    fn round(&self, state: &State) -> usize {
        state.step / self.config.record.validation_every
    }

    /// Attention for the probes; a recurrent network has none, and its run no snapshots.
    fn capture(
        &self,
        task: &ResolverTask,
        step: usize,
        loss: Option<f64>,
        snapshots: &mut SnapshotWriter,
        tensorboard: &mut TensorBoard,
    ) -> Result<(), TrainError> {
        if !self.config.encoder.has_attention() {
            return Ok(());
        }
        let model = task.resolver.valid();
        let device = self.device.clone().inner();
        let probes = observe(&model, &self.tokenizer, &self.probes, &device);
        let mut answers = probes.iter().flat_map(|probe| &probe.probabilities);
        if !answers.all(|probability| probability.is_finite()) {
            return Err(TrainError::NotFinite { step, what: "probability of an answer" });
        }
        let snapshot = Snapshot {
            step: step as u64,
            loss,
            accuracy: None,
            model: self.config.encoder.name().to_owned(),
            probes,
        };
        tensorboard.draw(&snapshot)?;
        Ok(snapshots.write(snapshot, self.run.snapshot(step))?)
    }
}

impl State {
    /// Takes note of a validation; whether it is the best one so far.
    fn judge(&mut self, reading: &Reading) -> bool {
        let Reading { accuracy, loss, .. } = *reading;
        let is_best = self.best.is_none_or(|best| {
            accuracy > best.accuracy || (accuracy == best.accuracy && loss < best.loss)
        });
        // The loss goes on falling when every answer is right, so patience looks at answers alone.
        if self.best.is_none_or(|best| accuracy > best.accuracy) {
            self.validations_without_progress = 0;
        } else {
            self.validations_without_progress += 1;
        }
        if is_best {
            self.best = Some(Best { step: self.step, accuracy, loss });
        }
        is_best
    }
}

/// Neighbouring steps and seeds get unrelated numbers (the multiplier is 2⁶⁴ over the golden ratio).
fn step_seed(seed: u64, step: usize) -> u64 {
    (seed.wrapping_add(1)).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ step as u64
}
