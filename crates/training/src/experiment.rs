//! Begins or resumes a run from a config. Everything is checked before anything is written.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anafora::{
    batch::{Batch, EncodeError},
    weights,
};
use burn::{
    module::ParamGroup,
    optim::ModuleOptimizer,
    tensor::{Bytes, Device},
    train::Interrupter,
};
use config::{
    experiment::{ExperimentConfig, TrainingConfig},
    overrides::{ResolvedConfig, load},
};
use corpus::{
    bundled::with_probes,
    split::Split,
    tokenizer::{Tokenizer, TokenizerError},
};
use encoder::resolver::Resolver;
use kernels::{
    adamw::Constants,
    burn_ops::{
        adamw::FusedAdamW,
        in_pool,
        muon::{self, FusedMuon},
    },
};
use run::{
    change::{Change, changes},
    checkpoint::{CheckpointError, Checkpoints, MODEL, OPTIMIZER},
    directory::Run,
    lock::Lock,
    provenance::Provenance,
    source::Source,
    state::{State, check_fit},
};
use serde::Deserialize;

use crate::{
    error::TrainError,
    guard::OnNan,
    progress::Progress,
    recorder::Probes,
    schedule::learning_rate,
    training_loop::{Outcome, TrainState, Training},
};

mod material;
#[cfg(feature = "flex")]
#[cfg(test)]
mod tests;

use material::Material;

/// The directory of a new run.
#[derive(Debug, Clone)]
pub enum Destination {
    /// A path; with `force`, an existing run there is replaced.
    Path {
        /// The run directory.
        path: PathBuf,
        /// Whether an existing run may be replaced.
        force: bool,
    },
    /// The first free name of the form `parent/name-001`.
    Numbered {
        /// The directory of all runs.
        parent: PathBuf,
        /// The name of the run without its number.
        name: String,
    },
}

/// A run that is ready to be trained.
pub struct Experiment {
    config: ExperimentConfig,
    run: Run,
    /// Keeps other processes from training the run.
    lock: Lock,
    device: Device,
    material: Material,
    state: TrainState,
    changes: Vec<Change>,
    notices: Vec<String>,
    old_names: Vec<(&'static str, &'static str)>,
}

impl Experiment {
    /// Checks config and examples, learns the vocabulary, then makes the run directory with config
    /// and tokenizer.
    ///
    /// # Errors
    ///
    /// If the destination may not be used, if an example does not fit the model, or if a file
    /// cannot be read or written.
    pub fn begin(
        resolved: ResolvedConfig,
        destination: &Destination,
        device: &Device,
    ) -> Result<Self, TrainError> {
        let ResolvedConfig { config, text, name, overrides, device: device_name, old_names } =
            resolved;
        let mut provenance = Provenance::now(&name, &overrides, device_name.as_deref());
        if matches!(device_name.as_deref(), Some("flex" | "ndarray")) {
            provenance.threads = Some(kernels::n_threads());
        }
        // `Run::create` checks this again; here it saves the user from waiting for the vocabulary.
        if let Destination::Path { path, force } = destination {
            Run::check_free(path, *force)?;
        }
        let source = Source::open(&config.data.train, &config.data, Split::Train, config.seed)?;
        let tokenizer = Arc::new(learn_vocabulary(&source, &config)?);
        let material = Material::new(&config, source, tokenizer.clone())?;
        let device = device.clone().autodiff();
        let model = untrained(&config, &tokenizer, &device);
        let mut state = State::new(&config, &tokenizer);
        [state.data_sha256, state.validation_sha256] = material.sha256.clone().map(Some);
        let state = TrainState::new(model, optimizer(&config.training), state);

        let fill = |run: &Run| -> Result<Lock, TrainError> {
            run.write(&run.tokenizer(), &tokenizer.to_json())?;
            provenance.write(run)?;
            run.write(&run.config(), &text)?;
            Ok(Lock::take(run.path())?)
        };
        let (run, lock) = match destination {
            Destination::Path { path, force } => Run::create(path, *force, fill)?,
            Destination::Numbered { parent, name } => Run::create_numbered(parent, name, fill)?,
        };
        let (changes, notices) = (Vec::new(), material.notices.clone());
        Ok(Self { config, run, lock, device, material, state, changes, notices, old_names })
    }

    /// Resumes the run in `path` from its last checkpoint, with `overrides` (`section.key=value`)
    /// applied to its config.
    ///
    /// # Errors
    ///
    /// If another process trains the run, if a file is damaged, if the examples are not those of
    /// the checkpoint, or if the config differs in more than [`run::change`] allows.
    pub fn resume(path: &Path, overrides: &[String], device: &Device) -> Result<Self, TrainError> {
        let run = Run::open(path)?;
        let lock = Lock::take(run.path())?;
        run.restore_folders()?;
        let ResolvedConfig { config, text, old_names, .. } = load(&run.config(), overrides)?;
        let tokenizer = Arc::new(Tokenizer::load(&run.tokenizer())?);
        let source = Source::open(&config.data.train, &config.data, Split::Train, config.seed)?;
        let material = Material::new(&config, source, tokenizer.clone())?;
        let device = device.clone().autodiff();
        let mut model = untrained(&config, &tokenizer, &device);
        let mut optimizer = optimizer(&config.training);
        let mut state = State::new(&config, &tokenizer);
        let mut notices = material.notices.clone();
        notices.extend(other_threads(&run));
        let checkpoints = Checkpoints::new(run.checkpoints());
        let changes;
        if checkpoints.existing()?.is_empty() {
            // A run that was stopped before its first checkpoint starts from the beginning, with what
            // depends on its config already there: the tokenizer.
            let begun_with = load(&run.config(), &[])?.config;
            let begun = State::new(&begun_with, &tokenizer);
            changes = check_unchanged(&run, &begun, &config, &material.sha256)?;
        } else {
            let mut checkpoint = checkpoints.read("last")?;
            check_fit(&checkpoint.directory, &checkpoint.state, &state)?;
            changes = check_unchanged(&run, &checkpoint.state, &config, &material.sha256)?;
            notices.extend(rate_jump(&checkpoint.state, &config));
            let record = |name: &str| {
                let path = checkpoint.directory.join(name);
                move |source: burn::store::RecordError| CheckpointError::Record {
                    path,
                    source: source.into(),
                }
            };
            let (of_model, of_optimizer) = (record(MODEL), record(OPTIMIZER));
            model = weights::load(model, checkpoint.take(MODEL)?).map_err(of_model)?;
            let moments = Bytes::from_bytes_vec(checkpoint.take(OPTIMIZER)?);
            optimizer = optimizer.from_bytes(moments).map_err(of_optimizer)?;
            checkpoint.state.config = state.config;
            state = checkpoint.state;
            if let Some(best) = state.best
                && !checkpoints.has_step(best.step)?
            {
                state.best = None;
                notices.push(format!(
                    "the best checkpoint, of step {}, is gone: the next validation begins anew",
                    best.step
                ));
            }
        }
        [state.data_sha256, state.validation_sha256] = material.sha256.clone().map(Some);
        if !overrides.is_empty() {
            run.write(&run.config(), &text)?;
        }
        let state = TrainState::new(model, optimizer, state);
        Ok(Self { config, run, lock, device, material, state, changes, notices, old_names })
    }

    /// The keys in which the config differs from that of the checkpoint that the run resumes from.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Keys that stand in the config under their old names, each with the present one.
    pub fn old_names(&self) -> &[(&'static str, &'static str)] {
        &self.old_names
    }

    /// The run directory.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The config with all overrides applied.
    pub fn config(&self) -> &ExperimentConfig {
        &self.config
    }

    /// Number of updates already done.
    pub fn step(&self) -> usize {
        self.state.step()
    }

    /// What somebody may want to know before the training begins: files of examples whose spans look as
    /// if they did not count characters, and a learning rate that jumps.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// `training.patience`, if so many validations have brought no progress that the training ended early.
    pub fn patience_used_up(&self) -> Option<usize> {
        let waited = self.state.validations_without_progress();
        self.config.training.patience.filter(|&patience| waited >= patience)
    }

    /// Number of trainable parameters (scalars).
    pub fn n_parameters(&self) -> usize {
        self.state.model().n_parameters()
    }

    /// Trains until the end, an interruption or an error.
    ///
    /// # Errors
    ///
    /// If a batch cannot be made, a file cannot be written, or a value is not finite. A checkpoint
    /// is written first, as far as possible.
    pub fn train(
        self,
        progress: &mut dyn Progress,
        interrupter: &Interrupter,
        on_nan: OnNan,
    ) -> Result<Outcome, TrainError> {
        self.train_on(|batch| batch, progress, interrupter, on_nan)
    }

    /// As [`train`](Self::train), with every batch passed through `edit`, so that tests can spoil
    /// batches.
    fn train_on(
        self,
        mut edit: impl FnMut(Batch) -> Batch + Send,
        progress: &mut dyn Progress,
        interrupter: &Interrupter,
        on_nan: OnNan,
    ) -> Result<Outcome, TrainError> {
        let Self { config, run, lock: _lock, device, material, state, .. } = self;
        let Material { batches, validation, probes, .. } = material;
        let per_step = config.training.gradient_accumulation_steps as u64;
        let range = state.step() as u64 * per_step..config.training.steps as u64 * per_step;
        let probes = Probes {
            examples: probes,
            tokenizer: batches.tokenizer.clone(),
            device: device.clone().inner(),
            model: config.encoder.has_attention().then(|| config.encoder.name().to_owned()),
        };
        let interrupter = interrupter.clone();
        let training = Training {
            config,
            run,
            device: device.clone(),
            probes,
            validation,
            on_nan,
            interrupter,
        };
        let mut batches = batches
            .iter(range, &device)
            .map(|batch: Result<Batch, EncodeError>| batch.map(&mut edit));
        // All steps run on the same thread: the allocator keeps an arena for each thread, and
        // memory that one thread has freed is reused by another only slowly.
        in_pool(&device, || training.train(state, &mut batches, progress))
    }
}

/// A model with initial weights, which are a function of the config.
pub(crate) fn untrained(
    config: &ExperimentConfig,
    tokenizer: &Tokenizer,
    device: &Device,
) -> Resolver {
    weights::untrained(config, tokenizer.vocab_size(), config.seed, device)
}

/// The keys of the config that have changed since `saved`; an error if the examples, or keys that
/// may not change, have changed.
fn check_unchanged(
    run: &Run,
    saved: &State,
    config: &ExperimentConfig,
    sha256: &[String; 2],
) -> Result<Vec<Change>, TrainError> {
    let saved_sums = [("training", &saved.data_sha256), ("validation", &saved.validation_sha256)];
    for ((what, saved), found) in saved_sums.into_iter().zip(sha256) {
        if let Some(expected) = saved.as_ref().filter(|&saved| saved != found) {
            let (run, found, expected) = (run.path().to_owned(), found.clone(), expected.clone());
            return Err(TrainError::OtherExamples { what, run, found, expected });
        }
    }
    let found = saved.config.as_ref().map(|saved| changes(saved, config)).transpose()?;
    Ok(found.unwrap_or_default())
}

/// A notice if the run began with another number of threads.
fn other_threads(run: &Run) -> Option<String> {
    let before = Provenance::read(run.path()).ok()??.threads?;
    let now = kernels::n_threads();
    (before != now).then(|| {
        format!(
            "the run began with {before} threads and goes on with {now}, which sum in another order: \
             the last bits of its numbers become others (RAYON_NUM_THREADS={before} keeps them)"
        )
    })
}

/// A notice if the schedule of `config` goes on with another learning rate than that of the checkpoint.
fn rate_jump(saved: &State, config: &ExperimentConfig) -> Option<String> {
    let old = ExperimentConfig::deserialize(saved.config.clone()?).ok()?;
    let [before, now] = [&old, config].map(|config| learning_rate(saved.step, &config.training));
    let jumps = (now - before).abs() > 0.05 * before;
    jumps.then(|| {
        format!(
            "the learning rate jumps from {before:.2e} to {now:.2e}: the schedule reaches to \
             training.steps"
        )
    })
}

/// Trains the tokenizer on the first training examples and the probes.
pub(crate) fn learn_vocabulary(
    source: &Source,
    config: &ExperimentConfig,
) -> Result<Tokenizer, TokenizerError> {
    let n_examples = source.n_texts().unwrap_or(usize::MAX).min(config.tokenizer.examples);
    let examples = source.examples(0..n_examples as u64);
    let texts = examples.into_iter().map(|example| example.text);
    Tokenizer::train(with_probes(texts), config.tokenizer.vocab_size)
}

/// The matrices of the blocks, which Muon may train; those of embedding and heads are no maps from
/// activations to activations, and stay with AdamW.
const MATRICES: &str = r"\bblocks\..*\.weight$";

/// AdamW, and Muon for the matrices of the blocks if the config says so, both without state yet.
pub(crate) fn optimizer(config: &TrainingConfig) -> ModuleOptimizer {
    let constants = Constants {
        beta_1: config.beta_1 as f32,
        beta_2: config.beta_2 as f32,
        epsilon: config.epsilon as f32,
        weight_decay: config.weight_decay as f32,
    };
    let adamw = ModuleOptimizer::from(FusedAdamW::new(constants));
    if config.muon_learning_rate == 0.0 {
        return adamw;
    }
    let muon = FusedMuon::new(muon::Constants {
        momentum: config.muon_momentum,
        weight_decay: config.weight_decay as f32,
        relative_learning_rate: config.muon_learning_rate / config.peak_learning_rate,
    });
    let matrices = ParamGroup::from_regex(MATRICES).expect("the pattern is a constant");
    adamw.with_group(matrices, muon, None)
}
