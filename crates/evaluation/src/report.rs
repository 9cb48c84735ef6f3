//! The report on a checkpoint: all numbers, for programs as JSON; people get tables and plots of
//! the same numbers from `cli`.
//!
//! Later fields are added, none renamed: whoever reads version 1 can go on.

use std::{fs, path::Path};

use corpus::example::Language;
use files::format::Format;
use serde::{Deserialize, Serialize};

use crate::{
    analysis::HeadReport,
    answers::AnsweredSplit,
    baselines::HeuristicScore,
    calibration::Calibration,
    example_set::ExampleSet,
    gap::GapReport,
    mistakes::{Mistake, MistakeCount},
    pairs::Pairs,
    slices::{Cell, Slice, Step},
    splits::EncodedSplit,
};
use anafora::model::TrainedModel;
use run::directory::Run;

pub mod error;

use error::ReportError;

const FORMAT: Format = Format::new("anafora-report", 1);

/// Everything that `evaluate` found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// `anafora-report`
    pub format: String,
    /// Of the format.
    pub version: u32,
    /// The directory of the run.
    pub run: String,
    /// The name of the checkpoint's directory.
    pub checkpoint: String,
    /// Updates that made it.
    pub step: usize,
    /// By language and phenomenon.
    pub slices: Vec<Slice>,
    /// Minimal pairs, by language.
    pub pairs: Vec<Pairs>,
    /// What position alone gets right, by language.
    pub heuristics: Vec<HeuristicScore>,
    /// The files of examples, in the order of everything else.
    #[serde(default)]
    pub sets: Vec<ExampleSet>,
    /// By language, phenomenon, distance and number of candidates.
    #[serde(default)]
    pub cells: Vec<Cell>,
    /// By language and distance.
    #[serde(default)]
    pub distances: Vec<Step>,
    /// By language and number of candidates.
    #[serde(default)]
    pub candidates: Vec<Step>,
    /// Minimal pairs, by language and phenomenon.
    #[serde(default)]
    pub pairs_by_phenomenon: Vec<Pairs>,
    /// What position alone gets right, by language and phenomenon.
    #[serde(default)]
    pub heuristics_by_phenomenon: Vec<HeuristicScore>,
    /// Whether the probabilities are true, by split.
    #[serde(default)]
    pub calibration: Vec<Calibration>,
    /// Wrong answers, by phenomenon and kind.
    #[serde(default)]
    pub mistakes: Vec<MistakeCount>,
    /// The wrong answers that the model was surest of, of each split.
    #[serde(default)]
    pub worst: Vec<Mistake>,
    /// GAP's official score, of each split that is GAP.
    #[serde(default)]
    pub gap: Vec<GapReport>,
    /// What the heads of the model look at and do, of the first split; `null` where nobody asked.
    #[serde(default)]
    pub heads: Option<HeadReport>,
}

impl Report {
    /// Lets `model` answer every example of `splits`.
    pub fn new(run: &Run, model: &TrainedModel, splits: Vec<EncodedSplit>) -> Self {
        let answered: Vec<AnsweredSplit> =
            splits.into_iter().map(|split| AnsweredSplit::new(model, split)).collect();
        let run = run.path().display().to_string();
        Self::of(&run, &model.checkpoint_name(), model.step, &answered)
    }

    /// The report on the answers of a checkpoint to `splits`.
    pub fn of(run: &str, checkpoint: &str, step: usize, splits: &[AnsweredSplit]) -> Self {
        Self {
            format: FORMAT.name.to_owned(),
            version: FORMAT.version,
            run: run.to_owned(),
            checkpoint: checkpoint.to_owned(),
            step,
            slices: splits.iter().flat_map(AnsweredSplit::slices).collect(),
            pairs: splits.iter().flat_map(AnsweredSplit::pairs).collect(),
            heuristics: splits.iter().flat_map(AnsweredSplit::heuristics).collect(),
            sets: splits.iter().map(ExampleSet::of).collect(),
            cells: splits.iter().flat_map(AnsweredSplit::cells).collect(),
            distances: splits.iter().flat_map(AnsweredSplit::by_distance).collect(),
            candidates: splits.iter().flat_map(AnsweredSplit::by_candidates).collect(),
            pairs_by_phenomenon: splits
                .iter()
                .flat_map(AnsweredSplit::pairs_by_phenomenon)
                .collect(),
            heuristics_by_phenomenon: splits
                .iter()
                .flat_map(AnsweredSplit::heuristics_by_phenomenon)
                .collect(),
            calibration: splits.iter().map(AnsweredSplit::calibration).collect(),
            mistakes: splits.iter().flat_map(AnsweredSplit::mistakes).collect(),
            worst: splits.iter().flat_map(AnsweredSplit::worst).collect(),
            gap: splits.iter().filter_map(AnsweredSplit::gap).collect(),
            heads: None,
        }
    }

    /// Reads the report in `path`.
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let text = fs::read_to_string(path)
            .map_err(|source| ReportError::Io { path: path.to_owned(), source })?;
        ReportError::check_format(path, &text, FORMAT)?;
        let report: Self = serde_json::from_str(&text).map_err(|source| {
            let line = source.line();
            ReportError::Line { path: path.to_owned(), line, source }
        })?;
        if report.sets.is_empty() {
            return Err(ReportError::NoSets { path: path.to_owned() });
        }
        Ok(report)
    }

    /// The count over everything in `split` and `lang`.
    pub fn total(&self, split: &str, lang: Option<Language>) -> Option<&Slice> {
        self.slice(split, lang, None)
    }

    /// The count of one kind of example.
    pub fn slice(
        &self,
        split: &str,
        lang: Option<Language>,
        phenomenon: Option<&str>,
    ) -> Option<&Slice> {
        (self.slices.iter()).find(|slice| {
            slice.split == split && slice.lang == lang && slice.phenomenon.as_deref() == phenomenon
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Report, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.json");
        fs::write(&path, text).unwrap();
        Report::read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_written_is_read_again_to_the_last_bit() {
        let report = Report::of("runs/a", "step-00000010", 10, &[crate::answers::tests::split()]);
        assert_eq!(read(&serde_json::to_string_pretty(&report).unwrap()), Ok(report));
    }

    #[test]
    fn other_files_and_reports_without_sets_are_refused_by_name() {
        let other = r#"{"format":"anafora-report","version":2}"#;
        let message = read(other).unwrap_err();
        assert!(
            message.ends_with("is anafora-report version 2, expected anafora-report version 1")
        );
        assert!(read("{}").unwrap_err().contains("report.json is of no known format, expected "));
        let wrong = read(r#"{"format":"anafora-report","version":1,"run":7}"#).unwrap_err();
        assert!(wrong.ends_with("report.json:1"), "{wrong}");
        let old = r#"{"format":"anafora-report","version":1,"run":"a","checkpoint":"step-1","step":1,
            "slices":[],"pairs":[{"split":"test","lang":null,"n":2,"both_right":1}],
            "heuristics":[]}"#;
        let message = read(old).unwrap_err();
        assert!(message.contains("sets: found none"), "{message}");
    }
}
