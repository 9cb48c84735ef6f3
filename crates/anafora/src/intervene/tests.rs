use config::encoder::body::BodyConfig;
use corpus::{bundled::probes, tokenizer::Tokenizer};

use super::*;
use crate::{observe, states::states};
use config::overrides::resolve;

/// A model that knows nothing, which is enough: what is changed must change.
fn model() -> TrainedModel {
    let tiny = include_str!("../../../../configs/tiny.toml");
    let config = resolve("tiny", tiny, &[]).unwrap().config;
    let texts: Vec<String> = probes().into_iter().map(|probe| probe.text).collect();
    let tokenizer = Tokenizer::train(&texts, 600).unwrap();
    let device = Device::flex();
    let resolver = Resolver::new(&config.encoder, tokenizer.vocab_size(), 1, &device);
    TrainedModel { resolver, tokenizer, config, checkpoint: "none".into(), step: 0, device }
}

fn examples(model: &TrainedModel) -> Vec<EncodedExample> {
    probes().into_iter().take(4).map(|probe| model.encode(probe).unwrap()).collect()
}

fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    let greatest = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(greatest < 1e-5, "{greatest}");
}

#[test]
fn without_a_change_it_is_what_is_captured_in_training() {
    let model = model();
    let examples = examples(&model);
    let read = read(&model, &examples, &Change::default());
    let seen = observe::observe(&model.resolver, &model.tokenizer, &examples, &model.device);
    for (read, seen) in read.iter().zip(&seen) {
        assert_close(&read.probabilities, &seen.probabilities);
        for (read, seen) in read.layers.iter().zip(&seen.layers) {
            assert_close(&read.weights, &seen.weights);
        }
    }
}

#[test]
fn nobody_reads_from_a_masked_token() {
    let model = model();
    let change = Change { masked: vec![2], ..Change::default() };
    for probe in read(&model, &examples(&model), &change) {
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
fn a_replaced_head_hands_on_what_replaces_it() {
    let model = model();
    let examples = examples(&model);
    let BodyConfig::Transformer(encoder) = &model.config.encoder else { unreachable!() };
    let d_head = encoder.d_head();
    let means = head_means(&model, &examples);
    for (means, expected) in
        [(None, vec![0.0; d_head]), (Some(means.clone()), numbers(means.of(0, 1)))]
    {
        let change = Change { ablated: vec![(0, 1)], means, ..Change::default() };
        let (after, before) =
            (states(&model, &examples, &change), states(&model, &examples, &Change::default()));
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
        let states = states(&model, std::slice::from_ref(example), &Change::default());
        let heads = &states[0].heads[layer][head * example.n_tokens() * d_head..];
        for vector in heads[..example.n_tokens() * d_head].chunks(d_head) {
            sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
            n_tokens += 1;
        }
    }
    let expected: Vec<f32> = sum.iter().map(|sum| sum / n_tokens as f32).collect();
    assert_close(&numbers(means.of(layer, head)), &expected);
}

#[test]
fn the_vectors_of_a_head_make_its_weights() {
    let model = model();
    let example = &examples(&model)[0];
    let layer = 0;
    let HeadVectors { d_head, queries, keys, .. } =
        vectors(&model, example, &Change::default(), layer, 1);
    let probe = read(&model, std::slice::from_ref(example), &Change::default()).remove(0);
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
