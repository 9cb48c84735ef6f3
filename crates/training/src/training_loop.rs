//! The training loop, which is what readers come for: [`Training::steps`].
//!
//! ```text
//! learning rate → batches → forward → loss → backward → clip → update → record
//! ```
//!
//! It is a plain function over plain values. burn-train's interrupter ends it, and whoever wants to
//! see how it goes is told through [`Progress`]; neither changes the order of what happens.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use anafora::batch::{Batch, EncodeError, EncodedExample};
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
/// Skipped steps in a row after which the training ends.
const MAX_SKIPPED: usize = 100;
/// Examples that are named with an outlier.
const N_HARDEST: usize = 3;

/// Everything that the loop reads and never changes.
pub struct Training {
    /// The resolved configuration.
    pub config: ExperimentConfig,
    /// Where everything is written.
    pub run: Run,
    /// An autodiff device.
    pub device: Device,
    /// What attention is captured for.
    pub probes: Probes,
    /// The validation examples, grouped into batches.
    pub validation: Vec<Vec<EncodedExample>>,
    /// What happens at a step whose loss or gradients are not finite.
    pub on_nan: OnNan,
    /// Asks the loop to end after the present step.
    pub interrupter: Interrupter,
}

/// What changes from step to step: all that a checkpoint is made of.
pub struct TrainState {
    /// `None` only during `optimizer.step`, which consumes a model and returns the next one.
    model: Option<Resolver>,
    optimizer: ModuleOptimizer,
    state: State,
    meter: Meter,
    /// Steps in a row that made no update.
    n_skipped: usize,
    /// Whether the records of all steps so far are written, so that this state may be saved.
    is_consistent: bool,
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

impl Training {
    /// The loop.
    ///
    /// # Errors
    ///
    /// If a batch or a file cannot be made, or if the numbers are no longer finite.
    fn steps(
        &self,
        state: &mut TrainState,
        batches: &mut dyn Iterator<Item = Result<Batch, EncodeError>>,
        recorder: &mut Recorder,
        progress: &mut dyn Progress,
    ) -> Result<Ending, TrainError> {
        let ExperimentConfig { seed, training, record, .. } = &self.config;
        let n_batches = training.gradient_accumulation_steps;
        let mut next = draw(batches, n_batches);
        if state.state.step == 0 {
            recorder.capture(state.model(), 0, None, &self.probes)?;
        }
        let mut ending = Ending::Finished;
        while state.state.step < training.steps && ending == Ending::Finished {
            let rate = learning_rate(state.state.step, training);
            let seed = step_seed(*seed, state.state.step);
            let done = training_step(state.model(), next?, seed, &self.config);
            // Made while a GPU computes: to read anything of a step is to wait for it.
            next = draw(batches, n_batches);
            let stats = StepStats::read(&done);
            match stats.not_finite() {
                Some(what) => self.skip(what, &done, state, recorder)?,
                None => update(rate, done, stats, state, recorder)?,
            }

            let step = state.state.step;
            let is_last = step == training.steps;
            if (step.is_multiple_of(record.metrics_every) || is_last) && !state.meter.is_empty() {
                let norm = state.state.outliers.gradient_norm();
                let (metrics, padded_share) = state.meter.read(norm, &recorder.clock);
                let seconds = recorder.clock.seconds();
                recorder.append(&Line::train(step, &metrics, rate, padded_share, seconds))?;
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
                is_best = judge(&mut state.state, &metrics);
                let waited = state.state.validations_without_progress;
                if training.patience.is_some_and(|patience| waited >= patience) {
                    ending = Ending::NoProgress;
                }
            }
            if self.interrupter.should_stop() {
                ending = Ending::Interrupted;
            }
            let ends = ending != Ending::Finished || is_last;
            if recorder.is_snapshot_due(step) || ends {
                recorder.capture(state.model(), step, state.meter.loss(), &self.probes)?;
            }
            state.is_consistent = true;
            if recorder.is_save_due(step) || is_best || ends {
                state.save(recorder)?;
            }
        }
        Ok(ending)
    }

    /// Trains until the end, an interruption or an error, and writes how it ended.
    ///
    /// # Errors
    ///
    /// As the loop; what could be saved is saved. A panic goes on after that.
    pub fn train(
        &self,
        mut state: TrainState,
        batches: &mut dyn Iterator<Item = Result<Batch, EncodeError>>,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TrainError> {
        let mut recorder = Recorder::open(&self.run, &self.config, state.state.step)?;
        progress.begin(state.state.step, self.config.training.steps);
        // A mistake in the program must not cost the steps since the last checkpoint.
        let ending = catch_unwind(AssertUnwindSafe(|| {
            let ending = self.steps(&mut state, batches, &mut recorder, progress)?;
            recorder.finish()?;
            Ok(ending)
        }));
        progress.end();
        conclude(&mut state, &mut recorder, ending)
    }

    /// Goes on without the update of a step that is not finite, or ends the training.
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
        let of_batch = |examples: &Vec<EncodedExample>| {
            objective::evaluate(&model, &Batch::new(examples.clone(), &device))
        };
        let parts: Vec<Metrics> = self.validation.iter().map(of_batch).collect();
        Metrics::mean(&parts)
    }
}

/// The batches of one step.
fn draw(
    batches: &mut dyn Iterator<Item = Result<Batch, EncodeError>>,
    n: usize,
) -> Result<Vec<Batch>, EncodeError> {
    batches.take(n).collect()
}

/// The update, and a line about the step if its loss or gradient norm is an outlier.
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

/// Saves what can be saved of a training that failed, and writes how it ended.
fn conclude(
    state: &mut TrainState,
    recorder: &mut Recorder,
    ending: std::thread::Result<Result<Ending, TrainError>>,
) -> Result<Outcome, TrainError> {
    let padded_share = state.meter.padded_share();
    let end = |recorder: &mut Recorder, state: &TrainState, ending| {
        let line = recorder.clock.end(state.state.step, padded_share, ending);
        recorder.append(&line)
    };
    if let Ok(Ok(ending)) = ending {
        end(recorder, state, ending)?;
        let (state, clock) = (state.state.clone(), recorder.clock.clone());
        return Ok(Outcome { state, ending, clock, padded_share });
    }
    // The first error is the one that matters; what fails now fails for the same reason.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        if state.is_consistent {
            let _ = state.save(recorder).and_then(|()| recorder.finish());
        }
        let _ = end(recorder, state, Ending::Failed);
    }));
    match ending {
        Ok(result) => Err(result.expect_err("a training that went well was concluded above")),
        Err(panic) => resume_unwind(panic),
    }
}

/// Takes a validation into account, and says whether it is the best one so far.
fn judge(state: &mut State, metrics: &Metrics) -> bool {
    let Metrics { accuracy, loss, .. } = *metrics;
    let is_best = state.best.is_none_or(|best| {
        accuracy > best.accuracy || (accuracy == best.accuracy && loss < best.loss)
    });
    // The loss goes on falling when every answer is right, so patience counts answers alone.
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
    /// Where a training begins, or goes on: `state` says how many updates `model` and `optimizer`
    /// have seen.
    pub fn new(model: Resolver, optimizer: ModuleOptimizer, mut state: State) -> Self {
        let meter = Meter::new(std::mem::take(&mut state.window));
        Self { model: Some(model), optimizer, state, meter, n_skipped: 0, is_consistent: true }
    }

    /// The model after the last update.
    pub fn model(&self) -> &Resolver {
        self.model.as_ref().expect(MODEL)
    }

    /// Updates done.
    pub fn step(&self) -> usize {
        self.state.step
    }

    /// Trains on with another optimizer.
    #[cfg(test)]
    pub(crate) fn set_optimizer(&mut self, optimizer: ModuleOptimizer) {
        self.optimizer = optimizer;
    }

    fn save(&mut self, recorder: &mut Recorder) -> Result<(), TrainError> {
        self.state.window = self.meter.window();
        let model = self.model.as_ref().expect(MODEL);
        recorder.save(model, &self.optimizer, &self.state)
    }
}
