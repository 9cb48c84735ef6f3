//! Spearman's rank correlation, and competition ranks.
//!
//! ```text
//! ρ = correlation(rank(a), rank(b))        equal values share the mean of their ranks
//! ```
//!
//! Reference: Spearman 1904.

/// ρ of two lists of equal length; `None` where all values of a list are equal.
pub(crate) fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    let [a, b] = [a, b].map(|values| {
        let ranks = ranks(values);
        let mean = ranks.iter().sum::<f64>() / ranks.len() as f64;
        ranks.into_iter().map(|rank| rank - mean).collect::<Vec<f64>>()
    });
    let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let spread = (product(&a, &a) * product(&b, &b)).sqrt();
    (spread > 0.0).then(|| product(&a, &b) / spread)
}

/// The rank of each value, 1 for the smallest; equal values share the mean of their ranks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |&value: &f64| {
        let less = values.iter().filter(|&&other| other < value).count();
        let equal = values.iter().filter(|&&other| other == value).count();
        less as f64 + (equal as f64 + 1.0) / 2.0
    };
    values.iter().map(rank).collect()
}

/// The competition rank of each value, 1 for the greatest; equal values share the better rank, as
/// in 1, 2, 2, 4.
pub fn competition_ranks(values: &[f64]) -> Vec<usize> {
    let place = |&value: &f64| 1 + values.iter().filter(|&&other| other > value).count();
    values.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values that the explorer's page is tested against too; `shared.py` generates them.
    const SHARED: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../explorer/tests/fixtures/shared.json"
    ));

    #[test]
    fn orders_that_agree_and_that_do_not() {
        assert_eq!(spearman(&[1.0, 5.0, 7.0], &[-3.0, 0.0, 100.0]), Some(1.0));
        assert_eq!(spearman(&[1.0, 5.0, 7.0], &[9.0, 0.0, -1.0]), Some(-1.0));
        assert_eq!(spearman(&[1.0, 1.0, 1.0], &[9.0, 0.0, -1.0]), None);
        assert_eq!(spearman(&[], &[]), None);
    }

    /// Without equals it is 1 - 6 Σd² / n(n² - 1): d = 1, -1, 1, -1, 0, so 1 - 24/120. With equals,
    /// ranks 1.5 1.5 3 against 1 2 3: 1.5 / √(1.5 · 2).
    #[test]
    fn it_is_that_worked_out_by_hand() {
        let rho = spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 1.0, 4.0, 3.0, 5.0]).unwrap();
        assert!((rho - 0.8).abs() < 1e-12, "{rho}");
        let rho = spearman(&[4.0, 4.0, 9.0], &[1.0, 2.0, 3.0]).unwrap();
        assert!((rho - 1.5 / 3.0_f64.sqrt()).abs() < 1e-12, "{rho}");
        assert_eq!(ranks(&[4.0, 4.0, 9.0, 1.0]), [2.5, 2.5, 4.0, 1.0]);
        assert_eq!(competition_ranks(&[4.0, 4.0, 9.0, 1.0]), [2, 2, 1, 4]);
    }

    #[derive(serde::Deserialize)]
    struct Shared {
        spearman: Vec<Pair>,
        places: Vec<Order>,
    }

    #[derive(serde::Deserialize)]
    struct Pair {
        a: Vec<f64>,
        b: Vec<f64>,
        rho: Option<f64>,
    }

    #[derive(serde::Deserialize)]
    struct Order {
        values: Vec<f64>,
        places: Vec<usize>,
    }

    #[test]
    fn ranks_are_what_the_page_expects() {
        let shared: Shared = serde_json::from_str(SHARED).unwrap();
        for Pair { a, b, rho } in shared.spearman {
            match (spearman(&a, &b), rho) {
                (Some(found), Some(rho)) => assert!((found - rho).abs() < 1e-9, "{found}, {rho}"),
                (found, rho) => assert_eq!(found, rho, "{a:?} and {b:?}"),
            }
        }
        for Order { values, places: expected } in shared.places {
            assert_eq!(competition_ranks(&values), expected, "{values:?}");
        }
    }
}
