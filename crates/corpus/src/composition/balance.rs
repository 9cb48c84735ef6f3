//! Keeps the place of the answer from giving it away.
//!
//! Composed texts are about persons first and about things later, and take up what was just said, so
//! the first candidate or the nearest would be right more often than others. A share of the examples
//! is dropped such that, for each decision and number of candidates, every place has the answer
//! equally often, and the nearest candidate as often as any. The shares are found once from a sample,
//! by iterative proportional fitting: scale the cells to one margin, then to the other, and repeat.

use std::collections::HashMap;

use super::referent::Decision;
use crate::example::Example;

/// What decides, and the number of candidates.
type Group = (String, usize);

/// The place of the answer, and whether it is the nearest.
type Cell = (usize, bool);

/// No cell is thinned out further than this.
const LEAST_SHARE: f64 = 0.05;

const N_ITERATIONS: usize = 20;

/// The share of the examples in which each of these decides.
const WANTED: [(Decision, f64); 5] = [
    (Decision::Agreement, 0.36),
    (Decision::Selection, 0.04),
    (Decision::Syntax, 0.19),
    (Decision::Meaning, 0.29),
    (Decision::Nothing, 0.12),
];

/// The share of the examples of each cell that is kept.
#[derive(Debug, Default)]
pub(super) struct Balance {
    shares: HashMap<Group, HashMap<Cell, f64>>,
    /// For each decision a share that is kept besides, for the mixture of decisions.
    of_decision: HashMap<String, f64>,
}

impl Balance {
    /// The shares that balance `sample`.
    pub(super) fn of(sample: impl Iterator<Item = Example>) -> Self {
        let mut counts: HashMap<Group, HashMap<Cell, f64>> = HashMap::new();
        let mut kept: HashMap<String, f64> = HashMap::new();
        for example in sample {
            match place_of(&example) {
                Some((group, cell)) => {
                    *counts.entry(group).or_default().entry(cell).or_default() += 1.0;
                }
                None => *kept.entry(example.phenomenon).or_default() += 1.0,
            }
        }
        let mut shares = HashMap::new();
        for (group, counts) in counts {
            let of_cells = fitted(group.1, &counts);
            let n_kept: f64 = counts.iter().map(|(cell, count)| count * of_cells[cell]).sum();
            *kept.entry(group.0.clone()).or_default() += n_kept;
            shares.insert(group, of_cells);
        }
        let wanted = WANTED.map(|(decision, share)| (decision.name().to_owned(), share));
        let ratio = |name: &str, share: f64| share / kept.get(name).copied().unwrap_or(1.0);
        let most = wanted.iter().map(|(name, share)| ratio(name, *share)).fold(0.0, f64::max);
        let of_decision =
            wanted.iter().map(|(name, share)| (name.clone(), ratio(name, *share) / most));
        Self { of_decision: of_decision.collect(), shares }
    }

    /// The share of examples like this one that is kept.
    pub(super) fn share(&self, example: &Example) -> f64 {
        let known = place_of(example)
            .and_then(|(group, cell)| self.shares.get(&group)?.get(&cell).copied());
        let of_decision = self.of_decision.get(&example.phenomenon).copied().unwrap_or(1.0);
        known.unwrap_or(1.0) * of_decision
    }
}

/// For each cell the share to keep of its examples, at most 1.
fn fitted(n_candidates: usize, counts: &HashMap<Cell, f64>) -> HashMap<Cell, f64> {
    let one = 1.0 / n_candidates as f64;
    let mut weights = counts.clone();
    let mut scale = |margin: &dyn Fn(&Cell) -> (usize, f64)| {
        let mut sums: HashMap<usize, f64> = HashMap::new();
        for (cell, weight) in &weights {
            *sums.entry(margin(cell).0).or_default() += weight;
        }
        for (cell, weight) in &mut weights {
            let (key, wanted) = margin(cell);
            *weight *= wanted / sums[&key].max(f64::MIN_POSITIVE);
        }
    };
    for _ in 0..N_ITERATIONS {
        scale(&|&(place, _)| (place, one));
        scale(&|&(_, near)| (usize::from(near), if near { one } else { 1.0 - one }));
    }
    let most = counts.iter().map(|(cell, count)| weights[cell] / count).fold(0.0, f64::max);
    let share = |cell: &Cell, count: f64| (weights[cell] / count / most).clamp(LEAST_SHARE, 1.0);
    counts.iter().map(|(cell, &count)| (*cell, share(cell, count))).collect()
}

fn place_of(example: &Example) -> Option<(Group, Cell)> {
    let answer = example.antecedent?;
    let near = crate::heuristics::nearest(example) == Some(answer);
    let n_candidates = example.candidates.len();
    // Larger numbers are rare; they share what is known of the largest.
    let group = (example.phenomenon.clone(), n_candidates.min(8));
    Some((group, (answer.min(7), near)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_margins_become_even() {
        let counts = HashMap::from([
            ((0, false), 600.0),
            ((0, true), 50.0),
            ((1, true), 300.0),
            ((1, false), 50.0),
        ]);
        let shares = fitted(2, &counts);
        let kept = |cell: Cell| shares[&cell] * counts[&cell];
        let total: f64 = counts.keys().map(|&cell| kept(cell)).sum();
        let first = (kept((0, false)) + kept((0, true))) / total;
        let near = (kept((0, true)) + kept((1, true))) / total;
        assert!((first - 0.5).abs() < 0.02, "{first}");
        assert!((near - 0.5).abs() < 0.02, "{near}");
        assert!(shares.values().all(|share| (LEAST_SHARE..=1.0).contains(share)));
    }
}
