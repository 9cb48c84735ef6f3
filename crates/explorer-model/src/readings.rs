//! From what a model was seen to do to what the page is sent of it.

use std::error::Error;

use explorer::{
    contract::{
        failure::{Code, Failure},
        reading::{Attention, Reading, Readings, Token},
    },
    numbers,
};
use snapshot::content::{Attention as Layer, Probe};

/// One reading for each probe.
pub(super) fn readings(step: usize, probes: Vec<Probe>) -> Readings {
    Readings { step, readings: probes.into_iter().map(reading).collect() }
}

fn reading(probe: Probe) -> Reading {
    let Probe { example, tokens, words, pronoun_token, answer, probabilities, layers } = probe;
    Reading {
        lang: example.lang,
        pronoun: example.pronoun,
        pronoun_word: tokens[pronoun_token].word.expect("the token that asks is one of the text"),
        pronoun_token,
        tokens: (tokens.into_iter())
            .map(|token| Token { text: token.text, span: token.span, word: token.word })
            .collect(),
        words,
        candidates: example.candidates,
        antecedent: example.antecedent,
        answer,
        probabilities,
        attention: attention(&layers),
        text: example.text,
    }
}

fn attention(layers: &[Layer]) -> Option<Attention> {
    let Layer { heads, seq, .. } = *layers.first()?;
    let weights: Vec<f32> = layers.iter().flat_map(|layer| &layer.weights).copied().collect();
    Some(Attention { layers: layers.len(), heads, seq, weights: numbers::weights(&weights) })
}

/// A file of the run that cannot be read.
pub(super) fn to_failure(error: impl Error + 'static) -> Failure {
    Failure::new(Code::Internal, files::message::message(&error, |_| None))
}
