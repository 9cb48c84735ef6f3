//! A stratified sample of examples: equally many from each stratum, a stratum being one language
//! and phenomenon.
//!
//! Minimal pairs stay together. A stratum with fewer examples than its share contributes all of
//! them, and the others share the rest. Within a stratum, examples are taken at equal distances in
//! the file, so that the sample does not depend on how the file is ordered. Nothing is random.

use std::collections::BTreeMap;

use anafora::batch::EncodedExample;

/// About `n` of `examples` (all of them if there are no more), in the order of the file.
pub fn stratified_sample(examples: &[EncodedExample], n: usize) -> Vec<EncodedExample> {
    if examples.len() <= n {
        return examples.to_vec();
    }
    let strata = strata(examples);
    let quota = quota(strata.values().map(|units| units.iter().map(Vec::len).sum()).collect(), n);
    let mut chosen: Vec<usize> =
        strata.values().flat_map(|units| spread(units, quota).into_iter().flatten()).collect();
    chosen.sort_unstable();
    chosen.into_iter().map(|index| examples[index].clone()).collect()
}

/// For each stratum its sampling units, as indices of examples: minimal pairs, and single examples
/// that belong to no pair.
fn strata(examples: &[EncodedExample]) -> BTreeMap<(&str, &str), Vec<Vec<usize>>> {
    let mut unit_of_pair: BTreeMap<&str, ((&str, &str), usize)> = BTreeMap::new();
    let mut strata: BTreeMap<(&str, &str), Vec<Vec<usize>>> = BTreeMap::new();
    for (index, EncodedExample { example, .. }) in examples.iter().enumerate() {
        let pair = example.pair.as_deref();
        if let Some((stratum, unit)) = pair.and_then(|pair| unit_of_pair.get(pair)) {
            strata.entry(*stratum).or_default()[*unit].push(index);
            continue;
        }
        let stratum = (example.lang.code(), example.phenomenon.as_str());
        let units = strata.entry(stratum).or_default();
        if let Some(pair) = pair {
            unit_of_pair.insert(pair, (stratum, units.len()));
        }
        units.push(vec![index]);
    }
    strata
}

/// The maximum number of examples per stratum such that all strata together give `n`.
fn quota(mut sizes: Vec<usize>, n: usize) -> usize {
    sizes.sort_unstable();
    let mut left = n;
    for (index, &size) in sizes.iter().enumerate() {
        let share = left / (sizes.len() - index);
        if size > share {
            return share.max(1);
        }
        left -= size;
    }
    n
}

/// Units at equal distances that hold `quota` examples, or one more where a pair would be split.
fn spread(units: &[Vec<usize>], quota: usize) -> Vec<Vec<usize>> {
    let n_examples: usize = units.iter().map(Vec::len).sum();
    let n_units = (units.len() * quota).div_ceil(n_examples).min(units.len());
    (0..n_units).map(|index| units[index * units.len() / n_units].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::sample::pair, *};

    fn examples(of_each: [usize; 3]) -> Vec<EncodedExample> {
        let of = |(phenomenon, n): (&str, usize)| -> Vec<EncodedExample> {
            let pairs = (0..n).flat_map(|number| pair(&format!("{phenomenon}{number}"), [0, 0], 0));
            pairs
                .map(|mut encoded| {
                    encoded.example.phenomenon = phenomenon.to_owned();
                    encoded
                })
                .collect()
        };
        ["a", "b", "c"].into_iter().zip(of_each).flat_map(of).collect()
    }

    fn counts(chosen: &[EncodedExample]) -> [usize; 3] {
        ["a", "b", "c"].map(|p| chosen.iter().filter(|e| e.example.phenomenon == p).count())
    }

    #[test]
    fn each_stratum_gives_the_same_and_a_small_one_all_it_has() {
        let examples = examples([50, 4, 30]);
        assert_eq!(counts(&stratified_sample(&examples, 48)), [20, 8, 20]);
        assert_eq!(stratified_sample(&examples, 1000).len(), 168);
    }

    #[test]
    fn pairs_stay_together_and_come_from_the_whole_file() {
        let chosen = stratified_sample(&examples([50, 0, 0]), 10);
        let pairs: Vec<&str> = chosen.iter().map(|e| e.example.pair.as_deref().unwrap()).collect();
        assert_eq!(pairs, ["a0", "a0", "a10", "a10", "a20", "a20", "a30", "a30", "a40", "a40"]);
    }
}
