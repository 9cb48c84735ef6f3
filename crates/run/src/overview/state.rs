//! The state of a run, derived from the last line of its metrics.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use files::error::FileError;
use serde::{Deserialize, Serialize};

use crate::{metrics::HEADER, state::State};
use config::experiment::ExperimentConfig;

/// Whether a program trains a run now, and if not, how the training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// A program holds the lock of the run.
    Running,
    /// All steps are done, or early stopping ended it.
    Finished,
    /// The user or the system asked the program to stop.
    Interrupted,
    /// It ended with an error, or the process died without writing an `end` line.
    Failed,
}

impl RunState {
    /// The name of the state in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

/// The last line of `metrics.jsonl`, of which only the fields that all kinds have, and the `ending`
/// of an `end` line, are read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct LastLine {
    kind: String,
    /// Number of updates done.
    pub(super) step: usize,
    ending: Option<String>,
}

/// A file from which the state is derived cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum StateError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{path}:1: found `{found}`, expected `{HEADER}`", path = .path.display())]
    Header { path: PathBuf, found: String },
    #[error("{path}:{line}: {error}", path = .path.display(), error = without_place(error))]
    Json { path: PathBuf, line: usize, error: serde_json::Error },
    #[error(
        "{path} ends with ending `{found}`, expected finished, no_progress, interrupted or failed",
        path = .path.display()
    )]
    Ending { path: PathBuf, found: String },
}

/// The message without the parser's line number, which counts from the start of the text that the
/// parser was given and not of the file.
fn without_place(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    error.to_string().replace(&place, "")
}

impl LastLine {
    /// Reads the last complete line of the file at `path`; `None` before the first line is written.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, StateError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(FileError::at("read", path)(source).into()),
        };
        // A line without a line break is being written, or its process died.
        let complete = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
        let mut lines = complete.lines();
        match lines.next() {
            None => return Ok(None),
            Some(HEADER) => {}
            Some(found) => {
                let found = found.chars().take(60).collect();
                return Err(StateError::Header { path: path.to_owned(), found });
            }
        }
        let Some(last) = lines.next_back() else { return Ok(None) };
        let line = complete.lines().count();
        let json = |error| StateError::Json { path: path.to_owned(), line, error };
        serde_json::from_str(last).map(Some).map_err(json)
    }

    /// Whether it is an `end` line.
    pub(super) fn is_end(&self) -> bool {
        self.kind == "end"
    }

    /// The state that an `end` line describes. Older versions wrote no `ending`; such a run is
    /// finished if it did all its steps or stopped early, and was otherwise interrupted.
    pub(super) fn ending(
        &self,
        path: &Path,
        config: Option<&ExperimentConfig>,
        saved: Option<&State>,
    ) -> Result<RunState, StateError> {
        match self.ending.as_deref() {
            Some("finished" | "no_progress") => Ok(RunState::Finished),
            Some("interrupted") => Ok(RunState::Interrupted),
            Some("failed") => Ok(RunState::Failed),
            Some(found) => {
                Err(StateError::Ending { path: path.to_owned(), found: found.to_owned() })
            }
            None => {
                let is_done = config.is_some_and(|config| {
                    let patience = config.training.patience.unwrap_or(usize::MAX);
                    self.step >= config.training.steps
                        || saved.is_some_and(|s| s.validations_without_progress >= patience)
                });
                Ok(if is_done { RunState::Finished } else { RunState::Interrupted })
            }
        }
    }
}
