//! A worker that executes commands from stdin. Between commands it uses no CPU, so that the programs
//! of the comparison can take turns.
//!
//! ```text
//! check N       {"losses": […]}               N steps from the exported parameters, no dropout
//! train N       {"ms": […], "peak_mib": …}    N training steps, from the first batch on
//! forward N     {"ms": […], "peak_mib": …}    N forward passes without gradients
//! optimizer N   {"ms": […], "peak_mib": …}    N updates with the gradients of the first batch
//! quit
//! ```
//!
//! A training step is forward pass, pointer loss, backward pass and update. It has no auxiliary loss
//! and no learning-rate schedule: all programs would do the same work there. The fused path takes the
//! step of the training loop, which also computes the norm of the gradients and clips nothing here.

use std::{
    io,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail, ensure};
use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::{AdamWConfig, GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor},
};
use cli::device::DeviceArgument;
use config::{encoder::body::BodyConfig, experiment::ExperimentConfig, overrides};
use encoder::{
    intervention::Untouched,
    resolver::{Resolver, ResolverInput},
};
use kernels::{
    adamw::Constants,
    burn_ops::{adamw::FusedAdamW, in_pool},
    simd::Level,
};
use serde_json::{Value, json};
use training::{objective::pointer_loss, step::training_step};

use crate::{
    batches::{self, BASE, Batch},
    case::Case,
    memory, parameters, print_json,
};

const LEARNING_RATE: f64 = 1e-3;

/// The implementation of the forward and backward pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Path {
    /// The fused kernels, where the device has them.
    Fused,
    /// Burn's own operations, without dropout.
    Plain,
}

/// Makes the kernels do with the set of instructions of this name.
pub(crate) fn choose_level(name: &str) -> anyhow::Result<()> {
    let levels = Level::all();
    let names: Vec<&str> = levels.iter().map(|level| level.name()).collect();
    let level = levels.iter().find(|level| level.name().eq_ignore_ascii_case(name));
    let level = level.with_context(|| format!("found {name}, expected {}", names.join(", ")))?;
    let in_use = |level: Level| anyhow!("{} is in use already", level.name());
    level.choose().map_err(in_use)
}

/// Executes commands on the case in `directory` until `quit` or the end of stdin.
pub(crate) fn work(
    directory: &std::path::Path,
    path: Path,
    device: DeviceArgument,
) -> anyhow::Result<()> {
    let (device, name) = device.open("speed")?;
    let mut worker = Worker::new(directory, path, &device.autodiff())?;
    let n_threads = std::thread::available_parallelism()?.get();
    let resident_mib = memory::resident_mib();
    let versions = json!({ "device": name, "path": format!("{path:?}").to_lowercase() });
    print_json(&json!({ "ready": {
        "versions": versions, "threads": n_threads, "resident_mib": resident_mib,
    } }))?;
    for line in io::stdin().lines() {
        let line = line?;
        if line.trim() == "quit" {
            break;
        }
        print_json(&worker.answer(&line)?)?;
    }
    Ok(())
}

struct Worker {
    case: Case,
    directory: std::path::PathBuf,
    path: Path,
    device: Device,
    /// `None` only during an update, which takes the model: an update copies weights that have a
    /// second owner.
    resolver: Option<Resolver>,
    optimizer: ModuleOptimizer,
    batches: Vec<Batch>,
    config: ExperimentConfig,
}

const RESOLVER_PRESENT: &str = "the model is put back after each update";

impl Worker {
    fn new(directory: &std::path::Path, path: Path, device: &Device) -> anyhow::Result<Self> {
        let case = Case::load(directory)?;
        let has_dropout = match &case.encoder {
            BodyConfig::Transformer(config) => config.dropout > 0.0,
            BodyConfig::Recurrent(config) => config.dropout > 0.0,
        };
        ensure!(path == Path::Fused || !has_dropout, "the plain path has no dropout");
        Ok(Self {
            path,
            device: device.clone(),
            resolver: Some(parameters::load(&case.encoder, directory, device)?),
            optimizer: optimizer(path),
            batches: batches::load(&case, directory, device)?,
            directory: directory.to_owned(),
            case,
            config: config()?,
        })
    }

    fn answer(&mut self, line: &str) -> anyhow::Result<Value> {
        let expected = || format!("{line:?}, expected check, train, forward or optimizer N");
        let (command, n) = line.trim().split_once(' ').with_context(expected)?;
        let n: usize = n.parse().with_context(expected)?;
        let times = match command {
            "check" => return Ok(json!({ "losses": self.check(n)? })),
            "train" => self.train(n),
            "forward" => self.forward(n)?,
            "optimizer" => self.optimize(n),
            _ => bail!(expected()),
        };
        let ms: Vec<f64> = times.iter().map(|time| 1000.0 * time.as_secs_f64()).collect();
        Ok(json!({ "ms": ms, "peak_mib": memory::peak_mib() }))
    }

    fn check(&self, n: usize) -> anyhow::Result<Vec<f32>> {
        let mut config = self.case.encoder.clone();
        match &mut config {
            BodyConfig::Transformer(config) => config.dropout = 0.0,
            BodyConfig::Recurrent(config) => config.dropout = 0.0,
        }
        let mut resolver = parameters::load(&config, &self.directory, &self.device)?;
        let mut optimizer = optimizer(self.path);
        let mut losses = Vec::with_capacity(n);
        for (seed, batch) in (0..).zip(self.batches.iter().cycle().take(n)) {
            let (trained, loss) =
                step(resolver, &mut optimizer, batch, self.path, seed, &self.config);
            resolver = trained;
            losses.push(loss.into_scalar());
        }
        Ok(losses)
    }

    fn train(&mut self, n: usize) -> Vec<Duration> {
        let mut times = Vec::with_capacity(n);
        for (seed, batch) in (0..).zip(self.batches.iter().cycle().take(n)) {
            let start = Instant::now();
            let resolver = self.resolver.take().expect(RESOLVER_PRESENT);
            let (resolver, _loss) =
                step(resolver, &mut self.optimizer, batch, self.path, seed, &self.config);
            times.push(start.elapsed());
            self.resolver = Some(resolver);
        }
        times
    }

    fn forward(&self, n: usize) -> anyhow::Result<Vec<Duration>> {
        let resolver = self.resolver.as_ref().expect(RESOLVER_PRESENT).valid();
        let batches = batches::load(&self.case, &self.directory, &self.device.clone().inner())?;
        let pass = |batch: &Batch| {
            let start = Instant::now();
            std::hint::black_box(logits(&resolver, &batch.input, self.path, None));
            start.elapsed()
        };
        Ok(batches.iter().cycle().take(n).map(pass).collect())
    }

    fn optimize(&mut self, n: usize) -> Vec<Duration> {
        let mut resolver = self.resolver.take().expect(RESOLVER_PRESENT);
        let loss = loss(&resolver, &self.batches[0], self.path, 0);
        let gradients = GradientsParams::from_grads(loss.backward(), &resolver);
        let mut times = Vec::with_capacity(n);
        for _ in 0..n {
            let gradients = share(&resolver, &gradients);
            let start = Instant::now();
            resolver =
                in_pool(&self.device, || self.optimizer.step(LEARNING_RATE, resolver, gradients));
            times.push(start.elapsed());
        }
        self.resolver = Some(resolver);
        times
    }
}

/// The optimizer that training uses, or Burn's own, with PyTorch's default constants.
fn optimizer(path: Path) -> ModuleOptimizer {
    let (beta_1, beta_2, epsilon, weight_decay) = (0.9, 0.999, 1e-8, 0.01);
    match path {
        Path::Fused => FusedAdamW::new(Constants { beta_1, beta_2, epsilon, weight_decay }).into(),
        Path::Plain => AdamWConfig::new()
            .with_beta_1(beta_1)
            .with_beta_2(beta_2)
            .with_epsilon(epsilon)
            .with_weight_decay(weight_decay)
            .init(),
    }
}

fn step(
    resolver: Resolver,
    optimizer: &mut ModuleOptimizer,
    batch: &Batch,
    path: Path,
    seed: u64,
    config: &ExperimentConfig,
) -> (Resolver, Tensor<1>) {
    in_pool(&batch.targets.device(), || match path {
        Path::Fused => {
            let done = training_step(&resolver, vec![without_examples(batch)], seed, config);
            let resolver = optimizer.step(LEARNING_RATE, resolver, done.gradients);
            (resolver, done.batches[0].1.loss.clone())
        }
        Path::Plain => {
            let loss = loss(&resolver, batch, path, seed);
            let gradients = GradientsParams::from_grads(loss.backward(), &resolver);
            (optimizer.step(LEARNING_RATE, resolver, gradients), loss.detach())
        }
    })
}

/// The configuration of the step: no auxiliary losses, and no gradient is large enough to be clipped.
fn config() -> anyhow::Result<ExperimentConfig> {
    let only_pointing = [
        "objective.antecedent_token=0.0",
        "objective.masked_words=0.0",
        "objective.detection=0.0",
        "training.max_gradient_norm=1.0e30",
    ];
    Ok(overrides::resolve("configs/base.toml", BASE, &only_pointing.map(str::to_owned))?.config)
}

/// As the training loop takes it; the examples and the targets of auxiliary losses are not read.
fn without_examples(batch: &Batch) -> anafora::batch::Batch {
    let Batch { input, targets } = batch.clone();
    let [n_texts, _] = targets.dims();
    let device = targets.device();
    anafora::batch::Batch {
        texts: Vec::new(),
        examples: Vec::new(),
        word_tokens: Tensor::zeros([1], &device),
        antecedent_token: Tensor::zeros([n_texts], &device),
        has_antecedent: Tensor::zeros([n_texts], &device),
        input,
        targets,
        labels: None,
    }
}

fn loss(resolver: &Resolver, batch: &Batch, path: Path, seed: u64) -> Tensor<1> {
    pointer_loss(logits(resolver, &batch.input, path, Some(seed)), batch.targets.clone())
}

/// The logits, `[batch, words + 1]`; with dropout if `seed` is given.
fn logits(resolver: &Resolver, input: &ResolverInput, path: Path, seed: Option<u64>) -> Tensor<2> {
    match (path, seed) {
        (Path::Fused, Some(seed)) => resolver.forward_with_dropout(input, seed).logits,
        (Path::Fused, None) => resolver.forward(input).logits,
        (Path::Plain, _) => {
            let embedded = resolver.embed(input.tokens.clone());
            resolver.observe(input, embedded, &Untouched).output.logits
        }
    }
}

/// Gradients that share the memory of `gradients`, because an update consumes them.
fn share(resolver: &Resolver, gradients: &GradientsParams) -> GradientsParams {
    struct Share<'a>(&'a GradientsParams, GradientsParams);
    impl ModuleVisitor for Share<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.0.get::<D>(param.id) {
                self.1.register(param.id, gradient);
            }
        }
    }
    let mut share = Share(gradients, GradientsParams::new());
    resolver.visit(&mut share);
    share.1
}
