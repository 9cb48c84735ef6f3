use std::collections::HashSet;

use super::*;
use crate::{
    naive,
    sample::{self, BATCH, D_MODEL, SEQ, assert_close},
};

const DIMS: [usize; 3] = [BATCH, SEQ, D_MODEL];
const HALF: Dropout = Dropout { probability: 0.5, seed: 7 };

#[test]
fn every_place_has_a_mask_of_its_own() {
    let of_blocks = (0..1_000).flat_map(|block| {
        [
            Site::AttentionWeights(block),
            Site::AttentionContext(block),
            Site::FeedForwardHidden(block),
            Site::FeedForwardOutput(block),
        ]
    });
    let of_layers = (0..1_000).map(Site::RecurrentLayer);
    let sites: Vec<Site> = of_blocks.chain(of_layers).chain([Site::Embedding]).collect();
    let numbers: HashSet<u64> = sites.iter().map(|site| site.number()).collect();
    assert_eq!(numbers.len(), sites.len());
}

#[test]
fn a_number_is_dropped_or_scaled_and_so_is_its_gradient() {
    let device = sample::autodiff_device();
    let x = sample::random(1, DIMS, &device).require_grad();

    let dropped = apply(x.clone(), Some(HALF), Site::Embedding);

    let mask: Vec<f64> =
        HALF.mask(EMBEDDING, BATCH * SEQ * D_MODEL).iter().map(|&m| m.into()).collect();
    assert!(mask.contains(&0.0) && mask.contains(&2.0));
    let expected: Vec<f64> = naive::numbers(&x).iter().zip(&mask).map(|(x, m)| x * m).collect();
    assert_close(&dropped, &expected, 0.0);
    let gradient = x.grad(&dropped.sum().backward()).expect("it is a factor of the sum");
    assert_close(&gradient, &mask, 0.0);
}

#[test]
fn nothing_is_dropped_without_dropout_or_with_a_probability_of_0() {
    assert_eq!(of_pass(0.0, 7), None);
    assert_eq!(of_pass(0.5, 7), Some(HALF));
    let x = sample::random(1, DIMS, &sample::device());
    assert_close(&apply(x.clone(), None, Site::Embedding), &naive::numbers(&x), 0.0);
}
