use config::encoder::body::BodyConfig;
use corpus::bundled::probes;

use super::*;
use crate::{intervene::resolve, untrained::untrained};

const CONFIGS: [(&str, &str); 3] = [
    ("tiny", include_str!("../../../../configs/tiny.toml")),
    ("bert", include_str!("../../../../configs/bert.toml")),
    ("vaswani", include_str!("../../../../configs/vaswani.toml")),
];

/// An untrained model of each shape, which is enough: the sums have to be right for any weights.
fn models() -> impl Iterator<Item = TrainedModel> {
    CONFIGS.into_iter().map(|(name, text)| untrained(name, text))
}

fn sum(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A norm without weight and bias, which those of untrained models do not change.
fn normed(x: &[f32]) -> Vec<f32> {
    let n = x.len() as f32;
    let mean = x.iter().sum::<f32>() / n;
    let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / n;
    x.iter().map(|x| (x - mean) / (variance + 1e-5).sqrt()).collect()
}

fn assert_close(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let max = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(max < 1e-4, "{what}: {max}");
}

/// The parts are those of the model's definition: put together again they give the residual stream,
/// and at its end the answer.
#[test]
fn the_parts_add_up_to_the_answer_in_every_shape() {
    for model in models() {
        let BodyConfig::Transformer(config) = &model.config.encoder else { unreachable!() };
        let (d_model, shape) = (config.d_model, format!("{:?}", config.shape));
        let example = model.encode(probes().remove(0)).unwrap();
        let settings = InterventionSettings { ablated: vec![(0, 1)], ..Default::default() };
        let token = example.pronoun_token();

        let seen = activations(&model, &example, &settings, token);

        let streams: Vec<&[f32]> = seen.residual_stream.chunks_exact(d_model).collect();
        let start = match shape.as_str() {
            "Base" => normed(&seen.embedding),
            "Bert" => normed(&sum(&seen.embedding, seen.position.as_deref().unwrap())),
            _ => {
                let scale = (d_model as f32).sqrt();
                let scaled: Vec<f32> = seen.embedding.iter().map(|x| x * scale).collect();
                sum(&scaled, seen.position.as_deref().unwrap())
            }
        };
        assert_eq!(seen.position.is_none(), shape == "Base");
        assert_close(streams[0], &start, &format!("{shape}: the start"));
        let added =
            seen.attention.chunks_exact(d_model).zip(seen.feed_forward.chunks_exact(d_model));
        for (layer, (attention, feed_forward)) in added.enumerate() {
            let after = match shape.as_str() {
                "Base" => sum(&sum(streams[layer], attention), feed_forward),
                _ => normed(&sum(&normed(&sum(streams[layer], attention)), feed_forward)),
            };
            assert_close(streams[layer + 1], &after, &format!("{shape}: block {layer}"));
        }
        assert_eq!(streams.len(), config.n_layers + 1);
        assert_eq!(seen.inner.len(), config.n_layers * config.d_ff);

        let probe = resolve(&model, std::slice::from_ref(&example), &settings).remove(0);
        let hidden: Vec<&[f32]> = seen.hidden.chunks_exact(d_model).collect();
        let first_token = |word| example.encoding.tokens.iter().position(|t| t.word == Some(word));
        let words = (0..probe.words.len()).map(|word| hidden[first_token(word).unwrap()]);
        let logits = words.chain([&seen.none[..]]).map(|vector| dot(vector, &seen.wanted));
        let powers: Vec<f32> = logits.map(f32::exp).collect();
        let all: f32 = powers.iter().sum();
        let answer: Vec<f32> = powers.iter().map(|power| power / all).collect();
        assert_close(&answer, &probe.probabilities, &format!("{shape}: the pointer"));
        let lens: Vec<&[f32]> = seen.lens.chunks_exact(probe.probabilities.len()).collect();
        assert_eq!(lens.len(), config.n_layers + 1);
        assert_close(lens[config.n_layers], &probe.probabilities, &format!("{shape}: the lens"));
        assert_ne!(lens[0], lens[config.n_layers]);
    }
}
