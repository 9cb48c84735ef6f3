//! Whether the heads that attend to the antecedent are those that the answers depend on: the rank
//! correlation, over heads, of the hit rate with the effects of ablation and patching.

use serde::{Deserialize, Serialize};

use super::{
    ablation_costs::{HeadAblation, Replacement},
    patching::Patch,
    ranks::spearman,
    scores::HeadScore,
};

/// The correlation, over all heads, of the hit rate with one measure of causal effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HitCorrelation {
    /// The measure: the drop under `zero` or `mean` ablation, or how often answers are `flipped` by
    /// patching.
    pub with: String,
    /// Number of heads.
    pub n: usize,
    /// Spearman's ρ; `null` where all heads have the same value.
    pub rank_correlation: Option<f64>,
}

/// The correlations with both drops, and with the flips where there are patches.
pub(crate) fn hit_correlations(
    scores: &[HeadScore],
    ablations: &[HeadAblation],
    patches: &[Patch],
) -> Vec<HitCorrelation> {
    let totals: Vec<&HeadScore> = scores.iter().filter(|score| score.is_total()).collect();
    let hits: Vec<f64> = totals.iter().map(|score| score.hit).collect();
    let drop = |score: &HeadScore, by: Replacement| {
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
        Some(HitCorrelation { with: with.to_owned(), n: hits.len(), rank_correlation })
    };
    let of = |by| totals.iter().map(|score| drop(score, by)).collect();
    [
        agreement("zero", of(Replacement::Zero)),
        agreement("mean", of(Replacement::Mean)),
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
    fn a_decoy_head_lowers_the_correlation() {
        let report = sample::report();
        assert_eq!(report.cause.len(), 3);
        for agreement in &report.cause {
            let rho = agreement.rank_correlation.unwrap();
            assert!((rho - 6.0 / (15.0_f64 * 7.5).sqrt()).abs() < 1e-12, "{agreement:?}");
            assert_eq!(agreement.n, 6);
        }
    }
}
