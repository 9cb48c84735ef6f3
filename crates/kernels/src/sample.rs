//! Inputs of the tests and comparison of results. Every number is a pure function of a seed.

use std::{fmt::Display, sync::Arc};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::{
    activation::Activation,
    attention::Rotary,
    dropout::Dropout,
    half_block::{HalfBlock, NormPlacement, Parameters, SubLayer},
};

/// Numbers in -1..1 that look random: SplitMix64 of `seed` and the index.
pub(crate) fn noise(seed: u64, n: usize) -> Vec<f32> {
    let number = |index: usize| {
        let mut z = (seed << 32).wrapping_add(index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) as f64 / u64::MAX as f64 * 2.0 - 1.0) as f32
    };
    (0..n).map(number).collect()
}

/// The same numbers in `f64`, in which rounding hides nothing.
pub(crate) fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().copied().map(f64::from).collect()
}

/// Their bits: equal numbers, and equal NaNs.
pub(crate) fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

/// One pool for each number of threads that the tests divide work among.
pub(crate) fn pools() -> [ThreadPool; 3] {
    [1, 2, 3].map(|n| ThreadPoolBuilder::new().num_threads(n).build().unwrap())
}

/// Asserts that the Euclidean norm of the difference is at most `tolerance` times that of `expected`,
/// or `tolerance` if all of `expected` is 0.
#[track_caller]
pub(crate) fn assert_close(what: impl Display, actual: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(actual.len(), expected.len(), "{what}");
    let length = |squares: &mut dyn Iterator<Item = f64>| squares.sum::<f64>().sqrt();
    let pairs = actual.iter().zip(expected);
    let error = length(&mut pairs.map(|(&a, e)| (f64::from(a) - e).powi(2)));
    let size = length(&mut expected.iter().map(|e| e * e));
    let error = if size > 0.0 { error / size } else { error };
    assert!(error <= tolerance, "{what}: error {error:e} of {size:e}");
}

/// Half a block, a batch for it, and the gradient of what comes out.
pub(crate) struct Case {
    pub(crate) half_block: HalfBlock,
    pub(crate) parameters: Parameters<Vec<f32>>,
    pub(crate) d_model: usize,
    pub(crate) seq: usize,
    /// `[batch · seq]`
    pub(crate) padding: Vec<bool>,
    pub(crate) x: Vec<f32>,
    pub(crate) dy: Vec<f32>,
}

pub(crate) const NORM_PLACEMENTS: [NormPlacement; 3] =
    [NormPlacement::Absent, NormPlacement::Pre, NormPlacement::Post];

/// Every kind of sub-layer, for texts of `seq` positions.
pub(crate) fn sub_layers(n_heads: usize, d_head: usize, seq: usize) -> [SubLayer; 5] {
    let half = d_head / 2;
    let angles: Vec<f64> = (0..seq * half)
        .map(|i| (i / half) as f64 * 50.0_f64.powf(-((i % half) as f64) / half as f64))
        .collect();
    let cos = angles.iter().map(|angle| angle.cos() as f32).collect();
    let sin = angles.iter().map(|angle| angle.sin() as f32).collect();
    [
        SubLayer::Attention { n_heads, rotary: None },
        SubLayer::Attention { n_heads, rotary: Some(Arc::new(Rotary { cos, sin })) },
        SubLayer::FeedForward(Activation::Relu),
        SubLayer::FeedForward(Activation::Gelu),
        SubLayer::FeedForward(Activation::GeGlu),
    ]
}

/// Padding of `[batch, seq]`: nothing, ragged ends, holes, an empty text, one token in a text, and
/// nothing but empty texts.
pub(crate) fn paddings(seq: usize) -> [Vec<bool>; 6] {
    let lengths = |lengths: [usize; 4]| -> Vec<bool> {
        lengths.into_iter().flat_map(|length| (0..seq).map(move |i| i >= length)).collect()
    };
    let holes = noise(3, 4 * seq).into_iter().map(|x| x > 0.2).collect();
    [
        lengths([seq; 4]),
        lengths([seq.div_ceil(2), seq, 1, seq.saturating_sub(1)]),
        holes,
        lengths([seq, 0, seq.div_ceil(3), seq]),
        lengths([1; 4]),
        lengths([0; 4]),
    ]
}

impl Case {
    /// `d_ff` is the width of `u`, where there is a feed-forward network.
    pub(crate) fn new(
        sub_layer: SubLayer,
        norm: NormPlacement,
        has_biases: bool,
        [d_model, d_ff]: [usize; 2],
        (seq, padding): (usize, Vec<bool>),
    ) -> Self {
        let [projected_width, intermediate_width] = match &sub_layer {
            SubLayer::Attention { .. } => [3 * d_model, d_model],
            SubLayer::FeedForward(activation) => [activation.parts() * d_ff, d_ff],
        };
        let scaled = |seed, n, scale: f32| noise(seed, n).iter().map(|x| x * scale).collect();
        let weight =
            |seed, d_input: usize, n| scaled(seed, d_input * n, 2.0 / (d_input as f32).sqrt());
        let has_norm = norm != NormPlacement::Absent;
        let n = |is_present: bool, n: usize| if is_present { n } else { 0 };
        let parameters = Parameters {
            gamma: scaled(11, n(has_norm, d_model), 2.0),
            beta: scaled(12, n(has_norm && has_biases, d_model), 0.5),
            w_in: weight(13, d_model, projected_width),
            b_in: scaled(14, n(has_biases, projected_width), 0.5),
            w_out: weight(15, intermediate_width, d_model),
            b_out: scaled(16, n(has_biases, d_model), 0.5),
        };
        let half_block = HalfBlock { norm, epsilon: 1e-5, sub_layer, dropout: None };
        let (x, dy) =
            (scaled(17, padding.len() * d_model, 2.0), noise(18, padding.len() * d_model));
        Self { half_block, parameters, d_model, seq, padding, x, dy }
    }

    /// The same with dropout.
    pub(crate) fn dropping(mut self, probability: f32) -> Self {
        self.half_block.dropout = Some((Dropout { probability, seed: 5 }, 3));
        self
    }
}
