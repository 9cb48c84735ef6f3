use std::panic::{AssertUnwindSafe, catch_unwind};

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

/// The head outputs zeros.
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
fn without_an_intervention_the_model_is_as_it_was_and_its_results_fit_together() {
    let device = sample::device();
    for resolver in resolvers(&device) {
        let input = sample::input(&device);
        let expected = resolver.forward(&input);

        let seen = observe(&resolver, &Untouched);

        assert_close(&seen.output.logits, &naive::numbers(&expected.logits), 0.0);
        assert_close(&seen.output.hidden, &naive::numbers(&expected.hidden), 0.0);
        for layer in &seen.attention {
            let read = layer.weights.clone().matmul(layer.values.clone());
            assert_close(&layer.heads, &naive::numbers(&read), 1e-14);
            let scores = layer.queries.clone().matmul(layer.keys.clone().transpose());
            let scores = scores / (D_HEAD as f64).sqrt();
            assert_close(&layer.scores, &naive::numbers(&scores), 1e-14);
        }
        assert_eq!((seen.attention.len(), seen.residual_stream.len()), (2, 3));
        let embedded = resolver.embed(input.tokens);
        assert_close(&seen.residual_stream[0], &naive::numbers(&embedded), 0.0);
        let end = resolver.encoder.as_ref().unwrap().norm(seen.residual_stream[2].clone());
        assert_close(&end, &naive::numbers(&seen.output.hidden), 0.0);
    }
}

#[test]
fn a_recurrent_network_refuses_an_intervention_and_can_be_observed_without() {
    let device = sample::device();
    let resolver = sample::resolver(&BodyConfig::Recurrent(sample::recurrent()), &device);

    let seen = observe(&resolver, &Untouched);

    let expected = resolver.forward(&sample::input(&device));
    assert_close(&seen.output.logits, &naive::numbers(&expected.logits), 0.0);
    assert!(seen.attention.is_empty() && seen.residual_stream.is_empty());
    assert!(catch_unwind(AssertUnwindSafe(|| observe(&resolver, &Silence))).is_err());
}

/// To output zeros is the same as to have zeros for one's rows of Wo.
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
fn replaced_weights_are_read_with_and_reported() {
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
        assert_eq!(before[0], before[1], "a layer without an intervention is another");
    }
}
