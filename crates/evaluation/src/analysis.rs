//! What attention heads look at, and whether it is why the model answers as it does.
//!
//! A head that reads the antecedent looks like an explanation. Whether it is one is another
//! question, which is asked here by taking heads away and by letting them read something else.
//! Looking is in `scores`, `baselines` and `resolvers`; intervening in `ablation`, `patching` and
//! `effects`; both meet in `cause` and `methods`. `growth` looks at a training's snapshots.
//!
//! The types with `serde` are the field `heads` of `report.json`.
//! Reference: Clark et al. 2019, <https://arxiv.org/abs/1906.04341>, for looking; Jain & Wallace
//! 2019, <https://arxiv.org/abs/1902.10186>, for doubting it; Webster et al. 2018,
//! <https://arxiv.org/abs/1810.05201>, §4.2, for answering by attention alone.

use burn::tensor::Device;
use corpus::{example::Example, split::Split};
use encoder::resolver::Resolver;
use serde::{Deserialize, Serialize};
use snapshot::{content::Snapshot, file::SnapshotError};

use crate::splits::EncodedSplit;
use anafora::{
    ablation::HeadMeans,
    batch::{EncodeError, EncodedExample},
    model::TrainedModel,
};
use run::{
    directory::Run,
    source::{Source, SourceError},
};

// In the order of the report.
pub mod ablation;
pub mod baselines;
pub mod cause;
pub mod choice;
pub mod effects;
pub mod gradients;
pub mod growth;
pub mod logistic;
pub mod methods;
pub mod patching;
pub mod places;
pub mod ranks;
pub mod resolvers;
pub mod rollout;
pub mod scores;
pub mod texts;

#[cfg(test)]
pub(crate) mod sample;

use ablation::{GroupAblation, HeadAblation};
use baselines::Baselines;
use cause::Agreement;
use growth::Grown;
use methods::Method;
use patching::Patch;
use resolvers::Resolvers;
use scores::HeadScore;
use texts::Texts;

/// Texts that the costly question is asked about, what happens without each single word.
const N_FOR_METHODS: usize = 200;

/// Everything that was found out about the heads of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadReport {
    /// The name of the file that the examples are from.
    pub split: String,
    /// How many of its examples were used.
    pub n: usize,
    /// How many validation examples everything was chosen and fitted on.
    pub n_validation: usize,
    /// Updates that made the model.
    pub step: usize,
    /// What the model gets right of them.
    pub accuracy: f64,
    /// What a head's hits are to be compared with.
    pub baselines: Baselines,
    /// What each head looks at, by language and phenomenon and by distance.
    pub scores: Vec<HeadScore>,
    /// Answers by attention alone.
    pub resolvers: Resolvers,
    /// What is right without a head, by language and phenomenon.
    pub ablations: Vec<HeadAblation>,
    /// What is right without two heads at once, by language and phenomenon.
    pub pairs: Vec<GroupAblation>,
    /// The same without three or more.
    #[serde(default)]
    pub groups: Vec<GroupAblation>,
    /// What becomes of an answer when a head reads as in another text.
    pub patches: Vec<Patch>,
    /// Whether the heads that hit are those that matter.
    #[serde(default)]
    pub cause: Vec<Agreement>,
    /// Ways to say which word mattered, against taking words away.
    pub methods: Vec<Method>,
    /// The hits of each head through the training.
    pub growth: Vec<Grown>,
}

/// Why heads cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    /// A model of another kind.
    #[error(
        "the run's model has no attention, expected a Transformer (encoder.shape = \"base\", \
         \"vaswani\" or \"bert\"): it is recurrent"
    )]
    NoAttention,
    /// Nothing to look at.
    #[error("{split}: found no example with an antecedent, expected at least one")]
    NoExamples {
        /// The name of the file.
        split: String,
    },
    /// The validation examples, on which everything is chosen, are not there.
    #[error(transparent)]
    Validation(#[from] SourceError),
    /// A validation example does not fit the model.
    #[error("the validation examples")]
    Encode(#[from] EncodeError),
    /// A snapshot cannot be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

/// What the examples are asked of.
pub(crate) struct Subject<'a> {
    pub(crate) resolver: &'a Resolver,
    pub(crate) device: &'a Device,
    /// Texts of one forward pass, at most.
    pub(crate) batch_size: usize,
}

impl HeadReport {
    /// Looks at the heads of `model` on `n` examples of `split`, chosen by [`choice::evenly`].
    pub fn new(
        run: &Run,
        model: &TrainedModel,
        split: &EncodedSplit,
        n: usize,
    ) -> Result<Self, HeadsError> {
        if !model.config.encoder.has_attention() {
            return Err(HeadsError::NoAttention);
        }
        let validation = choice::evenly(&validation(model)?, n);
        let examples = choice::evenly(&split.examples, n);
        for (name, examples) in [(split.name.as_str(), &examples), ("validation", &validation)] {
            if examples.iter().all(|example| example.example.antecedent.is_none()) {
                return Err(HeadsError::NoExamples { split: name.to_owned() });
            }
        }
        let TrainedModel { resolver, device, config, .. } = model;
        let subject = Subject { resolver, device, batch_size: config.training.batch_size };
        let snapshots = growth::snapshots(run)?;
        let mut report = Self::of(&subject, &examples, &validation, &snapshots);
        (report.split, report.step) = (split.name.clone(), model.step);
        Ok(report)
    }

    /// The same for examples at hand; the names of split and step are the caller's.
    pub(crate) fn of(
        subject: &Subject<'_>,
        examples: &[EncodedExample],
        validation: &[EncodedExample],
        snapshots: &[Snapshot],
    ) -> Self {
        let texts = Texts::new(examples, subject);
        let validation = Texts::new(validation, subject);
        let readings = [&texts, &validation].map(|texts| texts.readings(subject));
        let means = HeadMeans::new(subject.resolver, &validation.batches);
        let scores = scores::scores(&readings[0]);
        let (ablations, pairs) = ablation::ablations(&texts, subject, &means, &scores);
        let (pairs, groups) = pairs.into_iter().partition(|pair| pair.heads.len() == 2);
        let patches = patching::patches(&texts, subject);
        let for_methods = choice::evenly(examples, N_FOR_METHODS);
        Self {
            split: String::new(),
            n: texts.len(),
            n_validation: validation.len(),
            step: 0,
            accuracy: texts::accuracy(&readings[0]),
            baselines: Baselines::new(&readings[0], &readings[1]),
            resolvers: Resolvers::new(&readings[0], &readings[1]),
            cause: cause::agreements(&scores, &ablations, &patches),
            scores,
            ablations,
            pairs,
            groups,
            patches,
            methods: methods::compare(&for_methods, &validation, subject),
            growth: growth::growth(snapshots),
        }
    }
}

/// The examples that the run was validated on.
fn validation(model: &TrainedModel) -> Result<Vec<EncodedExample>, HeadsError> {
    let data = &model.config.data;
    let source = Source::open(&data.validation, data, Split::Validation, model.config.seed)?;
    let n = source.n_examples().unwrap_or(data.validation_examples) as u64;
    let examples: Vec<Example> = source.examples(0..n);
    Ok(examples.into_iter().map(|example| model.encode(example)).collect::<Result<_, _>>()?)
}

/// Each layer and head, in their order.
pub(crate) fn heads(n_layers: usize, n_heads: usize) -> impl Iterator<Item = [usize; 2]> {
    (0..n_layers).flat_map(move |layer| (0..n_heads).map(move |head| [layer, head]))
}

/// The index of the greatest number, the first of equals.
pub(crate) fn greatest(values: impl IntoIterator<Item = f64>) -> Option<usize> {
    let of_both =
        |best: (usize, f64), next: (usize, f64)| if next.1 > best.1 { next } else { best };
    values.into_iter().enumerate().reduce(of_both).map(|(index, _)| index)
}
