//! The config of an experiment: everything that a run depends on, as written in `configs/*.toml`.
//!
//! No key of the current version has a default in the code, so that the file shows the whole
//! experiment. `--set` can override single keys (see the module `overrides`); the resolved file is
//! written into the run directory.

use std::{ops::RangeInclusive, path::PathBuf};

use corpus::{example::Language, jsonl::MAX_EXAMPLES, tokenizer::MAX_VOCAB_SIZE};
use serde::{Deserialize, Serialize};

use crate::encoder::{self, body::BodyConfig};

/// The longest time between two checkpoints, a year.
const MAX_CHECKPOINT_MINUTES: f64 = 525_600.0;

// Within these limits no count of examples overflows 64 bits.
/// Limit of `training.steps`.
const MAX_STEPS: usize = 1_000_000_000;
/// Limit of `training.gradient_accumulation_steps`.
const MAX_ACCUMULATION_STEPS: usize = 65_536;
/// Limit of `training.batch_size` for a model of any size.
const MAX_BATCH_SIZE: usize = 65_536;
/// Limit of `record.snapshots_per_doubling`.
const MAX_SNAPSHOTS: usize = 1_000;

/// The whole config of an experiment, a field for each section of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Sections")]
pub struct ExperimentConfig {
    /// Seed of the initial weights, of dropout, and of the content and order of the examples.
    pub seed: u64,
    /// Where training and validation examples come from.
    pub data: DataConfig,
    /// How the vocabulary is learned.
    pub tokenizer: TokenizerConfig,
    /// Architecture and size of the model.
    pub encoder: BodyConfig,
    /// Weights of the losses that training minimises.
    pub objective: ObjectiveConfig,
    /// Optimizer, learning rate and length of the training.
    pub training: TrainingConfig,
    /// What is recorded during the training, and how often.
    pub record: RecordConfig,
}

/// The sections of a file; files of older versions have no `[objective]`.
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
                ObjectiveConfig { antecedent_token, masked_words: 0.0, detection: 0.0 }
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

/// Weights of the auxiliary losses that are added to the loss of pointing at the antecedent. A
/// weight of 0 turns a loss off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveConfig {
    /// Weight of the loss of predicting the antecedent's first token from the pronoun's vector.
    pub antecedent_token: f64,
    /// Weight of the loss of predicting masked words.
    pub masked_words: f64,
    /// Weight of the loss of finding the anaphors and phrases of a text; with 0 the model has no heads
    /// for it. 0 if the key is missing, as in runs of older versions.
    #[serde(default)]
    pub detection: f64,
}

/// Where examples come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// The languages of the grammar's examples; it has no effect on examples from files.
    pub languages: Vec<Language>,
    /// Where the training examples come from.
    pub train: Origin,
    /// Where the validation examples come from, which decide early stopping and the best
    /// checkpoint.
    pub validation: Origin,
    /// Size of a validation set from the grammar; of files, all examples are used.
    pub validation_examples: usize,
    /// Share of the grammar's training texts in which one candidate is a nonce word; twice that
    /// share where agreement alone decides the answer.
    #[serde(alias = "invented")]
    pub nonce_words: f64,
    /// Share of the grammar's training texts without capitals, accents or punctuation, or with
    /// typing errors.
    #[serde(alias = "rough")]
    pub noise: f64,
    /// Share of the words of training texts that are split into sub-words although the vocabulary
    /// has them whole. 0 if the key is missing, as in runs of older versions.
    #[serde(default, alias = "pieces")]
    pub subword_regularisation: f64,
    /// Share of the grammar's stream that is composed of clauses (`data/composition`). 0 if the key
    /// is missing, as in runs of older versions.
    #[serde(default)]
    pub composed: f64,
    /// Share of the grammar's stream that people wrote (`data/natural/*/train.txt`). 0 if the key is
    /// missing, as in runs of older versions.
    #[serde(default)]
    pub written: f64,
}

/// The source of examples: the grammar of `data/grammar`, or files of the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"grammar\" or a list of JSONL files, as [\"my.jsonl\"]")]
pub enum Origin {
    /// Examples that the grammar generates, an endless stream.
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
    /// Largest number of tokens in the vocabulary.
    pub vocab_size: usize,
    /// Number of training examples that the vocabulary is learned from; all of them if files have
    /// fewer.
    pub examples: usize,
}

/// Optimizer, learning-rate schedule, batches and length of the training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Number of optimizer updates.
    pub steps: usize,
    /// Examples in one forward pass.
    pub batch_size: usize,
    /// Forward passes whose gradients are averaged into one update.
    #[serde(alias = "accumulation")]
    pub gradient_accumulation_steps: usize,
    /// Batches in a length bucket: among their examples, batches are formed by length, so that
    /// little of a batch is padding.
    #[serde(alias = "window_batches")]
    pub length_bucket_batches: usize,
    /// AdamW's learning rate at the end of the warm-up.
    pub peak_learning_rate: f64,
    /// AdamW's learning rate at the last step.
    pub final_learning_rate: f64,
    /// Muon's learning rate for the matrices of the blocks at the end of the warm-up, from where it falls
    /// in proportion to AdamW's; with 0 AdamW trains them, too. 0 if the key is missing, as in runs of
    /// older versions.
    #[serde(default)]
    pub muon_learning_rate: f64,
    /// Muon's momentum. 0 if the key is missing, as in runs of older versions.
    #[serde(default)]
    pub muon_momentum: f64,
    /// Steps of linear warm-up.
    pub warmup_steps: usize,
    /// The share of the steps, the last ones, in which the learning rate falls in a straight line; before, it
    /// stays at its peak. Without the key it falls as half a cosine from the warm-up on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decay_share: Option<f64>,
    /// AdamW's decay of the first moment.
    pub beta_1: f64,
    /// AdamW's decay of the second moment.
    pub beta_2: f64,
    /// AdamW's constant that keeps the division by the second moment's root finite.
    pub epsilon: f64,
    /// AdamW's decoupled weight decay.
    pub weight_decay: f64,
    /// The old name of `objective.antecedent_token`, only for deserialisation: always `None` in a
    /// config that was read.
    #[doc(hidden)]
    #[serde(default, skip_serializing)]
    pub naming_weight: Option<f64>,
    /// Gradient clipping: gradients with a larger global norm are scaled down to this norm.
    pub max_gradient_norm: f64,
    /// Early stopping: the number of validations without a higher accuracy after which the run
    /// ends. Without the key it never ends early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,
}

/// What is recorded during a training. Intervals are numbers of optimizer updates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordConfig {
    /// Interval of the lines with training metrics in `metrics.jsonl`.
    pub metrics_every: usize,
    /// Interval of the passes over the validation set.
    pub validation_every: usize,
    /// Interval of the checkpoints.
    pub checkpoint_every: usize,
    /// Longest time without a checkpoint, in minutes. Without the key only steps count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_minutes: Option<f64>,
    /// Number of the newest checkpoints that are kept, in addition to the best one.
    pub keep_checkpoints: usize,
    /// Number of checkpoints that are kept for good for each doubling of the step. 0 if the key is
    /// missing, as in runs of older versions.
    #[serde(default)]
    pub milestones_per_doubling: usize,
    /// Number of attention snapshots for each doubling of the step, in addition to the one at step
    /// 0.
    pub snapshots_per_doubling: usize,
    /// Whether TensorBoard's event files are written as well. `false` if the key is missing, as in
    /// runs of older versions.
    #[serde(default)]
    pub tensorboard: bool,
}

/// A value of the right type that is outside of its range.
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
    /// Checks the ranges of all values, and that the model fits the memory of a machine.
    ///
    /// # Errors
    ///
    /// The first key whose value is outside of its range.
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let Self { seed: _, data, tokenizer, encoder, objective, training, record } = self;
        data.validate()?;
        tokenizer.validate()?;
        encoder.validate().map_err(InvalidConfig::from)?;
        encoder.check_size(tokenizer.vocab_size).map_err(InvalidConfig::from)?;
        objective.validate()?;
        training.validate(encoder.max_batch_size())?;
        let muon = training.muon_learning_rate;
        let fits = encoder.has_attention() || muon == 0.0;
        let expected = "0 for a recurrent encoder, which has no blocks";
        check("training.muon_learning_rate", fits, || muon.to_string(), expected)?;
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
            composed,
            written,
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
            ("data.composed", *composed),
            ("data.written", *written),
        ];
        for (field, share) in shares {
            let is_share = (0.0..=1.0).contains(&share);
            check(field, is_share, || share.to_string(), "a number in 0.0..=1.0")?;
        }
        let both = composed + written;
        let expected = "at most 1.0 together with data.composed";
        check("data.written", both <= 1.0, || written.to_string(), expected)?;
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
        let Self { antecedent_token, masked_words, detection } = self;
        not_negative("objective.detection", *detection)?;
        not_negative("objective.antecedent_token", *antecedent_token)?;
        not_negative("objective.masked_words", *masked_words)
    }
}

impl TrainingConfig {
    /// `max_batch_size` is the number of texts that fit the memory of one training step.
    fn validate(&self, max_batch_size: usize) -> Result<(), InvalidConfig> {
        let Self {
            steps,
            batch_size,
            gradient_accumulation_steps,
            length_bucket_batches,
            peak_learning_rate,
            final_learning_rate,
            muon_learning_rate,
            muon_momentum,
            warmup_steps,
            decay_share,
            beta_1,
            beta_2,
            epsilon,
            weight_decay,
            naming_weight: _,
            max_gradient_norm,
            patience,
        } = self;
        within("training.steps", *steps, MAX_STEPS)?;
        within("training.batch_size", *batch_size, MAX_BATCH_SIZE.min(max_batch_size))?;
        let passes = *gradient_accumulation_steps;
        within("training.gradient_accumulation_steps", passes, MAX_ACCUMULATION_STEPS)?;
        let bucket = *length_bucket_batches;
        within("training.length_bucket_batches", bucket, MAX_EXAMPLES / *batch_size)?;
        positive("training.peak_learning_rate", *peak_learning_rate)?;
        not_negative("training.final_learning_rate", *final_learning_rate)?;
        not_negative("training.muon_learning_rate", *muon_learning_rate)?;
        let found = || warmup_steps.to_string();
        check("training.warmup_steps", warmup_steps < steps, found, "fewer than training.steps")?;
        if let Some(share) = *decay_share {
            let is_share = share > 0.0 && share <= 1.0;
            let expected = "more than 0, at most 1";
            check("training.decay_share", is_share, || share.to_string(), expected)?;
        }
        for (field, beta) in [
            ("training.beta_1", *beta_1),
            ("training.beta_2", *beta_2),
            ("training.muon_momentum", *muon_momentum),
        ] {
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
            milestones_per_doubling,
            snapshots_per_doubling,
            tensorboard: _,
        } = self;
        at_least_one("record.metrics_every", *metrics_every)?;
        at_least_one("record.validation_every", *validation_every)?;
        at_least_one("record.checkpoint_every", *checkpoint_every)?;
        if let Some(minutes) = *checkpoint_minutes {
            let found = || minutes.to_string();
            let is_within = minutes > 0.0 && minutes <= MAX_CHECKPOINT_MINUTES;
            let expected = format_args!("more than 0, at most {MAX_CHECKPOINT_MINUTES}");
            check("record.checkpoint_minutes", is_within, found, expected)?;
        }
        at_least_one("record.keep_checkpoints", *keep_checkpoints)?;
        let found = || milestones_per_doubling.to_string();
        let is_within = *milestones_per_doubling <= MAX_SNAPSHOTS;
        let expected = format_args!("at most {MAX_SNAPSHOTS}");
        check("record.milestones_per_doubling", is_within, found, expected)?;
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

/// Checks that `value` is in `1..=max`.
fn within(field: &'static str, value: usize, max: usize) -> Result<(), InvalidConfig> {
    at_least_one(field, value)?;
    check(field, value <= max, || value.to_string(), format_args!("at most {max}"))
}

/// Training computes in `f32`, in which a smaller number would be 0 and a larger one infinite.
const POSITIVE: RangeInclusive<f64> = f32::MIN_POSITIVE as f64..=f32::MAX as f64;

fn positive(field: &'static str, value: f64) -> Result<(), InvalidConfig> {
    let expected = "a positive number of 32 bits, 1.2e-38 to 3.4e38";
    check(field, POSITIVE.contains(&value), || value.to_string(), expected)
}

fn not_negative(field: &'static str, value: f64) -> Result<(), InvalidConfig> {
    let holds = value == 0.0 || POSITIVE.contains(&value);
    let expected = "0 or a positive number of 32 bits, 1.2e-38 to 3.4e38";
    check(field, holds, || value.to_string(), expected)
}
