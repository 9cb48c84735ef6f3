//! The report on a checkpoint: one set of numbers, as JSON for programs and as tables for people.

use std::fmt::Write;

use corpus::example::Language;
use serde::{Deserialize, Serialize};

use crate::{
    evaluation::{Answered, AnsweredSplit, HeuristicScore, Pairs, Slice},
    model::TrainedModel,
    run::Run,
    splits::EncodedSplit,
};

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
}

impl Report {
    /// Lets `model` answer every example of `splits`.
    pub fn new(run: &Run, model: &TrainedModel, splits: Vec<EncodedSplit>) -> Self {
        let answered: Vec<AnsweredSplit> =
            splits.into_iter().map(|split| answer(model, split)).collect();
        let name = model.checkpoint.file_name().unwrap_or_default();
        Self {
            format: "anafora-report".to_owned(),
            version: 1,
            run: run.path().display().to_string(),
            checkpoint: name.to_string_lossy().into_owned(),
            step: model.step,
            slices: answered.iter().flat_map(AnsweredSplit::slices).collect(),
            pairs: answered.iter().flat_map(AnsweredSplit::pairs).collect(),
            heuristics: answered.iter().flat_map(AnsweredSplit::heuristics).collect(),
        }
    }

    /// The count over everything in `split` and `lang`.
    pub fn total(&self, split: &str, lang: Option<Language>) -> Option<&Slice> {
        (self.slices.iter()).find(|s| s.split == split && s.lang == lang && s.phenomenon.is_none())
    }

    /// Markdown tables.
    pub fn to_markdown(&self) -> String {
        let Self { run, checkpoint, .. } = self;
        let mut text = format!("# {run}, {checkpoint}\n");
        let mut splits: Vec<&str> = self.slices.iter().map(|slice| slice.split.as_str()).collect();
        splits.dedup();
        for split in splits {
            write!(text, "\n## {split}\n\n{}", self.slice_table(split)).expect("a string grows");
            write!(text, "\n{}", self.language_table(split)).expect("a string grows");
        }
        text
    }

    /// Accuracy by language and phenomenon.
    fn slice_table(&self, split: &str) -> String {
        let mut rows = vec![
            ["language", "phenomenon", "examples", "accuracy", "95 % interval"]
                .map(str::to_owned)
                .to_vec(),
        ];
        for slice in self.slices.iter().filter(|slice| slice.split == split) {
            rows.push(vec![
                language(slice.lang).to_owned(),
                slice.phenomenon.clone().unwrap_or_else(|| "all".to_owned()),
                slice.n.to_string(),
                percent(slice.accuracy),
                format!("{} – {}", percent(slice.low), percent(slice.high)),
            ]);
        }
        table(&rows)
    }

    /// The model beside what position alone gets right, and whole minimal pairs.
    fn language_table(&self, split: &str) -> String {
        let heuristics = |lang| {
            self.heuristics.iter().filter(move |score| score.split == split && score.lang == lang)
        };
        let names = heuristics(None).map(|score| format!("{} candidate", score.name));
        let header = ["language", "model"].map(str::to_owned).into_iter().chain(names);
        let mut rows = vec![header.chain(["both of a pair right".to_owned()]).collect::<Vec<_>>()];
        for lang in [None].into_iter().chain(Language::ALL.map(Some)) {
            let Some(total) = self.total(split, lang) else { continue };
            let mut row = vec![language(lang).to_owned(), percent(total.accuracy)];
            row.extend(heuristics(lang).map(|score| percent(score.accuracy)));
            let pairs = self.pairs.iter().find(|pairs| pairs.split == split && pairs.lang == lang);
            row.push(pairs.map_or_else(
                || "–".to_owned(),
                |Pairs { n, both_right, .. }| {
                    format!("{} of {n}", percent(*both_right as f64 / *n as f64))
                },
            ));
            rows.push(row);
        }
        table(&rows)
    }
}

fn answer(model: &TrainedModel, split: EncodedSplit) -> AnsweredSplit {
    let predictions = model.predict(&split.examples);
    let answers = (split.examples.into_iter().zip(predictions))
        .map(|(example, prediction)| Answered {
            answer: prediction.answer(&example.candidates),
            example: example.example,
        })
        .collect();
    AnsweredSplit { name: split.name, answers }
}

fn language(lang: Option<Language>) -> &'static str {
    lang.map_or("all", Language::code)
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// A Markdown table whose columns are aligned in plain text too: the first row is the header.
fn table(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..rows[0].len()).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &[String]| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
    let body: String = rows[1..].iter().map(|row| line(row)).collect();
    line(&rows[0]) + &line(&rule) + &body
}
