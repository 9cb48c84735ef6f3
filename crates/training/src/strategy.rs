//! The training loop, which is what readers come for.
//!
//! It is a learning strategy of burn-train: metrics, dashboard and interrupter are burn-train's,
//! the order of what happens is ours, in `Training::steps`, the one function here that is longer
//! than a screen would like. There are no callbacks.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Mutex,
};

use burn::{
    data::{
        dataloader::{DataLoaderIterator, Progress},
        dataset::DatasetError,
    },
    module::Module,
    optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor},
    train::{
        EventProcessorTraining, Interrupter, Learner, LearnerEvent, SupervisedLearningStrategy,
        SupervisedTrainingEventProcessor, TrainLoader, TrainingComponents, TrainingItem,
        ValidLoader,
    },
};
use kernels::burn_ops::clipping::clip_global_norm;
use serde::{Deserialize, Serialize};

use crate::{
    batch::Batch,
    checkpoint::state::{Best, State},
    config::ExperimentConfig,
    error::TrainError,
    guard::{OnNan, Vitals, first_non_finite, hardest},
    meter::{Clock, Meter, Section},
    metrics::Line,
    recorder::{Probes, Recorder},
    run::Run,
    schedule::learning_rate,
    task::{Reading, ResolverTask, TaskOutput},
};

/// Why there is a model: only an update takes it, since it changes weights without an owner.
const PUT_BACK: &str = "an update puts the model back";
/// Skipped steps in a row after which there is nothing left to hope for.
const MAX_SKIPPED: usize = 100;
/// Examples that are named with an outlier.
const HARDEST: usize = 3;

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
    /// What attention is captured for.
    pub probes: Probes,
    /// What is done about a step that is no step.
    pub on_nan: OnNan,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// All steps are done.
    Finished,
    /// No validation was better for too long.
    NoProgress,
    /// Somebody asked for it.
    Interrupted,
    /// An error, or a mistake in the program.
    Failed,
}

/// What changes from step to step: all that a checkpoint is made of.
struct Live {
    /// Absent only inside of an update.
    model: Option<ResolverTask>,
    optimizer: ModuleOptimizer,
    state: State,
    meter: Meter,
    skipped: usize,
    /// Whether everything that belongs to the steps done is written down: between two steps.
    is_whole: bool,
}

/// A step up to its update.
struct Step {
    round: Vec<(Batch, TaskOutput)>,
    gradients: GradientsParams,
    vitals: Vitals,
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
        let start = self.start.lock().expect("no other thread holds it").take();
        let mut live = Live::new(learner.model(), start.expect("a training is run once"));
        drop(learner); // weights with a second owner would be copied instead of changed
        let outcome =
            Recorder::open(&self.run, &self.config, live.state.step).and_then(|mut recorder| {
                // A mistake in the program must not cost the steps since the last checkpoint.
                let ending = catch_unwind(AssertUnwindSafe(|| {
                    let ending = self.steps(
                        &mut live,
                        &mut recorder,
                        &train,
                        &validation,
                        &mut events,
                        &components.interrupter,
                    )?;
                    recorder.finish()?;
                    Ok(ending)
                }));
                self.conclude(&mut live, &mut recorder, ending)
            });
        *self.outcome.lock().expect("no other thread holds it") = Some(outcome);
        (live.model.expect(PUT_BACK), events)
    }
}

impl Training {
    /// Learning rate → batch → forward → loss → backward → clip → update → record.
    fn steps(
        &self,
        live: &mut Live,
        recorder: &mut Recorder,
        train: &TrainLoader<ResolverTask>,
        validation: &ValidLoader<ResolverTask>,
        events: &mut Processor,
        interrupter: &Interrupter,
    ) -> Result<Ending, TrainError> {
        let ExperimentConfig { seed, training, record, .. } = &self.config;
        let mut batches = train.iter();
        let mut next = draw(&mut *batches, training.accumulation);
        if live.state.step == 0 {
            recorder.capture(live.model(), 0, None, &self.probes)?;
        }
        self.begin_round(events, interrupter, &live.state);

        let mut ending = Ending::Finished;
        while live.state.step < training.steps && ending == Ending::Finished {
            let rate = learning_rate(live.state.step, training);
            // Dropout is a function of the seed and the step, so a resumed run repeats it.
            self.device.seed(step_seed(*seed, live.state.step));
            let (round, gradients, norm) = self.backward(live.model(), next?);
            // Made while a GPU computes: to read anything is to wait for it.
            next = draw(&mut *batches, training.accumulation);
            let step = Step { vitals: Vitals::read(&round, norm), round, gradients };
            match step.vitals.not_finite() {
                Some(what) => self.skip(what, step, live, recorder)?,
                None => self.update(rate, step, live, recorder)?,
            }

            let step = live.state.step;
            let last = step == training.steps;
            if (step.is_multiple_of(record.metrics_every) || last) && !live.meter.is_empty() {
                let norm = live.state.watch.gradient_norm();
                let (reading, padded_share) = live.meter.read(norm, &recorder.clock);
                let seconds = recorder.clock.seconds();
                recorder.append(&Line::train(step, &reading, rate, padded_share, seconds))?;
                let progress = Progress::new(step, training.steps, Some("steps".to_owned()));
                let item = TrainingItem::new(reading, progress, Some(step), Some(rate.into()));
                interrupter.fail_on_error(events.process_train(LearnerEvent::ProcessedItem(item)));
            }
            let mut is_best = false;
            if step.is_multiple_of(record.validation_every) || last {
                let reading = recorder.clock.time(Section::Validation, || {
                    let task = live.model.as_ref().expect(PUT_BACK);
                    self.validate(task, validation, events, interrupter, &live.state)
                })?;
                if !reading.loss.is_finite() {
                    return Err(TrainError::NoAnswer { step });
                }
                recorder.append(&Line::validation(step, &reading, recorder.clock.seconds()))?;
                is_best = live.state.judge(&reading);
                let waited = live.state.validations_without_progress;
                if training.patience.is_some_and(|patience| waited >= patience) {
                    ending = Ending::NoProgress;
                }
            }
            if interrupter.should_stop() {
                ending = Ending::Interrupted;
            }
            let stop = ending != Ending::Finished || last;
            if recorder.is_snapshot_due(step) || stop {
                recorder.capture(live.model(), step, live.meter.loss(), &self.probes)?;
            }
            live.is_whole = true;
            if recorder.is_save_due(step) || is_best || stop {
                live.save(recorder)?;
            }
        }
        Ok(ending)
    }

    /// Outputs, summed gradients and their norm before clipping, all still on the device.
    fn backward(
        &self,
        task: &ResolverTask,
        batches: Vec<Batch>,
    ) -> (Vec<(Batch, TaskOutput)>, GradientsParams, Tensor<1>) {
        let training = &self.config.training;
        let mut accumulator = GradientsAccumulator::new();
        let mut round = Vec::with_capacity(batches.len());
        for batch in batches {
            let output = task.forward(&batch, training.naming_weight);
            let objective = output.objective.clone() / training.accumulation as f64;
            let gradients = GradientsParams::from_grads(objective.backward(), task);
            accumulator.accumulate(task, gradients);
            round.push((batch, output.detached()));
        }
        let mut gradients = accumulator.grads();
        let norm = clip_global_norm(task, &mut gradients, training.max_gradient_norm);
        (round, gradients, norm)
    }

    /// The update, and a note of the step if it was far from those before it.
    fn update(
        &self,
        rate: f64,
        step: Step,
        live: &mut Live,
        recorder: &mut Recorder,
    ) -> Result<(), TrainError> {
        let Step { round, gradients, vitals } = step;
        live.is_whole = false;
        live.model = live.optimizer.step(rate, live.model.take(), gradients);
        live.state.step += 1;
        live.skipped = 0;
        let outlier = live.state.watch.add(vitals.loss, vitals.gradient_norm);
        if let Some(outlier) = outlier {
            recorder.append(&Line::outlier(live.state.step, outlier, hardest(&round, HARDEST)))?;
        }
        for (batch, output) in round {
            live.meter.add(&batch, output);
        }
        Ok(())
    }

    /// Goes on without the update of a step that is none, or ends the training.
    fn skip(
        &self,
        what: &'static str,
        step: Step,
        live: &mut Live,
        recorder: &mut Recorder,
    ) -> Result<(), TrainError> {
        let Step { round, gradients, .. } = step;
        let place = first_non_finite(live.model(), &round, &gradients);
        let examples = round.iter().flat_map(|(batch, _)| &batch.examples);
        let examples: Vec<String> = examples.map(|example| example.example.id.clone()).collect();
        let skipped = self.on_nan == OnNan::Skip;
        let step = live.state.step + 1;
        let line = Line::NotFinite {
            step,
            what: what.to_owned(),
            place: place.clone(),
            skipped,
            examples: examples.clone(),
        };
        recorder.append(&line)?;
        live.skipped += 1;
        match self.on_nan {
            OnNan::Stop => Err(TrainError::NotFinite { step, what, place, examples }),
            OnNan::Skip if live.skipped == MAX_SKIPPED => {
                Err(TrainError::OnlySkipped { n: MAX_SKIPPED, step })
            }
            OnNan::Skip => {
                live.is_whole = false;
                live.state.step = step;
                Ok(())
            }
        }
    }

    /// Saves what can be saved of a training that failed, and says how it ended.
    fn conclude(
        &self,
        live: &mut Live,
        recorder: &mut Recorder,
        ending: std::thread::Result<Result<Ending, TrainError>>,
    ) -> Result<Outcome, TrainError> {
        let padded_share = live.meter.padded_share();
        let end = |recorder: &mut Recorder, live: &Live, ending| {
            let line = Line::end(live.state.step, &recorder.clock, padded_share, ending);
            recorder.append(&line)
        };
        if let Ok(Ok(ending)) = ending {
            end(recorder, live, ending)?;
            let (state, clock) = (live.state.clone(), recorder.clock.clone());
            return Ok(Outcome { state, ending, clock, padded_share });
        }
        // The first error is the one that matters; what fails now fails for the same reason.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            if live.is_whole {
                let _ = live.save(recorder).and_then(|()| recorder.finish());
            }
            let _ = end(recorder, live, Ending::Failed);
        }));
        match ending {
            Ok(result) => Err(result.expect_err("a training that went well was concluded above")),
            Err(panic) => resume_unwind(panic),
        }
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
}

/// The batches of one step.
fn draw(batches: &mut dyn DataLoaderIterator<Batch>, n: usize) -> Result<Vec<Batch>, DatasetError> {
    batches.take(n).collect()
}

impl Live {
    fn new(model: ResolverTask, start: Start) -> Self {
        let Start { optimizer, mut state } = start;
        let meter = Meter::new(std::mem::take(&mut state.window));
        Self { model: Some(model), optimizer, state, meter, skipped: 0, is_whole: true }
    }

    fn model(&self) -> &ResolverTask {
        self.model.as_ref().expect(PUT_BACK)
    }

    fn save(&mut self, recorder: &mut Recorder) -> Result<(), TrainError> {
        self.state.window = self.meter.window();
        let model = self.model.as_ref().expect(PUT_BACK);
        recorder.save(model, &self.optimizer, &self.state)
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
