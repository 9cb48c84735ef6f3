//! The report on a checkpoint, `report.json`: all measures as JSON for programs. The `cli` crate
//! renders the same numbers as tables and plots.
//!
//! Later versions of the program may add fields but rename none, so that readers of version 1 keep
//! working.

use std::{fs, path::Path};

use corpus::example::Language;
use files::format::Format;
use serde::{Deserialize, Serialize};

use crate::{
    analysis::HeadReport,
    answers::AnsweredSplit,
    calibration::Calibration,
    example_set::ExampleSet,
    free_text::TextScore,
    gap_report::GapReport,
    heuristics::HeuristicScore,
    mistakes::{Mistake, MistakeCount},
    pairs::Pairs,
    slices::{BucketShare, Cell, Slice},
    splits::EncodedSplit,
};
use anafora::model::TrainedModel;
use run::directory::Run;

pub mod error;

use error::ReportError;

const FORMAT: Format = Format::new("anafora-report", 1);

/// All measures that `evaluate` computes for one checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// `anafora-report`
    pub format: String,
    /// Version of the format.
    pub version: u32,
    /// Directory of the run.
    pub run: String,
    /// Name of the checkpoint's directory.
    pub checkpoint: String,
    /// Training step of the checkpoint.
    pub step: usize,
    /// Accuracy by split, language and phenomenon.
    pub slices: Vec<Slice>,
    /// Consistency on minimal pairs, by split and language.
    pub pairs: Vec<Pairs>,
    /// Accuracy of position heuristics, by split and language.
    pub heuristics: Vec<HeuristicScore>,
    /// The sets of examples, in the order in which splits appear in all other fields.
    #[serde(default)]
    pub sets: Vec<ExampleSet>,
    /// Accuracy by split, language, phenomenon, distance and number of candidates.
    #[serde(default)]
    pub cells: Vec<Cell>,
    /// Accuracy by split, language and distance.
    #[serde(default)]
    pub distances: Vec<BucketShare>,
    /// Accuracy by split, language and number of candidates.
    #[serde(default)]
    pub candidates: Vec<BucketShare>,
    /// Consistency on minimal pairs, by split, language and phenomenon.
    #[serde(default)]
    pub pairs_by_phenomenon: Vec<Pairs>,
    /// Accuracy of position heuristics, by split, language and phenomenon.
    #[serde(default)]
    pub heuristics_by_phenomenon: Vec<HeuristicScore>,
    /// Calibration of the probabilities, by split.
    #[serde(default)]
    pub calibration: Vec<Calibration>,
    /// Number of wrong answers, by split, phenomenon and kind.
    #[serde(default)]
    pub mistakes: Vec<MistakeCount>,
    /// The most confident wrong answers of each split.
    #[serde(default)]
    pub worst: Vec<Mistake>,
    /// GAP's official score, of each split with examples from GAP.
    #[serde(default)]
    pub gap: Vec<GapReport>,
    /// How well the model reads whole texts, by language; empty unless natural text was asked for.
    #[serde(default)]
    pub texts: Vec<TextScore>,
    /// The analysis of the attention heads on the first split; `null` unless it was asked for.
    #[serde(default)]
    pub heads: Option<HeadReport>,
}

impl Report {
    /// Evaluates `model` on every example of `splits`.
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
            texts: Vec::new(),
            heads: None,
        }
    }

    /// Reads the report at `path`.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, has another format or version, or does not say which examples
    /// were answered.
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

    /// The accuracy on all phenomena of `split` in `lang`, `None` being all languages.
    pub fn total(&self, split: &str, lang: Option<Language>) -> Option<&Slice> {
        self.slice(split, lang, None)
    }

    /// The accuracy on one slice of `split`; `None` stands for all languages or phenomena.
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
        assert!(message.contains("version 2"), "{message}");
        assert!(read("{}").unwrap_err().contains("anafora-report"));
        let wrong = read(r#"{"format":"anafora-report","version":1,"run":7}"#).unwrap_err();
        assert!(wrong.contains("report.json:1"), "{wrong}");
        let old = r#"{"format":"anafora-report","version":1,"run":"a","checkpoint":"step-1","step":1,
            "slices":[],"pairs":[{"split":"test","lang":null,"n":2,"both_right":1}],
            "heuristics":[]}"#;
        let message = read(old).unwrap_err();
        assert!(message.contains("sets"), "{message}");
    }
}
