//! `answers.jsonl`: the answers of a run to each example, so that two runs can be compared.
//!
//! The first line names format, version, run, checkpoint and the sets of examples; each other line
//! is one answer. Later versions of the program may add fields, but rename none.
//!
//! ```text
//! {"format":"anafora-answers","version":1,"run":"runs/a","checkpoint":"step-00001000","step":1000,
//!  "sets":[{"split":"test","n":4000,"sha256":"…"}]}
//! {"split":"test","id":"es-gender-12","lang":"es","phenomenon":"gender","pair":"es-12","distance":3,
//!  "candidates":2,"antecedent":0,"answer":0,"probability":0.998,"right":true}
//! ```

use std::{fmt::Write, fs, path::Path};

use corpus::{distance::distance, example::Language};
use files::format::Format;
use serde::{Deserialize, Serialize};

use crate::{
    answers::{Answered, AnsweredSplit},
    example_set::ExampleSet,
    report::error::ReportError,
};

const FORMAT: Format = Format::new("anafora-answers", 1);

/// The first line: which checkpoint answered which examples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// `anafora-answers`
    pub format: String,
    /// Version of the format.
    pub version: u32,
    /// Directory of the run.
    pub run: String,
    /// Name of the checkpoint's directory.
    pub checkpoint: String,
    /// Training step of the checkpoint.
    pub step: usize,
    /// The sets of examples, in the order of the rows.
    pub sets: Vec<ExampleSet>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Name of the file that the example is from.
    pub split: String,
    /// Id of the example, unique in its file.
    pub id: String,
    /// Language of the example.
    pub lang: Language,
    /// Phenomenon of the example.
    pub phenomenon: String,
    /// Name of its minimal pair, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<String>,
    /// Number of words between pronoun and antecedent, see [`distance`].
    pub distance: Option<usize>,
    /// Number of candidates.
    pub candidates: usize,
    /// The right answer: an index of the candidates, or `null` for *none*.
    pub antecedent: Option<usize>,
    /// The model's answer: an index of the candidates, or `null` for *none*.
    pub answer: Option<usize>,
    /// The answer's probability in the distribution over the candidates and *none*.
    pub probability: f32,
    /// Whether `answer` equals `antecedent`.
    pub right: bool,
}

/// All answers of one checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// The content of the first line.
    pub header: Header,
    /// The content of all other lines.
    pub rows: Vec<Row>,
}

impl Row {
    fn new(split: &str, answered: &Answered) -> Self {
        let example = &answered.example;
        Self {
            split: split.to_owned(),
            id: example.id.clone(),
            lang: example.lang,
            phenomenon: example.phenomenon.clone(),
            pair: example.pair.clone(),
            distance: distance(example),
            candidates: example.candidates.len(),
            antecedent: example.antecedent,
            answer: answered.answer,
            probability: answered.probability,
            right: answered.is_right(),
        }
    }
}

impl Answers {
    /// The answers of a checkpoint to `splits`.
    pub fn new(run: &str, checkpoint: &str, step: usize, splits: &[AnsweredSplit]) -> Self {
        let header = Header {
            format: FORMAT.name.to_owned(),
            version: FORMAT.version,
            run: run.to_owned(),
            checkpoint: checkpoint.to_owned(),
            step,
            sets: splits.iter().map(ExampleSet::of).collect(),
        };
        let rows = splits
            .iter()
            .flat_map(|split| split.answers.iter().map(|answered| Row::new(&split.name, answered)));
        Self { rows: rows.collect(), header }
    }

    /// The content of the file.
    pub fn to_jsonl(&self) -> String {
        let json = |value: Result<String, _>| value.expect("answers are plain data");
        let mut text = json(serde_json::to_string(&self.header)) + "\n";
        for row in &self.rows {
            writeln!(text, "{}", json(serde_json::to_string(row))).expect("a string grows");
        }
        text
    }

    /// Reads the whole file at `path`.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not of this format, or does not hold as many answers as its
    /// first line says.
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let text = fs::read_to_string(path)
            .map_err(|source| ReportError::Io { path: path.to_owned(), source })?;
        let at = |line| {
            let path = path.to_owned();
            move |source| ReportError::Line { path, line, source }
        };
        let mut lines = text.lines().zip(1..);
        let (first, _) = lines.next().unwrap_or_default();
        ReportError::check_format(path, first, FORMAT)?;
        let header: Header = serde_json::from_str(first).map_err(at(1))?;
        let rows: Vec<Row> = lines
            .map(|(line, number)| serde_json::from_str(line).map_err(at(number)))
            .collect::<Result<_, _>>()?;
        for set in &header.sets {
            let found = rows.iter().filter(|row| row.split == set.split).count();
            if found != set.n {
                let (path, split) = (path.to_owned(), set.split.clone());
                return Err(ReportError::Count { path, split, found, expected: set.n });
            }
        }
        Ok(Self { header, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::tests::split;

    fn answers() -> Answers {
        Answers::new("runs/a", "step-00000010", 10, &[split()])
    }

    fn read(text: &str) -> Result<Answers, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("answers.jsonl");
        fs::write(&path, text).unwrap();
        Answers::read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(read(&answers().to_jsonl()), Ok(answers()));
        assert_eq!(answers().rows.iter().filter(|row| row.right).count(), 3);
    }

    #[test]
    fn other_files_are_refused_by_name_and_broken_ones_by_line() {
        let text = answers().to_jsonl();
        let refused = |text: &str| read(text).unwrap_err();
        let newer = refused(&text.replace("\"version\":1", "\"version\":2"));
        assert!(newer.contains("version 2"), "{newer}");
        assert!(refused("").contains("anafora-answers"));
        let broken = refused(&text.replacen("\"right\":true", "\"right\":7", 1));
        assert!(broken.contains("answers.jsonl:2"), "{broken}");
        let cut = text.lines().take(4).collect::<Vec<&str>>().join("\n");
        let cut = refused(&cut);
        assert!(cut.contains("found 3") && cut.contains("expected 4"), "{cut}");
    }
}
