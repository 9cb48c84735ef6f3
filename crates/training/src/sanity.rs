//! Half a minute that says whether a training can work at all, before an hour is spent on it.
//!
//! The classical four: an untrained model guesses, every parameter gets a gradient, the same seed
//! gives the same numbers, and one batch can be learned by heart. Nothing is written.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use burn::{
    data::dataloader::DataLoader,
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::{Device, Tensor},
};
use corpus::{split::Split, tokenizer::Tokenizer};
use kernels::burn_ops::clipping::clip_global_norm;

use crate::{
    batch::{Batch, EncodedExample},
    config::ExperimentConfig,
    error::TrainError,
    experiment::{learn_vocabulary, optimizer, untrained},
    loader::{Batches, TrainLoader},
    source::Source,
    task::ResolverTask,
};

/// How far the loss of an untrained model may be from that of a guess, in nats.
const FAR: f64 = 0.5;
/// The loss below which a batch is known by heart.
const LEARNED: f64 = 0.05;
/// How long it may take to learn it.
const PATIENCE: Duration = Duration::from_secs(20);
/// Updates that it may take.
const MAX_UPDATES: usize = 2_000;
/// Updates between two looks at the loss.
const STRIDE: usize = 10;
/// Updates that two trainings are compared over.
const REPEATED: usize = 3;
/// How far apart they may be; on a CPU they are the same.
const TOLERANCE: f64 = 1e-4;

/// What one of the questions came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What was asked.
    pub name: &'static str,
    /// Whether the answer is as it should be.
    pub passed: bool,
    /// What was found and what was expected.
    pub found: String,
}

/// Asks all of it about `config`.
///
/// # Errors
///
/// If there are no examples, or they do not fit the model.
pub fn check(config: &ExperimentConfig, device: &Device) -> Result<Vec<Check>, TrainError> {
    let device = device.clone().autodiff();
    let (tokenizer, batch) = first_batch(config, &device)?;
    let bench = Bench { config, tokenizer, batch, device };
    Ok(vec![bench.initial_loss(), bench.gradients(), bench.repetition(), bench.by_heart()])
}

/// The vocabulary, and the batch that a training begins with.
fn first_batch(
    config: &ExperimentConfig,
    device: &Device,
) -> Result<(Arc<Tokenizer>, Batch), TrainError> {
    let ExperimentConfig { seed, data, .. } = config;
    let source = Source::open(&data.train, data, Split::Train, *seed)?;
    let tokenizer = Arc::new(learn_vocabulary(&source, config)?);
    let batches = Batches::new(config, source, tokenizer.clone());
    let loader = TrainLoader { batches: Arc::new(batches), range: 0..1, device: device.clone() };
    let batch = loader.iter().next().expect("the loader has one batch")?;
    Ok((tokenizer, batch))
}

/// Everything that a question needs.
struct Bench<'a> {
    config: &'a ExperimentConfig,
    tokenizer: Arc<Tokenizer>,
    batch: Batch,
    device: Device,
}

impl Bench<'_> {
    fn untrained(&self) -> ResolverTask {
        untrained(self.config, &self.tokenizer, &self.device)
    }

    /// Without dropout.
    fn loss(&self, task: &ResolverTask) -> f64 {
        let examples = self.batch.examples.clone();
        let batch = Batch::new(examples, &self.device.clone().inner());
        task.valid().forward(&batch, 0.0).loss.into_scalar::<f32>().into()
    }

    fn gradients_of(&self, task: &ResolverTask) -> GradientsParams {
        let output = task.forward(&self.batch, self.config.training.naming_weight);
        GradientsParams::from_grads(output.objective.backward(), task)
    }

    fn initial_loss(&self) -> Check {
        let examples = &self.batch.examples;
        let guess = examples.iter().map(guess).sum::<f64>() / examples.len() as f64;
        let loss = self.loss(&self.untrained());
        Check {
            name: "initial loss",
            passed: (loss - guess).abs() <= FAR,
            found: format!("{loss:.3}, that of a guess is {guess:.3} (± {FAR})"),
        }
    }

    fn gradients(&self) -> Check {
        let task = self.untrained();
        let gradients = self.gradients_of(&task);
        let mut visitor = Gradients { gradients, path: Vec::new(), n: 0, bad: Vec::new() };
        task.visit(&mut visitor);
        let Gradients { n, bad, .. } = visitor;
        let found = if bad.is_empty() {
            format!("all {n} parameters have one that is finite and not 0")
        } else {
            format!("{} of {n} parameters: {}", bad.len(), bad.join(", "))
        };
        Check { name: "gradients", passed: bad.is_empty(), found }
    }

    fn repetition(&self) -> Check {
        let mut losses = [0; 2].map(|_| {
            let mut student = Student::new(self);
            student.study(REPEATED);
            self.loss(&student.task)
        });
        losses.sort_by(f64::total_cmp);
        let [less, more] = losses;
        let found = if less.to_bits() == more.to_bits() {
            format!("loss {less:.6} after {REPEATED} updates, twice to the last bit")
        } else {
            format!("losses {less:.6} and {more:.6} after {REPEATED} updates (± {TOLERANCE})")
        };
        Check { name: "determinism", passed: more - less <= TOLERANCE, found }
    }

    fn by_heart(&self) -> Check {
        let mut student = Student::new(self);
        let begun = Instant::now();
        let (mut loss, mut updates) = (f64::MAX, 0);
        // A loss that is no number never becomes one again.
        while loss >= LEARNED && updates < MAX_UPDATES && begun.elapsed() < PATIENCE {
            student.study(STRIDE);
            updates += STRIDE;
            loss = self.loss(&student.task);
        }
        Check {
            name: "one batch by heart",
            passed: loss < LEARNED,
            found: format!("loss {loss:.3} after {updates} updates, expected below {LEARNED}"),
        }
    }
}

/// A model that sees the same batch over and over.
struct Student<'a> {
    bench: &'a Bench<'a>,
    task: ResolverTask,
    optimizer: burn::optim::ModuleOptimizer,
}

impl<'a> Student<'a> {
    fn new(bench: &'a Bench<'a>) -> Self {
        Self { bench, task: bench.untrained(), optimizer: optimizer(&bench.config.training) }
    }

    fn study(&mut self, updates: usize) {
        let training = &self.bench.config.training;
        for _ in 0..updates {
            let mut gradients = self.bench.gradients_of(&self.task);
            clip_global_norm(&self.task, &mut gradients, training.max_gradient_norm);
            let task = self.task.clone();
            self.task = self.optimizer.step(training.peak_learning_rate, task, gradients);
        }
    }
}

/// The loss of a uniform guess over the words of a text and *none*.
fn guess(example: &EncodedExample) -> f64 {
    let right = example.target().map_or(1, |words| words.len());
    ((example.encoding.words.len() + 1) as f64 / right as f64).ln()
}

/// The parameters whose gradient is absent, 0 everywhere or not finite.
struct Gradients {
    gradients: GradientsParams,
    path: Vec<String>,
    n: usize,
    bad: Vec<String>,
}

impl ModuleVisitor for Gradients {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.n += 1;
        let verdict = match self.gradients.get::<D>(param.id) {
            None => Some("absent"),
            Some(gradient) => {
                let data = gradient.into_data();
                let mut values = data.iter::<f32>();
                let is_zero = data.iter::<f32>().all(|value| value == 0.0);
                match values.all(f32::is_finite) {
                    false => Some("not finite"),
                    true => is_zero.then_some("0"),
                }
            }
        };
        self.bad.extend(verdict.map(|verdict| format!("{} is {verdict}", self.path.join("."))));
    }
}

#[cfg(feature = "flex")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::{experiment::tests::turn, overrides::resolve};

    fn checks(overrides: &[&str]) -> Vec<Check> {
        let _turn = turn();
        let small = ["training.batch_size=8", "tokenizer.examples=500", "encoder.max_seq=128"];
        let overrides: Vec<String> = small.iter().chain(overrides).map(|&o| o.to_owned()).collect();
        let tiny = include_str!("../../../configs/tiny.toml");
        let config = resolve("tiny", tiny, &overrides).unwrap().config;
        check(&config, &Device::flex()).unwrap()
    }

    #[test]
    fn the_tiny_configuration_passes() {
        for check in checks(&[]) {
            assert!(check.passed, "{check:?}");
        }
    }

    #[test]
    fn a_learning_rate_of_nothing_learns_nothing_by_heart() {
        let checks = checks(&["training.peak_learning_rate=1e-30"]);
        let failed: Vec<&str> =
            (checks.iter()).filter(|check| !check.passed).map(|check| check.name).collect();
        assert_eq!(failed, ["one batch by heart"], "{checks:?}");
    }
}
