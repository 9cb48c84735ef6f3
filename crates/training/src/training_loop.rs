//! The training loop: `Training::steps`, which [`Training::train`] calls.
//!
//! ```text
//! learning rate → batches → forward → loss → backward → clip → update → record
//! ```
//!
//! It is a plain function over plain values. burn-train's interrupter can end it between two steps,
//! and [`Progress`] reports on it; neither changes the order of the work.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use anafora::batch::{Batch, EncodeError, EncodedText};
use burn::{module::Module, optim::ModuleOptimizer, tensor::Device, train::Interrupter};
use config::experiment::ExperimentConfig;
use encoder::resolver::Resolver;
use run::{
    directory::Run,
    metrics::{Ending, Line, Metrics},
    state::{Best, State},
};

use crate::{
    error::TrainError,
    flop::flop,
    guard::{OnNan, StepStats, first_non_finite, hardest},
    meter::{Clock, Meter, Section},
    objective,
    progress::Progress,
    recorder::{Probes, Recorder},
    schedule::learning_rate,
    step::{TrainingStep, step_seed, training_step},
};

/// Message of the `expect`s on [`TrainState::model`], which is `None` only during `optimizer.step`.
const MODEL: &str = "an update puts the model back";
/// Number of skipped steps in a row after which the training ends with an error.
const MAX_SKIPPED: usize = 100;
/// Number of examples that the line about an outlier names.
const N_HARDEST: usize = 3;

/// The inputs of the loop that do not change.
pub struct Training {
    /// The config with all overrides applied.
    pub config: ExperimentConfig,
    /// The run directory.
    pub run: Run,
    /// The device of the model, with autodiff.
    pub device: Device,
    /// The probes of which attention snapshots are written.
    pub probes: Probes,
    /// The validation examples, grouped into batches.
    pub validation: Vec<Vec<EncodedText>>,
    /// What to do about a step whose loss or gradients are not finite.
    pub on_nan: OnNan,
    /// Can ask the loop to end after the current step.
    pub interrupter: Interrupter,
}

/// The state that changes with each step, everything that a checkpoint contains.
pub struct TrainState {
    /// `None` only during `optimizer.step`, which consumes a model and returns the next one.
    model: Option<Resolver>,
    optimizer: ModuleOptimizer,
    state: State,
    meter: Meter,
    /// Number of steps in a row, up to the last one, that made no update.
    n_skipped: usize,
    /// Whether the records of all steps so far are written, so that this state may be saved.
    is_consistent: bool,
}

/// The result of a training.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The state at the end.
    pub state: State,
    /// How the training ended.
    pub ending: Ending,
    /// The times of the training and its sections.
    pub clock: Clock,
    /// Share of all computed positions that were padding.
    pub padded_share: f64,
    /// Floating-point operations of the run, see [`crate::flop`].
    pub flop: Option<f64>,
    /// Those of this process, a second of training.
    pub flop_per_second: Option<f64>,
}

impl Training {
    /// The loop over the training steps.
    ///
    /// # Errors
    ///
    /// If a batch cannot be made, a file cannot be written, or a value is not finite.
    fn steps(
        &self,
        state: &mut TrainState,
        batches: &mut dyn Iterator<Item = Result<Batch, EncodeError>>,
        recorder: &mut Recorder,
        progress: &mut dyn Progress,
    ) -> Result<Ending, TrainError> {
        let ExperimentConfig { seed, training, record, .. } = &self.config;
        let n_batches = training.gradient_accumulation_steps;
        let mut next = next_batches(batches, n_batches);
        if state.state.step == 0 {
            recorder.write_snapshot(state.model(), 0, None, &self.probes)?;
        }
        let mut ending = Ending::Finished;
        while state.state.step < training.steps && ending == Ending::Finished {
            let rate = learning_rate(state.state.step, training);
            let seed = step_seed(*seed, state.state.step);
            let done = training_step(state.model(), next?, seed, &self.config);
            // The next batches are made while a GPU still computes; reading the step's loss waits
            // for it.
            next = next_batches(batches, n_batches);
            let stats = StepStats::read(&done);
            match stats.not_finite() {
                Some(what) => self.skip(what, &done, state, recorder)?,
                None => update(rate, done, stats, state, recorder)?,
            }

            let step = state.state.step;
            let is_last = step == training.steps;
            if (step.is_multiple_of(record.metrics_every) || is_last) && !state.meter.is_empty() {
                let norm = state.state.outliers.gradient_norm();
                let (metrics, padded_share) = state.meter.take(norm, &recorder.clock);
                let seconds = recorder.clock.seconds();
                let flop = self.flop(state);
                recorder.append(&Line::train(step, &metrics, rate, padded_share, flop, seconds))?;
                progress.trained(step, &metrics, rate);
            }
            let mut is_best = false;
            if step.is_multiple_of(record.validation_every) || is_last {
                let metrics =
                    recorder.clock.time(Section::Validation, || self.validate(state.model()));
                if !metrics.loss.is_finite() {
                    return Err(TrainError::NoAnswer { step });
                }
                recorder.append(&Line::validation(step, &metrics, recorder.clock.seconds()))?;
                progress.validated(step, &metrics);
                is_best = update_best(&mut state.state, &metrics);
                let n_waited = state.state.validations_without_progress;
                if training.patience.is_some_and(|patience| n_waited >= patience) {
                    ending = Ending::NoProgress;
                }
            }
            if self.interrupter.should_stop() {
                ending = Ending::Interrupted;
            }
            let ends = ending != Ending::Finished || is_last;
            if recorder.is_snapshot_due(step) || ends {
                recorder.write_snapshot(state.model(), step, state.meter.loss(), &self.probes)?;
            }
            state.is_consistent = true;
            if recorder.is_checkpoint_due(step) || is_best || ends {
                state.write_checkpoint(recorder)?;
            }
        }
        Ok(ending)
    }

    /// Trains until the end, an interruption or an error, and writes how it ended.
    ///
    /// # Errors
    ///
    /// If a batch cannot be made, a file cannot be written, or a value is not finite. A checkpoint
    /// is written first, as far as possible; so it is before a panic is passed on.
    pub fn train(
        &self,
        mut state: TrainState,
        batches: &mut dyn Iterator<Item = Result<Batch, EncodeError>>,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TrainError> {
        let mut recorder = Recorder::open(&self.run, &self.config, state.state.step)?;
        let flop_before = self.flop(&state);
        progress.begin(state.state.step, self.config.training.steps);
        // A panic must not lose the steps since the last checkpoint, so it is caught until they are
        // saved.
        let ending = catch_unwind(AssertUnwindSafe(|| {
            let ending = self.steps(&mut state, batches, &mut recorder, progress)?;
            recorder.finish()?;
            Ok(ending)
        }));
        progress.end();
        let ending = finish(&mut state, &mut recorder, ending)?;
        let clock = recorder.clock.clone();
        let padded_share = state.meter.padded_share();
        let flop = self.flop(&state);
        let seconds = clock.training_seconds().max(1e-9);
        let flop_per_second = flop.zip(flop_before).map(|(flop, before)| (flop - before) / seconds);
        Ok(Outcome { state: state.state, ending, clock, padded_share, flop, flop_per_second })
    }

    /// What the run has computed so far.
    fn flop(&self, state: &TrainState) -> Option<f64> {
        flop(&self.config, state.meter.positions(), state.state.step)
    }

    /// Records a step that is not finite, and skips its update or ends the training.
    fn skip(
        &self,
        what: &'static str,
        done: &TrainingStep,
        state: &mut TrainState,
        recorder: &mut Recorder,
    ) -> Result<(), TrainError> {
        let place = first_non_finite(state.model(), done);
        let examples = done.batches.iter().flat_map(|(batch, _)| &batch.examples);
        let examples: Vec<String> = examples.map(|example| example.example.id.clone()).collect();
        let step = state.state.step + 1;
        recorder.append(&Line::NotFinite {
            step,
            what: what.to_owned(),
            place: place.clone(),
            skipped: self.on_nan == OnNan::Skip,
            examples: examples.clone(),
        })?;
        state.n_skipped += 1;
        match self.on_nan {
            OnNan::Stop => Err(TrainError::NotFinite { step, what, place, examples }),
            OnNan::Skip if state.n_skipped == MAX_SKIPPED => {
                Err(TrainError::OnlySkipped { n: MAX_SKIPPED, step })
            }
            OnNan::Skip => {
                state.is_consistent = false;
                state.state.step = step;
                Ok(())
            }
        }
    }

    /// One pass over the validation set, without dropout.
    fn validate(&self, model: &Resolver) -> Metrics {
        let model = model.valid();
        let device = self.device.clone().inner();
        let of_batch = |texts: &Vec<EncodedText>| {
            objective::evaluate(&model, &Batch::of_texts(texts.clone(), &device))
        };
        let parts: Vec<Metrics> = self.validation.iter().map(of_batch).collect();
        Metrics::mean(&parts)
    }
}

/// Makes the batches of one step.
fn next_batches(
    batches: &mut dyn Iterator<Item = Result<Batch, EncodeError>>,
    n: usize,
) -> Result<Vec<Batch>, EncodeError> {
    batches.take(n).collect()
}

/// Updates the weights, and writes a line if loss or gradient norm of the step are outliers.
fn update(
    rate: f64,
    done: TrainingStep,
    stats: StepStats,
    state: &mut TrainState,
    recorder: &mut Recorder,
) -> Result<(), TrainError> {
    let TrainingStep { batches, gradients, .. } = done;
    state.is_consistent = false;
    state.model = state.optimizer.step(rate, state.model.take(), gradients);
    state.state.step += 1;
    state.n_skipped = 0;
    let outlier = state.state.outliers.add(stats.loss, stats.gradient_norm);
    if let Some(outlier) = outlier {
        let examples = hardest(&batches, N_HARDEST);
        recorder.append(&Line::outlier(state.state.step, outlier, examples))?;
    }
    for (batch, output) in batches {
        state.meter.add(&batch, output);
    }
    Ok(())
}

/// Writes the last line of the metrics; after an error or a panic, a checkpoint first if possible.
fn finish(
    state: &mut TrainState,
    recorder: &mut Recorder,
    ending: std::thread::Result<Result<Ending, TrainError>>,
) -> Result<Ending, TrainError> {
    let padded_share = state.meter.padded_share();
    let end = |recorder: &mut Recorder, state: &TrainState, ending| {
        let line = recorder.clock.end(state.state.step, padded_share, ending);
        recorder.append(&line)
    };
    if let Ok(Ok(ending)) = ending {
        end(recorder, state, ending)?;
        return Ok(ending);
    }
    // Further errors are ignored: the first one is the cause, and the others follow from it.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        if state.is_consistent {
            let _ = state.write_checkpoint(recorder).and_then(|()| recorder.finish());
        }
        let _ = end(recorder, state, Ending::Failed);
    }));
    match ending {
        Ok(result) => Err(result.expect_err("a training without an error has returned above")),
        Err(panic) => resume_unwind(panic),
    }
}

/// Updates the best validation and the counter of early stopping; returns whether this validation
/// is the best so far.
fn update_best(state: &mut State, metrics: &Metrics) -> bool {
    let Metrics { accuracy, loss, .. } = *metrics;
    let is_best = state.best.is_none_or(|best| {
        accuracy > best.accuracy || (accuracy == best.accuracy && loss < best.loss)
    });
    // The loss keeps falling after every answer is right, so only the accuracy counts for early
    // stopping.
    if state.best.is_none_or(|best| accuracy > best.accuracy) {
        state.validations_without_progress = 0;
    } else {
        state.validations_without_progress += 1;
    }
    if is_best {
        state.best = Some(Best { step: state.step, accuracy, loss });
    }
    is_best
}

impl TrainState {
    /// The state at the beginning of a training, new or resumed. `state` contains the number of
    /// updates that `model` and `optimizer` have had.
    pub fn new(model: Resolver, optimizer: ModuleOptimizer, mut state: State) -> Self {
        let meter = Meter::new(std::mem::take(&mut state.window));
        Self { model: Some(model), optimizer, state, meter, n_skipped: 0, is_consistent: true }
    }

    /// The model after the last update.
    pub fn model(&self) -> &Resolver {
        self.model.as_ref().expect(MODEL)
    }

    /// How many validations have brought no higher accuracy since the best one.
    pub fn validations_without_progress(&self) -> usize {
        self.state.validations_without_progress
    }

    /// Number of updates done.
    pub fn step(&self) -> usize {
        self.state.step
    }

    /// Replaces the optimizer.
    #[cfg(test)]
    pub(crate) fn set_optimizer(&mut self, optimizer: ModuleOptimizer) {
        self.optimizer = optimizer;
    }

    fn write_checkpoint(&mut self, recorder: &mut Recorder) -> Result<(), TrainError> {
        self.state.window = self.meter.window();
        let model = self.model.as_ref().expect(MODEL);
        recorder.write_checkpoint(model, &self.optimizer, &self.state)
    }
}
