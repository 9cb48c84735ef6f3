//! The simplest way to use a trained model: texts in, answers out.

use std::{fmt, path::Path};

use burn::tensor::Device;
use corpus::span::CharSpan;
use run::directory::{Run, RunError};
use snapshot::content::Probe;

use crate::{
    batch::EncodedExample,
    free_text::{self, FreeTextError, encode, encode_all},
    intervene::{self, InterventionSettings},
    model::{ModelError, TrainedModel},
    observe::answer,
    ranking::{RankedAnswer, SURE, ranked},
};

/// A trained model that resolves the pronouns of texts.
pub struct Resolver {
    model: TrainedModel,
}

/// The model's answer for one anaphor.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The anaphor as written in the text; of a null subject, its verb.
    pub pronoun: String,
    /// Its span in the text, in characters.
    pub pronoun_span: CharSpan,
    /// The antecedent; `None` if the model finds none in the text.
    pub antecedent: Option<Antecedent>,
    /// The probability of the answer among all phrases of the text and *none*, in `0.0..=1.0`.
    pub probability: f32,
    /// The next likely answer and its probability; missing if there is no other.
    pub second: Option<(Option<Antecedent>, f32)>,
}

/// The phrase that an anaphor stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Antecedent {
    /// The phrase as written in the text.
    pub text: String,
    /// Its span in the text, in characters.
    pub span: CharSpan,
    /// The span of the word that says what it is: of *the old man from the village*, *man*.
    pub head: CharSpan,
}

/// A model cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no run at the path.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The run's model cannot be loaded.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl Resolver {
    /// Opens a model on the CPU: the best checkpoint of a run if `path` is a run directory, or the
    /// checkpoint itself if `path` is the directory of one.
    ///
    /// # Errors
    ///
    /// If `path` is neither, or if a file is damaged.
    #[cfg(feature = "flex")]
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_on(path, &Device::flex())
    }

    /// Opens a model as [`Resolver::open`], but on any device.
    ///
    /// # Errors
    ///
    /// If `path` is neither a run nor a checkpoint, or if a file is damaged.
    pub fn open_on(path: impl AsRef<Path>, device: &Device) -> Result<Self, OpenError> {
        let (run, checkpoint) = run_and_checkpoint(path.as_ref())?;
        Ok(Self { model: TrainedModel::load(&run, &checkpoint, device)? })
    }

    /// Loads a model on the CPU from the contents of `config.toml`, `tokenizer.json` and a
    /// checkpoint's `model.bpk`.
    ///
    /// # Errors
    ///
    /// If one of them cannot be parsed, or if the weights do not fit config and tokenizer.
    #[cfg(feature = "flex")]
    pub fn from_bytes(
        config: &str,
        tokenizer: &[u8],
        weights: Vec<u8>,
    ) -> Result<Self, ModelError> {
        Self::from_bytes_on(config, tokenizer, weights, &Device::flex())
    }

    /// Loads a model as [`Resolver::from_bytes`], but on any device.
    ///
    /// # Errors
    ///
    /// If one of them cannot be parsed, or if the weights do not fit config and tokenizer.
    pub fn from_bytes_on(
        config: &str,
        tokenizer: &[u8],
        weights: Vec<u8>,
        device: &Device,
    ) -> Result<Self, ModelError> {
        Ok(Self { model: TrainedModel::from_bytes(config, tokenizer, weights, device)? })
    }

    /// Resolves every pronoun of `text`, in the order of the text, or only the one in braces
    /// (`{él}`).
    ///
    /// # Errors
    ///
    /// If there is no pronoun, the braces are wrong, or the text is longer than the model can read.
    pub fn resolve(&self, text: &str) -> Result<Vec<Answer>, FreeTextError> {
        self.resolve_all(&[text]).remove(0)
    }

    /// Resolves each of `texts` as [`Resolver::resolve`] does, each with its own answers or error.
    /// Texts of similar length form a batch, and no attention weights are computed.
    pub fn resolve_all<T: AsRef<str>>(
        &self,
        texts: &[T],
    ) -> Vec<Result<Vec<Answer>, FreeTextError>> {
        let unmarked: Vec<_> = texts.iter().map(|text| (text.as_ref(), None)).collect();
        let encoded = encode_all(&self.model, &unmarked);
        let examples: Vec<EncodedExample> = encoded.iter().flatten().flatten().cloned().collect();
        let TrainedModel { resolver, config, device, .. } = &self.model;
        let batch_size = config.training.batch_size;
        let probes = answer(resolver, &examples, batch_size, device);
        let mut answers = probes.iter().map(Answer::new);
        let of_text = |encoded: Result<Vec<EncodedExample>, FreeTextError>| {
            encoded.map(|examples| answers.by_ref().take(examples.len()).collect())
        };
        encoded.into_iter().map(of_text).collect()
    }

    /// The answers for `text` with the attention weights of all heads, a [`Probe`] for each
    /// pronoun.
    ///
    /// # Errors
    ///
    /// As [`Resolver::resolve`].
    pub fn attention(&self, text: &str) -> Result<Vec<Probe>, FreeTextError> {
        free_text::resolve_with_attention(&self.model, text)
    }

    /// The answers for `text` under an intervention: with tokens masked or heads ablated.
    ///
    /// # Errors
    ///
    /// As [`Resolver::resolve`].
    ///
    /// # Panics
    ///
    /// If `settings` contain a token or head that does not exist, or if the model is recurrent.
    pub fn intervene(
        &self,
        text: &str,
        settings: &InterventionSettings,
    ) -> Result<Vec<Probe>, FreeTextError> {
        Ok(intervene::resolve(&self.model, &encode(&self.model, text, None)?, settings))
    }

    /// The model itself, for the other functions of [`crate::intervene`]: the queries, keys and
    /// values of a head, and activation patching from another text.
    pub fn model(&self) -> &TrainedModel {
        &self.model
    }
}

/// The run and the name of the checkpoint that `path` refers to: `best` for a run directory.
fn run_and_checkpoint(path: &Path) -> Result<(Run, String), RunError> {
    let checkpoint = path.file_name().unwrap_or_default().to_string_lossy();
    let run = path.parent().and_then(Path::parent);
    match run.map(Run::open) {
        Some(Ok(run)) if !path.join("config.toml").exists() && checkpoint.starts_with("step-") => {
            Ok((run, checkpoint.into_owned()))
        }
        _ => Ok((Run::open(path)?, "best".to_owned())),
    }
}

impl Answer {
    fn new(probe: &Probe) -> Self {
        let slice = |span: CharSpan| span.slice(&probe.example.text).unwrap_or_default().to_owned();
        let antecedent = |answer: &RankedAnswer| {
            let (span, head) = (answer.span?, answer.head?);
            Some(Antecedent { text: slice(span), span, head: probe.words[head] })
        };
        let ranked = ranked(probe);
        Self {
            pronoun: slice(probe.example.pronoun),
            pronoun_span: probe.example.pronoun,
            antecedent: antecedent(&ranked[0]),
            probability: ranked[0].probability,
            second: ranked.get(1).map(|answer| (antecedent(answer), answer.probability)),
        }
    }

    /// Whether it is likely enough to be called the answer; else the second may be right as well.
    pub fn is_sure(&self) -> bool {
        self.probability >= SURE
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let antecedent = self.antecedent.as_ref().map_or("none", |found| found.text.as_str());
        write!(formatter, "{} = {antecedent} ({:.1} %)", self.pronoun, 100.0 * self.probability)
    }
}
