//! What one token's vector becomes on its way through the model, part by part: the embedding, what
//! attention and the feed-forward network of each block add to the residual stream, and what the
//! pointer makes of the last vectors.

use burn::tensor::{Tensor, activation::softmax, s};

use crate::{
    batch::EncodedExample,
    intervene::{InterventionSettings, masked_input, observe_input},
    model::TrainedModel,
};

/// The activations at one token of a text, and the vectors that the pointer compares.
#[derive(Debug, Clone, PartialEq)]
pub struct Activations {
    /// The token's row of the embedding matrix: `[d_model]`
    pub embedding: Vec<f32>,
    /// The vector of the token's position that is added to the embedding: `[d_model]`; `None` with
    /// rotary positions, which are not added but rotate queries and keys
    pub position: Option<Vec<f32>>,
    /// The residual stream after 0, 1, … blocks: `[n_layers + 1, d_model]`
    pub residual_stream: Vec<f32>,
    /// What the attention of each block adds: `[n_layers, d_model]`
    pub attention: Vec<f32>,
    /// What the feed-forward network of each block adds: `[n_layers, d_model]`
    pub feed_forward: Vec<f32>,
    /// The hidden layer of each feed-forward network, after the activation: `[n_layers, d_ff]`
    pub inner: Vec<f32>,
    /// The last vectors of all tokens, after the final norm, which the pointer reads:
    /// `[token, d_model]`
    pub hidden: Vec<f32>,
    /// The vector that the pronoun's antecedent should have, divided by `√d_model`: `[d_model]`. Its
    /// product with the vector of a word's first token is the word's logit.
    pub wanted: Vec<f32>,
    /// The vector of *none*: `[d_model]`
    pub none: Vec<f32>,
    /// The probabilities of each word and, last, of *none*, if the pointer read the residual stream
    /// after 0, 1, … blocks: `[n_layers + 1, words + 1]`
    ///
    /// Reference: nostalgebraist 2020, "interpreting GPT: the logit lens".
    pub lens: Vec<f32>,
}

/// The activations of `model` at `token` of `example`, under an intervention.
///
/// # Panics
///
/// As [`crate::intervene::resolve`], and if there is no such token.
pub fn activations(
    model: &TrainedModel,
    example: &EncodedExample,
    settings: &InterventionSettings,
    token: usize,
) -> Activations {
    let n_tokens = example.n_tokens();
    assert!(token < n_tokens, "token {token}, expected one of {n_tokens}");
    let resolver = &model.resolver;
    let input = masked_input(std::slice::from_ref(example), settings, &model.device);
    let seen = observe_input(resolver, &input, settings);
    let at_token = |tensor: &Tensor<3>| numbers(tensor.clone().slice(s![.., token..token + 1, ..]));
    let of_each = |tensors: Vec<&Tensor<3>>| tensors.into_iter().flat_map(at_token).collect();
    let lens = (seen.residual_stream.iter())
        .flat_map(|stream| {
            let logits = resolver.logits_of_stream(&input, stream.clone());
            numbers(softmax(logits, 1))
        })
        .collect();
    let position = resolver.position_vectors(n_tokens);
    Activations {
        embedding: at_token(&resolver.token_vectors(input.tokens.clone())),
        position: position.map(|vectors| numbers(vectors.slice(s![token..token + 1, ..]))),
        residual_stream: of_each(seen.residual_stream.iter().collect()),
        attention: of_each(seen.attention.iter().map(|output| &output.context).collect()),
        feed_forward: of_each(seen.feed_forward.iter().map(|output| &output.added).collect()),
        inner: of_each(seen.feed_forward.iter().map(|output| &output.hidden).collect()),
        wanted: numbers(resolver.wanted_vectors(&input, seen.output.hidden.clone())),
        hidden: numbers(seen.output.hidden),
        none: numbers(resolver.none_vector()),
        lens,
    }
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

#[cfg(test)]
mod tests;
