//! A checkpoint in memory. It checks requests against the sizes of its model and encodes their texts.

use std::sync::OnceLock;

use anafora::{
    ablation::HeadMeans,
    batch::EncodedExample,
    free_text::{self, FreeTextError},
    intervene::{InterventionSettings, head_means},
    model::{ModelError, TrainedModel},
};
use burn::tensor::Device;
use config::encoder::{EncoderConfig, body::BodyConfig};
use corpus::example::Example;
use explorer::contract::{
    failure::{Code, Failure},
    request::{Ablation, MAX_TOKENS, ReadRequest},
};
use run::directory::Run;

/// Maximum number of attention weights in one answer: that of eight pronouns in the longest text,
/// with twelve heads in total.
const MAX_WEIGHTS: usize = 8 * 12 * MAX_TOKENS * MAX_TOKENS;

/// A model, and the mean outputs of its heads once they have been needed.
pub(super) struct LoadedCheckpoint {
    /// The model of the checkpoint, with its tokenizer and configuration.
    pub(super) model: TrainedModel,
    means: OnceLock<HeadMeans>,
}

impl LoadedCheckpoint {
    pub(super) fn read(run: &Run, step: usize, device: &Device) -> Result<Self, ModelError> {
        Ok(Self::new(TrainedModel::load(run, &format!("step-{step}"), device)?))
    }

    pub(super) fn new(model: TrainedModel) -> Self {
        Self { model, means: OnceLock::new() }
    }

    pub(super) fn encoder(&self) -> &EncoderConfig {
        match &self.model.config.encoder {
            BodyConfig::Transformer(config) => config,
            BodyConfig::Recurrent(_) => unreachable!("a run without attention is refused"),
        }
    }

    /// Maximum number of tokens in a text.
    pub(super) fn max_tokens(&self) -> usize {
        self.encoder().max_seq.min(MAX_TOKENS)
    }

    /// One example for each requested pronoun. If text and pronoun are those of a probe, the example
    /// is the probe, with its candidates and antecedent.
    pub(super) fn encode(
        &self,
        request: &ReadRequest,
        probes: &[Example],
    ) -> Result<Vec<EncodedExample>, Failure> {
        let examples = free_text::encode(&self.model, &request.text, request.pronoun);
        let mut examples = examples.map_err(|error| to_failure(&error, self.max_tokens()))?;
        let n_tokens = examples[0].n_tokens();
        if n_tokens > self.max_tokens() {
            return Err(too_long(n_tokens, self.max_tokens()));
        }
        let EncoderConfig { n_layers, n_heads, .. } = *self.encoder();
        let n_weights = n_layers * n_heads * n_tokens * n_tokens;
        let (n_pronouns, max_pronouns) = (examples.len(), (MAX_WEIGHTS / n_weights).max(1));
        if n_pronouns > max_pronouns {
            let what = format!(
                "{n_pronouns} pronouns in a text of {n_tokens} tokens, expected at most {max_pronouns}; \
                 braces mark the one to resolve"
            );
            return Err(Failure::new(Code::TooManyPronouns, what));
        }
        for example in &mut examples {
            let is_same = |probe: &&Example| {
                probe.text == example.example.text && probe.pronoun == example.example.pronoun
            };
            if let Some(probe) = probes.iter().find(is_same)
                && let Ok(encoded) = self.model.encode(probe.clone())
            {
                *example = encoded;
            }
        }
        Ok(examples)
    }

    /// The example of a request that must have exactly one pronoun.
    pub(super) fn encode_one(
        &self,
        request: &ReadRequest,
        probes: &[Example],
    ) -> Result<EncodedExample, Failure> {
        let mut examples = self.encode(request, probes)?;
        match examples.len() {
            1 => Ok(examples.remove(0)),
            n => {
                let what =
                    format!("the text has {n} pronouns, expected one, or pronoun to say which");
                Err(Failure::new(Code::BadRequest, what))
            }
        }
    }

    /// The intervention that `request` asks for, checked against `example` and the model.
    pub(super) fn change(
        &self,
        request: &ReadRequest,
        example: &EncodedExample,
        probes: &[Example],
    ) -> Result<InterventionSettings, Failure> {
        let n_tokens = example.n_tokens();
        let mut masked = request.masked.clone();
        masked.sort_unstable();
        masked.dedup();
        if let Some(token) = masked.iter().find(|&&token| token >= n_tokens) {
            let what = format!("token {token} is masked, expected one of the text's {n_tokens}");
            return Err(Failure::new(Code::NoSuchToken, what));
        }
        if masked.len() == n_tokens {
            let what = "every token is masked, expected one that can be read";
            return Err(Failure::new(Code::BadRequest, what));
        }
        for &(layer, head) in &request.ablated {
            self.check_head(layer, head)?;
        }
        let is_mean = request.ablation == Ablation::Mean && !request.ablated.is_empty();
        let means = is_mean.then(|| self.means(probes).clone());
        Ok(InterventionSettings { masked, ablated: request.ablated.clone(), means })
    }

    pub(super) fn check_head(&self, layer: usize, head: usize) -> Result<(), Failure> {
        let EncoderConfig { n_layers, n_heads, .. } = *self.encoder();
        if layer < n_layers && head < n_heads {
            return Ok(());
        }
        let what = format!(
            "head {head} of layer {layer}, expected one of {n_heads} heads of one of {n_layers} \
             layers, from 0"
        );
        Err(Failure::new(Code::NoSuchHead, what))
    }

    fn means(&self, probes: &[Example]) -> &HeadMeans {
        self.means.get_or_init(|| {
            let encoded: Vec<EncodedExample> =
                probes.iter().filter_map(|probe| self.model.encode(probe.clone()).ok()).collect();
            head_means(&self.model, &encoded)
        })
    }
}

fn too_long(n_tokens: usize, max_tokens: usize) -> Failure {
    let what = format!("the text has {n_tokens} tokens, expected at most {max_tokens}");
    Failure::new(Code::TooLong, what)
}

fn to_failure(error: &FreeTextError, max_tokens: usize) -> Failure {
    let code = match error {
        FreeTextError::Mark(_) => Code::BadMark,
        FreeTextError::Empty => Code::Empty,
        FreeTextError::NoPronoun { .. } => Code::NoPronoun,
        FreeTextError::TooLong { tokens, .. } => return too_long(*tokens, max_tokens),
        FreeTextError::Encode(_) => Code::BadRequest,
    };
    // Hints name options of the command line, which are of no use on the page.
    let message = files::message::message(error, |_| None);
    let without_hint = message.split("\nhint: ").next().unwrap_or_default();
    Failure::new(code, without_hint)
}
