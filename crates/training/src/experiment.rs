//! From a configuration to a finished run: everything is checked before anything is written.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use burn::{
    data::dataloader::DataLoader,
    optim::ModuleOptimizer,
    tensor::Device,
    train::{
        Interrupter, Learner, SupervisedTraining, TrainingStrategy,
        logger::MetricLogger,
        metric::{
            LearningRateMetric, MetricDefinition, NumericEntry,
            store::{EpochSummary, MetricsUpdate, Split as StoreSplit},
        },
        renderer::MetricsRenderer,
    },
};
use corpus::{
    bundled::with_probes,
    split::Split,
    tokenizer::{Tokenizer, TokenizerError},
};
use encoder::resolver::Resolver;
use kernels::{
    adamw::Constants,
    burn_ops::{adamw::FusedAdamW, in_pool},
};

use crate::{
    batch::Batch,
    change::{Change, changes},
    checkpoint::{
        Checkpoint, Checkpoints,
        state::{State, check_fit},
    },
    config::{ExperimentConfig, TrainingConfig},
    error::TrainError,
    guard::OnNan,
    loader::{FixedLoader, TrainLoader},
    lock::Lock,
    metrics::Gauge,
    overrides::{ResolvedConfig, load},
    provenance::Provenance,
    recorder::Probes,
    run::Run,
    source::Source,
    strategy::{Outcome, Start, Training},
    task::ResolverTask,
};

mod material;
#[cfg(feature = "flex")]
#[cfg(test)]
pub(crate) mod tests;

use material::Material;

/// Where a new run is to lie.
#[derive(Debug, Clone)]
pub enum Destination {
    /// Exactly there; with `force`, in place of the run that is there.
    Path {
        /// The run directory.
        path: PathBuf,
        /// Whether an old run may be removed.
        force: bool,
    },
    /// At the first free number behind `name` in `parent`.
    Numbered {
        /// Where runs are.
        parent: PathBuf,
        /// Without number.
        name: String,
    },
}

/// A run that is ready to be trained.
pub struct Experiment {
    config: ExperimentConfig,
    run: Run,
    /// Nobody else writes into the run as long as this is there.
    lock: Lock,
    device: Device,
    material: Material,
    task: ResolverTask,
    start: Start,
    changes: Vec<Change>,
}

impl Experiment {
    /// Checks everything, then makes the run directory with configuration and tokenizer in it.
    pub fn begin(
        resolved: ResolvedConfig,
        destination: &Destination,
        device: &Device,
    ) -> Result<Self, TrainError> {
        let provenance = Provenance::now(&resolved);
        let ResolvedConfig { config, text, .. } = resolved;
        // Refused before seconds go into a vocabulary; `Run::create` has the last word.
        if let Destination::Path { path, force } = destination {
            Run::check_free(path, *force)?;
        }
        let source = Source::open(&config.data.train, &config.data, Split::Train, config.seed)?;
        let tokenizer = Arc::new(learn_vocabulary(&source, &config)?);
        let data_sha256 = Some(source.fingerprint());
        let material = Material::new(&config, source, tokenizer.clone())?;
        let device = device.clone().autodiff();
        let task = untrained(&config, &tokenizer, &device);
        let mut state = State::new(&config, &tokenizer);
        state.data_sha256 = data_sha256;
        let start = Start { optimizer: optimizer(&config.training), state };

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
        Ok(Self { config, run, lock, device, material, task, start, changes: Vec::new() })
    }

    /// Goes on with the run in `path`, from its last checkpoint, with `overrides` (`section.key=value`)
    /// put over its configuration.
    ///
    /// # Errors
    ///
    /// If somebody trains in it, if something is damaged, or if configuration or examples are not
    /// those that it was trained with, but for what [`crate::change`] allows.
    pub fn resume(path: &Path, overrides: &[String], device: &Device) -> Result<Self, TrainError> {
        let run = Run::open(path)?;
        let lock = Lock::take(run.path())?;
        run.restore_folders()?;
        let ResolvedConfig { config, text, .. } = load(&run.config(), overrides)?;
        let tokenizer = Arc::new(Tokenizer::load(&run.tokenizer())?);
        let source = Source::open(&config.data.train, &config.data, Split::Train, config.seed)?;
        let data_sha256 = source.fingerprint();
        let material = Material::new(&config, source, tokenizer.clone())?;
        let device = device.clone().autodiff();
        let mut task = untrained(&config, &tokenizer, &device);
        let mut optimizer = optimizer(&config.training);
        let mut state = State::new(&config, &tokenizer);
        let mut changed = Vec::new();
        let checkpoints = Checkpoints::new(run.checkpoints());
        // A run that was stopped before its first checkpoint begins again.
        if !checkpoints.existing()?.is_empty() {
            let mut checkpoint = Checkpoint::read(&checkpoints.resolve("last")?)?;
            check_fit(&checkpoint.directory, &checkpoint.state, &state)?;
            changed = check_same(&run, &checkpoint.state, &config, &data_sha256)?;
            task = checkpoint.load_weights(task)?;
            optimizer = checkpoint.load_optimizer(optimizer)?;
            checkpoint.state.config = state.config;
            state = checkpoint.state;
        }
        state.data_sha256 = Some(data_sha256);
        if !overrides.is_empty() {
            run.write(&run.config(), &text)?;
        }
        let start = Start { optimizer, state };
        Ok(Self { config, run, lock, device, material, task, start, changes: changed })
    }

    /// What is different from the configuration of the checkpoint that the run goes on from.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The run directory.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The resolved configuration.
    pub fn config(&self) -> &ExperimentConfig {
        &self.config
    }

    /// Updates done already.
    pub fn step(&self) -> usize {
        self.start.state.step
    }

    /// How many numbers are adjusted.
    pub fn n_parameters(&self) -> usize {
        self.task.resolver.n_parameters()
    }

    /// Trains until the end, an interruption or an error.
    pub fn train(
        self,
        renderer: Box<dyn MetricsRenderer>,
        interrupter: Interrupter,
        on_nan: OnNan,
    ) -> Result<Outcome, TrainError> {
        self.train_on(|batches| batches, renderer, interrupter, on_nan)
    }

    /// The same with other batches in the place of the run's own.
    fn train_on(
        self,
        replace: impl FnOnce(Arc<dyn DataLoader<Batch>>) -> Arc<dyn DataLoader<Batch>>,
        renderer: Box<dyn MetricsRenderer>,
        interrupter: Interrupter,
        on_nan: OnNan,
    ) -> Result<Outcome, TrainError> {
        let Self { config, run, lock: _lock, device, material, task, start, changes: _ } = self;
        let Material { batches, validation, probes } = material;
        let per_step = config.training.accumulation as u64;
        let range = start.state.step as u64 * per_step..config.training.steps as u64 * per_step;
        let probes = Probes {
            examples: probes,
            tokenizer: batches.tokenizer.clone(),
            device: device.clone().inner(),
            model: config.encoder.has_attention().then(|| config.encoder.name().to_owned()),
        };
        let train = TrainLoader { batches: Arc::new(batches), range, device: device.clone() };
        let n_validation = validation.len();
        let validation = FixedLoader {
            batches: Arc::new(validation),
            range: 0..n_validation,
            device: device.clone().inner(),
        };
        let (start, outcome) = (Mutex::new(Some(start)), Mutex::new(None));
        let training = Training { config, run, device, probes, on_nan, start, outcome };
        let train = replace(Arc::new(train));
        launch(training, task, train, Arc::new(validation), renderer, interrupter)
    }
}

/// Hands the training to burn-train.
fn launch(
    training: Training,
    task: ResolverTask,
    train: Arc<dyn DataLoader<Batch>>,
    validation: Arc<dyn DataLoader<Batch>>,
    renderer: Box<dyn MetricsRenderer>,
    interrupter: Interrupter,
) -> Result<Outcome, TrainError> {
    let training = Arc::new(training);
    let ExperimentConfig { training: settings, record, .. } = &training.config;
    let rounds = settings.steps.div_ceil(record.validation_every);
    // A learner cannot be made without optimizer and schedule; the strategy has its own, and a
    // second owner of its moments would keep them from changing in place.
    let learner = Learner::new(task, optimizer(settings), 0.0);
    // All of it on one thread: what a thread has freed is of little use to another.
    let result = in_pool(&training.device, || {
        SupervisedTraining::new(training.run.path(), train, validation)
            .with_training_strategy(TrainingStrategy::Custom(training.clone()))
            .with_application_logger(None)
            .with_metric_logger(NoLog)
            .metrics((Gauge::accuracy(), Gauge::loss()))
            .metric_train_numeric(Gauge::gradient_norm())
            .metric_train_numeric(Gauge::speed())
            .metric_train_numeric(LearningRateMetric::new())
            .renderer(renderer)
            .with_interrupter(interrupter)
            .num_epochs(rounds)
            .launch(learner)
    });
    let outcome = training.outcome.lock().expect("the loop has ended").take();
    match (outcome, result.error) {
        (Some(Ok(_)), Some(error)) => Err(TrainError::Engine(error.to_string())),
        (Some(outcome), _) => outcome,
        (None, error) => {
            Err(TrainError::Engine(error.map_or_else(String::new, |error| error.to_string())))
        }
    }
}

/// A model that knows nothing yet: a function of the configuration.
pub(crate) fn untrained(
    config: &ExperimentConfig,
    tokenizer: &Tokenizer,
    device: &Device,
) -> ResolverTask {
    device.seed(config.seed);
    ResolverTask { resolver: Resolver::new(&config.encoder, tokenizer.vocab_size(), device) }
}

/// What has changed in the configuration since `saved`, if the run can go on with it.
fn check_same(
    run: &Run,
    saved: &State,
    config: &ExperimentConfig,
    data_sha256: &str,
) -> Result<Vec<Change>, TrainError> {
    if let Some(expected) = saved.data_sha256.as_ref().filter(|&saved| saved != data_sha256) {
        let (run, found) = (run.path().to_owned(), data_sha256.to_owned());
        return Err(TrainError::OtherExamples { run, found, expected: expected.clone() });
    }
    let changed = saved.config.as_ref().map(|saved| changes(saved, config)).transpose()?;
    Ok(changed.unwrap_or_default())
}

/// The tokenizer, learned from the first training examples.
pub(crate) fn learn_vocabulary(
    source: &Source,
    config: &ExperimentConfig,
) -> Result<Tokenizer, TokenizerError> {
    let n_examples = source.n_examples().unwrap_or(usize::MAX).min(config.tokenizer.examples);
    let examples = source.examples(0..n_examples as u64);
    let texts = examples.into_iter().map(|example| example.text);
    Tokenizer::train(with_probes(texts), config.tokenizer.vocab_size)
}

/// AdamW as the config wants it, without moments yet.
pub(crate) fn optimizer(config: &TrainingConfig) -> ModuleOptimizer {
    let constants = Constants {
        beta_1: config.beta_1 as f32,
        beta_2: config.beta_2 as f32,
        epsilon: config.epsilon as f32,
        weight_decay: config.weight_decay as f32,
    };
    FusedAdamW::new(constants).into()
}

/// burn-train would write a file for each metric; `metrics.jsonl` has them all.
struct NoLog;

impl MetricLogger for NoLog {
    fn log(&mut self, _update: MetricsUpdate, _epoch: usize, _split: &StoreSplit) {}

    fn read_numeric(
        &mut self,
        _name: &str,
        _epoch: usize,
        _split: &StoreSplit,
    ) -> Result<Vec<NumericEntry>, String> {
        Ok(Vec::new())
    }

    fn log_metric_definition(&mut self, _definition: MetricDefinition) {}

    fn log_epoch_summary(&mut self, _summary: EpochSummary) {}
}
