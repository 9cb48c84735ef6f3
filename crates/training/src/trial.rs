//! Tests a device with some seconds of training on the probes. Nothing is written.
//!
//! The same batch is used in every step, so its loss falls if gradients and updates are right.

use std::time::{Duration, Instant};

use anafora::batch::{Batch, EncodeError, EncodedExample};
use burn::{
    module::list_param_ids,
    tensor::{Device, Tensor},
};
use config::experiment::ExperimentConfig;
use corpus::{
    bundled::{probes, with_probes},
    tokenizer::{Tokenizer, TokenizerError},
};
use encoder::resolver::Resolver;
use kernels::burn_ops::in_pool;

use crate::{
    experiment::{optimizer, untrained},
    step::{step_seed, training_step},
};

/// Number of first steps that are not timed, since a GPU compiles its kernels in them.
const WARM_UP_STEPS: usize = 1;
/// Number of steps that are done even on a slow device, so that there are losses to compare.
const MIN_STEPS: usize = WARM_UP_STEPS + 4;

/// The results of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Number of updates done.
    pub steps: usize,
    /// Updates per second, warm-up excluded.
    pub steps_per_second: f64,
    /// Loss before the first update, in nats.
    pub first_loss: f64,
    /// Loss before the last update, in nats.
    pub last_loss: f64,
    /// Global norm of the gradients at the first update, before clipping; later ones vanish with
    /// the loss.
    pub gradient_norm: f64,
    /// Number of tensors that are trained.
    pub n_parameters: usize,
    /// Smallest number of tensors that had a gradient, over all steps.
    pub n_gradients: usize,
}

/// A trial cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The vocabulary cannot be learned.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// A probe is too long for the config's `encoder.max_seq`.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Trial {
    /// Trains a model of `config` on `device` for about `time`.
    ///
    /// # Errors
    ///
    /// If the vocabulary cannot be learned or a probe is too long.
    pub fn run(
        config: &ExperimentConfig,
        device: &Device,
        time: Duration,
    ) -> Result<Self, TrialError> {
        let device = device.clone().autodiff();
        let tokenizer = Tokenizer::train(with_probes([]), config.tokenizer.vocab_size)?;
        let encode = |probe| EncodedExample::new(probe, &tokenizer, config.encoder.max_seq());
        let examples = probes().into_iter().map(encode).collect::<Result<_, _>>()?;
        let batch = Batch::new(examples, &device);
        let model = untrained(config, &tokenizer, &device);
        Ok(train(model, &batch, config, time))
    }
}

/// Trains `model` on `batch` at the peak learning rate.
fn train(model: Resolver, batch: &Batch, config: &ExperimentConfig, time: Duration) -> Trial {
    let n_parameters = list_param_ids(&model).len();
    let (mut model, mut optimizer) = (model, optimizer(&config.training));
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
    while trial.steps < MIN_STEPS || begun.elapsed() < time {
        if trial.steps == WARM_UP_STEPS {
            begun = Instant::now();
        }
        let device = batch.input.tokens.device();
        let seed = step_seed(config.seed, trial.steps);
        let (loss, norm, n_gradients);
        (model, loss, norm, n_gradients) = in_pool(&device, || {
            let step = training_step(&model, vec![batch.clone()], seed, config);
            let n_gradients = step.gradients.len();
            let rate = config.training.peak_learning_rate;
            let model = optimizer.step(rate, model, step.gradients);
            (model, step.batches[0].1.loss.clone(), step.gradient_norm, n_gradients)
        });
        trial.last_loss = read_scalar(loss);
        trial.n_gradients = trial.n_gradients.min(n_gradients);
        if trial.steps == 0 {
            trial.first_loss = trial.last_loss;
            trial.gradient_norm = read_scalar(norm);
        }
        trial.steps += 1;
    }
    trial.steps_per_second = (trial.steps - WARM_UP_STEPS) as f64 / begun.elapsed().as_secs_f64();
    trial
}

/// Reads a scalar, `[1]`, from the device.
fn read_scalar(scalar: Tensor<1>) -> f64 {
    scalar.into_scalar::<f32>().into()
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use config::overrides::resolve;

    fn trial(overrides: &[&str]) -> Trial {
        let tiny = include_str!("../../../configs/tiny.toml");
        let overrides: Vec<String> = overrides.iter().map(|&set| set.to_owned()).collect();
        let config = resolve("configs/tiny.toml", tiny, &overrides).expect("a config").config;
        Trial::run(&config, &Device::flex(), Duration::from_millis(300)).expect("a trial")
    }

    #[test]
    fn the_loss_falls_and_every_parameter_gets_a_gradient() {
        let trial = trial(&[]);
        assert!(trial.steps >= MIN_STEPS && trial.steps_per_second > 0.0, "{trial:?}");
        assert!(trial.last_loss < trial.first_loss, "{trial:?}");
        assert!(trial.gradient_norm.is_finite() && trial.gradient_norm > 0.0, "{trial:?}");
        assert_eq!(trial.n_gradients, trial.n_parameters);
    }

    #[test]
    fn a_training_that_diverges_shows_in_the_loss() {
        let trial = trial(&["training.peak_learning_rate=1.0e30"]);
        let worse = trial.last_loss > trial.first_loss || trial.last_loss.is_nan();
        assert!(worse, "{trial:?}");
    }
}
