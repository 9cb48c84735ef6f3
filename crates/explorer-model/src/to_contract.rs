//! Converts probes, the format of snapshots and of `anafora`'s answers, to the types of the page's
//! contract.

use std::error::Error;

use anafora::{activations, batch::EncodedExample, ranking::ranked};
use config::encoder::{
    EncoderConfig,
    architecture::{self, Activation, NormPosition},
};
use explorer::{
    contract::{
        failure::{Code, Failure},
        reading::{Activations, Attention, Phrase, Positions, Reading, Readings, Token},
    },
    numbers,
};
use snapshot::content::{Attention as Layer, PhraseProbability, Probe};

/// One [`Reading`], the contract's answer for a text and pronoun, for each probe.
pub(super) fn readings(step: usize, probes: Vec<Probe>) -> Readings {
    Readings { step, readings: probes.into_iter().map(reading).collect() }
}

fn reading(probe: Probe) -> Reading {
    let is_sure = ranked(&probe)[0].is_sure();
    let Probe { example, tokens, words, pronoun_token, answer, probabilities, phrases, layers } =
        probe;
    Reading {
        lang: example.lang,
        pronoun: example.pronoun,
        pronoun_word: tokens[pronoun_token].word.expect("the pronoun's token belongs to a word"),
        pronoun_token,
        tokens: (tokens.into_iter())
            .map(|token| Token { text: token.text, span: token.span, word: token.word })
            .collect(),
        words,
        candidates: example.candidates,
        antecedent: example.antecedent,
        answer,
        probabilities,
        phrases: (phrases.into_iter())
            .map(|PhraseProbability { span, head, probability }| Phrase { span, head, probability })
            .collect(),
        is_sure,
        attention: attention(&layers),
        text: example.text,
    }
}

fn attention(layers: &[Layer]) -> Option<Attention> {
    let Layer { heads, seq, .. } = *layers.first()?;
    let weights: Vec<f32> = layers.iter().flat_map(|layer| &layer.weights).copied().collect();
    Some(Attention { layers: layers.len(), heads, seq, weights: numbers::weights(&weights) })
}

/// The activations at one token of `example`, seen at a training step.
pub(super) fn activations(
    (step, token): (usize, usize),
    example: &EncodedExample,
    config: &EncoderConfig,
    seen: &activations::Activations,
) -> Activations {
    let architecture = config.architecture();
    Activations {
        step,
        token,
        seq: example.n_tokens(),
        n_layers: config.n_layers,
        d_model: config.d_model,
        d_ff: config.d_ff,
        ids: example.encoding.ids.clone(),
        norm: match architecture.norm {
            NormPosition::Before => "before",
            NormPosition::After => "after",
        },
        activation: match architecture.activation {
            Activation::GeGlu => "geglu",
            Activation::Relu => "relu",
            Activation::Gelu => "gelu",
        },
        positions: positions(config, seen.position.as_deref()),
        embedding: numbers::floats(&seen.embedding),
        residual: numbers::floats(&seen.residual_stream),
        attention: numbers::floats(&seen.attention),
        feed_forward: numbers::floats(&seen.feed_forward),
        inner: numbers::floats(&seen.inner),
        hidden: numbers::floats(&seen.hidden),
        wanted: numbers::floats(&seen.wanted),
        none: numbers::floats(&seen.none),
        lens: numbers::floats(&seen.lens),
    }
}

/// How the model knows positions, with the vector that is added at a token, if one is.
fn positions(config: &EncoderConfig, added: Option<&[f32]>) -> Positions {
    let added = added.map(numbers::floats);
    match config.architecture().positions {
        architecture::Positions::Rotary { theta } => {
            Positions { kind: "rotary", theta: Some(theta), d_head: Some(config.d_head()), added }
        }
        architecture::Positions::Sinusoidal => {
            Positions { kind: "sinusoidal", theta: None, d_head: None, added }
        }
        architecture::Positions::Learned => {
            Positions { kind: "learned", theta: None, d_head: None, added }
        }
    }
}

/// The failure that reports a file of the run that cannot be read.
pub(super) fn to_failure(error: impl Error + 'static) -> Failure {
    Failure::new(Code::Internal, files::message::message(&error, |_| None))
}
