//! A trained model together with its tokenizer and config, loaded from a run or from bytes.

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
    checkpoint::{CheckpointError, Checkpoints, MODEL},
    directory::Run,
    state::{State, check_fit},
    temperature::{Temperature, TemperatureError},
};

use crate::{
    batch::{EncodeError, EncodedExample},
    prediction::{Prediction, predict},
    weights,
};

/// Seed of initial parameters that are replaced by loaded weights, so that its value has no effect.
const ANY_SEED: u64 = 0;

/// A model with everything that is needed to resolve texts.
pub struct TrainedModel {
    /// The model, without dropout.
    pub resolver: Resolver,
    /// The tokenizer that it was trained with.
    pub tokenizer: Tokenizer,
    /// The config that it was trained with.
    pub config: ExperimentConfig,
    /// The directory of its checkpoint; empty if it was loaded from bytes.
    pub checkpoint: PathBuf,
    /// Number of updates done; 0 if it was loaded from bytes, which do not contain it.
    pub step: usize,
    /// What its logits have been divided by; 1 if nothing is known of its calibration.
    pub temperature: f64,
    /// The device of its weights.
    pub device: Device,
}

/// A model cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The config cannot be read or is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The tokenizer cannot be read.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The bytes are not those of a tokenizer.
    #[error("the tokenizer: {0}")]
    TokenizerBytes(#[from] FormatError),
    /// The bytes are not the weights of a model with this config and vocabulary.
    #[error("the weights: {0}")]
    WeightBytes(burn::store::RecordError),
    /// The checkpoint cannot be read, or was trained with another config or tokenizer.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The run's temperature cannot be used.
    #[error(transparent)]
    Temperature(#[from] TemperatureError),
}

impl TrainedModel {
    /// Loads the checkpoint called `checkpoint` (`last`, `best` or `step-N`) of `run`.
    ///
    /// # Errors
    ///
    /// If the run has no such checkpoint, or if one of its files is damaged or does not belong to
    /// it.
    pub fn load(run: &Run, checkpoint: &str, device: &Device) -> Result<Self, ModelError> {
        let config = file::load(&run.config())?;
        let tokenizer = Tokenizer::load(&run.tokenizer())?;
        let mut checkpoint = Checkpoints::new(run.checkpoints()).read(checkpoint)?;
        let directory = checkpoint.directory.clone();
        check_fit(&directory, &checkpoint.state, &State::new(&config, &tokenizer))?;
        let resolver = weights::untrained(&config, tokenizer.vocab_size(), ANY_SEED, device);
        let path = directory.join(MODEL);
        let resolver = weights::load(resolver, checkpoint.take(MODEL)?)
            .map_err(|source| CheckpointError::Record { path, source: source.into() })?;
        let temperature = Temperature::read(run.path())?.map_or(1.0, |found| found.temperature);
        let resolver = resolver.at_temperature(temperature);
        let (device, step) = (device.clone(), checkpoint.state.step);
        Ok(Self { resolver, tokenizer, config, checkpoint: directory, step, temperature, device })
    }

    /// Loads a model from the contents of `config.toml`, `tokenizer.json` and `model.bpk`.
    ///
    /// # Errors
    ///
    /// If one of them cannot be parsed, or if the weights do not fit config and tokenizer.
    pub fn from_bytes(
        config: &str,
        tokenizer: &[u8],
        weights: Vec<u8>,
        device: &Device,
    ) -> Result<Self, ModelError> {
        let config = file::parse("config.toml", config)?;
        let tokenizer = Tokenizer::parse(tokenizer)?;
        let resolver = weights::untrained(&config, tokenizer.vocab_size(), ANY_SEED, device);
        let resolver = weights::load(resolver, weights).map_err(ModelError::WeightBytes)?;
        let (checkpoint, device) = (PathBuf::new(), device.clone());
        let temperature = 1.0;
        Ok(Self { resolver, tokenizer, config, checkpoint, step: 0, temperature, device })
    }

    /// The name of its checkpoint, such as `step-00001000`; empty if it was loaded from bytes.
    pub fn checkpoint_name(&self) -> String {
        self.checkpoint.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Tokenises `example`.
    ///
    /// # Errors
    ///
    /// If it has too many tokens, or if a span contains no word.
    pub fn encode(&self, example: Example) -> Result<EncodedExample, EncodeError> {
        EncodedExample::new(example, &self.tokenizer, self.config.encoder.max_seq())
    }

    /// Predictions for `examples`, in their order.
    pub fn predict(&self, examples: &[EncodedExample]) -> Vec<Prediction> {
        predict(&self.resolver, examples, self.config.training.batch_size, &self.device)
    }
}
