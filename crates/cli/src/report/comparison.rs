//! The comparison of two runs, as text for the terminal.

use evaluation::comparison::{CheckpointName, Comparison, Difference};

use super::{language, percent, row};
use crate::table::align;

/// The two runs, and a table of their differences by split, language and phenomenon.
pub fn text(comparison: &Comparison) -> String {
    let name =
        |CheckpointName { run, checkpoint, .. }: &CheckpointName| format!("{run}, {checkpoint}");
    let header = row([
        "split",
        "lang",
        "phenomenon",
        "n",
        "A right",
        "B right",
        "B - A",
        "95 % interval",
        "only A",
        "only B",
        "p",
    ]);
    let mut rows = vec![header];
    // Rows of one language and phenomenon are in the JSON only.
    let sums = comparison.rows.iter().filter(|row| row.lang.is_none() || row.phenomenon.is_none());
    rows.extend(sums.map(cells));
    format!(
        "A: {}\nB: {}\n\n{}\n\
         B - A in percentage points, with a bootstrap interval over minimal pairs; p: McNemar's \
         exact test of \"only A\" against \"only B\", each row by itself\n",
        name(&comparison.a),
        name(&comparison.b),
        align(&rows, 3)
    )
}

fn cells(row: &Difference) -> Vec<String> {
    let share = |correct: usize| percent(correct as f64 / row.n as f64);
    vec![
        row.split.clone().unwrap_or_else(|| "all".to_owned()),
        language(row.lang).to_owned(),
        row.phenomenon.clone().unwrap_or_else(|| "all".to_owned()),
        row.n.to_string(),
        share(row.a_correct),
        share(row.b_correct),
        points(row.difference),
        format!("{} to {}", points(row.low), points(row.high)),
        row.only_a.to_string(),
        row.only_b.to_string(),
        p_value(row.p),
    ]
}

/// A difference of shares in percentage points; zero has no sign.
fn points(difference: f64) -> String {
    let points = 100.0 * difference;
    if points.abs() < 0.005 { "0.00".to_owned() } else { format!("{points:+.2}") }
}

/// Below a thousandth only the order of magnitude matters.
fn p_value(p: f64) -> String {
    if p < 0.001 { format!("{p:.0e}") } else { format!("{p:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_have_a_sign_and_small_p_values_their_magnitude() {
        assert_eq!([0.0123, -0.5, -0.00001].map(points), ["+1.23", "-50.00", "0.00"]);
        assert_eq!([1.0, 0.0215, 3.716e-5].map(p_value), ["1.000", "0.021", "4e-5"]);
    }
}
