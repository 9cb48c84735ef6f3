//! A trained model, read from a run.

use std::path::PathBuf;

use burn::tensor::Device;
use config::{
    experiment::ExperimentConfig,
    file::{self, ConfigError},
};
use corpus::{
    example::Example,
    tokenizer::{Tokenizer, TokenizerError},
    tokenizer_file::FormatError,
};
use encoder::resolver::Resolver;
use run::{
    checkpoint::{Checkpoint, CheckpointError, Checkpoints, MODEL},
    directory::Run,
    state::{State, check_fit},
};

use crate::{
    batch::{EncodeError, EncodedExample},
    prediction::{Prediction, predict},
    weights,
};

/// Of the initial parameters of a model that the weights of a file replace at once.
const ANY_SEED: u64 = 0;

/// A model with all that it takes to ask it something.
pub struct TrainedModel {
    /// The weights, on the inference path: there is no dropout.
    pub resolver: Resolver,
    /// How it reads.
    pub tokenizer: Tokenizer,
    /// How it was trained.
    pub config: ExperimentConfig,
    /// The directory of its checkpoint; empty if it was made of bytes.
    pub checkpoint: PathBuf,
    /// Updates that made it; 0 if it was made of bytes, which do not say.
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
    /// The bytes are not those of a tokenizer.
    #[error("the tokenizer: {0}")]
    TokenizerBytes(#[from] FormatError),
    /// The bytes are not the weights of a model with this configuration and vocabulary.
    #[error("the weights: {0}")]
    WeightBytes(burn::store::RecordError),
    /// The checkpoint cannot be read, or belongs to something else.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl TrainedModel {
    /// Reads the checkpoint called `checkpoint` (`last`, `best` or `step-N`) of `run`.
    ///
    /// # Errors
    ///
    /// If the run has no such checkpoint, or one of its files is damaged.
    pub fn load(run: &Run, checkpoint: &str, device: &Device) -> Result<Self, ModelError> {
        let config = file::load(&run.config())?;
        let tokenizer = Tokenizer::load(&run.tokenizer())?;
        let directory = Checkpoints::new(run.checkpoints()).resolve(checkpoint)?;
        let mut checkpoint = Checkpoint::read(&directory)?;
        check_fit(&directory, &checkpoint.state, &State::new(&config, &tokenizer))?;
        let resolver = Resolver::new(&config.encoder, tokenizer.vocab_size(), ANY_SEED, device);
        let path = directory.join(MODEL);
        let resolver = weights::load(resolver, checkpoint.take(MODEL)?)
            .map_err(|source| CheckpointError::Record { path, source: source.into() })?;
        let (device, step) = (device.clone(), checkpoint.state.step);
        Ok(Self { resolver, tokenizer, config, checkpoint: directory, step, device })
    }

    /// Makes a model of the content of `config.toml`, `tokenizer.json` and `model.bpk`.
    ///
    /// # Errors
    ///
    /// If one of them is not what it should be, or they do not belong together.
    pub fn from_bytes(
        config: &str,
        tokenizer: &[u8],
        weights: Vec<u8>,
        device: &Device,
    ) -> Result<Self, ModelError> {
        let config = file::parse("config.toml", config)?;
        let tokenizer = Tokenizer::parse(tokenizer)?;
        let resolver = Resolver::new(&config.encoder, tokenizer.vocab_size(), ANY_SEED, device);
        let resolver = weights::load(resolver, weights).map_err(ModelError::WeightBytes)?;
        let (checkpoint, device) = (PathBuf::new(), device.clone());
        Ok(Self { resolver, tokenizer, config, checkpoint, step: 0, device })
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
