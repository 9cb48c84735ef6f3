//! Some seconds of training on the probes, to see whether a device can train; nothing is written.
//!
//! The steps are those of [`crate::strategy`]: forward → loss → backward → clip → update. One batch
//! is learned by heart, so its loss falls wherever gradients and updates are right.

use std::time::{Duration, Instant};

use burn::{
    module::list_param_ids,
    optim::GradientsParams,
    tensor::{Device, Tensor},
};
use corpus::{
    bundled::{probes, with_probes},
    tokenizer::{Tokenizer, TokenizerError},
};
use encoder::resolver::Resolver;
use kernels::burn_ops::{clipping::clip_global_norm, in_pool};

use crate::{
    batch::{Batch, EncodeError, EncodedExample},
    config::ExperimentConfig,
    experiment::optimizer,
    task::ResolverTask,
};

/// Steps that are not timed: a GPU compiles its kernels in them.
const WARM_UP: usize = 1;
/// Steps that are done however slow they are, so that there are two losses to compare.
const AT_LEAST: usize = WARM_UP + 4;

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Updates done.
    pub steps: usize,
    /// Updates a second.
    pub steps_per_second: f64,
    /// Before the first update.
    pub first_loss: f64,
    /// Before the last update.
    pub last_loss: f64,
    /// The global norm at the first update; later ones vanish with the loss.
    pub gradient_norm: f64,
    /// Tensors that are adjusted.
    pub n_parameters: usize,
    /// Those of them that had a gradient in every step.
    pub n_gradients: usize,
}

/// Why there was nothing to train.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The vocabulary cannot be learned.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// A probe does not fit the config.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Trial {
    /// Trains what `config` describes on `device` for about `time`.
    pub fn run(
        config: &ExperimentConfig,
        device: &Device,
        time: Duration,
    ) -> Result<Self, TrialError> {
        let device = device.clone().autodiff();
        device.seed(config.seed);
        let tokenizer = Tokenizer::train(with_probes([]), config.tokenizer.vocab_size)?;
        let encode = |probe| EncodedExample::new(probe, &tokenizer, config.encoder.max_seq());
        let examples = probes().into_iter().map(encode).collect::<Result<_, _>>()?;
        let batch = Batch::new(examples, &device);
        let resolver = Resolver::new(&config.encoder, tokenizer.vocab_size(), &device);
        Ok(learn(ResolverTask { resolver }, &batch, config, time))
    }
}

fn learn(task: ResolverTask, batch: &Batch, config: &ExperimentConfig, time: Duration) -> Trial {
    let training = &config.training;
    let n_parameters = list_param_ids(&task).len();
    let (mut task, mut optimizer) = (task, optimizer(training));
    let mut trial = Trial {
        steps: 0,
        steps_per_second: 0.0,
        first_loss: f64::NAN,
        last_loss: f64::NAN,
        gradient_norm: f64::NAN,
        n_parameters,
        n_gradients: n_parameters,
    };
    let mut begun = Instant::now();
    while trial.steps < AT_LEAST || begun.elapsed() < time {
        if trial.steps == WARM_UP {
            begun = Instant::now();
        }
        let device = batch.input.tokens.device();
        let (loss, norm, n_gradients);
        (task, loss, norm, n_gradients) = in_pool(&device, || {
            let output = task.forward(batch, training.naming_weight);
            let mut gradients = GradientsParams::from_grads(output.objective.backward(), &task);
            let n_gradients = gradients.len();
            let norm = clip_global_norm(&task, &mut gradients, training.max_gradient_norm);
            let task = optimizer.step(training.peak_learning_rate, task, gradients);
            (task, output.loss, norm, n_gradients)
        });
        trial.last_loss = number(loss);
        trial.n_gradients = trial.n_gradients.min(n_gradients);
        if trial.steps == 0 {
            trial.first_loss = trial.last_loss;
            trial.gradient_norm = number(norm);
        }
        trial.steps += 1;
    }
    trial.steps_per_second = (trial.steps - WARM_UP) as f64 / begun.elapsed().as_secs_f64();
    trial
}

/// Waits for the device.
fn number(scalar: Tensor<1>) -> f64 {
    scalar.into_scalar::<f32>().into()
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use crate::overrides::resolve;

    fn trial(overrides: &[&str]) -> Trial {
        let tiny = include_str!("../../../configs/tiny.toml");
        let overrides: Vec<String> = overrides.iter().map(|&set| set.to_owned()).collect();
        let config = resolve("configs/tiny.toml", tiny, &overrides).expect("a config").config;
        Trial::run(&config, &Device::flex(), Duration::from_millis(300)).expect("a trial")
    }

    #[test]
    fn the_probes_are_learned_by_heart_with_a_gradient_for_every_parameter() {
        let trial = trial(&[]);
        assert!(trial.steps >= AT_LEAST && trial.steps_per_second > 0.0, "{trial:?}");
        assert!(trial.last_loss < trial.first_loss, "{trial:?}");
        assert!(trial.gradient_norm.is_finite() && trial.gradient_norm > 0.0, "{trial:?}");
        assert_eq!(trial.n_gradients, trial.n_parameters);
    }

    #[test]
    fn a_learning_that_goes_wrong_shows_in_the_loss() {
        let trial = trial(&["training.peak_learning_rate=1.0e30"]);
        let worse = trial.last_loss > trial.first_loss || trial.last_loss.is_nan();
        assert!(worse, "{trial:?}");
    }
}
