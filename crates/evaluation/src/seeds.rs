//! Several trainings of one experiment with different seeds: mean, standard deviation and worst run.

use corpus::example::Language;
use serde::{Deserialize, Serialize};

use crate::{
    comparison::CheckpointName, example_set::same_sets, report::Report, statistics::mean_and_sd,
};

/// Statistics over several runs on the same examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seeds {
    /// `anafora-seeds`
    pub format: String,
    /// Version of the format.
    pub version: u32,
    /// The runs, at least two.
    pub runs: Vec<CheckpointName>,
    /// Accuracy by split, language and phenomenon.
    pub slices: Vec<SeedsSlice>,
    /// Share of minimal pairs with both members right, by split and language.
    pub pairs: Vec<SeedsSlice>,
    /// Expected calibration error, by split; the worst is the greatest.
    pub calibration: Vec<SeedsSlice>,
}

/// Statistics of one measure over all runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeedsSlice {
    /// Name of the file that the examples are from.
    pub split: String,
    /// `null`: all languages.
    pub lang: Option<Language>,
    /// `null`: all phenomena.
    pub phenomenon: Option<String>,
    /// Number of examples, or of pairs, in each run.
    pub n: usize,
    /// Mean over the runs.
    pub mean: f64,
    /// Sample standard deviation over the runs, with n − 1.
    pub sd: f64,
    /// Value of the worst run.
    pub worst: f64,
    /// Directory of the worst run; of equally bad ones, the first.
    pub worst_run: String,
}

/// Why statistics over runs cannot be computed.
#[derive(Debug, thiserror::Error)]
pub enum SeedsError {
    /// A standard deviation needs at least two runs.
    #[error("found {0} run, expected at least two, which differ in their seed")]
    TooFew(usize),
    /// Two runs answered different examples.
    #[error(
        "{a} and {b} do not belong together: {what}\nhint: evaluate all on the same files, with \
         --data FILE"
    )]
    DifferentExamples {
        /// Directory of the first run.
        a: String,
        /// Directory of the run that differs from it.
        b: String,
        /// The first difference between their examples, in words.
        what: String,
    },
}

impl Seeds {
    /// Computes the statistics over `reports`.
    ///
    /// # Errors
    ///
    /// If there are fewer than two reports, or they are on different examples.
    pub fn new(reports: &[Report]) -> Result<Self, SeedsError> {
        let [first, others @ ..] = reports else { return Err(SeedsError::TooFew(0)) };
        if others.is_empty() {
            return Err(SeedsError::TooFew(1));
        }
        for other in others {
            same_sets((&first.run, &first.sets), (&other.run, &other.sets)).map_err(|what| {
                let (a, b) = (first.run.clone(), other.run.clone());
                SeedsError::DifferentExamples { a, b, what }
            })?;
        }
        // Reports on the same examples have the same rows in the same order.
        let slices = first.slices.iter().enumerate().map(|(index, slice)| {
            let of = |report: &Report| report.slices[index].share.accuracy;
            let place = (slice.split.clone(), slice.lang, slice.phenomenon.clone());
            spread(reports, place, slice.share.n, of, f64::lt)
        });
        let pairs = first.pairs.iter().enumerate().map(|(index, pairs)| {
            let of = |report: &Report| report.pairs[index].consistency();
            spread(reports, (pairs.split.clone(), pairs.lang, None), pairs.n, of, f64::lt)
        });
        let calibration = first.calibration.iter().zip(&first.sets).enumerate();
        let calibration = calibration.map(|(index, (calibration, set))| {
            let of = |report: &Report| report.calibration[index].ece;
            spread(reports, (calibration.split.clone(), None, None), set.n, of, f64::gt)
        });
        Ok(Self {
            format: "anafora-seeds".to_owned(),
            version: 1,
            runs: reports.iter().map(name).collect(),
            slices: slices.collect(),
            pairs: pairs.collect(),
            calibration: calibration.collect(),
        })
    }
}

fn name(report: &Report) -> CheckpointName {
    let Report { run, checkpoint, step, .. } = report;
    CheckpointName { run: run.clone(), checkpoint: checkpoint.clone(), step: *step }
}

fn spread(
    reports: &[Report],
    (split, lang, phenomenon): (String, Option<Language>, Option<String>),
    n: usize,
    value: impl Fn(&Report) -> f64,
    is_worse: impl Fn(&f64, &f64) -> bool,
) -> SeedsSlice {
    let values: Vec<f64> = reports.iter().map(value).collect();
    let (mean, sd) = mean_and_sd(&values);
    let worst = (0..values.len())
        .reduce(|worst, index| if is_worse(&values[index], &values[worst]) { index } else { worst })
        .expect("there are at least two runs");
    let worst_run = reports[worst].run.clone();
    SeedsSlice { split, lang, phenomenon, n, mean, sd, worst: values[worst], worst_run }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::tests::split;

    fn report(run: &str, wrong: usize) -> Report {
        let mut split = split();
        for (index, answered) in split.answers.iter_mut().enumerate() {
            answered.answer = answered.example.antecedent.filter(|_| index >= wrong);
        }
        Report::of(run, "step-00000010", 10, &[split])
    }

    /// Accuracies of 1, 3/4 and 1/2: mean 3/4, variance (1/16 + 0 + 1/16) / 2.
    #[test]
    fn runs_have_a_mean_a_spread_and_a_worst() {
        let seeds = Seeds::new(&[report("a", 0), report("b", 2), report("c", 1)]).unwrap();
        let total = &seeds.slices[0];
        assert_eq!((total.n, total.mean, total.worst), (4, 0.75, 0.5));
        assert_eq!((total.sd, total.worst_run.as_str()), (0.25, "b"));
        let pairs = &seeds.pairs[0];
        // Both wrong answers are in the first of two pairs.
        assert_eq!((pairs.n, pairs.worst, pairs.worst_run.as_str()), (2, 0.5, "b"));
        // Every probability is 0.75: off by 0.25, 0.25 and 0.
        let calibration = &seeds.calibration[0];
        assert_eq!((calibration.worst, calibration.worst_run.as_str()), (0.25, "a"));
        assert!((calibration.mean - 0.5 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn one_run_and_different_examples_are_refused() {
        assert!(matches!(Seeds::new(&[report("a", 0)]), Err(SeedsError::TooFew(1))));
        let mut other = report("b", 0);
        other.sets[0].n = 5;
        let error = Seeds::new(&[report("a", 0), other]).unwrap_err();
        assert!(
            matches!(&error, SeedsError::DifferentExamples { a, b, what }
                if a == "a" && b == "b" && what.contains('4')),
            "{error}"
        );
    }
}
