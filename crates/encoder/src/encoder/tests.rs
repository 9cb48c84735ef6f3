use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::{
    finite_difference, naive,
    sample::{self, BATCH, D_MODEL, HEADS, PADDING, SEQ, SHAPES, TOKENS, VOCAB, assert_close},
};
use config::encoder::Shape;

fn encoder(shape: Shape, device: &Device) -> Encoder {
    sample::randomised(Encoder::new(&sample::config(shape), VOCAB, 0, device))
}

fn observe(encoder: &Encoder, device: &Device) -> EncoderOutput {
    let embedded = encoder.embed(sample::tokens(device));
    encoder.observe(embedded, sample::padding(device), &Untouched)
}

#[test]
fn the_definition_matches_the_naive_loops() {
    for shape in SHAPES {
        let device = sample::device();
        let encoder = encoder(shape, &device);

        let output = observe(&encoder, &device);

        let mut hidden = Vec::new();
        let mut weights = vec![Vec::new(); encoder.blocks.len()];
        for (tokens, padding) in TOKENS.iter().zip(PADDING) {
            let (x, attentions) = naive::encoder(&encoder, tokens, &padding);
            hidden.extend(x.concat());
            for (weights, attention) in weights.iter_mut().zip(attentions) {
                weights.extend(attention.weights.concat().concat());
            }
        }
        assert_eq!(output.hidden.dims(), [BATCH, SEQ, D_MODEL]);
        assert_close(&output.hidden, &hidden, 1e-11);
        assert_eq!(output.attention.len(), encoder.blocks.len());
        for (attention, expected) in output.attention.iter().zip(&weights) {
            assert_eq!(attention.weights.dims(), [BATCH, HEADS, SEQ, SEQ]);
            assert_close(&attention.weights, expected, 1e-12);
        }
    }
}

#[test]
fn only_the_base_shape_has_a_final_norm() {
    for (shape, expected) in [(Shape::Base, true), (Shape::Vaswani, false), (Shape::Bert, false)] {
        let encoder = encoder(shape, &sample::device());
        assert_eq!(encoder.final_norm.is_some(), expected, "{shape:?}");
    }
}

#[test]
fn the_gradient_matches_finite_differences() {
    for shape in SHAPES {
        let device = sample::autodiff_device();
        let encoder = encoder(shape, &device);
        let probe = sample::random(2, [BATCH, SEQ, D_MODEL], &device);

        let loss = |encoder: &Encoder| (observe(encoder, &device).hidden * probe.clone()).sum();
        finite_difference::check_parameters(&encoder, &loss(&encoder).backward(), loss);
    }
}

#[test]
fn a_text_longer_than_max_seq_is_refused_by_both_forwards_with_its_length() {
    for shape in SHAPES {
        let device = sample::device();
        let encoder = encoder(shape, &device);
        let outcome = |seq: usize, is_observed: bool| {
            let tokens = Tensor::zeros([1, seq], &device);
            let padding = Tensor::<2>::zeros([1, seq], &device).equal_scalar(1);
            catch_unwind(AssertUnwindSafe(|| match is_observed {
                true => encoder.observe(encoder.embed(tokens), padding, &Untouched).hidden,
                false => encoder.forward(tokens, padding),
            }))
        };
        for is_observed in [false, true] {
            assert!(outcome(11, is_observed).is_ok(), "{shape:?}");
            let panic = outcome(12, is_observed).unwrap_err();
            let message = panic.downcast_ref::<String>().unwrap();
            assert!(message.contains("12 tokens") && message.contains("11"), "{message}");
        }
    }
}

#[test]
fn what_is_embedded_elsewhere_is_no_longer_than_max_seq_either() {
    let device = sample::device();
    let encoder = encoder(Shape::Base, &device);
    let embedded = sample::random(1, [1, 12, D_MODEL], &device);
    let padding = Tensor::<2>::zeros([1, 12], &device).equal_scalar(1);
    let observed = AssertUnwindSafe(|| encoder.observe(embedded, padding, &Untouched));
    assert!(catch_unwind(observed).is_err());
}
