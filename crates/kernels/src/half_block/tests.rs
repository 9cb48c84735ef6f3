use rayon::ThreadPool;

use super::*;
use crate::{
    naive,
    sample::{Case, NORM_PLACEMENTS, assert_close, bits, noise, paddings, pools, sub_layers, wide},
};

const TOLERANCE: f64 = 1e-5;

/// What comes out of one half block.
struct Outcome {
    y: Vec<f32>,
    gradients: HalfBlockGradients,
}

impl Outcome {
    /// Everything in it.
    fn each(&self) -> [(&'static str, &[f32]); 8] {
        let HalfBlockGradients { x, parameters } = &self.gradients;
        let Parameters { gamma, beta, w_in, b_in, w_out, b_out } = parameters;
        [
            ("y", &self.y),
            ("dx", x),
            ("dγ", gamma),
            ("dβ", beta),
            ("dWᵢ", w_in),
            ("dbᵢ", b_in),
            ("dWₒ", w_out),
            ("dbₒ", b_out),
        ]
    }

    fn bits(&self) -> Vec<Vec<u32>> {
        self.each().iter().map(|(_, values)| bits(values)).collect()
    }
}

fn forward(case: &Case, level: Level, keep: bool) -> (Vec<f32>, Option<Saved>) {
    let Case { half_block, parameters, seq, padding, x, .. } = case;
    let rows = PackedRows::new(padding, *seq);
    half_block.forward(level, &rows, parameters.map(|values| &values[..]), x, keep)
}

fn run(case: &Case, level: Level) -> Outcome {
    let Case { half_block, parameters, seq, padding, x, dy, .. } = case;
    let rows = PackedRows::new(padding, *seq);
    let parameters = parameters.map(|values| &values[..]);
    let (y, saved) = forward(case, level, true);
    let saved = saved.unwrap();
    let gradients = half_block.backward(level, &rows, parameters, x, &saved, dy.clone());
    Outcome { y, gradients }
}

/// The same by the naive loops, in the order of [`Outcome::each`].
fn expected(case: &Case) -> [Vec<f64>; 8] {
    let Case { half_block, d_model, seq, padding, x, dy, .. } = case;
    let batch = naive::Batch { half_block, d_model: *d_model, seq: *seq, padding };
    let (parameters, x) = (case.parameters.map(|values| wide(values)), wide(x));
    let y = batch.forward(&parameters, &x).y.concat();
    let (dx, Parameters { gamma, beta, w_in, b_in, w_out, b_out }) =
        batch.backward(&parameters, &x, &wide(dy));
    [y, dx, gamma, beta, w_in, b_in, w_out, b_out]
}

/// Asserts that the kernels agree with the naive loops, on each set of instructions and divided
/// among each number of threads.
#[track_caller]
fn check(case: &Case, pools: &[ThreadPool]) {
    let expected = expected(case);
    for pool in pools {
        for level in Level::all() {
            let outcome = pool.install(|| run(case, level));
            for ((name, actual), expected) in outcome.each().into_iter().zip(&expected) {
                let Case { half_block: HalfBlock { norm, sub_layer, .. }, seq, .. } = case;
                let threads = pool.current_num_threads();
                let what = format_args!(
                    "{name} of norm {norm:?}, {sub_layer:?}, seq {seq}, {level:?}, {threads} threads"
                );
                assert_close(what, actual, expected, TOLERANCE);
            }
        }
    }
}

#[test]
fn every_kind_matches_the_naive_loops() {
    let pools = pools();
    let (n_heads, d_head, d_ff) = (3, 2, 5);
    for seq in 1..=7 {
        for (sub_layer, norm) in kinds(n_heads, d_head, seq) {
            for padding in paddings(seq) {
                for (has_biases, probability) in
                    [(true, 0.0), (false, 0.0), (true, 0.4), (false, 0.4)]
                {
                    let widths = [n_heads * d_head, d_ff];
                    let batch = (seq, padding.clone());
                    let case = Case::new(sub_layer.clone(), norm, has_biases, widths, batch);
                    let case = if probability > 0.0 { case.dropping(probability) } else { case };
                    check(&case, &pools);
                }
            }
        }
    }
}

/// Each sub-layer with each placement of the norm.
fn kinds(n_heads: usize, d_head: usize, seq: usize) -> Vec<(SubLayer, NormPlacement)> {
    let sub_layers = sub_layers(n_heads, d_head, seq).into_iter();
    sub_layers.flat_map(|sub_layer| NORM_PLACEMENTS.map(|norm| (sub_layer.clone(), norm))).collect()
}

/// Ragged texts of at most `seq` positions, some of them empty.
fn ragged(batch: usize, seq: usize) -> Vec<bool> {
    let lengths = noise(4, batch);
    let length = |text: usize| ((lengths[text] + 1.1) / 2.0 * seq as f32) as usize;
    (0..batch)
        .flat_map(|text| (0..seq).map(move |i| (text, i)))
        .map(|(text, i)| i >= length(text))
        .collect()
}

#[test]
fn batches_of_several_chunks_match_the_naive_loops() {
    let pools = pools();
    let (batch, seq, n_heads, d_head, d_ff) = (110, 37, 2, 8, 17);
    let padding = ragged(batch, seq);
    let rows = PackedRows::new(&padding, seq);
    for part in rows.parts(3) {
        assert!(rows.chunks(&part, 1).len() > 1, "{part:?} is one chunk");
    }
    for (sub_layer, norm) in kinds(n_heads, d_head, seq) {
        let widths = [n_heads * d_head, d_ff];
        let case = Case::new(sub_layer, norm, true, widths, (seq, padding.clone()));
        check(&case.dropping(0.1), &pools);
    }
}

#[test]
fn a_long_text_meets_its_keys_in_several_strips() {
    let pools = pools();
    let (n, seq, d_head) = (700, 720, 4);
    // A hole in the middle of the first text; the second one is short.
    let padding: Vec<bool> =
        (0..2 * seq).map(|i| (300..300 + seq - n).contains(&i) || i >= seq + 3).collect();
    let [plain, rotary, ..] = sub_layers(1, d_head, seq);
    for (sub_layer, probability) in [(plain, 0.1), (rotary, 0.0)] {
        let case =
            Case::new(sub_layer, NormPlacement::Pre, true, [d_head, 0], (seq, padding.clone()));
        check(&case.dropping(probability), &pools);
    }
}

#[test]
fn the_same_number_of_threads_gives_the_same_bits() {
    let (seq, n_heads, d_head) = (37, 2, 8);
    for pool in pools() {
        for (sub_layer, norm) in kinds(n_heads, d_head, seq) {
            let widths = [n_heads * d_head, 17];
            let case =
                Case::new(sub_layer, norm, true, widths, (seq, ragged(40, seq))).dropping(0.1);
            for level in Level::all() {
                let run = || pool.install(|| run(&case, level)).bits();
                assert_eq!(run(), run(), "{norm:?}, {level:?}");
            }
        }
    }
}

#[test]
fn a_forward_pass_that_keeps_nothing_gives_the_same_bits() {
    let (seq, n_heads, d_head) = (37, 2, 8);
    for (sub_layer, norm) in kinds(n_heads, d_head, seq) {
        let widths = [n_heads * d_head, 17];
        let case = Case::new(sub_layer, norm, true, widths, (seq, ragged(40, seq))).dropping(0.1);
        let (kept, saved) = forward(&case, Level::best(), true);
        let (y, nothing) = forward(&case, Level::best(), false);
        assert_eq!(bits(&kept), bits(&y), "{norm:?}");
        assert!(saved.is_some() && nothing.is_none());
    }
}

#[test]
fn padding_passes_through_and_changes_nothing_else() {
    let (seq, n_heads, d_head) = (6, 3, 2);
    let d_model = n_heads * d_head;
    for (sub_layer, norm) in kinds(n_heads, d_head, seq) {
        let [_, _, holes, ..] = paddings(seq);
        let mut case = Case::new(sub_layer, norm, true, [d_model, 5], (seq, holes)).dropping(0.2);
        let before = run(&case, Level::best());
        for row in (0..case.padding.len()).filter(|&row| case.padding[row]) {
            case.x[row * d_model..(row + 1) * d_model].fill(f32::NAN);
            case.dy[row * d_model..(row + 1) * d_model].fill(f32::INFINITY);
        }
        let after = run(&case, Level::best());
        for (row, &is_padding) in case.padding.iter().enumerate() {
            let of = |values: &[f32]| bits(&values[row * d_model..(row + 1) * d_model]);
            let outcome = (of(&after.y), of(&after.gradients.x));
            if is_padding {
                assert_eq!(outcome, (of(&case.x), of(&case.dy)), "{norm:?}");
            } else {
                assert_eq!(outcome, (of(&before.y), of(&before.gradients.x)), "{norm:?}");
            }
        }
        assert_eq!(before.bits()[2..], after.bits()[2..], "{norm:?}");
    }
}

#[test]
fn what_is_dropped_depends_on_the_seed_alone() {
    let (seq, n_heads, d_head) = (5, 3, 2);
    for (sub_layer, norm) in kinds(n_heads, d_head, seq) {
        let with_seed = |seed: u64| {
            let batch = (seq, vec![false; 4 * seq]);
            let mut case = Case::new(sub_layer.clone(), norm, true, [n_heads * d_head, 5], batch);
            case.half_block.dropout = Some((Dropout { probability: 0.3, seed }, 1));
            run(&case, Level::best()).bits()
        };
        assert_eq!(with_seed(1), with_seed(1), "{norm:?}");
        assert_ne!(with_seed(1)[0], with_seed(2)[0], "{norm:?}");
    }
}

#[test]
fn a_parameter_that_is_not_a_number_shows() {
    let (seq, n_heads, d_head) = (5, 3, 2);
    for (sub_layer, norm) in kinds(n_heads, d_head, seq) {
        let batch = (seq, vec![false; 2 * seq]);
        let mut case = Case::new(sub_layer, norm, true, [n_heads * d_head, 5], batch);
        case.parameters.w_in.fill(f32::NAN);
        let (y, _) = forward(&case, Level::best(), false);
        assert!(y.iter().all(|y| y.is_nan()), "{norm:?}: {y:?}");
    }
}
