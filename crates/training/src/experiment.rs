//! From a configuration to a finished run: everything is checked before anything is written.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use burn::{
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
    bundled::{probes, with_probes},
    split::Split,
    tokenizer::{Tokenizer, TokenizerError},
};
use encoder::resolver::Resolver;

use crate::{
    adamw::{Constants, FusedAdamW},
    batch::{EncodeError, EncodedExample},
    checkpoint::{Checkpoints, State, check_fit, load_optimizer, load_weights, read_state},
    config::{ExperimentConfig, TrainingConfig},
    error::TrainError,
    loader::{Batches, FixedLoader, TrainLoader, group_by_length},
    metrics::Gauge,
    overrides::{ResolvedConfig, load},
    provenance::Provenance,
    run::Run,
    source::Source,
    strategy::{Outcome, Start, Training},
    task::ResolverTask,
};

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
    device: Device,
    material: Material,
    task: ResolverTask,
    start: Start,
}

/// Everything that a run reads: checked, and tokenised where it is finite.
struct Material {
    batches: Batches,
    validation: Vec<Vec<EncodedExample>>,
    probes: Vec<EncodedExample>,
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
        let material = Material::new(&config, source, tokenizer.clone())?;
        let device = device.clone().autodiff();
        device.seed(config.seed);
        let resolver = Resolver::new(&config.encoder, tokenizer.vocab_size(), &device);
        let state = State::new(&config.encoder, &tokenizer);
        let start = Start { optimizer: optimizer(&config.training), state };

        let run = match destination {
            Destination::Path { path, force } => Run::create(path, *force)?,
            Destination::Numbered { parent, name } => Run::create_numbered(parent, name)?,
        };
        run.write(&run.config(), &text)?;
        provenance.write(&run)?;
        tokenizer.save(&run.tokenizer())?;
        Ok(Self { config, run, device, material, task: ResolverTask { resolver }, start })
    }

    /// Goes on with the run in `path`, from its last checkpoint.
    pub fn resume(path: &Path, device: &Device) -> Result<Self, TrainError> {
        let run = Run::open(path)?;
        let config = load(&run.config(), &[])?.config;
        let tokenizer = Arc::new(Tokenizer::load(&run.tokenizer())?);
        let source = Source::open(&config.data.train, &config.data, Split::Train, config.seed)?;
        let material = Material::new(&config, source, tokenizer.clone())?;
        let device = device.clone().autodiff();
        device.seed(config.seed);
        let resolver = Resolver::new(&config.encoder, tokenizer.vocab_size(), &device);
        let mut task = ResolverTask { resolver };
        let mut optimizer = optimizer(&config.training);
        let mut state = State::new(&config.encoder, &tokenizer);
        let checkpoints = Checkpoints::new(run.checkpoints());
        // A run that was stopped before its first checkpoint begins again.
        if !checkpoints.existing()?.is_empty() {
            let directory = checkpoints.resolve("last")?;
            let saved = read_state(&directory)?;
            check_fit(&directory, &saved, &state)?;
            state = saved;
            task = load_weights(task, &directory)?;
            optimizer = load_optimizer(optimizer, &directory)?;
        }
        Ok(Self { config, run, device, material, task, start: Start { optimizer, state } })
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
    ) -> Result<Outcome, TrainError> {
        let Self { config, run, device, material, task, start } = self;
        let Material { batches, validation, probes } = material;
        let per_step = config.training.accumulation as u64;
        let range = start.state.step as u64 * per_step..config.training.steps as u64 * per_step;
        let tokenizer = batches.tokenizer.clone();
        let train = TrainLoader { batches: Arc::new(batches), range, device: device.clone() };
        let rounds = config.training.steps.div_ceil(config.record.validation_every);
        let n_validation = validation.len();
        let validation = FixedLoader {
            batches: Arc::new(validation),
            range: 0..n_validation,
            device: device.clone().inner(),
        };
        // A learner cannot be made without optimizer and schedule; the strategy has its own, and a
        // second owner of its moments would keep them from changing in place.
        let learner = Learner::new(task, optimizer(&config.training), 0.0);
        let training = Arc::new(Training {
            config,
            run: run.clone(),
            device,
            tokenizer,
            probes,
            start: Mutex::new(Some(start)),
            outcome: Mutex::new(None),
        });
        let result = SupervisedTraining::new(run.path(), Arc::new(train), Arc::new(validation))
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
            .launch(learner);
        let outcome = training.outcome.lock().expect("the loop has ended").take();
        match (outcome, result.error) {
            (Some(Ok(_)), Some(error)) => Err(TrainError::Engine(error.to_string())),
            (Some(outcome), _) => outcome,
            (None, error) => {
                Err(TrainError::Engine(error.map_or_else(String::new, |error| error.to_string())))
            }
        }
    }
}

impl Material {
    fn new(
        config: &ExperimentConfig,
        source: Source,
        tokenizer: Arc<Tokenizer>,
    ) -> Result<Self, TrainError> {
        let ExperimentConfig { seed, data, encoder, training, .. } = config;
        let encode = |example| EncodedExample::new(example, &tokenizer, encoder.max_seq());
        // Files are tokenised once before the first step, so that a text that is too long is found
        // now and not after an hour. The grammar has no end to look for.
        check_files(&source, &tokenizer, encoder.max_seq())?;
        let held_out = Source::open(&data.validation, data, Split::Validation, *seed)?;
        let n_held_out = held_out.n_examples().unwrap_or(data.validation_examples) as u64;
        check_files(&held_out, &tokenizer, encoder.max_seq())?;
        let validation: Vec<EncodedExample> = (held_out.examples(0..n_held_out).into_iter())
            .map(encode)
            .collect::<Result<_, _>>()
            .map_err(in_place("the grammar"))?;
        let probes = (probes().into_iter().map(encode).collect::<Result<_, _>>())
            .map_err(in_place("data/probes.jsonl"))?;
        let batches = Batches {
            source,
            tokenizer: tokenizer.clone(),
            seed: *seed,
            batch_size: training.batch_size,
            window: training.window_batches,
            max_seq: encoder.max_seq(),
            pieces: data.pieces,
        };
        let validation = group_by_length(validation, training.batch_size);
        Ok(Self { batches, validation, probes })
    }
}

/// Whether every example of the files fits the model.
fn check_files(source: &Source, tokenizer: &Tokenizer, max_seq: usize) -> Result<(), TrainError> {
    for (path, example) in source.in_files() {
        EncodedExample::new(example.clone(), tokenizer, max_seq)
            .map_err(in_place(&path.display().to_string()))?;
    }
    Ok(())
}

fn in_place(place: &str) -> impl FnOnce(EncodeError) -> TrainError + '_ {
    move |source| TrainError::Encode { place: place.to_owned(), source }
}

/// The tokenizer, learned from the first training examples.
fn learn_vocabulary(
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

#[cfg(all(test, feature = "flex"))]
mod tests {
    use burn::{
        optim::{AdamWState, LearningRate, Optimizer},
        tensor::Tensor,
        train::renderer::CliMetricsRenderer,
    };

    use super::*;
    use crate::{flat::Flat, overrides::resolve};

    /// Where the numbers of a parameter and its moments lie.
    type Addresses = [usize; 3];

    /// AdamW that notes where the numbers lie before and after each update.
    #[derive(Clone)]
    struct Watched {
        adamw: FusedAdamW,
        seen: Arc<Mutex<Vec<[Addresses; 2]>>>,
    }

    fn addresses<const D: usize>(weights: &Tensor<D>, state: &AdamWState<D>) -> Addresses {
        [weights, &state.momentum.moment_1, &state.momentum.moment_2].map(|tensor| {
            let flat = Flat::new(tensor.clone()).expect("the device is flex");
            flat.values().as_ptr().addr()
        })
    }

    impl Optimizer for Watched {
        type State<const D: usize> = AdamWState<D>;

        fn step<const D: usize>(
            &self,
            rate: LearningRate,
            weights: Tensor<D>,
            gradient: Tensor<D>,
            state: Option<AdamWState<D>>,
        ) -> (Tensor<D>, Option<AdamWState<D>>) {
            let before = state.as_ref().map(|state| addresses(&weights, state));
            let (weights, state) = self.adamw.step(rate, weights, gradient, state);
            let after = addresses(&weights, state.as_ref().expect("every update makes one"));
            self.seen.lock().expect("nobody panicked").extend(before.map(|before| [before, after]));
            (weights, state)
        }

        fn to_device<const D: usize>(state: AdamWState<D>, device: &Device) -> AdamWState<D> {
            FusedAdamW::to_device(state, device)
        }
    }

    /// Checkpoints, validations and snapshots come between the steps.
    #[test]
    fn updates_of_a_whole_run_copy_nothing() {
        let overrides = [
            "training.steps=9",
            "training.warmup_steps=3",
            "training.batch_size=4",
            "training.window_batches=4",
            "tokenizer.examples=500",
            "data.validation_examples=8",
            "record.metrics_every=4",
            "record.validation_every=3",
            "record.checkpoint_every=2",
        ]
        .map(str::to_owned);
        let tiny = include_str!("../../../configs/tiny.toml");
        let config = resolve("configs/tiny.toml", tiny, &overrides).unwrap();
        let parent = tempfile::tempdir().unwrap();
        for accumulation in [1, 2] {
            let path = parent.path().join(accumulation.to_string());
            let mut config = config.clone();
            config.config.training.accumulation = accumulation;
            let destination = Destination::Path { path, force: false };
            let mut experiment = Experiment::begin(config, &destination, &Device::flex()).unwrap();
            let constants =
                Constants { beta_1: 0.9, beta_2: 0.98, epsilon: 1e-8, weight_decay: 0.1 };
            let seen = Arc::new(Mutex::new(Vec::new()));
            let watched = Watched { adamw: FusedAdamW::new(constants), seen: seen.clone() };
            experiment.start.optimizer = watched.into();
            experiment.train(Box::new(CliMetricsRenderer::new()), Interrupter::new()).unwrap();

            let seen = seen.lock().unwrap();
            assert!(seen.len() > 8 * 10, "{} updates", seen.len()); // none at the first step
            let copied = seen.iter().filter(|[before, after]| before != after).count();
            assert_eq!(copied, 0, "of {} updates", seen.len());
        }
    }
}
