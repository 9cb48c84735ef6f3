use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::{
    finite_difference, naive,
    sample::{self, BATCH, D_MODEL, HEADS, PADDING, SEQ, SHAPES, TOKENS, VOCAB, assert_close},
};

fn encoder(shape: Shape, device: &Device) -> Encoder {
    sample::randomised(Encoder::new(&sample::config(shape), VOCAB, device))
}

fn forward(encoder: &Encoder, device: &Device) -> EncoderOutput {
    encoder.forward_with_attention(sample::tokens(device), sample::padding(device))
}

#[test]
fn forward_matches_the_naive_loops() {
    for shape in SHAPES {
        let device = sample::device();
        let encoder = encoder(shape, &device);

        let output = forward(&encoder, &device);

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
    for shape in SHAPES {
        let encoder = encoder(shape, &sample::device());
        assert_eq!(encoder.final_norm.is_some(), shape == Shape::Base, "{shape:?}");
    }
}

#[test]
fn the_gradient_matches_finite_differences() {
    for shape in SHAPES {
        let device = sample::autodiff_device();
        let encoder = encoder(shape, &device);
        let probe = sample::random(2, [BATCH, SEQ, D_MODEL], &device);

        let loss = |encoder: &Encoder| (forward(encoder, &device).hidden * probe.clone()).sum();
        finite_difference::check_parameters(&encoder, &loss(&encoder).backward(), loss);
    }
}

#[test]
fn a_text_longer_than_max_seq_is_named_with_its_length() {
    for shape in SHAPES {
        let device = sample::device();
        let encoder = encoder(shape, &device);
        let of_length = |seq: usize| {
            let tokens = Tensor::zeros([1, seq], &device);
            let padding = Tensor::<2>::zeros([1, seq], &device).equal_scalar(1);
            catch_unwind(AssertUnwindSafe(|| encoder.forward(tokens, padding)))
        };

        assert!(of_length(11).is_ok(), "{shape:?}");
        let panic = of_length(12).unwrap_err();
        let message = panic.downcast_ref::<String>().unwrap();
        assert_eq!(message, "a text of 12 tokens, expected at most max_seq = 11", "{shape:?}");
    }
}
