//! Small models and inputs for the tests. Every axis has its own size, so that a transposed one
//! cannot pass unnoticed, and every number is a pure function of a seed.

use burn::{
    module::{Module, ModuleMapper, Param},
    tensor::{Bool, DType, Device, Int, Tensor, TensorData},
};

use crate::{
    naive,
    resolver::{Resolver, ResolverInput},
};
use config::encoder::{
    EncoderConfig, Shape,
    body::{BodyConfig, RecurrentConfig},
};

pub(crate) const BATCH: usize = 2;
pub(crate) const HEADS: usize = 3;
pub(crate) const WORDS: usize = 4;
pub(crate) const SEQ: usize = 7;
pub(crate) const D_HEAD: usize = 8;
pub(crate) const D_FF: usize = 10;
pub(crate) const D_HIDDEN: usize = 9;
pub(crate) const VOCAB: usize = 13;
pub(crate) const D_MODEL: usize = 24;
pub(crate) const THETA: f64 = 50.0;

pub(crate) const SHAPES: [Shape; 3] = [Shape::Base, Shape::Vaswani, Shape::Bert];

pub(crate) const TOKENS: [[usize; SEQ]; BATCH] = [[3, 12, 5, 0, 7, 5, 1], [9, 2, 11, 4, 6, 8, 10]];
pub(crate) const PADDING: [[bool; SEQ]; BATCH] = [
    [false, false, false, false, false, false, true],
    [false, false, false, false, true, true, true],
];
/// Two pronouns of the first text and one of the second, which is padded.
pub(crate) const PRONOUNS: [[usize; 2]; BATCH] = [[4, 2], [1, 0]];
pub(crate) const QUERIES: usize = 3;
/// Text and place in the row of `PRONOUNS` of each pronoun that is asked for.
pub(crate) const ASKED: [(usize, usize); QUERIES] = [(0, 0), (1, 0), (0, 1)];
pub(crate) const WORD: [[usize; WORDS]; BATCH] = [[0, 2, 4, 5], [0, 1, 3, 0]];
pub(crate) const WORD_PADDING: [[bool; WORDS]; BATCH] =
    [[false, false, false, false], [false, false, false, true]];

pub(crate) fn config(shape: Shape) -> EncoderConfig {
    EncoderConfig {
        shape,
        d_model: D_MODEL,
        n_heads: HEADS,
        n_layers: 2,
        d_ff: D_FF,
        max_seq: 11,
        dropout: 0.0,
        rotary_theta: (shape == Shape::Base).then_some(THETA),
    }
}

pub(crate) fn recurrent() -> RecurrentConfig {
    RecurrentConfig { d_model: D_MODEL, d_hidden: D_HIDDEN, n_layers: 2, max_seq: 11, dropout: 0.0 }
}

/// One config of every kind of body.
pub(crate) fn bodies() -> [BodyConfig; 4] {
    let [base, vaswani, bert] = SHAPES.map(|shape| BodyConfig::Transformer(config(shape)));
    [base, vaswani, bert, BodyConfig::Recurrent(recurrent())]
}

/// The device of all tests that need no gradient.
pub(crate) fn device() -> Device {
    Device::flex()
}

/// The device of the tests that need gradients.
pub(crate) fn autodiff_device() -> Device {
    Device::flex().autodiff()
}

/// Numbers in -1..1 that look random: SplitMix64 of `seed` and the index.
pub(crate) fn noise(seed: u64, n: usize) -> Vec<f64> {
    let number = |index: usize| {
        let mut z = (seed << 32).wrapping_add(index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) as f64 / u64::MAX as f64 * 2.0 - 1.0
    };
    (0..n).map(number).collect()
}

/// A tensor of `noise` in `f64`, so that tolerances can be small enough to show every mistake.
pub(crate) fn random<const D: usize>(seed: u64, dims: [usize; D], device: &Device) -> Tensor<D> {
    let values = noise(seed, dims.iter().product());
    Tensor::from_data(TensorData::new(values, dims), (device, DType::F64))
}

/// The module with every parameter replaced by half of `noise`, in `f64`: no bias is 0 and no
/// norm's weight is 1, so that a forward pass that forgets one of them gives another result.
pub(crate) fn randomised<M: Module>(module: M) -> M {
    struct Randomise {
        seed: u64,
    }
    impl ModuleMapper for Randomise {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            self.seed += 1;
            let (id, value, _) = param.consume();
            let value = random(self.seed, value.dims(), &value.device()) * 0.5;
            Param::initialized(id, leaf(value))
        }
    }
    module.map(&mut Randomise { seed: 1000 })
}

/// The module with its parameters rounded to `f32`, the dtype that training uses.
pub(crate) fn in_f32<M: Module>(module: M) -> M {
    struct Round;
    impl ModuleMapper for Round {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let (id, value, _) = param.consume();
            Param::initialized(id, leaf(value.cast(DType::F32)))
        }
    }
    module.map(&mut Round)
}

/// A tensor that is a leaf of the autodiff graph, if its device has autodiff.
fn leaf<const D: usize>(value: Tensor<D>) -> Tensor<D> {
    let has_graphs = value.device().is_autodiff();
    value.detach().set_require_grad(has_graphs)
}

pub(crate) fn resolver(config: &BodyConfig, device: &Device) -> Resolver {
    randomised(Resolver::new(config, VOCAB, 0, device))
}

pub(crate) fn tokens(device: &Device) -> Tensor<2, Int> {
    Tensor::from_data(TOKENS.map(|row| row.map(|token| token as i64)), device)
}

pub(crate) fn padding(device: &Device) -> Tensor<2, Bool> {
    Tensor::from_data(PADDING, device)
}

pub(crate) fn input(device: &Device) -> ResolverInput {
    ResolverInput {
        tokens: tokens(device),
        key_padding_mask: padding(device),
        pronouns: Tensor::from_data(PRONOUNS.map(|row| row.map(|p| p as i64)), device),
        is_second: Tensor::from_data([[false; 2]; BATCH], device),
        asked: Tensor::from_data(ASKED.map(|(text, place)| (2 * text + place) as i64), device),
        words: Tensor::from_data(WORD.map(|row| row.map(|position| position as i64)), device),
        word_padding_mask: Tensor::from_data(WORD_PADDING, device),
    }
}

/// Asserts that each number of `actual` differs by at most `tolerance` from the one expected.
#[track_caller]
pub(crate) fn assert_close<const D: usize>(actual: &Tensor<D>, expected: &[f64], tolerance: f64) {
    let actual = naive::numbers(actual);
    assert_eq!(actual.len(), expected.len());
    for (index, (actual, expected)) in actual.iter().zip(expected).enumerate() {
        let error = (actual - expected).abs();
        assert!(error <= tolerance, "number {index} is {actual}, expected {expected}: {error:e}");
    }
}
