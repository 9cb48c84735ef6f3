use super::*;

const N: usize = 1 << 18;
const PROBABILITIES: [f32; 4] = [0.01, 0.1, 0.5, 0.9];

fn dropout(probability: f32, seed: u64) -> Dropout {
    Dropout { probability, seed }
}

/// Whether each number is dropped.
fn dropped(probability: f32, seed: u64, site: u64) -> Vec<bool> {
    dropout(probability, seed).mask(site, N).iter().map(|&factor| factor == 0.0).collect()
}

/// Asserts that `count` out of `n` is what `probability` allows: five standard deviations.
#[track_caller]
fn assert_share(count: usize, n: usize, probability: f64, what: &str) {
    let expected = probability * n as f64;
    let deviation = (expected * (1.0 - probability)).sqrt();
    let z = (count as f64 - expected) / deviation;
    assert!(z.abs() < 5.0, "{what}: {count} of {n}, expected {expected}: {z} deviations");
}

fn both(a: &[bool], b: &[bool]) -> usize {
    a.iter().zip(b).filter(|(a, b)| **a && **b).count()
}

#[test]
fn the_share_that_is_dropped_is_the_probability() {
    for probability in PROBABILITIES {
        for seed in 0..4 {
            for site in 0..4 {
                let n_dropped = dropped(probability, seed, site).iter().filter(|x| **x).count();
                assert_share(n_dropped, N, f64::from(probability), "dropped");
            }
        }
    }
}

#[test]
fn the_mean_stays_and_what_is_kept_is_scaled() {
    for probability in PROBABILITIES {
        let share = f64::from(probability);
        let mask = dropout(probability, 1).mask(2, N);
        let scale = (1.0 / (1.0 - share)) as f32;
        assert!(mask.iter().all(|&factor| factor == 0.0 || factor == scale));
        let mean = mask.iter().map(|&factor| f64::from(factor)).sum::<f64>() / N as f64;
        let deviation = (share / (1.0 - share) / N as f64).sqrt();
        assert!((mean - 1.0).abs() < 5.0 * deviation, "mean {mean} at {probability}");
    }
}

#[test]
fn nothing_is_dropped_with_probability_zero() {
    assert!(dropout(0.0, 1).mask(1, N).iter().all(|&factor| factor == 1.0));
}

#[test]
fn neighbours_are_dropped_independently() {
    for probability in PROBABILITIES {
        let dropped = dropped(probability, 3, 1);
        // Neighbours in a row, and in a column of the usual widths.
        for lag in [1, 2, 3, 4, 16, 32, 127, 128, 512, 1_536, 65_536] {
            let pairs = both(&dropped, &dropped[lag..]);
            let share = f64::from(probability).powi(2);
            assert_share(pairs, N - lag, share, &format!("both of a pair at distance {lag}"));
        }
    }
}

#[test]
fn every_bit_of_the_index_counts() {
    let site = dropout(0.5, 1).site(1);
    for bit in 0..32 {
        let changed = (0..1 << 12)
            .map(|i: u32| i.wrapping_mul(0x9E37_79B1)) // from all over the range
            .filter(|&index| site.factor(index) != site.factor(index ^ (1 << bit)))
            .count();
        assert_share(changed, 1 << 12, 0.5, &format!("changed with bit {bit}"));
    }
}

#[test]
fn sites_and_seeds_are_independent_of_each_other() {
    for probability in PROBABILITIES {
        let of_sites = (0..8).map(|site| dropped(probability, 7, site));
        let of_seeds = (8..16).map(|seed| dropped(probability, seed, 0));
        let all: Vec<_> = of_sites.chain(of_seeds).collect();
        for (i, a) in all.iter().enumerate() {
            for (j, b) in all.iter().enumerate().skip(i + 1) {
                let what = format!("both of {i} and {j}");
                assert_share(both(a, b), N, f64::from(probability).powi(2), &what);
            }
        }
    }
}

#[test]
fn the_same_index_is_dropped_every_time() {
    let dropout = dropout(0.3, 11);
    let mask = dropout.mask(5, 1_000);
    assert_eq!(mask, dropout.mask(5, 1_000));
    let again: Vec<f32> = (0..1_000).map(|index| dropout.site(5).factor(index)).collect();
    assert_eq!(mask, again);
}
