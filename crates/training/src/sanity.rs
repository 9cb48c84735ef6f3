//! Sanity checks that take half a minute and find a config or a device that cannot train, before
//! hours are spent on it.
//!
//! They check that the initial loss is that of a uniform guess, that every parameter gets a
//! gradient, that the same seed gives the same loss, and that the model can overfit one batch.
//! Nothing is written.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anafora::batch::{Batch, EncodedExample};
use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::{GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor},
};
use config::experiment::ExperimentConfig;
use corpus::{split::Split, tokenizer::Tokenizer};
use encoder::resolver::Resolver;
use run::source::Source;

use crate::{
    error::TrainError,
    experiment::{learn_vocabulary, optimizer, untrained},
    loader::Batches,
    objective,
    step::{step_seed, training_step},
};

/// Largest difference between the loss of an untrained model and that of a uniform guess, in nats.
const MAX_INITIAL_DIFFERENCE: f64 = 0.5;
/// The loss, in nats, below which the model has overfitted the batch.
const OVERFITTED_LOSS: f64 = 0.05;
/// Longest time that overfitting may take.
const MAX_TIME: Duration = Duration::from_secs(20);
/// Largest number of updates that overfitting may take.
const MAX_UPDATES: usize = 2_000;
/// Number of updates between two evaluations of the loss while overfitting.
const EVALUATE_EVERY: usize = 10;
/// Number of updates after which two trainings with the same seed are compared.
const N_REPEATED: usize = 3;
/// Largest difference between their losses, in nats. On a CPU they are equal; a GPU may sum in any
/// order.
const TOLERANCE: f64 = 1e-4;

/// The result of one sanity check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The name of the check.
    pub name: &'static str,
    /// Whether it passed.
    pub passed: bool,
    /// What was found and what was expected, as text.
    pub found: String,
}

/// Runs all sanity checks for `config` on `device`.
///
/// # Errors
///
/// If the examples cannot be read or generated, or if one does not fit the model.
pub fn check(config: &ExperimentConfig, device: &Device) -> Result<Vec<Check>, TrainError> {
    let device = device.clone().autodiff();
    let (tokenizer, batch) = first_batch(config, &device)?;
    let sanity = Sanity { config, tokenizer, batch, device };
    Ok(vec![sanity.initial_loss(), sanity.gradients(), sanity.determinism(), sanity.overfitting()])
}

/// The vocabulary and the first training batch of `config`.
fn first_batch(
    config: &ExperimentConfig,
    device: &Device,
) -> Result<(Arc<Tokenizer>, Batch), TrainError> {
    let ExperimentConfig { seed, data, .. } = config;
    let source = Source::open(&data.train, data, Split::Train, *seed)?;
    let tokenizer = Arc::new(learn_vocabulary(&source, config)?);
    let batches = Batches::new(config, source, tokenizer.clone());
    let batch = batches.iter(0..1, device).next().expect("the range has one batch")?;
    Ok((tokenizer, batch))
}

/// The inputs of the checks.
struct Sanity<'a> {
    config: &'a ExperimentConfig,
    tokenizer: Arc<Tokenizer>,
    batch: Batch,
    device: Device,
}

impl Sanity<'_> {
    fn untrained(&self) -> Resolver {
        untrained(self.config, &self.tokenizer, &self.device)
    }

    /// The loss of `model` on the batch, without dropout.
    fn loss(&self, model: &Resolver) -> f64 {
        let batch = Batch::of_texts(self.batch.texts.clone(), &self.device.clone().inner());
        objective::evaluate(&model.valid(), &batch).loss
    }

    fn initial_loss(&self) -> Check {
        let examples = &self.batch.examples;
        let guess = examples.iter().map(guess).sum::<f64>() / examples.len() as f64;
        let loss = self.loss(&self.untrained());
        Check {
            name: "initial loss",
            passed: (loss - guess).abs() <= MAX_INITIAL_DIFFERENCE,
            found: format!("{loss:.3}, that of a guess is {guess:.3} (± {MAX_INITIAL_DIFFERENCE})"),
        }
    }

    fn gradients(&self) -> Check {
        let model = self.untrained();
        let seed = step_seed(self.config.seed, 0);
        let step = training_step(&model, vec![self.batch.clone()], seed, self.config);
        let gradients = step.gradients;
        let mut visitor = Gradients { gradients, path: Vec::new(), n: 0, bad: Vec::new() };
        model.visit(&mut visitor);
        let Gradients { n, bad, .. } = visitor;
        let found = if bad.is_empty() {
            format!("all {n} parameters have one that is finite and not 0")
        } else {
            format!("{} of {n} parameters: {}", bad.len(), bad.join(", "))
        };
        Check { name: "gradients", passed: bad.is_empty(), found }
    }

    fn determinism(&self) -> Check {
        let mut losses = [0; 2].map(|_| {
            let mut overfit = Overfit::new(self);
            overfit.update(N_REPEATED);
            self.loss(overfit.model())
        });
        losses.sort_by(f64::total_cmp);
        let [less, more] = losses;
        let found = if less.to_bits() == more.to_bits() {
            format!("loss {less:.6} after {N_REPEATED} updates, twice to the last bit")
        } else {
            format!("losses {less:.6} and {more:.6} after {N_REPEATED} updates (± {TOLERANCE})")
        };
        Check { name: "determinism", passed: more - less <= TOLERANCE, found }
    }

    fn overfitting(&self) -> Check {
        let mut overfit = Overfit::new(self);
        let begun = Instant::now();
        let (mut loss, mut updates) = (f64::MAX, 0);
        // The comparison is false for NaN, which ends the loop: the loss would stay NaN.
        while loss >= OVERFITTED_LOSS && updates < MAX_UPDATES && begun.elapsed() < MAX_TIME {
            overfit.update(EVALUATE_EVERY);
            updates += EVALUATE_EVERY;
            loss = self.loss(overfit.model());
        }
        Check {
            name: "one batch by heart",
            passed: loss < OVERFITTED_LOSS,
            found: format!(
                "loss {loss:.3} after {updates} updates, expected below {OVERFITTED_LOSS}"
            ),
        }
    }
}

/// A model that is trained on the same batch in every step.
struct Overfit<'a> {
    sanity: &'a Sanity<'a>,
    /// `None` only during `optimizer.step`, which consumes a model and returns the next one.
    model: Option<Resolver>,
    optimizer: ModuleOptimizer,
    step: usize,
}

impl<'a> Overfit<'a> {
    fn new(sanity: &'a Sanity<'a>) -> Self {
        let optimizer = optimizer(&sanity.config.training);
        Self { sanity, model: Some(sanity.untrained()), optimizer, step: 0 }
    }

    fn model(&self) -> &Resolver {
        self.model.as_ref().expect("an update puts the model back")
    }

    fn update(&mut self, n: usize) {
        let Sanity { config, batch, .. } = self.sanity;
        for _ in 0..n {
            let seed = step_seed(config.seed, self.step);
            let step = training_step(self.model(), vec![batch.clone()], seed, config);
            let rate = config.training.peak_learning_rate;
            self.model = self.optimizer.step(rate, self.model.take(), step.gradients);
            self.step += 1;
        }
    }
}

/// The loss, in nats, of a uniform distribution over the words of a text and *none*.
fn guess(example: &EncodedExample) -> f64 {
    let right = example.target().map_or(1, |words| words.len());
    ((example.encoding.words.len() + 1) as f64 / right as f64).ln()
}

/// Collects the parameters whose gradient is absent, 0 everywhere or not finite.
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
    use config::overrides::resolve;

    fn checks(overrides: &[&str]) -> Vec<Check> {
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
    fn a_learning_rate_of_almost_zero_fails_only_the_check_of_overfitting() {
        let checks = checks(&["training.peak_learning_rate=1e-30"]);
        let failed: Vec<&str> =
            (checks.iter()).filter(|check| !check.passed).map(|check| check.name).collect();
        assert_eq!(failed, ["one batch by heart"], "{checks:?}");
    }
}
