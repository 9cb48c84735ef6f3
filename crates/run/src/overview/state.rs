//! How a run's training ended, by the newest line of its metrics.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use files::error::FileError;
use serde::{Deserialize, Serialize};

use crate::{metrics::HEADER, state::State};
use config::experiment::ExperimentConfig;

/// Whether somebody works on a run, and if not, how that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// A program trains it at this moment.
    Running,
    /// All steps are done, or no validation was better for too long.
    Finished,
    /// Somebody asked for it.
    Interrupted,
    /// It ended in an error, or its program died without a word.
    Failed,
}

impl RunState {
    /// In one word, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

/// What every line of `metrics.jsonl` has, and what a training's last one says of its end.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Newest {
    kind: String,
    /// Updates done.
    pub(super) step: usize,
    ending: Option<String>,
}

/// Why one of a run's files says nothing of its state.
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

/// The line is that of the file, and not that of the text which the parser was given.
fn without_place(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    error.to_string().replace(&place, "")
}

impl Newest {
    /// The last complete line of the file at `path`; none where nothing has been read yet.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, StateError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(FileError::at("read", path)(source).into()),
        };
        // A line without an end is being written, or its writer has died.
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
        let Some(newest) = lines.next_back() else { return Ok(None) };
        let line = complete.lines().count();
        let json = |error| StateError::Json { path: path.to_owned(), line, error };
        serde_json::from_str(newest).map(Some).map_err(json)
    }

    /// Whether the training said that it ends.
    pub(super) fn is_end(&self) -> bool {
        self.kind == "end"
    }

    /// How it ended. Lines from before endings were written leave it to the run: one that did all its
    /// steps or lost its patience is finished.
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
