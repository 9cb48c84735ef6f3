use burn::tensor::DType;

use super::*;
use crate::{
    naive,
    sample::{self, D_MODEL, SEQ, assert_close},
};

#[test]
fn the_table_matches_the_naive_loops() {
    let table = sinusoid(SEQ, D_MODEL, (&sample::device(), DType::F64));

    assert_eq!(table.dims(), [SEQ, D_MODEL]);
    let expected: Vec<f64> = (0..SEQ).flat_map(|p| naive::sinusoid(p, D_MODEL)).collect();
    assert_close(&table, &expected, 1e-14);
}

/// Worked by hand: the first pair turns by 1 a position, the second by 10000^(-2/4) = 0.01.
#[test]
fn sines_and_cosines_alternate() {
    let table = sinusoid(2, 4, (&sample::device(), DType::F64));

    let second = [1.0_f64.sin(), 1.0_f64.cos(), 0.01_f64.sin(), 0.01_f64.cos()];
    assert_close(&table, &[[0.0, 1.0, 0.0, 1.0], second].concat(), 1e-15);
}
