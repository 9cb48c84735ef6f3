//! What the attention heads of a model attend to, and whether its answers depend on them.
//!
//! A head that attends to the antecedent looks like an explanation of the answer, but attention
//! weights alone do not show that the answer depends on the head. So there are two kinds of module:
//!
//! - observation: [`scores`], [`chance`] and [`attention_resolvers`] describe attention weights;
//! - intervention: [`ablation_costs`], [`patching`] and `masking` change the forward pass and
//!   measure how the answers change.
//!
//! [`correlation`] and [`attribution`] compare the two; [`growth`] follows the heads through the
//! snapshots of a training.
//!
//! The types with `serde` are the field `heads` of `report.json`, whose keys stay as they are.
//!
//! References: Clark et al. 2019, <https://arxiv.org/abs/1906.04341>, for reading attention
//! weights; Jain & Wallace 2019, <https://arxiv.org/abs/1902.10186>, for why they are not enough;
//! Webster et al. 2018, <https://arxiv.org/abs/1810.05201>, §4.2, for resolving pronouns by
//! attention alone.

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

pub mod ablation_costs;
pub mod attention_resolvers;
pub mod attribution;
pub mod chance;
pub mod correlation;
pub mod gradients;
pub mod growth;
pub mod logistic;
pub mod masking;
pub mod patching;
pub mod positions;
pub mod ranks;
pub mod rollout;
pub mod scores;
pub mod stratified;
pub mod texts;

#[cfg(test)]
pub(crate) mod sample;

use ablation_costs::{GroupAblation, HeadAblation};
use attention_resolvers::AttentionResolvers;
use attribution::MethodAgreement;
use chance::ChanceHits;
use correlation::HitCorrelation;
use growth::SnapshotHits;
use patching::Patch;
use scores::HeadScore;
use texts::Texts;

/// Number of texts on which attribution methods are compared: each needs one forward pass per word.
const N_FOR_METHODS: usize = 200;

/// The results of all head analyses for one checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadReport {
    /// The name of the file that the examples are from.
    pub split: String,
    /// Number of its examples that were analysed.
    pub n: usize,
    /// Number of validation examples, on which heads are selected and classifiers fitted.
    pub n_validation: usize,
    /// Training step of the checkpoint.
    pub step: usize,
    /// Accuracy of the model on the analysed examples.
    pub accuracy: f64,
    /// Hit rates that need no learning, to compare the heads' hit rates with.
    pub baselines: ChanceHits,
    /// Attention statistics of each head, by language and phenomenon, and by distance.
    pub scores: Vec<HeadScore>,
    /// Accuracy of resolving pronouns by attention weights alone.
    pub resolvers: AttentionResolvers,
    /// Accuracy without one head, by language and phenomenon.
    pub ablations: Vec<HeadAblation>,
    /// Accuracy without two heads at once, by language and phenomenon.
    pub pairs: Vec<GroupAblation>,
    /// Accuracy without three or more heads at once.
    #[serde(default)]
    pub groups: Vec<GroupAblation>,
    /// How often the answer flips when a head's attention is patched from the other text of a pair.
    pub patches: Vec<Patch>,
    /// Rank correlations, over heads, of the hit rate with measures of causal effect.
    #[serde(default)]
    pub cause: Vec<HitCorrelation>,
    /// How well attribution methods agree with the effect of masking words.
    pub methods: Vec<MethodAgreement>,
    /// The hit rates of each head at each snapshot of the training.
    pub growth: Vec<SnapshotHits>,
}

/// Why the heads of a model cannot be analysed.
#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    /// The model is recurrent, so it has no attention heads.
    #[error(
        "the run's model has no attention, expected a Transformer (encoder.shape = \"base\", \
         \"vaswani\" or \"bert\"): it is recurrent"
    )]
    NoAttention,
    /// Hits are undefined for examples without an antecedent, and there are no others.
    #[error("{split}: found no example with an antecedent, expected at least one")]
    NoExamples {
        /// Name of the file that was read.
        split: String,
    },
    /// The validation examples, on which heads are selected, cannot be opened.
    #[error(transparent)]
    Validation(#[from] SourceError),
    /// A validation example cannot be encoded for the model, for example because it is too long.
    #[error("the validation examples")]
    Encode(#[from] EncodeError),
    /// A snapshot cannot be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

/// The model under analysis, and how to run it.
pub(crate) struct AnalysedModel<'a> {
    pub(crate) resolver: &'a Resolver,
    pub(crate) device: &'a Device,
    /// Maximum number of texts in one forward pass.
    pub(crate) batch_size: usize,
}

impl HeadReport {
    /// Analyses the heads of `model` on at most `n` examples of `split`, chosen by
    /// [`stratified::stratified_sample`].
    pub fn new(
        run: &Run,
        model: &TrainedModel,
        split: &EncodedSplit,
        n: usize,
    ) -> Result<Self, HeadsError> {
        if !model.config.encoder.has_attention() {
            return Err(HeadsError::NoAttention);
        }
        let validation = stratified::stratified_sample(&validation(model)?, n);
        let examples = stratified::stratified_sample(&split.examples, n);
        for (name, examples) in [(split.name.as_str(), &examples), ("validation", &validation)] {
            if examples.iter().all(|example| example.example.antecedent.is_none()) {
                return Err(HeadsError::NoExamples { split: name.to_owned() });
            }
        }
        let TrainedModel { resolver, device, config, .. } = model;
        let analysed = AnalysedModel { resolver, device, batch_size: config.training.batch_size };
        let snapshots = growth::snapshots(run)?;
        let mut report = Self::of(&analysed, &examples, &validation, &snapshots);
        (report.split, report.step) = (split.name.clone(), model.step);
        Ok(report)
    }

    /// The report on `examples`; the caller fills in `split` and `step`, which are not known here.
    pub(crate) fn of(
        model: &AnalysedModel<'_>,
        examples: &[EncodedExample],
        validation: &[EncodedExample],
        snapshots: &[Snapshot],
    ) -> Self {
        let texts = Texts::new(examples, model);
        let validation = Texts::new(validation, model);
        let observed = [&texts, &validation].map(|texts| texts.observed(model));
        let means = HeadMeans::new(model.resolver, &validation.batches);
        let scores = scores::scores(&observed[0]);
        let (ablations, pairs) = ablation_costs::ablations(&texts, model, &means, &scores);
        let (pairs, groups) = pairs.into_iter().partition(|pair| pair.heads.len() == 2);
        let patches = patching::patches(&texts, model);
        let for_methods = stratified::stratified_sample(examples, N_FOR_METHODS);
        Self {
            split: String::new(),
            n: texts.len(),
            n_validation: validation.len(),
            step: 0,
            accuracy: texts::accuracy(&observed[0]),
            baselines: ChanceHits::new(&observed[0], &observed[1]),
            resolvers: AttentionResolvers::new(&observed[0], &observed[1]),
            cause: correlation::hit_correlations(&scores, &ablations, &patches),
            scores,
            ablations,
            pairs,
            groups,
            patches,
            methods: attribution::compare(&for_methods, &validation, model),
            growth: growth::growth(snapshots),
        }
    }
}

/// The validation examples of the run, encoded for its model.
fn validation(model: &TrainedModel) -> Result<Vec<EncodedExample>, HeadsError> {
    let data = &model.config.data;
    let source = Source::open(&data.validation, data, Split::Validation, model.config.seed)?;
    let n = source.n_texts().unwrap_or(data.validation_examples) as u64;
    let examples: Vec<Example> = source.examples(0..n);
    Ok(examples.into_iter().map(|example| model.encode(example)).collect::<Result<_, _>>()?)
}

/// `[layer, head]` of every head, layer by layer.
pub(crate) fn heads(n_layers: usize, n_heads: usize) -> impl Iterator<Item = [usize; 2]> {
    (0..n_layers).flat_map(move |layer| (0..n_heads).map(move |head| [layer, head]))
}

/// The index of the maximum; of equal values, the first.
pub(crate) fn argmax(values: impl IntoIterator<Item = f64>) -> Option<usize> {
    let of_both =
        |best: (usize, f64), next: (usize, f64)| if next.1 > best.1 { next } else { best };
    values.into_iter().enumerate().reduce(of_both).map(|(index, _)| index)
}
