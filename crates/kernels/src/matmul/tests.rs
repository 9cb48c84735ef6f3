use super::*;
use crate::sample::noise;

/// The value of numbers that belong to none of the matrices.
const ELSEWHERE: f32 = 1234.5;

/// How the two factors lie in memory.
#[derive(Debug, Clone, Copy)]
struct Layout {
    a_is_transposed: bool,
    b_is_transposed: bool,
    /// Columns of the slices beside those of the matrices.
    gap: usize,
}

const LAYOUTS: [Layout; 5] = [
    Layout { a_is_transposed: false, b_is_transposed: false, gap: 0 },
    Layout { a_is_transposed: true, b_is_transposed: false, gap: 0 },
    Layout { a_is_transposed: false, b_is_transposed: true, gap: 0 },
    Layout { a_is_transposed: false, b_is_transposed: true, gap: 3 },
    Layout { a_is_transposed: true, b_is_transposed: false, gap: 5 },
];

/// A slice of rows with gaps between them, which hold NaN, so that reading them shows.
fn stored(seed: u64, [rows, columns]: [usize; 2], gap: usize) -> Vec<f32> {
    let mut values = noise(seed, rows * (columns + gap));
    for row in values.chunks_mut((columns + gap).max(1)) {
        row[columns..].fill(f32::NAN);
    }
    values
}

/// Asserts that the product is that of three loops, and that nothing else is written.
#[track_caller]
fn check(level: Level, [m, k, n]: [usize; 3], layout: Layout, mode: WriteMode, scale: f32) {
    let Layout { a_is_transposed, b_is_transposed, gap } = layout;
    let shape_of = |is_transposed, [rows, columns]: [usize; 2]| {
        if is_transposed { [columns, rows] } else { [rows, columns] }
    };
    let (a_shape, b_shape) = (shape_of(a_is_transposed, [m, k]), shape_of(b_is_transposed, [k, n]));
    let (a, b) = (stored(1, a_shape, gap), stored(2, b_shape, gap));
    let row_stride = n + gap;
    let mut out = vec![ELSEWHERE; m * row_stride];
    let before = match mode {
        WriteMode::Overwrite => vec![f32::NAN; m * n],
        WriteMode::Accumulate => noise(3, m * n),
    };
    for (row, before) in out.chunks_mut(row_stride.max(1)).zip(before.chunks(n.max(1))) {
        row[..n].copy_from_slice(before);
    }

    let matrix = |values, shape: [usize; 2], is_transposed: bool| {
        let matrix = Matrix::strided(values, shape, shape[1] + gap);
        if is_transposed { matrix.transposed() } else { matrix }
    };
    matmul(
        level,
        MatrixMut::strided(&mut out, [m, n], row_stride),
        mode,
        scale,
        matrix(&a, a_shape, a_is_transposed),
        matrix(&b, b_shape, b_is_transposed),
    );

    let at = |values: &[f32], shape: [usize; 2], is_transposed: bool, [i, j]: [usize; 2]| {
        let [i, j] = if is_transposed { [j, i] } else { [i, j] };
        f64::from(values[i * (shape[1] + gap) + j])
    };
    for i in 0..m {
        for j in 0..n {
            let terms = (0..k).map(|l| {
                at(&a, a_shape, a_is_transposed, [i, l]) * at(&b, b_shape, b_is_transposed, [l, j])
            });
            let (sum, size) =
                terms.fold((0.0, 1.0), |(sum, size), term| (sum + term, size + term.abs()));
            let old =
                if mode == WriteMode::Accumulate { f64::from(before[i * n + j]) } else { 0.0 };
            let expected = old + f64::from(scale) * sum;
            let actual = f64::from(out[i * row_stride + j]);
            let error = (actual - expected).abs();
            assert!(
                error <= 1e-6 * size * f64::from(scale.abs().max(1.0)),
                "[{i}, {j}] of {m} × {k} × {n}, {layout:?}, {mode:?}, {level:?}: {actual}, not {expected}"
            );
        }
        let rest = &out[i * row_stride + n..(i + 1) * row_stride];
        assert!(rest.iter().all(|&x| x == ELSEWHERE), "written between the rows, {layout:?}");
    }
}

/// Rows beside every height of a tile, columns beside every width of a panel, and depths beside
/// those that are read where they lie; a row, a column, an outer product; nothing at all.
const SHAPES: [[usize; 3]; 24] = [
    [1, 1, 1],
    [2, 3, 4],
    [3, 5, 7],
    [5, 8, 8],
    [7, 16, 16],
    [8, 16, 32],
    [9, 32, 64],
    [15, 33, 31],
    [17, 33, 33],
    [12, 128, 64],
    [12, 129, 64],
    [1, 40, 50],
    [50, 40, 1],
    [40, 1, 50],
    [40, 2, 48],
    [1, 300, 1],
    [31, 64, 65],
    [65, 127, 96],
    [130, 300, 3],
    [0, 3, 4],
    [3, 0, 4],
    [3, 4, 0],
    [0, 0, 0],
    [1, 0, 32],
];

#[test]
fn products_match_three_loops() {
    for level in Level::all() {
        for shape in SHAPES {
            for layout in LAYOUTS {
                for mode in [WriteMode::Overwrite, WriteMode::Accumulate] {
                    for scale in [1.0, -3.0] {
                        check(level, shape, layout, mode, scale);
                    }
                }
            }
        }
    }
}

#[test]
fn a_fresh_product_over_nothing_is_zero() {
    for level in Level::all() {
        let mut out = [f32::NAN; 6];
        let (a, b) = (Matrix::strided(&[], [2, 0], 0), Matrix::strided(&[], [0, 3], 3));
        matmul(level, MatrixMut::new(&mut out, 3), WriteMode::Overwrite, 1.0, a, b);
        assert_eq!(out, [0.0; 6]);
    }
}

#[test]
fn panels_serve_many_products() {
    let (k, n) = (9, 40);
    let b = noise(1, k * n);
    for level in Level::all() {
        let panels = Panels::new(level, Matrix::new(&b, n)).scaled(0.5);
        for m in [1, 6, 11] {
            let a = noise(2, m * k);
            let (mut once, mut again) = (vec![0.0; m * n], vec![0.0; m * n]);
            let (a, b) = (Matrix::new(&a, k), Matrix::new(&b, n));
            matmul(level, MatrixMut::new(&mut once, n), WriteMode::Overwrite, 0.5, a, b);
            panels.multiply(level, MatrixMut::new(&mut again, n), WriteMode::Overwrite, a);
            assert_eq!(once, again, "{m} rows, {level:?}");
        }
    }
}

#[test]
fn a_row_does_not_depend_on_its_neighbours() {
    let (m, k, n) = (13, 21, 45);
    let (a, b) = (noise(1, m * k), noise(2, k * n));
    for level in Level::all() {
        let product = |a: &[f32]| {
            let mut out = vec![0.0; a.len() / k * n];
            let out_matrix = MatrixMut::new(&mut out, n);
            matmul(
                level,
                out_matrix,
                WriteMode::Overwrite,
                1.0,
                Matrix::new(a, k),
                Matrix::new(&b, n),
            );
            out
        };
        let together = product(&a);
        let alone: Vec<f32> = a.chunks(k).flat_map(product).collect();
        assert_eq!(together, alone, "{level:?}");
    }
}

#[test]
fn what_is_not_a_number_in_a_factor_shows() {
    for level in Level::all() {
        for n in [1, 5, 40] {
            let mut a = noise(1, n * n);
            a[0] = f32::NAN;
            let mut out = vec![0.0; n * n];
            let (a, b) = (Matrix::new(&a, n), vec![0.0; n * n]);
            let out_matrix = MatrixMut::new(&mut out, n);
            matmul(level, out_matrix, WriteMode::Overwrite, 1.0, a, Matrix::new(&b, n));
            assert!(out[..n].iter().all(|x| x.is_nan()), "{n}");
            assert!(out[n..].iter().all(|&x| x == 0.0), "{n}");
        }
    }
}
