use super::*;
use crate::sample::{assert_close, bits, noise, pools, wide};

/// Loss and gradient in `f64`.
fn naive(scores: &[f64], n_columns: usize, right: &Right, weights: &[f64]) -> (f64, Vec<f64>) {
    let total = weights.iter().sum::<f64>();
    let (mut loss, mut gradient) = (0.0, vec![0.0; scores.len()]);
    for (row, scores) in scores.chunks(n_columns).enumerate() {
        let is_right = |column: usize| match right {
            Right::Column(columns) => columns[row] == column,
            Right::Columns(are_right) => are_right[row * n_columns + column],
        };
        let sum: f64 = scores.iter().map(|s| s.exp()).sum();
        let columns = || (0..n_columns).filter(|&column| is_right(column));
        let of_right: f64 = columns().map(|column| scores[column].exp()).sum();
        if weights[row] == 0.0 {
            continue;
        }
        loss += weights[row] / total * (sum / of_right).ln();
        for column in 0..n_columns {
            let e = scores[column].exp();
            let share = if is_right(column) { e / of_right } else { 0.0 };
            gradient[row * n_columns + column] = weights[row] / total * (e / sum - share);
        }
    }
    (loss, gradient)
}

#[test]
fn loss_and_gradient_match_plain_loops_in_the_same_bits_on_any_number_of_threads() {
    for [n_rows, n_columns] in [[1, 1], [3, 5], [7, 40], [300, 70]] {
        let scores: Vec<f32> = noise(1, n_rows * n_columns).iter().map(|s| s * 9.0).collect();
        let weights: Vec<f32> =
            noise(2, n_rows).iter().map(|&w| if w > 0.7 { 0.0 } else { w + 1.5 }).collect();
        let columns: Vec<usize> = (0..n_rows).map(|row| row * 7 % n_columns).collect();
        let several = (0..n_rows * n_columns)
            .map(|i| i % n_columns == columns[i / n_columns] || i % 11 == 0)
            .collect();
        for right in [Right::Column(columns), Right::Columns(several)] {
            let (loss, gradient) = naive(&wide(&scores), n_columns, &right, &wide(&weights));
            for level in Level::all() {
                let of_pools = pools().map(|pool| {
                    pool.install(|| cross_entropy(level, &scores, n_columns, &right, &weights))
                });
                let [first, others @ ..] = &of_pools;
                assert_close("loss", &[first.value], &[loss], 1e-5);
                assert_close("gradient", &first.gradient, &gradient, 1e-5);
                for other in others {
                    assert_eq!(first.value.to_bits(), other.value.to_bits());
                    assert_eq!(bits(&first.gradient), bits(&other.gradient));
                }
            }
        }
    }
}

#[test]
fn hopeless_scores_have_a_finite_loss_and_rows_without_weight_none() {
    for level in Level::all() {
        let right = Right::Columns(vec![true, false, false]);
        let Loss { value, gradient } =
            cross_entropy(level, &[-200.0, 0.0, 200.0], 3, &right, &[1.0]);
        assert!((value - 400.0).abs() < 1e-3, "{value}");
        assert_eq!(gradient, [-1.0, 0.0, 1.0]);
        let nobody = cross_entropy(level, &[1.0, 2.0], 2, &Right::Column(vec![0]), &[0.0]);
        assert_eq!((nobody.value, nobody.gradient), (0.0, vec![0.0; 2]));
        assert_eq!(cross_entropy(level, &[], 4, &Right::Column(Vec::new()), &[]).value, 0.0);
    }
}
