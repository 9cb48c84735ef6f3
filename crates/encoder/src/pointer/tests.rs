use burn::tensor::Device;

use super::*;
use crate::{
    finite_difference, naive,
    sample::{
        self, ASKED, BATCH, D_MODEL, PRONOUNS, QUERIES, SEQ, WORD, WORD_PADDING, WORDS,
        assert_close,
    },
};

const DIMS: [usize; 3] = [BATCH, SEQ, D_MODEL];

fn pointer(device: &Device) -> Pointer {
    sample::randomised(Pointer::new(D_MODEL, &mut Initialiser::new(0, device)))
}

fn forward(pointer: &Pointer, hidden: Tensor<3>) -> Tensor<2> {
    let input = sample::input(&hidden.device());
    let hidden = HiddenVectors::new(hidden);
    let words = hidden.words(input.words, input.word_padding_mask);
    pointer.forward(&hidden, hidden.at(input.pronouns), input.asked, &words)
}

#[test]
fn forward_matches_the_naive_loops_with_none_in_the_last_column() {
    let device = sample::device();
    let pointer = pointer(&device);
    let hidden = sample::random(1, DIMS, &device);

    let logits = forward(&pointer, hidden.clone());

    let mut expected = Vec::new();
    for (text, place) in ASKED {
        let hidden = &naive::rows(&hidden)[text * SEQ..][..SEQ];
        let mut logits = naive::pointer(&pointer, hidden, PRONOUNS[text][place], &WORD[text]);
        for (logit, is_padding) in logits.iter_mut().zip(WORD_PADDING[text]) {
            *logit = if is_padding { -10_000.0 } else { *logit };
        }
        expected.extend(logits);
    }
    assert_eq!(logits.dims(), [QUERIES, WORDS + 1]);
    assert_close(&logits, &expected, 1e-12);
}

#[test]
fn the_gradient_matches_finite_differences() {
    let device = sample::autodiff_device();
    let probe = sample::random(2, [QUERIES, WORDS + 1], &device);

    let hidden = sample::random(1, DIMS, &device);
    finite_difference::check(&pointer(&device), &hidden, |pointer, hidden| {
        // Padded words are a constant of -10⁴: their product with the probe would drown the rest.
        let logits = forward(pointer, hidden).clamp_min(-100.0);
        (logits * probe.clone()).sum()
    });
}
