//! Cross-entropy of scores, with its gradient in the same pass.
//!
//! ```text
//! loss             = Σᵢ wᵢ (log Σⱼ e^s[i, j] − log Σ_{j right} e^s[i, j]) / Σᵢ wᵢ
//! ∂loss / ∂s[i, j] = wᵢ (softmax(s[i])ⱼ − softmax over the right(s[i])ⱼ) / Σᵢ wᵢ
//! ```
//!
//! With one right column this is the negative logarithm of its probability; with several, that of the sum
//! of their probabilities.

use crate::{
    math::exp,
    simd::{Kernel, Level, sum_by},
    threads::{for_each_part, len_per_thread},
};

/// Which columns of a row are right.
#[derive(Debug, Clone)]
pub enum Right {
    /// One for each row: `[rows]`
    Column(Vec<usize>),
    /// At least one in each row that counts: `[rows, columns]`
    Columns(Vec<bool>),
}

/// The loss, and its gradient of the scores: `[rows, columns]`
#[derive(Debug)]
pub(crate) struct Loss {
    pub(crate) value: f32,
    pub(crate) gradient: Vec<f32>,
}

/// The mean of the rows, each as often as its weight says; 0 if no row counts.
///
/// # Shapes
///
/// - `scores`: `[rows, columns]`
/// - `weights`: `[rows]`
///
/// # Panics
///
/// If the lengths do not agree, or a right column is none.
pub(crate) fn cross_entropy(
    level: Level,
    scores: &[f32],
    n_columns: usize,
    right: &Right,
    weights: &[f32],
) -> Loss {
    let n_rows = weights.len();
    assert_eq!(scores.len(), n_rows * n_columns, "{n_rows} rows of {n_columns} columns");
    match right {
        Right::Column(columns) => {
            assert_eq!(columns.len(), n_rows, "right columns");
            assert!(columns.iter().all(|&column| column < n_columns), "a column of {n_columns}");
        }
        Right::Columns(are_right) => assert_eq!(are_right.len(), scores.len(), "right columns"),
    }
    let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
    let scale = if total > 0.0 { total.recip() } else { 0.0 };
    let mut gradient = vec![0.0; scores.len()];
    let mut losses = vec![0.0; n_rows];
    let rows = len_per_thread(scores.len()).div_ceil(n_columns.max(1)).max(1);
    let len = (rows * n_columns).max(1);
    let parts = scores.chunks(len).zip(gradient.chunks_mut(len)).zip(losses.chunks_mut(rows));
    for_each_part(parts.enumerate(), |(part, ((scores, gradient), losses))| {
        let (first, scale) = (part * rows, scale as f32);
        level.run(Rows { scores, n_columns, right, weights, first, scale, gradient, losses });
    });
    let weighted = losses.iter().zip(weights).map(|(&loss, &weight)| f64::from(loss * weight));
    Loss { value: (weighted.sum::<f64>() * scale) as f32, gradient }
}

/// Some rows.
struct Rows<'a> {
    scores: &'a [f32],
    n_columns: usize,
    /// Of all rows.
    right: &'a Right,
    /// Of all rows.
    weights: &'a [f32],
    /// The first of these rows.
    first: usize,
    /// One over the sum of all weights.
    scale: f32,
    gradient: &'a mut [f32],
    losses: &'a mut [f32],
}

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { scores, n_columns, right, weights, first, scale, gradient, losses } = self;
        let rows = scores.chunks_exact(n_columns).zip(gradient.chunks_exact_mut(n_columns));
        for (row, ((scores, gradient), loss)) in (first..).zip(rows.zip(losses)) {
            if weights[row] == 0.0 {
                continue;
            }
            let weight = weights[row] * scale;
            let [max, sum] = exponentials::<FMA>(scores, gradient);
            let log_sum = max + sum.ln();
            let of_all = weight / sum;
            match right {
                Right::Column(columns) => {
                    gradient.iter_mut().for_each(|g| *g *= of_all);
                    gradient[columns[row]] -= weight;
                    *loss = log_sum - scores[columns[row]];
                }
                Right::Columns(are_right) => {
                    let are_right = &are_right[row * n_columns..][..n_columns];
                    let of_right = right_log_sum::<FMA>(scores, are_right);
                    for ((g, &score), &is_right) in gradient.iter_mut().zip(scores).zip(are_right) {
                        let share = if is_right { exp::<FMA>(score - of_right) } else { 0.0 };
                        *g = *g * of_all - weight * share;
                    }
                    *loss = log_sum - of_right;
                }
            }
        }
    }
}

/// Writes `e^(score − max)` and returns the maximum and the sum of what was written.
#[inline(always)]
fn exponentials<const FMA: bool>(scores: &[f32], exponentials: &mut [f32]) -> [f32; 2] {
    let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for (e, score) in exponentials.iter_mut().zip(scores) {
        *e = exp::<FMA>(score - max);
    }
    [max, sum_by(exponentials, |e| e)]
}

/// The logarithm of the sum of the exponentials of the right scores.
#[inline(always)]
fn right_log_sum<const FMA: bool>(scores: &[f32], are_right: &[bool]) -> f32 {
    let right = || scores.iter().zip(are_right).filter(|(_, is_right)| **is_right).map(|(s, _)| *s);
    let max = right().fold(f32::NEG_INFINITY, f32::max);
    max + right().map(|score| exp::<FMA>(score - max)).sum::<f32>().ln()
}

#[cfg(test)]
mod tests;
