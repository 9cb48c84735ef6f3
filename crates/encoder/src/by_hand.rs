//! A fixture for tests: a small model whose weights are written by hand, so that what each of its
//! heads does is known and whatever measures heads can be checked on it.
//!
//! A text is a row of [`OTHER`] words with a man and a woman, and a pronoun that stands for one of
//! them. The vector of a token is a sum of features. Each feature is a pair of columns that hold `+a`
//! and `-a`, so that the mean of a vector is 0 and a layer norm only scales it. The model has the base
//! shape, two blocks of three heads, and feed-forward networks that add nothing:
//!
//! | layer, head | the pronoun reads | and writes |
//! |---|---|---|
//! | 0, 0 | every token alike | nothing |
//! | [`READS_CLS`] | `[CLS]` | nothing |
//! | [`READS_WRONG`] | the person of the other gender | nothing |
//! | [`DECOY`] | the person of its own gender | nothing |
//! | [`COPIES`] | the person of its own gender | which person that is |
//! | 1, 2 | every token alike | nothing |
//!
//! The pointer looks for the person that was written. So the attention of [`DECOY`] is the same as
//! that of [`COPIES`], but only [`COPIES`] causes the answer; without it every word is as likely as
//! any other.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor, TensorData},
};

use crate::{initial::NumberParameters, projection::Projection, resolver::Resolver};
use config::encoder::{EncoderConfig, Shape, body::BodyConfig};

/// The token at the beginning of each text; it has the number that the tokenizer gives it.
pub const CLS: u32 = 2;
/// The token at its end.
pub const SEP: u32 = 3;
/// A word without a gender.
pub const OTHER: u32 = 4;
/// The pronoun that stands for a man.
pub const HE: u32 = 5;
/// The pronoun that stands for a woman.
pub const SHE: u32 = 6;
/// The men.
pub const MEN: [u32; 2] = [7, 8];
/// The women.
pub const WOMEN: [u32; 2] = [9, 10];

/// Layer and head that cause the answer.
pub const COPIES: [usize; 2] = [1, 1];
/// The head with the same attention as [`COPIES`], which changes nothing.
pub const DECOY: [usize; 2] = [1, 0];
/// The head that attends to `[CLS]`, as heads do that have nothing to read.
pub const READS_CLS: [usize; 2] = [0, 1];
/// The head that always reads the wrong person.
pub const READS_WRONG: [usize; 2] = [0, 2];

const VOCAB: usize = 11;
const D_MODEL: usize = 2 * N_FEATURES;
const N_HEADS: usize = 3;
const D_HEAD: usize = D_MODEL / N_HEADS;
/// The column of a head that the rotary positions rotate least: by 1e-8 over a whole text, which is
/// nothing. Queries and keys use it, so that scores do not depend on positions.
const STILL: usize = D_HEAD / 2 - 1;
/// Factor of the scores, large enough for attention weights of 1 and 0 in `f32`.
const SHARPNESS: f64 = 10.0;
/// Factor of the logits, small enough that no probability is 1 in `f32`: the answer gets about 0.9.
const GAIN: f64 = 2.0;

// The features: what a token is.
const IS_CLS: usize = 0;
const IS_SEP: usize = 1;
const IS_OTHER: usize = 2;
const IS_HE: usize = 3;
const IS_SHE: usize = 4;
const IS_MAN: usize = 5;
const IS_WOMAN: usize = 6;
/// The first of the four features that say which person a token is.
const IS_PERSON: usize = 7;
/// The first of the four features that say which person a token has read.
const HAS_READ: usize = IS_PERSON + N_PERSONS;
const N_PERSONS: usize = MEN.len() + WOMEN.len();
const N_FEATURES: usize = HAS_READ + N_PERSONS;

/// Its config.
pub fn config() -> BodyConfig {
    BodyConfig::Transformer(EncoderConfig {
        shape: Shape::Base,
        d_model: D_MODEL,
        n_heads: N_HEADS,
        n_layers: 2,
        d_ff: 1,
        max_seq: 64,
        dropout: 0.0,
        rotary_theta: Some(1e12),
    })
}

/// The model.
pub fn resolver(device: &Device) -> Resolver {
    let mut resolver = Resolver::new(&config(), VOCAB, 0, device);
    let encoder = resolver.encoder.as_mut().expect("the config is that of an encoder");
    encoder.embedding.tokens.weight = embedding().on(device);
    for (layer, block) in encoder.blocks.iter_mut().enumerate() {
        set(&mut block.attention.qkv, &queries_keys_values(layer), device);
        set(&mut block.attention.output, &output(layer), device);
        set(&mut block.feed_forward.output, &Matrix::new(1, D_MODEL), device);
    }
    set(&mut resolver.pointer.wanted, &wanted(), device);
    resolver.pointer.none = Matrix::new(1, D_MODEL).on(device);
    resolver.map(&mut NumberParameters(0))
}

fn embedding() -> Matrix {
    let mut table = Matrix::new(VOCAB, D_MODEL);
    let mut is = |token: u32, feature| table.write(token as usize, feature, 1.0);
    for (token, feature) in
        [(CLS, IS_CLS), (SEP, IS_SEP), (OTHER, IS_OTHER), (HE, IS_HE), (SHE, IS_SHE)]
    {
        is(token, feature);
    }
    for (person, token) in MEN.into_iter().chain(WOMEN).enumerate() {
        is(token, if MEN.contains(&token) { IS_MAN } else { IS_WOMAN });
        is(token, IS_PERSON + person);
    }
    table
}

/// The projections to q, k and v side by side, each with its heads side by side.
fn queries_keys_values(layer: usize) -> Matrix {
    let mut matrix = Matrix::new(D_MODEL, 3 * D_MODEL);
    let column = |part: usize, head: usize| part * D_MODEL + head * D_HEAD;
    let mut looks_at_gender = |head: usize, sign: f64| {
        matrix.read(IS_HE, column(0, head) + STILL, sign * SHARPNESS);
        matrix.read(IS_SHE, column(0, head) + STILL, -sign * SHARPNESS);
        matrix.read(IS_MAN, column(1, head) + STILL, 1.0);
        matrix.read(IS_WOMAN, column(1, head) + STILL, -1.0);
    };
    if layer == READS_CLS[0] {
        looks_at_gender(READS_WRONG[1], -1.0);
        for pronoun in [IS_HE, IS_SHE] {
            matrix.read(pronoun, column(0, READS_CLS[1]) + STILL, SHARPNESS);
        }
        matrix.read(IS_CLS, column(1, READS_CLS[1]) + STILL, 1.0);
    } else {
        looks_at_gender(DECOY[1], 1.0);
        looks_at_gender(COPIES[1], 1.0);
    }
    // The values of every head say which person is read; `output` writes those of one head only.
    for head in 0..N_HEADS {
        for person in 0..N_PERSONS {
            matrix.read(IS_PERSON + person, column(2, head) + person, 1.0);
        }
    }
    matrix
}

fn output(layer: usize) -> Matrix {
    let mut matrix = Matrix::new(D_MODEL, D_MODEL);
    if layer == COPIES[0] {
        for person in 0..N_PERSONS {
            matrix.write(COPIES[1] * D_HEAD + person, HAS_READ + person, 1.0);
        }
    }
    matrix
}

/// The pointer's matrix: from "has read this person" to "is this person".
fn wanted() -> Matrix {
    let mut matrix = Matrix::new(D_MODEL, D_MODEL);
    for person in 0..N_PERSONS {
        for (row, sign) in [(0, 1.0), (1, -1.0)] {
            let row = 2 * (HAS_READ + person) + row;
            matrix.write(row, IS_PERSON + person, sign * GAIN / 2.0);
        }
    }
    matrix
}

fn set(projection: &mut Projection, weight: &Matrix, device: &Device) {
    projection.weight = weight.on(device);
}

/// A matrix, zero except for what is written into it.
struct Matrix {
    n_columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    fn new(n_rows: usize, n_columns: usize) -> Self {
        Self { n_columns, values: vec![0.0; n_rows * n_columns] }
    }

    /// Lets `column` of the result be `weight` times the feature.
    fn read(&mut self, feature: usize, column: usize, weight: f64) {
        self.values[2 * feature * self.n_columns + column] += weight / 2.0;
        self.values[(2 * feature + 1) * self.n_columns + column] -= weight / 2.0;
    }

    /// Adds `weight` times `row` to the feature.
    fn write(&mut self, row: usize, feature: usize, weight: f64) {
        self.values[row * self.n_columns + 2 * feature] += weight;
        self.values[row * self.n_columns + 2 * feature + 1] -= weight;
    }

    fn on(&self, device: &Device) -> Param<Tensor<2>> {
        let values: Vec<f32> = self.values.iter().map(|&value| value as f32).collect();
        let shape = [values.len() / self.n_columns, self.n_columns];
        Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), device))
    }
}

#[cfg(test)]
mod tests;
