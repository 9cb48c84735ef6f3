use super::*;
use crate::{dropout::Dropout, sample::noise};

/// Widths around that of a vector.
const WIDTHS: [usize; 6] = [1, 5, 15, 16, 17, 40];
const N_ROWS: usize = 3;

#[test]
fn a_bias_is_added_to_every_row() {
    for width in WIDTHS {
        let (bias, rows) = (noise(1, width), noise(2, N_ROWS * width));
        let expected: Vec<f32> =
            rows.iter().enumerate().map(|(i, x)| x + bias[i % width]).collect();
        for level in Level::all() {
            let mut actual = rows.clone();
            add_bias(level, &bias, &mut actual);
            assert_eq!(actual, expected, "{level:?}");
            add_bias(level, &[], &mut actual);
            assert_eq!(actual, expected, "{level:?}, no bias");
        }
    }
}

#[test]
fn the_rows_are_summed_on_top_of_what_is_there() {
    for width in WIDTHS {
        let (rows, before) = (noise(1, N_ROWS * width), noise(2, width));
        let expected: Vec<f32> = (0..width)
            .map(|i| (0..N_ROWS).fold(before[i], |sum, row| sum + rows[row * width + i]))
            .collect();
        for level in Level::all() {
            let mut actual = before.clone();
            add_rows(level, &rows, &mut actual);
            assert_eq!(actual, expected, "{level:?}");
            add_rows(level, &rows, &mut []); // there is no bias
        }
    }
}

#[test]
fn slices_are_added_number_by_number() {
    for width in WIDTHS {
        let (x, y) = (noise(1, width), noise(2, width));
        let expected: Vec<f32> = x.iter().zip(&y).map(|(x, y)| x + y).collect();
        for level in Level::all() {
            let mut actual = x.clone();
            add(level, &mut actual, &y);
            assert_eq!(actual, expected, "{level:?}");
        }
    }
}

#[test]
fn dropout_of_rows_depends_on_their_padded_indices() {
    let padded_rows = [4, 0, 9];
    let dropout = Dropout { probability: 0.5, seed: 1 };
    for width in WIDTHS {
        let (rows, mask) = (noise(1, N_ROWS * width), dropout.mask(3, 10 * width));
        let expected: Vec<f32> = (rows.iter().enumerate())
            .map(|(i, x)| x * mask[padded_rows[i / width] * width + i % width])
            .collect();
        for level in Level::all() {
            let mut actual = rows.clone();
            apply_dropout(level, dropout.site(3), &padded_rows, &mut actual, width);
            assert_eq!(actual, expected, "{level:?}");
        }
    }
}
