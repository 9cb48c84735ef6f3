use config::encoder::body::BodyConfig;
use corpus::bundled::probes;

use super::*;
use crate::{observe, states::states, untrained::untrained};

/// An untrained model, which is enough: an intervention must change its results.
fn model() -> TrainedModel {
    untrained("tiny", include_str!("../../../../configs/tiny.toml"))
}

fn examples(model: &TrainedModel) -> Vec<EncodedExample> {
    probes().into_iter().take(4).map(|probe| model.encode(probe).unwrap()).collect()
}

fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    let max = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(max < 1e-5, "{max}");
}

#[test]
fn without_an_intervention_the_probes_are_those_of_observe() {
    let model = model();
    let examples = examples(&model);
    let resolved = resolve(&model, &examples, &InterventionSettings::default());
    let seen = observe::observe(&model.resolver, &model.tokenizer, &examples, &model.device);
    for (resolved, seen) in resolved.iter().zip(&seen) {
        assert_close(&resolved.probabilities, &seen.probabilities);
        for (resolved, seen) in resolved.layers.iter().zip(&seen.layers) {
            assert_close(&resolved.weights, &seen.weights);
        }
    }
}

#[test]
fn no_token_attends_to_a_masked_token() {
    let model = model();
    let settings = InterventionSettings { masked: vec![2], ..InterventionSettings::default() };
    for probe in resolve(&model, &examples(&model), &settings) {
        for layer in &probe.layers {
            let seq = layer.seq;
            for row in layer.weights.chunks(seq) {
                assert_eq!(row[2], 0.0);
                assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            }
        }
    }
}

#[test]
fn the_output_of_an_ablated_head_is_its_replacement() {
    let model = model();
    let examples = examples(&model);
    let BodyConfig::Transformer(encoder) = &model.config.encoder else { unreachable!() };
    let d_head = encoder.d_head();
    let means = head_means(&model, &examples);
    for (means, expected) in
        [(None, vec![0.0; d_head]), (Some(means.clone()), values_of(means.of(0, 1)))]
    {
        let settings = InterventionSettings {
            ablated: vec![(0, 1)],
            means,
            ..InterventionSettings::default()
        };
        let after = states(&model, &examples, &settings);
        let before = states(&model, &examples, &InterventionSettings::default());
        for ((after, before), example) in after.iter().zip(&before).zip(&examples) {
            let n_tokens = example.n_tokens();
            for (row, vector) in after.heads[0].chunks(d_head).enumerate() {
                match row / n_tokens {
                    1 => assert_close(vector, &expected),
                    _ => assert_close(vector, &before.heads[0][row * d_head..][..d_head]),
                }
            }
        }
    }
}

#[test]
fn the_mean_is_over_the_tokens_and_not_over_padding() {
    let model = model();
    let examples = examples(&model);
    let means = head_means(&model, &examples);
    let BodyConfig::Transformer(encoder) = &model.config.encoder else { unreachable!() };
    let (d_head, layer, head) = (encoder.d_head(), means.dims()[0] - 1, 0);
    let (mut sum, mut n_tokens) = (vec![0.0; d_head], 0);
    // One text at a time has no padding.
    for example in &examples {
        let settings = InterventionSettings::default();
        let states = states(&model, std::slice::from_ref(example), &settings);
        let heads = &states[0].heads[layer][head * example.n_tokens() * d_head..];
        for vector in heads[..example.n_tokens() * d_head].chunks(d_head) {
            sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
            n_tokens += 1;
        }
    }
    let expected: Vec<f32> = sum.iter().map(|sum| sum / n_tokens as f32).collect();
    assert_close(&values_of(means.of(layer, head)), &expected);
}

#[test]
fn the_attention_weights_follow_from_queries_and_keys() {
    let model = model();
    let example = &examples(&model)[0];
    let layer = 0;
    let HeadVectors { d_head, queries, keys, .. } =
        vectors(&model, example, &InterventionSettings::default(), layer, 1);
    let settings = InterventionSettings::default();
    let probe = resolve(&model, std::slice::from_ref(example), &settings).remove(0);
    let query = probe.pronoun_token;
    let scores = keys.chunks(d_head).map(|key| {
        let dot: f32 =
            queries[query * d_head..][..d_head].iter().zip(key).map(|(q, k)| q * k).sum();
        (dot / (d_head as f32).sqrt()).exp()
    });
    let scores: Vec<f32> = scores.collect();
    let sum: f32 = scores.iter().sum();
    let expected: Vec<f32> = scores.iter().map(|score| score / sum).collect();
    assert_close(probe.layers[layer].row(1, query), &expected);
}
