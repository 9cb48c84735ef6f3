//! An overview of the runs in a directory: progress, best validation, size and state of each.
//!
//! No model is loaded, and nothing is written. A damaged file is reported as a problem of its run
//! beside everything else that is known, so that it hides neither the run nor the others. Weights
//! are not checked here; their checksums are, whenever they are loaded.

mod disk;
pub mod state;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use self::{
    disk::{Checkpoint, size},
    state::{LastLine, RunState},
};
use crate::{
    lock::{Holder, holder},
    provenance::{Provenance, begun},
    state::Best,
};
use config::{experiment::ExperimentConfig, file::load};
use files::error::FileError;

/// Everything that the files of a run tell about it.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// Name of the run directory.
    pub name: String,
    /// Path of the run directory. In JSON, what of it is not UTF-8 is replaced.
    #[serde(serialize_with = "lossy")]
    pub path: PathBuf,
    /// Name of its config; without `run.json`, the name of the run without its number.
    pub config: String,
    /// The overrides of the config that were given on the command line.
    pub overrides: Vec<String>,
    /// Name of the backend, if it was recorded.
    pub device: Option<String>,
    /// Number of updates done; for a run whose process died, those in its last checkpoint.
    pub step: usize,
    /// Number of updates in the config; `None` if the config cannot be read.
    pub steps: Option<usize>,
    /// The best validation, if there is a checkpoint that names one.
    pub best: Option<Best>,
    /// Size of all its files in bytes.
    pub bytes: u64,
    /// When it began, in seconds since 1970.
    pub begun: Option<u64>,
    /// Whether a program trains it now, and if not, how the training ended.
    pub state: RunState,
    /// The process that trains it now.
    pub holder: Option<Holder>,
    /// What is wrong with its files, a message for each problem.
    pub problems: Vec<String>,
}

/// Overviews of the runs in `directory`, in the order in which they began, or of `directory` itself
/// if it is a run.
///
/// # Errors
///
/// If `directory` cannot be read.
pub fn overviews(directory: &Path) -> io::Result<Vec<Overview>> {
    if directory.join("config.toml").is_file() {
        return Ok(vec![Overview::new(directory)]);
    }
    let mut overviews = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if is_run(&path) {
            overviews.push(Overview::new(&path));
        }
    }
    overviews.sort_by(|a, b| (a.begun, &a.name).cmp(&(b.begun, &b.name)));
    Ok(overviews)
}

/// Whether `path` contains any file of a run; a run that has lost its config still counts, and what a
/// killed program left under a hidden name does not.
fn is_run(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    !is_hidden
        && ["config.toml", "run.json", "metrics.jsonl", "checkpoints"]
            .iter()
            .any(|name| path.join(name).exists())
}

impl Overview {
    /// The overview of the run in the directory `path`.
    pub fn new(path: &Path) -> Self {
        let absolute = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let name = absolute.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut problems = Vec::new();
        let provenance = value_or_problem(Provenance::read(path), &mut problems).flatten();
        let config = read_config(path, &mut problems);
        let checkpoint = Checkpoint::last(path, &mut problems);
        let metrics = path.join("metrics.jsonl");
        let last_line = value_or_problem(LastLine::read(&metrics), &mut problems).flatten();
        let holder = holder(path).map_err(FileError::at("read", &path.join("lock")));
        let holder = value_or_problem(holder, &mut problems).flatten();
        let saved = checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.step);
        let checkpoint = checkpoint.and_then(|checkpoint| checkpoint.state);
        let (state, step) = match (&holder, &last_line) {
            (Some(_), None) => (RunState::Running, saved),
            (Some(_), Some(line)) => (RunState::Running, line.step.max(saved)),
            (None, Some(line)) if line.is_end() => {
                let state = line.ending(&metrics, config.as_ref(), checkpoint.as_ref());
                (value_or_problem(state, &mut problems).unwrap_or(RunState::Failed), line.step)
            }
            (None, last_line) => {
                if last_line.is_none() && saved > 0 && !metrics.exists() {
                    problems.push(format!("{} is missing", metrics.display()));
                }
                // Without an `end` line, its process died, or the line cannot be read.
                let is_complete = config.as_ref().is_some_and(|c| saved == c.training.steps);
                let state = if is_complete { RunState::Finished } else { RunState::Failed };
                (state, saved)
            }
        };
        let recorded = provenance.as_ref();
        Self {
            config: recorded.map_or_else(|| without_number(&name), |from| from.config.clone()),
            overrides: recorded.map(|from| from.overrides.clone()).unwrap_or_default(),
            device: recorded.and_then(|from| from.device.clone()),
            path: path.to_owned(),
            name,
            step,
            steps: config.map(|config| config.training.steps),
            best: checkpoint.and_then(|state| state.best),
            bytes: value_or_problem(size(path), &mut problems).unwrap_or(0),
            begun: begun(path),
            state,
            holder,
            problems,
        }
    }
}

fn lossy<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

/// The value, or `None` after its error was added to `problems`.
fn value_or_problem<T, E: std::error::Error>(
    result: Result<T, E>,
    problems: &mut Vec<String>,
) -> Option<T> {
    let message = |error: &E| match error.source() {
        Some(source) if !error.to_string().contains(&source.to_string()) => {
            format!("{error}: {source}")
        }
        _ => error.to_string(),
    };
    result.map_err(|error| problems.push(message(&error))).ok()
}

fn read_config(path: &Path, problems: &mut Vec<String>) -> Option<ExperimentConfig> {
    let config = value_or_problem(load(&path.join("config.toml")), problems)?;
    if !path.join("tokenizer.json").is_file() {
        problems.push(format!("{} is missing", path.join("tokenizer.json").display()));
    }
    Some(config)
}

/// The name of a numbered run without its number: `base` for `base-001`.
fn without_number(name: &str) -> String {
    match name.rsplit_once('-') {
        Some((stem, number)) if !stem.is_empty() && number.parse::<u32>().is_ok() => stem,
        _ => name,
    }
    .to_owned()
}
