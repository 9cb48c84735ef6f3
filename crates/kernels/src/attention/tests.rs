use super::*;
use crate::{
    dropout::Dropout,
    half_block::SubLayer,
    naive,
    sample::{assert_close, noise, sub_layers, wide},
};

const TOLERANCE: f64 = 2e-6;

/// One text on its own.
struct Case {
    heads: Heads,
    seq: usize,
    positions: Vec<u32>,
    qkv: Vec<f32>,
    d_context: Vec<f32>,
}

/// What comes out of it.
struct Outcome {
    context: Vec<f32>,
    log_sums: Vec<f32>,
    d_qkv: Vec<f32>,
}

const NUMBER: usize = 2;
const SITE: u64 = 9;
const DROPOUT: Dropout = Dropout { probability: 0.3, seed: 1 };

impl Case {
    fn new([n_heads, d_head]: [usize; 2], seq: usize, positions: Vec<u32>) -> Self {
        let (n, d_model) = (positions.len(), n_heads * d_head);
        let heads = Heads { n_heads, d_head, rotary: None, dropout: None };
        let qkv = noise(1, n * 3 * d_model).iter().map(|x| 2.0 * x).collect();
        Self { heads, seq, positions, qkv, d_context: noise(2, n * d_model) }
    }

    fn run(&self, level: Level) -> Outcome {
        let text = Text { number: NUMBER, seq: self.seq, positions: &self.positions };
        let n = self.positions.len();
        let mut qkv = self.qkv.clone();
        let mut context = vec![f32::NAN; self.d_context.len()];
        let mut log_sums = vec![f32::NAN; self.heads.n_heads * n];
        self.heads.forward(level, text, &mut qkv, &mut context, &mut log_sums);
        let mut d_qkv = vec![f32::NAN; qkv.len()];
        let saved = Saved { qkv: &qkv, context: &context, log_sums: &log_sums };
        self.heads.backward(level, text, saved, &self.d_context, &mut d_qkv);
        Outcome { context, log_sums, d_qkv }
    }

    /// The context, and the gradient of `qkv`.
    fn expected(&self) -> [Vec<f64>; 2] {
        let Heads { n_heads, ref rotary, dropout, .. } = self.heads;
        let positions: Vec<usize> = self.positions.iter().map(|&p| p as usize).collect();
        let n_weights = (NUMBER + 1) * n_heads * self.seq * self.seq;
        let mask = dropout.map(|_| wide(&DROPOUT.mask(SITE, n_weights)));
        let dropout = |head: usize, query: usize, key: usize| {
            let row = (NUMBER * n_heads + head) * self.seq + query;
            mask.as_ref().map_or(1.0, |mask| mask[row * self.seq + key])
        };
        let rotary = rotary.as_deref();
        let attention =
            naive::Attention { n_heads, rotary, positions: &positions, dropout: &dropout };
        let rows = |x: &[f32]| -> naive::Matrix {
            x.chunks(x.len() / positions.len()).map(wide).collect()
        };
        let (qkv, d_context) = (rows(&self.qkv), rows(&self.d_context));
        [attention.forward(&qkv).concat(), attention.backward(&qkv, &d_context).concat()]
    }

    #[track_caller]
    fn check(&self) {
        let [context, d_qkv] = self.expected();
        for level in Level::all() {
            let outcome = self.run(level);
            let n = self.positions.len();
            assert_close(
                format_args!("{n} context, {level:?}"),
                &outcome.context,
                &context,
                TOLERANCE,
            );
            assert_close(format_args!("{n} dqkv, {level:?}"), &outcome.d_qkv, &d_qkv, TOLERANCE);
        }
    }
}

fn rotary(seq: usize, d_head: usize) -> Option<Arc<Rotary>> {
    let [_, SubLayer::Attention { rotary, .. }, ..] = sub_layers(1, d_head, seq) else {
        panic!("the second one has rotary positions")
    };
    rotary
}

#[test]
fn a_text_of_any_length_matches_the_naive_loops() {
    for n in [1, 2, 3, 7, 15, 16, 17, 40, 127, 128, 129, 300] {
        for (sizes, rotates, drops) in [
            ([3, 2], false, false),
            ([1, 5], false, true),
            ([2, 8], true, false),
            ([3, 2], true, true),
        ] {
            let seq = n + n / 3;
            // Every fourth position is padding, as far as there is any.
            let mut positions: Vec<u32> = (0..seq as u32).filter(|p| p % 4 != 3).collect();
            positions.truncate(n);
            let mut case = Case::new(sizes, seq, positions);
            case.heads.rotary = if rotates { rotary(seq, sizes[1]) } else { None };
            case.heads.dropout = drops.then(|| DROPOUT.site(SITE));
            case.check();
        }
    }
}

#[test]
fn the_logarithms_of_the_sums_are_those_of_the_scores() {
    let ([n_heads, d_head], n) = ([2, 4], 37);
    let case = Case::new([n_heads, d_head], n, (0..n as u32).collect());
    let d_model = n_heads * d_head;
    let at = |part: usize, head: usize, row: usize| {
        wide(&case.qkv[row * 3 * d_model + part * d_model + head * d_head..][..d_head])
    };
    let mut expected = Vec::new();
    for head in 0..n_heads {
        for query in 0..n {
            let sum: f64 = (0..n)
                .map(|key| {
                    let (q, k) = (at(0, head, query), at(1, head, key));
                    let score: f64 = q.iter().zip(&k).map(|(q, k)| q * k).sum();
                    (score / (d_head as f64).sqrt()).exp()
                })
                .sum();
            expected.push(sum.ln());
        }
    }
    for level in Level::all() {
        assert_close("log sums", &case.run(level).log_sums, &expected, 1e-6);
    }
}

#[test]
fn strips_are_small_and_cover_every_query() {
    for n in 1..10_000 {
        let strip = queries_per_strip(n);
        assert!((1..=n).contains(&strip), "{strip} of {n}");
        assert!(strip * n <= STRIP_LEN.max(16 * n), "{strip} of {n}");
    }
    assert!(queries_per_strip(700) < 700, "the tests of several strips have one");
}

#[test]
fn large_scores_choose_one_key_and_overflow_nothing() {
    let n = 20;
    let mut case = Case::new([1, 2], n, (0..n as u32).collect());
    for (i, row) in case.qkv.chunks_mut(6).enumerate() {
        // The product of query and key is largest for the last key.
        row[..4].copy_from_slice(&[1e3 * (i + 1) as f32, 0.0, 1e3 * (i + 1) as f32, 0.0]);
    }
    let chosen = case.qkv[(n - 1) * 6 + 4..].to_vec();
    for level in Level::all() {
        let Outcome { context, d_qkv, .. } = case.run(level);
        assert_eq!(context, chosen.repeat(n), "{level:?}");
        assert!(d_qkv.iter().all(|d| d.is_finite()), "{level:?}");
    }
}

#[test]
fn what_is_not_a_number_spoils_the_rows_that_attend_to_it() {
    let n = 37;
    // In a query only its own row is lost, in a key or a value all of its head.
    for (part, lost) in [(0, 1), (1, n), (2, n)] {
        let mut case = Case::new([2, 3], n, (0..n as u32).collect());
        case.qkv[5 * 18 + part * 6 + 3] = f32::NAN; // of position 5 and the second head
        for level in Level::all() {
            let Outcome { context, .. } = case.run(level);
            let is_nan: Vec<bool> = context.iter().map(|x| x.is_nan()).collect();
            let heads = |head: usize| is_nan.chunks(3).skip(head).step_by(2);
            assert!(heads(0).flatten().all(|is_nan| !is_nan), "{level:?}");
            let n_lost = heads(1).filter(|row| row.contains(&true)).count();
            assert_eq!(n_lost, lost, "part {part}, {level:?}");
        }
    }
}
