//! One experiment: everything that a run depends on, as written in `configs/*.toml`.
//!
//! No value has a default in the code: a reader of the file sees the whole experiment, and the
//! resolved file is written into the run. Only `--set` changes it, see the module `overrides`.

use std::path::PathBuf;

use corpus::{example::Language, jsonl::MAX_EXAMPLES, tokenizer::MAX_VOCAB_SIZE};
use serde::{Deserialize, Serialize};

use crate::encoder::{self, body::BodyConfig};

// Bounds within which no count of examples overflows.
/// Updates of one run.
const MAX_STEPS: usize = 1_000_000_000;
/// Forward passes of one update.
const MAX_PASSES: usize = 65_536;
/// Examples in one forward pass.
const MAX_TEXTS: usize = 65_536;
/// Snapshots for each doubling of the step.
const MAX_SNAPSHOTS: usize = 1_000;

/// A whole experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Sections")]
pub struct ExperimentConfig {
    /// Decides the initial weights, the dropout and the order and kind of the examples.
    pub seed: u64,
    /// What is learned from, and what is held out.
    pub data: DataConfig,
    /// How texts become tokens.
    pub tokenizer: TokenizerConfig,
    /// The shape and size of the model.
    pub encoder: BodyConfig,
    /// What is minimised.
    pub objective: ObjectiveConfig,
    /// How the weights are fitted.
    pub training: TrainingConfig,
    /// What is written on the way.
    pub record: RecordConfig,
}

/// The sections of a file, which may be from before there was `[objective]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sections {
    seed: u64,
    data: DataConfig,
    tokenizer: TokenizerConfig,
    encoder: BodyConfig,
    objective: Option<ObjectiveConfig>,
    training: TrainingConfig,
    record: RecordConfig,
}

impl TryFrom<Sections> for ExperimentConfig {
    type Error = &'static str;

    fn try_from(sections: Sections) -> Result<Self, Self::Error> {
        let Sections { seed, data, tokenizer, encoder, objective, mut training, record } = sections;
        let objective = match (objective, training.naming_weight.take()) {
            (Some(objective), None) => objective,
            (None, Some(antecedent_token)) => {
                ObjectiveConfig { antecedent_token, masked_words: 0.0 }
            }
            (None, None) => return Err("missing section `objective`"),
            (Some(_), Some(_)) => {
                return Err(
                    "training.naming_weight is the old name of objective.antecedent_token, \
                            expected one of them",
                );
            }
        };
        Ok(Self { seed, data, tokenizer, encoder, objective, training, record })
    }
}

/// What is minimised: the loss of pointing at the antecedent, and beside it auxiliary losses, each
/// times its weight. A weight of 0 leaves a loss out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveConfig {
    /// Of predicting the antecedent's token from the pronoun's vector.
    pub antecedent_token: f64,
    /// Of predicting words that were masked.
    pub masked_words: f64,
}

/// Where examples come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// The languages that the grammar speaks in this run; files bring their own.
    pub languages: Vec<Language>,
    /// What the weights are fitted to.
    pub train: Origin,
    /// What early stopping and the best checkpoint are chosen by.
    pub validation: Origin,
    /// How many examples of the grammar make the validation set; files are read whole.
    pub validation_examples: usize,
    /// Share of the grammar's training texts in which one candidate is a nonce word, twice as many
    /// where agreement decides.
    #[serde(alias = "invented")]
    pub nonce_words: f64,
    /// Share of the grammar's training texts without capitals, accents or punctuation, or with
    /// typing errors.
    #[serde(alias = "rough")]
    pub noise: f64,
    /// Share of the words of training texts that are split into sub-words although the vocabulary
    /// has them whole; absent in runs from before there was such a thing: 0.
    #[serde(default, alias = "pieces")]
    pub subword_regularisation: f64,
}

/// The grammar of `data/grammar`, or somebody's own files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"grammar\" or a list of JSONL files, as [\"my.jsonl\"]")]
pub enum Origin {
    /// The endless stream of the grammar.
    Grammar(GrammarWord),
    /// JSONL files, relative to the working directory.
    Files(Vec<PathBuf>),
}

/// The word `"grammar"`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GrammarWord {
    /// The grammar embedded in the program.
    Grammar,
}

/// How the vocabulary is learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenizerConfig {
    /// Upper bound of the number of tokens.
    pub vocab_size: usize,
    /// How many training examples the vocabulary is learned from (of files: at most all of them).
    pub examples: usize,
}

/// How the weights are fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Optimizer updates.
    pub steps: usize,
    /// Examples in one forward pass.
    pub batch_size: usize,
    /// Forward passes whose gradients are averaged into one update.
    #[serde(alias = "accumulation")]
    pub gradient_accumulation_steps: usize,
    /// Batches among which examples are sorted by length, so that little is padding.
    #[serde(alias = "window_batches")]
    pub length_bucket_batches: usize,
    /// Learning rate at the end of the warm-up.
    pub peak_learning_rate: f64,
    /// Learning rate at the last step.
    pub final_learning_rate: f64,
    /// Steps of linear warm-up.
    pub warmup_steps: usize,
    /// AdamW's decay of the first moment.
    pub beta_1: f64,
    /// AdamW's decay of the second moment.
    pub beta_2: f64,
    /// AdamW's term against division by zero.
    pub epsilon: f64,
    /// AdamW's decoupled weight decay.
    pub weight_decay: f64,
    /// The name of `objective.antecedent_token` before there was that section; `None` in every config
    /// that was read.
    #[doc(hidden)]
    #[serde(default, skip_serializing)]
    pub naming_weight: Option<f64>,
    /// Gradients of a larger global norm are scaled down to it.
    pub max_gradient_norm: f64,
    /// The run ends after so many validations without a higher accuracy; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,
}

/// What is written while training, and how often, in steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordConfig {
    /// A line in `metrics.jsonl`.
    pub metrics_every: usize,
    /// A pass over the validation set.
    pub validation_every: usize,
    /// A checkpoint.
    pub checkpoint_every: usize,
    /// A checkpoint after so many minutes without one, too; absent: only by steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_minutes: Option<f64>,
    /// How many of the newest checkpoints are kept, beside the best one.
    pub keep_checkpoints: usize,
    /// Checkpoints for each doubling of the step that are kept for good; absent in runs from before
    /// there were any: 0, none.
    #[serde(default)]
    pub milestones_per_doubling: usize,
    /// Attention snapshots for each doubling of the step, beside the one at step 0.
    pub snapshots_per_doubling: usize,
    /// Whether TensorBoard's event files are written, too. A file without the key is the config of
    /// a run that was begun before there was one: it is still evaluated, and goes on without them.
    #[serde(default)]
    pub tensorboard: bool,
}

/// A value that its type allows and the program does not.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidConfig {
    /// The key, as `section.key`.
    pub field: String,
    /// The key, what was found and what was expected.
    pub message: String,
}

impl From<encoder::ConfigError> for InvalidConfig {
    fn from(error: encoder::ConfigError) -> Self {
        Self { field: error.field.to_owned(), message: error.to_string() }
    }
}

impl ExperimentConfig {
    /// Checks what the types cannot say.
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let Self { seed: _, data, tokenizer, encoder, objective, training, record } = self;
        data.validate()?;
        tokenizer.validate()?;
        encoder.validate().map_err(InvalidConfig::from)?;
        encoder.check_size(tokenizer.vocab_size).map_err(InvalidConfig::from)?;
        objective.validate()?;
        training.validate(encoder.max_batch_size())?;
        record.validate()
    }
}

impl DataConfig {
    fn validate(&self) -> Result<(), InvalidConfig> {
        let Self {
            languages,
            train,
            validation,
            validation_examples,
            nonce_words,
            noise,
            subword_regularisation,
        } = self;
        check("data.languages", !languages.is_empty(), || "[]".into(), "at least one language")?;
        for (field, origin) in [("data.train", train), ("data.validation", validation)] {
            let empty = matches!(origin, Origin::Files(files) if files.is_empty());
            check(field, !empty, || "[]".into(), "\"grammar\" or at least one JSONL file")?;
        }
        let shares = [
            ("data.nonce_words", *nonce_words),
            ("data.noise", *noise),
            ("data.subword_regularisation", *subword_regularisation),
        ];
        for (field, share) in shares {
            let is_share = (0.0..=1.0).contains(&share);
            check(field, is_share, || share.to_string(), "a number in 0.0..=1.0")?;
        }
        within("data.validation_examples", *validation_examples, MAX_EXAMPLES)
    }
}

impl TokenizerConfig {
    fn validate(&self) -> Result<(), InvalidConfig> {
        let Self { vocab_size, examples } = self;
        let fits = (500..=MAX_VOCAB_SIZE).contains(vocab_size);
        let expected = "500 to 100000 (the letters alone take some 400)";
        check("tokenizer.vocab_size", fits, || vocab_size.to_string(), expected)?;
        within("tokenizer.examples", *examples, MAX_EXAMPLES)
    }
}

impl ObjectiveConfig {
    fn validate(&self) -> Result<(), InvalidConfig> {
        let Self { antecedent_token, masked_words } = self;
        not_negative("objective.antecedent_token", *antecedent_token)?;
        not_negative("objective.masked_words", *masked_words)
    }
}

impl TrainingConfig {
    /// `max_texts`: what fits one pass of the model.
    fn validate(&self, max_texts: usize) -> Result<(), InvalidConfig> {
        let Self {
            steps,
            batch_size,
            gradient_accumulation_steps,
            length_bucket_batches,
            peak_learning_rate,
            final_learning_rate,
            warmup_steps,
            beta_1,
            beta_2,
            epsilon,
            weight_decay,
            naming_weight: _,
            max_gradient_norm,
            patience,
        } = self;
        within("training.steps", *steps, MAX_STEPS)?;
        within("training.batch_size", *batch_size, MAX_TEXTS.min(max_texts))?;
        let passes = *gradient_accumulation_steps;
        within("training.gradient_accumulation_steps", passes, MAX_PASSES)?;
        let bucket = *length_bucket_batches;
        within("training.length_bucket_batches", bucket, MAX_EXAMPLES / *batch_size)?;
        positive("training.peak_learning_rate", *peak_learning_rate)?;
        not_negative("training.final_learning_rate", *final_learning_rate)?;
        let warmed = || warmup_steps.to_string();
        check("training.warmup_steps", warmup_steps < steps, warmed, "fewer than training.steps")?;
        for (field, beta) in [("training.beta_1", *beta_1), ("training.beta_2", *beta_2)] {
            check(field, (0.0..1.0).contains(&beta), || beta.to_string(), "a number in 0.0..1.0")?;
        }
        positive("training.epsilon", *epsilon)?;
        not_negative("training.weight_decay", *weight_decay)?;
        positive("training.max_gradient_norm", *max_gradient_norm)?;
        patience.map_or(Ok(()), |patience| at_least_one("training.patience", patience))
    }
}

impl RecordConfig {
    fn validate(&self) -> Result<(), InvalidConfig> {
        let Self {
            metrics_every,
            validation_every,
            checkpoint_every,
            checkpoint_minutes,
            keep_checkpoints,
            milestones_per_doubling: _,
            snapshots_per_doubling,
            tensorboard: _,
        } = self;
        at_least_one("record.metrics_every", *metrics_every)?;
        at_least_one("record.validation_every", *validation_every)?;
        at_least_one("record.checkpoint_every", *checkpoint_every)?;
        checkpoint_minutes.map_or(Ok(()), |n| positive("record.checkpoint_minutes", n))?;
        at_least_one("record.keep_checkpoints", *keep_checkpoints)?;
        within("record.snapshots_per_doubling", *snapshots_per_doubling, MAX_SNAPSHOTS)
    }
}

fn check(
    field: &'static str,
    holds: bool,
    value: impl FnOnce() -> String,
    expected: impl std::fmt::Display,
) -> Result<(), InvalidConfig> {
    if holds {
        return Ok(());
    }
    let message = format!("{field} is {}, expected {expected}", value());
    Err(InvalidConfig { field: field.to_owned(), message })
}

fn at_least_one(field: &'static str, value: usize) -> Result<(), InvalidConfig> {
    check(field, value >= 1, || value.to_string(), "at least 1")
}

fn within(field: &'static str, value: usize, most: usize) -> Result<(), InvalidConfig> {
    at_least_one(field, value)?;
    check(field, value <= most, || value.to_string(), format_args!("at most {most}"))
}

fn positive(field: &'static str, value: f64) -> Result<(), InvalidConfig> {
    check(field, value > 0.0 && value.is_finite(), || value.to_string(), "a positive number")
}

fn not_negative(field: &'static str, value: f64) -> Result<(), InvalidConfig> {
    check(field, value >= 0.0 && value.is_finite(), || value.to_string(), "0 or a positive number")
}
