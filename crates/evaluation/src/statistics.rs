//! The statistics of a report: pure functions of counts and numbers that know nothing of examples.
//!
//! | function | what | reference |
//! |---|---|---|
//! | [`wilson_interval`] | confidence interval of a proportion | Wilson 1927 |
//! | [`mcnemar_exact`] | do two runs differ on the same examples? | McNemar 1947, exact form |
//! | [`bootstrap_interval`] | interval of a difference, from clusters | Efron 1979, percentile method |
//! | [`calibration_bins`], [`calibration_error`] | are probabilities calibrated? | Guo et al. 2017, §2 |
//! | [`mean_and_sd`] | spread over seeds | sample standard deviation |

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The 97.5 % quantile of the standard normal distribution, for two-sided 95 % intervals.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % confidence interval of the proportion `correct / n`.
///
/// ```text
/// (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)        z = 1.96
/// ```
///
/// Unlike the normal approximation it never leaves 0..1 and does not collapse where all answers
/// are right. Reference: Wilson 1927.
pub fn wilson_interval(correct: usize, n: usize) -> (f64, f64) {
    let (n, p) = (n as f64, correct as f64 / n as f64);
    let centre = p + Z * Z / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((centre - half) / scale).max(0.0), ((centre + half) / scale).min(1.0))
}

/// McNemar's exact two-sided test: how often a fair coin would split the discordant examples as
/// unevenly as they are.
///
/// ```text
/// p = min(1, 2 · Σ_{k ≤ min(a, b)} C(a+b, k) / 2^(a+b))
/// ```
///
/// `only_a` and `only_b` are the numbers of examples that exactly one of the two has right; the
/// examples are assumed to be independent. Terms are computed as logarithms, because 2^-(a+b)
/// underflows in `f64` from a+b = 1,075 on.
pub fn mcnemar_exact(only_a: usize, only_b: usize) -> f64 {
    let n = only_a + only_b;
    let mut ln_term = -(n as f64) * std::f64::consts::LN_2; // k = 0
    let mut sum = ln_term.exp();
    for k in 1..=only_a.min(only_b) {
        ln_term += ((n - k + 1) as f64 / k as f64).ln(); // C(n, k) = C(n, k−1) · (n−k+1) / k
        sum += ln_term.exp();
    }
    (2.0 * sum).min(1.0)
}

/// Examples that are not independent of each other and are therefore resampled together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cluster {
    /// Sum of the values of its examples.
    pub sum: i64,
    /// Number of examples.
    pub n: usize,
}

/// Number of bootstrap samples.
pub const BOOTSTRAP_SAMPLES: usize = 10_000;

/// The 95 % interval of `Σ sum / Σ n` over `clusters`.
///
/// Clusters are drawn with replacement, as many as there are, [`BOOTSTRAP_SAMPLES`] times; the
/// interval reaches from the 2.5 % to the 97.5 % quantile of the results. Whole clusters are drawn
/// because the members of a minimal pair are not independent. The same `seed` gives the same
/// interval. Reference: Efron 1979.
pub fn bootstrap_interval(clusters: &[Cluster], seed: u64) -> (f64, f64) {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut means: Vec<f64> = (0..BOOTSTRAP_SAMPLES)
        .map(|_| {
            let (mut sum, mut n) = (0, 0);
            for _ in 0..clusters.len() {
                let cluster = clusters[generator.random_range(0..clusters.len())];
                sum += cluster.sum;
                n += cluster.n;
            }
            sum as f64 / n as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let quantile = |q: f64| means[(q * (BOOTSTRAP_SAMPLES - 1) as f64).round() as usize];
    (quantile(0.025), quantile(0.975))
}

/// The answers whose probability lies in one interval.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bin {
    /// Number of answers.
    pub n: usize,
    /// Number of right answers.
    pub correct: usize,
    /// Sum of the answers' probabilities.
    pub confidence: f64,
}

/// Number of bins of equal width, as in Guo et al. 2017.
pub const N_BINS: usize = 15;

/// Sorts `(probability, is right)` into bins: bin m of M holds the probabilities of
/// `((m−1)/M, m/M]`, and the first one 0 too. Reference: Guo et al. 2017,
/// <https://arxiv.org/abs/1706.04599>, §2.
pub fn calibration_bins(answers: impl IntoIterator<Item = (f64, bool)>) -> [Bin; N_BINS] {
    let mut bins = [Bin::default(); N_BINS];
    for (probability, is_right) in answers {
        let above = (probability * N_BINS as f64).ceil() as usize;
        let bin = &mut bins[above.clamp(1, N_BINS) - 1];
        bin.n += 1;
        bin.correct += usize::from(is_right);
        bin.confidence += probability;
    }
    bins
}

/// The expected calibration error.
///
/// ```text
/// ECE = Σ_m n_m/n · |accuracy_m − confidence_m|
/// ```
///
/// 0 for no answers. Reference: Guo et al. 2017, <https://arxiv.org/abs/1706.04599>, eq. 3.
pub fn calibration_error(bins: &[Bin]) -> f64 {
    let n: usize = bins.iter().map(|bin| bin.n).sum();
    let gaps: f64 = bins.iter().map(|bin| (bin.correct as f64 - bin.confidence).abs()).sum();
    if n == 0 { 0.0 } else { gaps / n as f64 }
}

/// The mean, and the standard deviation of a sample, `√(Σ(x − mean)² / (n − 1))`: 0 for one value.
pub fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, if values.len() < 2 { 0.0 } else { (squares / (n - 1.0)).sqrt() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_near(actual: f64, expected: f64, tolerance: f64) {
        assert!((actual - expected).abs() <= tolerance, "{actual}, expected {expected}");
    }

    /// Against the table of Brown, Cai and DasGupta 2001 for n = 10, and at the edges.
    #[test]
    fn wilson_intervals_are_the_published_ones() {
        for (correct, low, high) in [(5, 0.2366, 0.7634), (10, 0.7225, 1.0), (0, 0.0, 0.2775)] {
            let (l, h) = wilson_interval(correct, 10);
            assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{correct}: {l} {h}");
        }
    }

    /// By hand: 2·(1 + 10)/2¹⁰ and 2/2⁵. Published: the ratings of a prime minister in Agresti,
    /// Categorical Data Analysis, table 10.1 (86 and 150), and the diagnoses of statsmodels' own
    /// test (59 and 121), to the four digits that R's `exact2x2` and statsmodels print.
    #[test]
    fn mcnemar_gives_the_published_values() {
        assert_near(mcnemar_exact(1, 9), 22.0 / 1024.0, 1e-15);
        assert_near(mcnemar_exact(9, 1), 22.0 / 1024.0, 1e-15);
        assert_near(mcnemar_exact(0, 5), 0.0625, 1e-15);
        assert_near(mcnemar_exact(86, 150), 3.716e-5, 5e-9);
        assert_near(mcnemar_exact(121, 59), 4.434e-6, 5e-10);
    }

    #[test]
    fn mcnemar_finds_nothing_in_balance_and_survives_thousands() {
        assert_eq!(mcnemar_exact(0, 0), 1.0);
        assert_eq!(mcnemar_exact(7, 7), 1.0);
        assert_near(mcnemar_exact(2000, 2000), 1.0, 1e-9);
        // The normal approximation with continuity correction: z = (200 − 1)/√4000, p = 0.00165.
        assert_near(mcnemar_exact(1900, 2100), 0.00165, 5e-6);
    }

    /// 20 examples, 6 of value 1: a sample's sum is Binomial(20, 0.3), whose 2.5 % and 97.5 %
    /// quantiles are 2 (P(X ≤ 1) = 0.0076, P(X ≤ 2) = 0.0355) and 10 (P(X ≤ 9) = 0.9520,
    /// P(X ≤ 10) = 0.9829).
    #[test]
    fn a_bootstrap_has_the_quantiles_of_the_binomial_distribution() {
        let clusters: Vec<Cluster> =
            (0..20).map(|index| Cluster { sum: i64::from(index < 6), n: 1 }).collect();
        assert_eq!(bootstrap_interval(&clusters, 1), (0.1, 0.5));
    }

    /// The same values in pairs that agree: half as many independent draws, a wider interval.
    #[test]
    fn a_bootstrap_draws_whole_clusters() {
        let single: Vec<Cluster> =
            (0..200).map(|index| Cluster { sum: i64::from(index < 100), n: 1 }).collect();
        let pairs: Vec<Cluster> =
            (0..100).map(|index| Cluster { sum: if index < 50 { 2 } else { 0 }, n: 2 }).collect();
        let width = |clusters: &[Cluster]| {
            let (low, high) = bootstrap_interval(clusters, 1);
            high - low
        };
        assert_near(width(&single), 2.0 * Z * (0.25_f64 / 200.0).sqrt(), 0.01);
        assert_near(width(&pairs), 2.0 * Z * (0.25_f64 / 100.0).sqrt(), 0.015);
    }

    #[test]
    fn a_bootstrap_of_equal_values_has_no_width_and_a_seed_makes_it_reproducible() {
        let equal = [Cluster { sum: -1, n: 2 }; 9];
        assert_eq!(bootstrap_interval(&equal, 1), (-0.5, -0.5));
        let mixed: Vec<Cluster> = (0..99).map(|sum| Cluster { sum: sum % 3 - 1, n: 1 }).collect();
        assert_eq!(bootstrap_interval(&mixed, 7), bootstrap_interval(&mixed, 7));
    }

    /// Bin 15: 0.95 and 0.97, one right; bin 9 (0.533..0.6]: 0.58, right; bin 1: 0, wrong.
    /// `(|1 − 1.92| + |1 − 0.58| + |0 − 0|) / 4 = 1.34 / 4`
    #[test]
    fn the_calibration_error_is_that_worked_out_by_hand() {
        let bins = calibration_bins([(0.95, true), (0.97, false), (0.58, true), (0.0, false)]);
        let counts: Vec<(usize, usize, usize)> = (bins.iter().enumerate())
            .filter(|(_, bin)| bin.n > 0)
            .map(|(index, bin)| (index, bin.n, bin.correct))
            .collect();
        assert_eq!(counts, [(0, 1, 0), (8, 1, 1), (14, 2, 1)]);
        assert_near(calibration_error(&bins), 1.34 / 4.0, 1e-12);
        assert_eq!(calibration_error(&calibration_bins([])), 0.0);
    }

    #[test]
    fn a_bin_ends_with_its_upper_edge() {
        let index = |p| calibration_bins([(p, true)]).iter().position(|bin| bin.n == 1);
        assert_eq!(index(0.2), Some(2), "0.2 = 3/15 ends the third bin");
        assert_eq!(index(0.2000001), Some(3));
        assert_eq!((index(1.0), index(1.0000001)), (Some(14), Some(14)), "rounding of f32");
    }

    #[test]
    fn the_spread_is_that_of_a_sample() {
        let (mean, sd) = mean_and_sd(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!(mean, 5.0);
        assert_near(sd, (32.0_f64 / 7.0).sqrt(), 1e-15);
        assert_eq!(mean_and_sd(&[0.25]), (0.25, 0.0));
    }
}
