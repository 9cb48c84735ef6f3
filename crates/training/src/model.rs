//! A trained model, read from a run.

use std::path::PathBuf;

use burn::tensor::Device;
use corpus::{
    example::Example,
    tokenizer::{Tokenizer, TokenizerError},
};
use encoder::resolver::Resolver;

use crate::{
    batch::{EncodeError, EncodedExample},
    checkpoint::{
        Checkpoint, Checkpoints,
        error::CheckpointError,
        state::{State, check_fit},
    },
    config::ExperimentConfig,
    overrides::{ConfigError, load},
    prediction::{Prediction, predict},
    run::Run,
    task::ResolverTask,
};

/// A model with all that it takes to ask it something.
pub struct TrainedModel {
    /// The weights, on the inference path: there is no dropout.
    pub resolver: Resolver,
    /// How it reads.
    pub tokenizer: Tokenizer,
    /// How it was trained.
    pub config: ExperimentConfig,
    /// The directory of its checkpoint.
    pub checkpoint: PathBuf,
    /// Updates that made it.
    pub step: usize,
    /// Where its weights lie.
    pub device: Device,
}

/// Why a run's model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The configuration cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The tokenizer cannot be read.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The checkpoint cannot be read, or belongs to something else.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl TrainedModel {
    /// Reads the checkpoint called `checkpoint` (`last`, `best` or `step-N`) of `run`.
    pub fn load(run: &Run, checkpoint: &str, device: &Device) -> Result<Self, ModelError> {
        let config = load(&run.config(), &[])?.config;
        let tokenizer = Tokenizer::load(&run.tokenizer())?;
        let directory = Checkpoints::new(run.checkpoints()).resolve(checkpoint)?;
        let mut checkpoint = Checkpoint::read(&directory)?;
        check_fit(&directory, &checkpoint.state, &State::new(&config, &tokenizer))?;
        let resolver = Resolver::new(&config.encoder, tokenizer.vocab_size(), device);
        let resolver = checkpoint.load_weights(ResolverTask { resolver })?.resolver;
        let (device, step) = (device.clone(), checkpoint.state.step);
        Ok(Self { resolver, tokenizer, config, checkpoint: directory, step, device })
    }

    /// The name of its checkpoint, as `step-00001000`.
    pub fn checkpoint_name(&self) -> String {
        self.checkpoint.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The tokens of `example`.
    pub fn encode(&self, example: Example) -> Result<EncodedExample, EncodeError> {
        EncodedExample::new(example, &self.tokenizer, self.config.encoder.max_seq())
    }

    /// Predictions for `examples`, in their order.
    pub fn predict(&self, examples: &[EncodedExample]) -> Vec<Prediction> {
        predict(&self.resolver, examples, self.config.training.batch_size, &self.device)
    }
}
