use crate::{
    half_block::{HalfBlock, NormPlacement},
    naive,
    rows::PackedRows,
    sample::{Case, NORM_PLACEMENTS, assert_close, bits, paddings, pools, sub_layers, wide},
    simd::Level,
};

const TOLERANCE: f64 = 1e-5;

/// Asserts that a forward pass which keeps nothing agrees with the naive loops, on each set of
/// instructions and divided among each number of threads, in the same bits every time.
#[track_caller]
fn check(case: &Case) {
    let Case { half_block, d_model, seq, padding, x, .. } = case;
    let batch = naive::Batch { half_block, d_model: *d_model, seq: *seq, padding };
    let expected = batch.forward(&case.parameters.map(|values| wide(values)), &wide(x)).y.concat();
    let rows = PackedRows::new(padding, *seq);
    for pool in pools() {
        for level in Level::all() {
            let forward = || {
                let parameters = case.parameters.map(|values| &values[..]);
                pool.install(|| half_block.forward(level, &rows, parameters, x, false).0)
            };
            let HalfBlock { norm, sub_layer, .. } = half_block;
            let threads = pool.current_num_threads();
            let what =
                format_args!("{norm:?}, {sub_layer:?}, seq {seq}, {level:?}, {threads} threads");
            let y = forward();
            assert_close(what, &y, &expected, TOLERANCE);
            assert_eq!(bits(&y), bits(&forward()), "{what}");
        }
    }
}

#[test]
fn a_text_alone_matches_the_naive_loops() {
    // Heads and columns that no number of threads divides, and hidden layers of one share and more.
    for [n_heads, d_head, d_ff] in [[1, 2, 5], [3, 2, 37], [5, 4, 70]] {
        for seq in [1, 2, 7, 40] {
            for sub_layer in sub_layers(n_heads, d_head, seq) {
                for norm in NORM_PLACEMENTS {
                    for has_biases in [true, false] {
                        let batch = (seq, vec![false; seq]);
                        let widths = [n_heads * d_head, d_ff];
                        check(&Case::new(sub_layer.clone(), norm, has_biases, widths, batch));
                    }
                }
            }
        }
    }
}

#[test]
fn padding_of_a_text_alone_passes_through() {
    for padding in paddings(6) {
        for sub_layer in sub_layers(3, 2, 6) {
            let batch = (6, padding[..6].to_vec());
            check(&Case::new(sub_layer, NormPlacement::Pre, true, [6, 37], batch));
        }
    }
}
