//! A trained model as a function from a text to answers.

use std::{fmt, path::Path};

use burn::tensor::Device;
use corpus::span::CharSpan;
use run::directory::{Run, RunError};
use snapshot::content::Probe;

use crate::{
    batch::EncodedExample,
    free_text::{self, FreeTextError, encode},
    intervene::{self, Change},
    model::{ModelError, TrainedModel},
    prediction::Prediction,
};

/// A trained model, ready to be asked.
pub struct Resolver {
    model: TrainedModel,
}

/// What a pronoun stands for, as the model has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The pronoun as it stands in the text.
    pub pronoun: String,
    /// Where it stands, in characters.
    pub pronoun_span: CharSpan,
    /// The antecedent; `None` if the model says that none of the words is.
    pub antecedent: Option<Antecedent>,
    /// The probability of the answer among all words of the text and *none*.
    pub probability: f32,
}

/// The word that a pronoun stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Antecedent {
    /// The word as it stands in the text.
    pub text: String,
    /// Where it stands, in characters.
    pub span: CharSpan,
}

/// Why a model cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The model cannot be read.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl Resolver {
    /// Opens the best checkpoint of the run in the directory `path`, or the checkpoint in `path`, on
    /// the CPU.
    ///
    /// # Errors
    ///
    /// If there is neither, or one of its files is damaged.
    #[cfg(feature = "flex")]
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_on(path, &Device::flex())
    }

    /// [`Resolver::open`] on any device.
    ///
    /// # Errors
    ///
    /// If there is neither run nor checkpoint, or one of its files is damaged.
    pub fn open_on(path: impl AsRef<Path>, device: &Device) -> Result<Self, OpenError> {
        let (run, checkpoint) = run_and_checkpoint(path.as_ref())?;
        Ok(Self { model: TrainedModel::load(&run, &checkpoint, device)? })
    }

    /// A model from the content of `config.toml`, `tokenizer.json` and a checkpoint's `model.bpk`,
    /// on the CPU.
    ///
    /// # Errors
    ///
    /// If one of them is not what it should be, or they do not belong together.
    #[cfg(feature = "flex")]
    pub fn from_bytes(
        config: &str,
        tokenizer: &[u8],
        weights: Vec<u8>,
    ) -> Result<Self, ModelError> {
        Self::from_bytes_on(config, tokenizer, weights, &Device::flex())
    }

    /// [`Resolver::from_bytes`] on any device.
    ///
    /// # Errors
    ///
    /// If one of them is not what it should be, or they do not belong together.
    pub fn from_bytes_on(
        config: &str,
        tokenizer: &[u8],
        weights: Vec<u8>,
        device: &Device,
    ) -> Result<Self, ModelError> {
        Ok(Self { model: TrainedModel::from_bytes(config, tokenizer, weights, device)? })
    }

    /// What each pronoun of `text` stands for, in their order; of a text with one in braces
    /// (`{él}`), only that one.
    ///
    /// # Errors
    ///
    /// If there is no pronoun, the braces are wrong, or the text is longer than the model reads.
    pub fn resolve(&self, text: &str) -> Result<Vec<Answer>, FreeTextError> {
        self.resolve_all(&[text]).remove(0)
    }

    /// The same for each of `texts`; those of about the same length are read together, by the fast
    /// path that computes no attention weights.
    pub fn resolve_all<T: AsRef<str>>(
        &self,
        texts: &[T],
    ) -> Vec<Result<Vec<Answer>, FreeTextError>> {
        let encoded: Vec<Result<Vec<EncodedExample>, FreeTextError>> =
            texts.iter().map(|text| encode(&self.model, text.as_ref(), None)).collect();
        let examples: Vec<EncodedExample> = encoded.iter().flatten().flatten().cloned().collect();
        let predictions = self.model.predict(&examples);
        let mut answers = examples.iter().zip(predictions).map(|(e, p)| Answer::new(e, &p));
        let of_text = |encoded: Result<Vec<EncodedExample>, FreeTextError>| {
            encoded.map(|examples| answers.by_ref().take(examples.len()).collect())
        };
        encoded.into_iter().map(of_text).collect()
    }

    /// The answers with the attention of all heads, one [`Probe`] for each pronoun.
    ///
    /// # Errors
    ///
    /// As [`Resolver::resolve`].
    pub fn attention(&self, text: &str) -> Result<Vec<Probe>, FreeTextError> {
        free_text::resolve_with_attention(&self.model, text)
    }

    /// The answers under an intervention: with tokens masked or heads ablated.
    ///
    /// # Errors
    ///
    /// As [`Resolver::resolve`].
    ///
    /// # Panics
    ///
    /// If `change` names a token or head that there is not, or the model is recurrent.
    pub fn intervene(&self, text: &str, change: &Change) -> Result<Vec<Probe>, FreeTextError> {
        Ok(intervene::read(&self.model, &encode(&self.model, text, None)?, change))
    }

    /// The model itself, for whatever else [`crate::intervene`] offers: queries, keys and values of a
    /// head, and a head's output patched in from another text.
    pub fn model(&self) -> &TrainedModel {
        &self.model
    }
}

/// `path` is a run, whose best checkpoint is meant, or the directory of a checkpoint.
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
    fn new(example: &EncodedExample, prediction: &Prediction) -> Self {
        let text = &example.example.text;
        let word = prediction.word();
        let slice = |span: CharSpan| span.slice(text).unwrap_or_default().to_owned();
        let antecedent = word.map(|word| {
            let span = example.encoding.words[word].span;
            Antecedent { text: slice(span), span }
        });
        Self {
            pronoun: slice(example.example.pronoun),
            pronoun_span: example.example.pronoun,
            antecedent,
            probability: word.map_or(prediction.none, |word| prediction.words[word]),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let antecedent = self.antecedent.as_ref().map_or("none", |found| found.text.as_str());
        write!(formatter, "{} = {antecedent} ({:.1} %)", self.pronoun, 100.0 * self.probability)
    }
}
