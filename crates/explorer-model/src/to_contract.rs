//! Converts probes, the format of snapshots and of `anafora`'s answers, to the types of the page's
//! contract.

use std::error::Error;

use anafora::ranking::ranked;
use explorer::{
    contract::{
        failure::{Code, Failure},
        reading::{Attention, Phrase, Reading, Readings, Token},
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

/// The failure that reports a file of the run that cannot be read.
pub(super) fn to_failure(error: impl Error + 'static) -> Failure {
    Failure::new(Code::Internal, files::message::message(&error, |_| None))
}
