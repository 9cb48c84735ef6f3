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
    bundled::{probes, with_probes},
    split::Split,
    tokenizer::{Tokenizer, TokenizerError},
};
use encoder::resolver::Resolver;

use crate::{
    adamw::{Constants, FusedAdamW},
    batch::{Batch, EncodeError, EncodedExample},
    change::{Change, changes},
    checkpoint::{
        Checkpoint, Checkpoints,
        state::{State, check_fit},
    },
    config::{ExperimentConfig, TrainingConfig},
    error::TrainError,
    guard::OnNan,
    loader::{Batches, FixedLoader, TrainLoader, group_by_length},
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
    let result = SupervisedTraining::new(training.run.path(), train, validation)
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

#[cfg(feature = "flex")]
#[cfg(test)]
pub(crate) mod tests {
    use std::{
        ops::Range,
        sync::{MutexGuard, PoisonError},
    };

    use burn::{
        data::{
            dataloader::{DataLoaderIterator, Progress},
            dataset::DatasetError,
        },
        optim::{AdamWState, LearningRate, Optimizer},
        tensor::Tensor,
        train::renderer::CliMetricsRenderer,
    };

    use super::*;
    use crate::{flat::Flat, overrides::resolve, strategy::Ending};

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

    /// The backend's random numbers are global, so the runs of one process take turns.
    pub(crate) fn turn() -> MutexGuard<'static, ()> {
        static TURN: Mutex<()> = Mutex::new(());
        TURN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs of seconds with little of everything.
    fn config(overrides: &[&str]) -> ResolvedConfig {
        let short = [
            "training.steps=9",
            "training.warmup_steps=3",
            "training.batch_size=4",
            "training.window_batches=4",
            "tokenizer.examples=500",
            "data.validation_examples=8",
            "record.metrics_every=4",
            "record.validation_every=3",
            "record.checkpoint_every=2",
        ];
        let overrides: Vec<String> = short.iter().chain(overrides).map(|&o| o.to_owned()).collect();
        let tiny = include_str!("../../../configs/tiny.toml");
        resolve("configs/tiny.toml", tiny, &overrides).unwrap()
    }

    fn begin(path: &Path, overrides: &[&str]) -> Experiment {
        let destination = Destination::Path { path: path.to_owned(), force: false };
        Experiment::begin(config(overrides), &destination, &Device::flex()).unwrap()
    }

    /// The batches of another loader, of which some go through `spoil`.
    #[derive(Clone)]
    struct Spoiled {
        batches: Arc<dyn DataLoader<Batch>>,
        which: Range<usize>,
        spoil: fn(Batch) -> Batch,
    }

    impl DataLoader<Batch> for Spoiled {
        fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch> + 'a> {
            Box::new(SpoiledIterator { loader: self, batches: self.batches.iter(), index: 0 })
        }

        fn num_items(&self) -> usize {
            self.batches.num_items()
        }

        fn to_device(&self, _device: &Device) -> Arc<dyn DataLoader<Batch>> {
            Arc::new(self.clone())
        }

        fn slice(&self, _start: usize, _end: usize) -> Arc<dyn DataLoader<Batch>> {
            Arc::new(self.clone())
        }
    }

    struct SpoiledIterator<'a> {
        loader: &'a Spoiled,
        batches: Box<dyn DataLoaderIterator<Batch> + 'a>,
        index: usize,
    }

    impl Iterator for SpoiledIterator<'_> {
        type Item = Result<Batch, DatasetError>;

        fn next(&mut self) -> Option<Self::Item> {
            let batch = self.batches.next();
            self.index += 1;
            let is_spoiled = self.loader.which.contains(&(self.index - 1));
            if is_spoiled { batch.map(|batch| batch.map(self.loader.spoil)) } else { batch }
        }
    }

    impl DataLoaderIterator<Batch> for SpoiledIterator<'_> {
        fn progress(&self) -> Progress {
            self.batches.progress()
        }
    }

    /// Trains with the batches `which`, counted from 0, spoiled.
    fn train_spoiled(
        experiment: Experiment,
        which: Range<usize>,
        spoil: fn(Batch) -> Batch,
        on_nan: OnNan,
    ) -> Result<Outcome, TrainError> {
        let renderer = Box::new(CliMetricsRenderer::new());
        let replace = |batches| Arc::new(Spoiled { batches, which, spoil }) as Arc<_>;
        experiment.train_on(replace, renderer, Interrupter::new(), on_nan)
    }

    fn last_weights(path: &Path) -> Vec<u8> {
        std::fs::read(path.join("checkpoints/step-00000009/model.bpk")).unwrap()
    }

    /// A batch whose naming loss is no number.
    fn nameless(batch: Batch) -> Batch {
        let has_name = batch.has_name.full_like(f32::NAN);
        Batch { has_name, ..batch }
    }

    #[test]
    fn a_spoiled_step_is_skipped_alone_and_a_resumed_run_skips_it_too() {
        let _turn = turn();
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("whole");
        let keep = ["record.keep_checkpoints=9"];
        let outcome = train_spoiled(begin(&path, &keep), 4..5, nameless, OnNan::Skip).unwrap();
        assert_eq!((outcome.ending, outcome.state.step), (Ending::Finished, 9));
        let metrics = std::fs::read_to_string(path.join("metrics.jsonl")).unwrap();
        let skipped = metrics.lines().filter(|line| line.contains("\"kind\":\"not_finite\""));
        let [line] = skipped.collect::<Vec<_>>()[..] else { panic!("{metrics}") };
        assert!(line.contains("\"step\":5,"), "{line}");
        assert!(line.contains("\"place\":\"the gradient of "), "{line}");
        assert!(line.contains("\"skipped\":true"), "{line}");

        let whole = last_weights(&path);
        for name in ["step-00000006", "step-00000008", "step-00000009"] {
            std::fs::remove_dir_all(path.join("checkpoints").join(name)).unwrap();
        }
        let resumed = Experiment::resume(&path, &[], &Device::flex()).unwrap();
        assert_eq!(resumed.step(), 4);
        train_spoiled(resumed, 0..1, nameless, OnNan::Skip).unwrap();
        assert!(last_weights(&path) == whole);
    }

    #[test]
    fn a_spoiled_step_ends_the_run_with_everything_saved_as_it_was_before() {
        let _turn = turn();
        let parent = tempfile::tempdir().unwrap();
        let [whole, path] = ["whole", "spoiled"].map(|name| parent.path().join(name));
        let renderer = Box::new(CliMetricsRenderer::new());
        let keep = ["record.keep_checkpoints=9", "record.checkpoint_every=1"];
        begin(&whole, &keep).train(renderer, Interrupter::new(), OnNan::Stop).unwrap();
        let rare = ["record.checkpoint_every=50", "record.validation_every=50"];
        let result = train_spoiled(begin(&path, &rare), 4..5, nameless, OnNan::Stop);
        let message = result.unwrap_err().to_string();
        let expected = "the gradient norm is not finite at step 5: the first such number is in the \
                        gradient of ";
        assert!(message.starts_with(expected), "{message}");
        assert!(message.contains("; the step has the examples "), "{message}");
        let weights =
            |run: &Path| std::fs::read(run.join("checkpoints/step-00000004/model.bpk")).unwrap();
        assert!(weights(&path) == weights(&whole));
        let metrics = std::fs::read_to_string(path.join("metrics.jsonl")).unwrap();
        assert!(metrics.trim_end().ends_with("\"ending\":\"failed\"}"), "{metrics}");
    }

    #[test]
    fn when_every_step_has_to_be_skipped_the_run_ends() {
        let _turn = turn();
        let parent = tempfile::tempdir().unwrap();
        let experiment = begin(&parent.path().join("run"), &["training.steps=400"]);
        let result = train_spoiled(experiment, 2..400, nameless, OnNan::Skip);
        let message = result.unwrap_err().to_string();
        assert!(message.contains("100 steps one after another were not finite"), "{message}");
    }

    #[test]
    fn a_mistake_in_the_program_costs_no_step() {
        let _turn = turn();
        let parent = tempfile::tempdir().unwrap();
        let [whole, path] = ["whole", "broken"].map(|name| parent.path().join(name));
        let rare = ["record.checkpoint_every=50", "record.validation_every=50"];
        let renderer = Box::new(CliMetricsRenderer::new());
        begin(&whole, &rare).train(renderer, Interrupter::new(), OnNan::Stop).unwrap();
        let experiment = begin(&path, &rare);
        let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            train_spoiled(experiment, 7..8, |_| panic!("a mistake in the program"), OnNan::Stop)
        }));
        assert!(broken.is_err(), "the panic goes on");
        // The batch of a step is made while the one before it is computed.
        let resumed = Experiment::resume(&path, &[], &Device::flex()).unwrap();
        assert_eq!(resumed.step(), 6);
        let renderer = Box::new(CliMetricsRenderer::new());
        resumed.train(renderer, Interrupter::new(), OnNan::Stop).unwrap();
        assert!(last_weights(&path) == last_weights(&whole));
    }

    /// Checkpoints, validations and snapshots come between the steps.
    #[test]
    fn updates_of_a_whole_run_copy_nothing() {
        let _turn = turn();
        let parent = tempfile::tempdir().unwrap();
        for accumulation in [1, 2] {
            let path = parent.path().join(accumulation.to_string());
            let mut experiment = begin(&path, &[&format!("training.accumulation={accumulation}")]);
            let constants =
                Constants { beta_1: 0.9, beta_2: 0.98, epsilon: 1e-8, weight_decay: 0.1 };
            let seen = Arc::new(Mutex::new(Vec::new()));
            let watched = Watched { adamw: FusedAdamW::new(constants), seen: seen.clone() };
            experiment.start.optimizer = watched.into();
            experiment
                .train(Box::new(CliMetricsRenderer::new()), Interrupter::new(), OnNan::Stop)
                .unwrap();

            let seen = seen.lock().unwrap();
            assert!(seen.len() > 8 * 10, "{} updates", seen.len()); // none at the first step
            let copied = seen.iter().filter(|[before, after]| before != after).count();
            assert_eq!(copied, 0, "of {} updates", seen.len());
        }
    }
}
