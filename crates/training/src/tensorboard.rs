//! Writes the metrics of a run and the attention of a few probes for TensorBoard.
//!
//! Scalars are those of `metrics.jsonl` in single precision. Seconds are left out, since events
//! have a wall time.

use std::{fs, ops::Range};

use corpus::example::Example;
use snapshot::content::{Probe, Snapshot};
use tensorboard::{
    attention::{Marks, Picture},
    event_file::{EventFile, EventFileError},
};

use run::{directory::Run, metrics::Line};

/// Number of probes with pictures: the first two minimal pairs.
const N_PICTURES: usize = 4;

/// Writes event files into a run, or nothing if TensorBoard is turned off.
#[derive(Debug)]
pub struct TensorBoard {
    events: Option<EventFile>,
}

impl TensorBoard {
    /// Opens a new event file in `run` if it `is_enabled`, for a training that continues after
    /// `step` updates.
    ///
    /// The file tells TensorBoard to drop the events of earlier files that the training will write
    /// again: those after `step` and, at step 0, also those of step 0, whose snapshot is written
    /// again.
    ///
    /// # Errors
    ///
    /// If the file cannot be made.
    pub fn open(run: &Run, is_enabled: bool, step: usize) -> Result<Self, EventFileError> {
        let create = || EventFile::create(&run.tensorboard(), &host(), first_step(step));
        Ok(Self { events: is_enabled.then(create).transpose()? })
    }

    /// Writes the scalars of a line of `metrics.jsonl`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn append(&mut self, line: &Line) -> Result<(), EventFileError> {
        let Some(events) = &mut self.events else { return Ok(()) };
        match *line {
            Line::Train {
                step,
                loss,
                accuracy,
                learning_rate,
                gradient_norm,
                tokens_per_second,
                padded_share,
                flop,
                seconds: _,
            } => {
                let mut scalars = vec![
                    ("train/loss", loss),
                    ("train/accuracy", accuracy),
                    ("train/learning_rate", learning_rate),
                    ("train/gradient_norm", gradient_norm),
                    ("train/tokens_per_second", tokens_per_second),
                    ("train/padded_share", padded_share),
                ];
                scalars.extend(flop.map(|flop| ("train/flop", flop)));
                events.scalars(step, &scalars)
            }
            Line::Validation { step, loss, accuracy, seconds: _ } => events
                .scalars(step, &[("validation/loss", loss), ("validation/accuracy", accuracy)]),
            Line::Outlier { .. } | Line::NotFinite { .. } | Line::End { .. } => Ok(()),
        }
    }

    /// Draws the attention of the first few probes of `snapshot`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn draw(&mut self, snapshot: &Snapshot) -> Result<(), EventFileError> {
        let Some(events) = &mut self.events else { return Ok(()) };
        for probe in snapshot.probes.iter().take(N_PICTURES) {
            let marks = Marks { query: probe.pronoun_token, keys: antecedent_tokens(probe) };
            let picture = Picture::new(&probe.layers, &marks);
            let tag = format!("attention/{}", antecedent(probe));
            events.picture(snapshot.step as usize, &tag, &description(probe), &picture)?;
        }
        Ok(())
    }
}

/// The first step whose events a training that continues after `step` writes.
fn first_step(step: usize) -> usize {
    if step == 0 { 0 } else { step + 1 }
}

/// The tokens of the antecedent; an empty range if there is none.
fn antecedent_tokens(probe: &Probe) -> Range<usize> {
    let Some(index) = probe.example.antecedent else { return 0..0 };
    let antecedent = probe.example.candidates[index];
    let is_part =
        |index: &usize| probe.tokens[*index].span.is_some_and(|span| span.overlaps(antecedent));
    let mut tokens = (0..probe.tokens.len()).filter(is_part);
    let Some(first) = tokens.next() else { return 0..0 };
    first..tokens.next_back().unwrap_or(first) + 1
}

/// The text of the antecedent, or of the pronoun if it has none: the name of the probe's pictures.
fn antecedent(probe: &Probe) -> &str {
    let Example { text, pronoun, candidates, antecedent, .. } = &probe.example;
    let span = antecedent.map_or(*pronoun, |index| candidates[index]);
    span.slice(text).expect("the spans of a probe fit its text")
}

/// The description of a picture, in Markdown.
fn description(probe: &Probe) -> String {
    let text = &probe.example.text;
    let pronoun = probe.example.pronoun.slice(text).expect("the spans of a probe fit its text");
    let tokens: Vec<&str> = probe.tokens.iter().map(|token| token.text.as_str()).collect();
    format!(
        "*{text}* Each row of heat maps is a layer, from the first at the top; each column a head. In \
         a heat map, rows are the tokens that read, columns those that are read; white is a weight \
         of 0, dark blue of 1. Marked are the row of *{pronoun}* and the columns of its antecedent. \
         Tokens: `{}`",
        tokens.join(" ")
    )
}

/// The name of this machine, or `localhost` if it is not known. It is part of the name of the event
/// file, which is unique even without it.
fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let is_plain = |&c: &char| c.is_ascii_alphanumeric() || c == '-';
    let name: String = name.chars().filter(is_plain).collect();
    if name.is_empty() { "localhost".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use corpus::{bundled::probes, span::CharSpan};
    use snapshot::content::{Attention, Token};

    use super::*;
    use crate::meter::Clock;
    use run::{directory::RunError, lock::Lock, metrics::Ending};

    fn span(start: usize, end: usize) -> CharSpan {
        CharSpan::new(start, end)
    }

    /// A probe with one head of uniform weights, and a token for each character of the text.
    fn probe(example: Example) -> Probe {
        let token = |(at, text): (usize, char)| Token {
            text: text.to_string(),
            span: Some(span(at, at + 1)),
            word: Some(0),
        };
        let tokens: Vec<Token> = example.text.chars().enumerate().map(token).collect();
        let seq = tokens.len();
        let weights = vec![1.0 / seq as f32; seq * seq];
        Probe {
            words: vec![span(0, seq)],
            pronoun_token: example.pronoun.start,
            answer: None,
            phrases: Vec::new(),
            probabilities: vec![0.5, 0.5],
            layers: vec![Attention { heads: 1, seq, weights }],
            tokens,
            example,
        }
    }

    fn line(step: usize) -> Line {
        Line::Validation { step, loss: 0.5, accuracy: 0.5, seconds: 1.0 }
    }

    /// The sizes in bytes of the event files of the run, in any order.
    fn file_sizes(run: &Run) -> Vec<usize> {
        let entries = fs::read_dir(run.tensorboard()).unwrap();
        entries.map(|entry| entry.unwrap().metadata().unwrap().len() as usize).collect()
    }

    fn run(directory: &Path) -> Run {
        let fill = |run: &Run| Lock::take(run.path()).map_err(RunError::Lock);
        Run::create(&directory.join("run"), false, fill).unwrap().0
    }

    #[test]
    fn every_picture_has_its_own_tag_and_a_description() {
        let probes: Vec<Probe> = probes().into_iter().map(probe).take(N_PICTURES).collect();
        let names: Vec<&str> = probes.iter().map(antecedent).collect();
        assert_eq!(names[..2], ["robot", "Tom"]);
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), N_PICTURES, "{names:?}");
        let description = description(&probes[0]);
        assert!(
            description.starts_with("*El robot dejó caer la pelota porque él"),
            "{description}"
        );
        assert!(description.contains("the row of *él*"), "{description}");
        assert!(description.contains("Tokens: `E l   r o b o t   d e j ó"), "{description}");
    }

    #[test]
    fn the_columns_of_the_antecedent_are_its_tokens() {
        let mut probe = probe(probes().remove(0));
        assert_eq!(antecedent_tokens(&probe), 3..8);
        probe.tokens[4].span = Some(span(4, 8));
        probe.tokens.drain(5..8);
        assert_eq!(antecedent_tokens(&probe), 3..5);
        probe.example.antecedent = None;
        assert_eq!(antecedent_tokens(&probe), 0..0);
        assert_eq!(antecedent(&probe), "él");
    }

    #[test]
    fn every_line_and_picture_makes_the_file_longer_and_the_end_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let run = run(directory.path());
        let mut tensorboard = TensorBoard::open(&run, true, 0).unwrap();
        let empty = file_sizes(&run)[0];
        tensorboard.append(&line(10)).unwrap();
        let with_line = file_sizes(&run)[0];
        assert!(with_line > empty);
        let probes = probes().into_iter().map(probe).collect();
        let snapshot =
            Snapshot { step: 10, loss: None, accuracy: None, model: "base".to_owned(), probes };
        tensorboard.draw(&snapshot).unwrap();
        let with_pictures = file_sizes(&run)[0];
        assert!(with_pictures > with_line + 500 * N_PICTURES);
        tensorboard.append(&Clock::new().end(10, 0.0, Ending::Finished)).unwrap();
        assert_eq!(file_sizes(&run), [with_pictures]);

        TensorBoard::open(&run, true, 10).unwrap();
        let mut both = file_sizes(&run);
        both.sort();
        assert_eq!(both, [empty + 2, with_pictures], "a step above zero takes two bytes");
    }

    #[test]
    fn a_resumed_run_drops_later_steps_and_keeps_the_step_itself() {
        assert_eq!([0, 1, 500].map(first_step), [0, 2, 501]);
    }

    #[test]
    fn nothing_is_written_when_it_is_turned_off() {
        let directory = tempfile::tempdir().unwrap();
        let run = run(directory.path());
        let mut tensorboard = TensorBoard::open(&run, false, 0).unwrap();
        tensorboard.append(&line(10)).unwrap();
        assert!(!run.tensorboard().exists());
    }

    #[test]
    fn an_error_names_the_directory_of_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let run = run(directory.path());
        fs::write(run.tensorboard(), "").unwrap();
        let error = TensorBoard::open(&run, true, 0).unwrap_err().to_string();
        assert!(error.contains(&run.tensorboard().display().to_string()), "{error}");
    }
}
