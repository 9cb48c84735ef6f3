//! The comparison of two runs on the same examples: how much better one is, and whether the
//! difference is statistically significant.
//!
//! McNemar's exact test assumes independent examples, which the members of a minimal pair are not;
//! the bootstrap resamples whole pairs. Where the two disagree, trust the interval. The p values are
//! not corrected for multiple comparisons, so of many rows some are small by chance.

use std::collections::BTreeMap;

use corpus::example::Language;
use serde::{Deserialize, Serialize};

use crate::{
    answers::slice_keys,
    answers_file::{Answers, Header, Row},
    example_set::same_sets,
    statistics::{Cluster, bootstrap_interval, mcnemar_exact},
};

/// The seed of every bootstrap, so that a comparison is reproducible.
const SEED: u64 = 19_790_101;

/// The difference of two runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// `anafora-comparison`
    pub format: String,
    /// Version of the format.
    pub version: u32,
    /// The first run.
    pub a: CheckpointName,
    /// The second run.
    pub b: CheckpointName,
    /// The total if there are several splits, then each split with its languages and phenomena.
    pub rows: Vec<Difference>,
}

/// A checkpoint of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckpointName {
    /// Directory of the run.
    pub run: String,
    /// Name of the checkpoint's directory.
    pub checkpoint: String,
    /// Training step of the checkpoint.
    pub step: usize,
}

/// How two runs differ on one slice of the examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// `null`: all splits.
    pub split: Option<String>,
    /// `null`: all languages.
    pub lang: Option<Language>,
    /// `null`: all phenomena.
    pub phenomenon: Option<String>,
    /// Number of examples.
    pub n: usize,
    /// Number of right answers of the first run.
    pub a_correct: usize,
    /// Number of right answers of the second run.
    pub b_correct: usize,
    /// Number of examples that only the first run has right.
    pub only_a: usize,
    /// Number of examples that only the second run has right.
    pub only_b: usize,
    /// Accuracy of the second run minus that of the first.
    pub difference: f64,
    /// Lower end of the 95 % bootstrap interval of `difference`.
    pub low: f64,
    /// Upper end of the 95 % bootstrap interval of `difference`.
    pub high: f64,
    /// p value of McNemar's exact test, two-sided.
    pub p: f64,
}

/// The error of comparing two runs that answered different examples.
#[derive(Debug, thiserror::Error)]
#[error(
    "{a} and {b} cannot be compared: {what}\nhint: evaluate both on the same files, with --data FILE"
)]
pub struct DifferentExamples {
    /// Directory of the first run.
    pub a: String,
    /// Directory of the second run.
    pub b: String,
    /// The first difference between their examples, in words.
    pub what: String,
}

/// Split, language and phenomenon of a row; `None` stands for all of them.
type Key = (Option<String>, Option<Language>, Option<String>);

impl Comparison {
    /// Compares the answers of two checkpoints.
    ///
    /// # Errors
    ///
    /// If they are not answers to the same examples.
    pub fn new(a: &Answers, b: &Answers) -> Result<Self, DifferentExamples> {
        check_same(a, b)?;
        let mut groups: BTreeMap<Key, Vec<(&Row, &Row)>> = BTreeMap::new();
        for (row_a, row_b) in a.rows.iter().zip(&b.rows) {
            for (lang, phenomenon) in slice_keys(row_a.lang, &row_a.phenomenon) {
                let key = (Some(row_a.split.clone()), lang, phenomenon.map(str::to_owned));
                groups.entry(key).or_default().push((row_a, row_b));
            }
            if a.header.sets.len() > 1 {
                groups.entry((None, None, None)).or_default().push((row_a, row_b));
            }
        }
        Ok(Self {
            format: "anafora-comparison".to_owned(),
            version: 1,
            a: CheckpointName::of(&a.header),
            b: CheckpointName::of(&b.header),
            rows: groups.into_iter().map(|(key, rows)| Difference::new(key, &rows)).collect(),
        })
    }
}

impl CheckpointName {
    fn of(header: &Header) -> Self {
        let Header { run, checkpoint, step, .. } = header;
        Self { run: run.clone(), checkpoint: checkpoint.clone(), step: *step }
    }
}

impl Difference {
    fn new((split, lang, phenomenon): Key, rows: &[(&Row, &Row)]) -> Self {
        let count =
            |is: fn(bool, bool) -> bool| rows.iter().filter(|(a, b)| is(a.right, b.right)).count();
        let (only_a, only_b) = (count(|a, b| a && !b), count(|a, b| b && !a));
        let (a_correct, b_correct) = (count(|a, _| a), count(|_, b| b));
        let (low, high) = bootstrap_interval(&clusters(rows), SEED);
        Self {
            split,
            lang,
            phenomenon,
            n: rows.len(),
            a_correct,
            b_correct,
            only_a,
            only_b,
            difference: (b_correct as f64 - a_correct as f64) / rows.len() as f64,
            low,
            high,
            p: mcnemar_exact(only_a, only_b),
        }
    }
}

/// The clusters that the bootstrap resamples: each minimal pair, and each example without a pair.
fn clusters(rows: &[(&Row, &Row)]) -> Vec<Cluster> {
    let mut clusters: BTreeMap<(&str, bool, &str), Cluster> = BTreeMap::new();
    for (a, b) in rows {
        let key = match &a.pair {
            Some(pair) => (a.split.as_str(), true, pair.as_str()),
            None => (a.split.as_str(), false, a.id.as_str()),
        };
        let cluster = clusters.entry(key).or_insert(Cluster { sum: 0, n: 0 });
        cluster.sum += i64::from(b.right) - i64::from(a.right);
        cluster.n += 1;
    }
    clusters.into_values().collect()
}

fn check_same(a: &Answers, b: &Answers) -> Result<(), DifferentExamples> {
    let (run_a, run_b) = (&a.header.run, &b.header.run);
    let different = |what| DifferentExamples { a: run_a.clone(), b: run_b.clone(), what };
    same_sets((run_a, &a.header.sets), (run_b, &b.header.sets)).map_err(different)?;
    for (row_a, row_b) in a.rows.iter().zip(&b.rows) {
        if (&row_a.split, &row_a.id) != (&row_b.split, &row_b.id) {
            let (id_a, id_b) = (&row_a.id, &row_b.id);
            return Err(different(format!(
                "their answers are in another order, {id_a} and {id_b}"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::{
        AnsweredSplit,
        tests::{answered, split},
    };

    fn answers(run: &str, splits: &[AnsweredSplit]) -> Answers {
        Answers::new(run, "step-00000010", 10, splits)
    }

    /// The answers of B: the example that A has wrong is right, and another one is wrong.
    fn changed() -> AnsweredSplit {
        let mut changed = split();
        changed.answers[3].answer = Some(1);
        changed.answers[0].answer = None;
        changed
    }

    #[test]
    fn a_difference_counts_what_only_one_has_right() {
        let comparison =
            Comparison::new(&answers("a", &[split()]), &answers("b", &[changed()])).unwrap();
        let keys: Vec<_> = (comparison.rows.iter())
            .map(|row| (row.lang.map(Language::code), row.phenomenon.as_deref()))
            .collect();
        let expected = [None, Some("es"), Some("en")]
            .map(|lang| [(lang, None), (lang, Some("gender"))])
            .concat();
        assert_eq!(keys, expected);
        let total = &comparison.rows[0];
        assert_eq!((total.n, total.a_correct, total.b_correct), (4, 3, 3));
        assert_eq!((total.only_a, total.only_b, total.difference, total.p), (1, 1, 0.0, 1.0));
        // Two pairs of difference -1/2 and +1/2: a quarter of all draws has the one twice.
        assert_eq!((total.low, total.high), (-0.5, 0.5));
        let es = &comparison.rows[2];
        assert_eq!((es.only_a, es.only_b, es.difference, es.p), (1, 0, -0.5, 1.0));
    }

    #[test]
    fn several_splits_have_a_total() {
        let both = |first: AnsweredSplit, second: AnsweredSplit| {
            [first, AnsweredSplit { name: "mine".to_owned(), ..second }]
        };
        let a = answers("a", &both(split(), split()));
        let b = answers("b", &both(changed(), split()));
        let comparison = Comparison::new(&a, &b).unwrap();
        let total = &comparison.rows[0];
        assert_eq!((total.split.as_deref(), total.n, total.only_a), (None, 8, 1));
        let splits: Vec<_> =
            comparison.rows[1..].iter().filter_map(|row| row.split.as_deref()).collect();
        assert_eq!(splits, [["mine"; 6], ["test"; 6]].concat());
    }

    #[test]
    fn members_of_a_pair_are_one_cluster_and_names_of_pairs_are_no_names_of_examples() {
        let mut split = split();
        split.answers[2].example.pair = None;
        split.answers[3].example.pair = None;
        split.answers[2].example.id = "p".to_owned();
        let answers = answers("a", &[split]);
        let rows: Vec<(&Row, &Row)> = answers.rows.iter().map(|row| (row, row)).collect();
        let mut sizes: Vec<usize> = clusters(&rows).iter().map(|cluster| cluster.n).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 1, 2]);
    }

    #[test]
    fn different_examples_are_refused_by_name() {
        let refused = |other: AnsweredSplit| {
            let result = Comparison::new(&answers("a", &[split()]), &answers("b", &[other]));
            result.unwrap_err().to_string()
        };
        let renamed = refused(AnsweredSplit { name: "mine".to_owned(), ..split() });
        assert!(renamed.contains("test") && renamed.contains("mine"));
        let mut longer = split();
        longer.answers.push(answered(Language::En, "r", 0, None));
        let longer = refused(longer);
        assert!(longer.contains("a answered 4") && longer.contains("b 5"), "{longer}");
        let mut other = split();
        other.answers[0].example.text = "a b d".to_owned();
        let other = refused(other);
        assert!(other.contains("split test") && other.contains("SHA-256"), "{other}");
    }
}
