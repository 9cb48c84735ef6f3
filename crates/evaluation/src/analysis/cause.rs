//! Is the pretty head the cause? Whether the heads that hit are those whose loss costs, or whose
//! rows turn the answer.

use serde::{Deserialize, Serialize};

use super::{
    ablation::{By, HeadAblation},
    patching::Patch,
    ranks::spearman,
    scores::HeadScore,
};

/// How the hits of the heads go with a measure of cause, over all heads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// What the hits are compared with: the drop by `zero`, by `mean`, or how often answers are
    /// `flipped`.
    pub with: String,
    /// How many heads.
    pub n: usize,
    /// Spearman's; `null` where all heads are alike.
    pub rank_correlation: Option<f64>,
}

/// With the drop by either way, and with the flips where there are some.
pub(crate) fn agreements(
    scores: &[HeadScore],
    ablations: &[HeadAblation],
    patches: &[Patch],
) -> Vec<Agreement> {
    let totals: Vec<&HeadScore> = scores.iter().filter(|score| score.is_total()).collect();
    let hits: Vec<f64> = totals.iter().map(|score| score.hit).collect();
    let drop = |score: &HeadScore, by: By| {
        let mut of = ablations.iter().filter(|a| is_head(score, a.layer, a.head)).map(|a| &a.cost);
        of.find(|cost| cost.by == by && cost.is_total()).map(|cost| cost.drop)
    };
    let flipped = |score: &HeadScore| {
        let of = |p: &&Patch| p.layer.zip(p.head).is_some_and(|(l, h)| is_head(score, l, h));
        patches.iter().find(of).map(|patch| patch.flipped)
    };
    let agreement = |with: &str, values: Option<Vec<f64>>| {
        let values = values?;
        let rank_correlation = spearman(&hits, &values);
        Some(Agreement { with: with.to_owned(), n: hits.len(), rank_correlation })
    };
    let of = |by| totals.iter().map(|score| drop(score, by)).collect();
    [
        agreement("zero", of(By::Zero)),
        agreement("mean", of(By::Mean)),
        agreement("flipped", totals.iter().map(|score| flipped(score)).collect()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn is_head(score: &HeadScore, layer: usize, head: usize) -> bool {
    [score.layer, score.head] == [layer, head]
}

#[cfg(test)]
mod tests {
    use super::super::sample;

    /// Hits of the six heads in order: a half (the first word of equals is the man), a half, 0, 1,
    /// 1, a half: ranks 3 3 1 5.5 5.5 3. Only the fifth costs or flips: ranks 3, 3, 3, 3, 6, 3.
    /// Deviations -.5 -.5 -2.5 2 2 -.5 and -.5 -.5 -.5 -.5 2.5 -.5: 6 / √(15 · 7.5).
    #[test]
    fn a_decoy_halves_the_agreement() {
        let report = sample::report();
        assert_eq!(report.cause.len(), 3);
        for agreement in &report.cause {
            let rho = agreement.rank_correlation.unwrap();
            assert!((rho - 6.0 / (15.0_f64 * 7.5).sqrt()).abs() < 1e-12, "{agreement:?}");
            assert_eq!(agreement.n, 6);
        }
    }
}
