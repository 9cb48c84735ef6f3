use burn::{
    module::Param,
    tensor::{Device, s},
};

use super::*;
use crate::{
    naive,
    resolver::{Observation, Resolver},
    sample::{self, BATCH, D_HEAD, D_MODEL, HEADS, SEQ, SHAPES, assert_close},
};
use config::encoder::body::BodyConfig;

const LAYER: usize = 1;
const HEAD: usize = 2;

fn resolvers(device: &Device) -> impl Iterator<Item = Resolver> {
    SHAPES.map(|shape| BodyConfig::Transformer(sample::config(shape))).into_iter().map({
        let device = device.clone();
        move |config| sample::resolver(&config, &device)
    })
}

fn observe(resolver: &Resolver, intervention: &dyn Intervention) -> Observation {
    let input = sample::input(&sample::device());
    resolver.observe(&input, resolver.embed(input.tokens.clone()), intervention)
}

/// The head hands on nothing.
struct Silence;

impl Intervention for Silence {
    fn heads(&self, layer: usize, heads: Tensor<4>) -> Tensor<4> {
        if layer != LAYER {
            return heads;
        }
        let nothing = Tensor::zeros([BATCH, 1, SEQ, D_HEAD], (&heads.device(), heads.dtype()));
        heads.slice_assign(s![.., HEAD..HEAD + 1, .., ..], nothing)
    }
}

/// Every token of the head reads the second token only.
struct Second;

impl Intervention for Second {
    fn weights(&self, layer: usize, weights: Tensor<4>) -> Tensor<4> {
        if layer != LAYER {
            return weights;
        }
        let options = (&weights.device(), weights.dtype());
        let row = Tensor::zeros([BATCH, 1, SEQ, SEQ], options);
        let row = row.slice_assign(s![.., .., .., 1..2], Tensor::ones([BATCH, 1, SEQ, 1], options));
        weights.slice_assign(s![.., HEAD..HEAD + 1, .., ..], row)
    }
}

#[test]
fn without_an_intervention_the_model_is_as_it_was_and_shows_every_stream() {
    let device = sample::device();
    for resolver in resolvers(&device) {
        let input = sample::input(&device);
        let (expected, layers) = resolver.forward_with_attention(&input);

        let seen = observe(&resolver, &Untouched);

        assert_close(&seen.output.logits, &naive::numbers(&expected.logits), 0.0);
        for (seen, expected) in seen.attention.iter().zip(&layers) {
            assert_close(&seen.weights, &naive::numbers(&expected.weights), 0.0);
            let read = seen.weights.clone().matmul(seen.values.clone());
            assert_close(&seen.heads, &naive::numbers(&read), 1e-14);
            let scores = seen.queries.clone().matmul(seen.keys.clone().transpose());
            let scores = scores / (D_HEAD as f64).sqrt();
            assert_close(&seen.scores, &naive::numbers(&scores), 1e-14);
        }
        assert_eq!((seen.attention.len(), seen.streams.len()), (2, 3));
        assert_close(&seen.streams[0], &naive::numbers(&resolver.embed(input.tokens)), 0.0);
        let end = resolver.encoder.as_ref().unwrap().norm(seen.streams[2].clone());
        assert_close(&end, &naive::numbers(&seen.output.hidden), 0.0);
    }
}

/// A head whose rows of Wo are 0 is one that hands on nothing.
#[test]
fn a_silent_head_is_one_without_an_output_projection() {
    let device = sample::device();
    for resolver in resolvers(&device) {
        let seen = observe(&resolver, &Silence);

        let mut without = resolver.clone();
        let linear = &mut without.encoder.as_mut().unwrap().blocks[LAYER].attention.output;
        let weight = linear.weight.val();
        let rows = Tensor::zeros([D_HEAD, D_MODEL], (&device, weight.dtype()));
        let weight = weight.slice_assign(s![HEAD * D_HEAD..(HEAD + 1) * D_HEAD, ..], rows);
        linear.weight = Param::from_tensor(weight);
        let expected = without.forward(&sample::input(&device)).logits;
        assert_close(&seen.output.logits, &naive::numbers(&expected), 1e-11);

        let as_it_is = resolver.forward(&sample::input(&device)).logits;
        let change = (seen.output.logits - as_it_is).abs().max();
        assert!(naive::numbers(&change)[0] > 1e-3, "the head makes no difference: {change}");
    }
}

#[test]
fn changed_weights_are_read_with_and_reported() {
    let device = sample::device();
    for resolver in resolvers(&device) {
        let seen = observe(&resolver, &Second);

        let layer = &seen.attention[LAYER];
        let of_head = |tensor: &Tensor<4>| tensor.clone().slice(s![.., HEAD..HEAD + 1, .., ..]);
        let second = of_head(&layer.values).slice(s![.., .., 1..2, ..]);
        let second = second.expand([BATCH, 1, SEQ, D_HEAD]);
        assert_close(&of_head(&layer.heads), &naive::numbers(&second), 1e-14);
        let row: Vec<f64> = (0..SEQ).map(|key| f64::from(key == 1)).collect();
        assert_close(&of_head(&layer.weights), &row.repeat(BATCH * SEQ), 0.0);

        let untouched = observe(&resolver, &Untouched);
        let [other, same] = [&seen, &untouched]
            .map(|seen| seen.attention[LAYER].weights.clone().slice(s![.., 0..HEAD, .., ..]));
        assert_close(&other, &naive::numbers(&same), 0.0);
        assert_eq!(other.dims(), [BATCH, HEADS - 1, SEQ, SEQ]);
        let before = [&seen, &untouched].map(|seen| naive::numbers(&seen.attention[0].heads));
        assert_eq!(before[0], before[1], "a layer that was left alone is another");
    }
}
