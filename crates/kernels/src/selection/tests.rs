use super::*;
use crate::sample::{assert_close, bits, noise, pools, wide};

const TOLERANCE: f64 = 1e-6;
const SEQ: usize = 5;
const N_WORDS: usize = 4;

/// Texts with words in any order, one of them twice, some of them padding.
fn words(n_texts: usize) -> TextWords {
    let place = |x: f32| ((x + 1.0) / 2.0 * SEQ as f32) as usize % SEQ;
    let rows = noise(1, n_texts * N_WORDS).into_iter().map(place).collect();
    let is_padding = noise(2, n_texts * N_WORDS).into_iter().map(|x| x > 0.5).collect();
    TextWords::new(SEQ, N_WORDS, rows, is_padding)
}

#[test]
fn rows_are_selected_and_their_gradients_add_up() {
    let x = noise(3, 4 * 3);
    let rows = [2, 0, 2];
    assert_eq!(select(&x, 3, &rows), [&x[6..9], &x[..3], &x[6..9]].concat());
    let d_selected = noise(4, 9);
    for level in Level::all() {
        let mut dx = vec![1.0; 12];
        select_backward(level, &rows, 3, &d_selected, &mut dx);
        for column in 0..3 {
            let d = |i: usize| d_selected[i * 3 + column];
            let actual = [0, 1, 2, 3].map(|row| dx[row * 3 + column]);
            assert_eq!(actual, [1.0 + d(1), 1.0, 1.0 + d(0) + d(2), 1.0]);
        }
    }
}

#[test]
fn the_scores_of_words_and_their_gradients_match_plain_loops() {
    for (n_texts, n_queries, n_columns) in [(1, 1, 1), (3, 2, 16), (4, 3, 37), (2, 0, 8)] {
        let words = words(n_texts);
        let scores = Scores { words: &words, n_queries, n_columns };
        let x = noise(5, n_texts * SEQ * n_columns);
        let wanted = noise(6, n_texts * n_queries * n_columns);
        let d_scores = noise(7, n_texts * n_queries * N_WORDS);
        let (wide_x, wide_wanted, wide_d) = (wide(&x), wide(&wanted), wide(&d_scores));
        let mut expected = vec![-9.0; d_scores.len()];
        let (mut dx, mut d_wanted) = (vec![1.0; x.len()], vec![2.0; wanted.len()]);
        for query in 0..n_texts * n_queries {
            let text = query / n_queries;
            for (word, (row, is_padding)) in words.of_text(text).enumerate() {
                if is_padding {
                    continue;
                }
                let score = query * N_WORDS + word;
                expected[score] = 0.0;
                for column in 0..n_columns {
                    let of_x = (text * SEQ + row) * n_columns + column;
                    let of_wanted = query * n_columns + column;
                    expected[score] += wide_x[of_x] * wide_wanted[of_wanted];
                    dx[of_x] += wide_d[score] * wide_wanted[of_wanted];
                    d_wanted[of_wanted] += wide_d[score] * wide_x[of_x];
                }
            }
        }
        for level in Level::all() {
            let of_pools = pools().map(|pool| {
                pool.install(|| {
                    let (mut dx, mut d_wanted) = (vec![1.0; x.len()], vec![2.0; wanted.len()]);
                    let read = [&x[..], &wanted, &d_scores];
                    scores.backward(level, read, [&mut dx, &mut d_wanted]);
                    [scores.forward(level, &x, &wanted, -9.0), dx, d_wanted]
                })
            });
            let [actual, actual_dx, actual_d_wanted] = &of_pools[0];
            assert_close("scores", actual, &expected, TOLERANCE);
            assert_close("dx", actual_dx, &dx, TOLERANCE);
            assert_close("d_wanted", actual_d_wanted, &d_wanted, TOLERANCE);
            for others in &of_pools[1..] {
                assert!(others.iter().zip(&of_pools[0]).all(|(a, b)| bits(a) == bits(b)));
            }
        }
    }
}
