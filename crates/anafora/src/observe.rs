//! The answers of a model as [`Probe`]s, with the attention weights of every layer and head, or
//! without them by the fast path.
//!
//! Weights are taken before dropout, so that each row is a distribution.

use burn::tensor::{Device, Tensor, s};
use corpus::{span::CharSpan, tokenizer::Tokenizer};
use encoder::{intervention::Untouched, resolver::Resolver};
use snapshot::content::{Attention, PhraseProbability, Probe, Token};

use crate::{
    batch::{Batch, EncodedExample},
    phrase::Phrase,
    prediction::{Prediction, predict, predictions},
};

/// The answers and attention weights of `model` for each of `examples`.
///
/// Examples are computed one at a time, so that only the weights of one are on the device.
///
/// # Panics
///
/// If the model is recurrent.
pub fn observe(
    model: &Resolver,
    tokenizer: &Tokenizer,
    examples: &[EncodedExample],
    device: &Device,
) -> Vec<Probe> {
    let one = |example| {
        let batch = Batch::new(vec![example], device);
        let embedded = model.embed(batch.input.tokens.clone());
        let seen = model.observe(&batch.input, embedded, &Untouched);
        let weights: Vec<Tensor<4>> = seen.attention.into_iter().map(|l| l.weights).collect();
        probes(tokenizer, &batch.examples, seen.output.logits, &weights)
    };
    examples.iter().cloned().flat_map(one).collect()
}

/// The answers of `model` for each of `examples`, by the fast path: the probes have no layers, nor the
/// tokens, which would be written down again for every anaphor of a long text.
pub fn answer(
    model: &Resolver,
    examples: &[EncodedExample],
    batch_size: usize,
    device: &Device,
) -> Vec<Probe> {
    let predictions = predict(model, examples, batch_size, device);
    (examples.iter().zip(predictions))
        .map(|(example, prediction)| probe(example, prediction, Vec::new(), Vec::new()))
        .collect()
}

/// Makes a probe of each of `examples`, from the logits and weights of their batch.
///
/// # Shapes
///
/// - `logits`: `[batch, words + 1]`
/// - `weights`, for each layer: `[batch, heads, query, key]`
pub fn probes(
    tokenizer: &Tokenizer,
    examples: &[EncodedExample],
    logits: Tensor<2>,
    weights: &[Tensor<4>],
) -> Vec<Probe> {
    let predictions = predictions(logits, examples);
    (examples.iter().zip(predictions).enumerate())
        .map(|(row, (example, prediction))| {
            let of_layer = |layer| attention(layer, row, example.n_tokens());
            let layers = weights.iter().map(of_layer).collect();
            probe(example, prediction, tokens(example, tokenizer), layers)
        })
        .collect()
}

fn probe(
    example: &EncodedExample,
    prediction: Prediction,
    tokens: Vec<Token>,
    layers: Vec<Attention>,
) -> Probe {
    Probe {
        example: example.example.clone(),
        tokens,
        words: example.encoding.words.iter().map(|word| word.span).collect(),
        pronoun_token: example.pronoun_token(),
        answer: prediction.head(example),
        phrases: phrases(example, &prediction),
        probabilities: prediction.words.iter().copied().chain([prediction.none]).collect(),
        layers,
    }
}

/// The phrases of a text and their probabilities as the antecedent.
fn phrases(example: &EncodedExample, prediction: &Prediction) -> Vec<PhraseProbability> {
    let probabilities = prediction.among_referents(example);
    let phrases = &example.phrases;
    let phrase = |((phrase, &span), probability): ((&Phrase, &CharSpan), f32)| PhraseProbability {
        span,
        head: phrase.head,
        probability,
    };
    phrases.iter().zip(&phrases.spans).zip(probabilities).map(phrase).collect()
}

fn tokens(example: &EncodedExample, tokenizer: &Tokenizer) -> Vec<Token> {
    let text = |&id| tokenizer.token(id).expect("the tokenizer made this id").to_owned();
    (example.encoding.ids.iter().zip(&example.encoding.tokens))
        .map(|(id, token)| Token { text: text(id), span: token.span, word: token.word })
        .collect()
}

/// The weights of one layer for the example `row` of the batch, without padding.
///
/// # Shapes
///
/// - `weights`: `[batch, heads, query, key]`
fn attention(weights: &Tensor<4>, row: usize, seq: usize) -> Attention {
    let [_, heads, ..] = weights.dims();
    let example = weights.clone().slice(s![row..row + 1, .., 0..seq, 0..seq]);
    Attention { heads, seq, weights: example.into_data().iter::<f32>().collect() }
}
