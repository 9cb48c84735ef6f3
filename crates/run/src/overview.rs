//! A directory of runs at a glance: how far each one is, how good, how large, and in what state.
//!
//! No model is loaded, and nothing is written. What is wrong with a run is said beside all else that
//! is known of it, so that one damaged run never hides the others. Whether weights are damaged is
//! not looked for: that is found, by their sums, when they are used.

mod disk;
pub mod state;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use self::{
    disk::{Checkpoint, modified, size},
    state::{Newest, RunState},
};
use crate::{
    lock::{Holder, holder},
    provenance::Provenance,
    state::Best,
};
use config::{experiment::ExperimentConfig, file::load};
use files::error::FileError;

/// What is known of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// Its directory's name.
    pub name: String,
    /// Its directory.
    pub path: PathBuf,
    /// Its config's name; of a run without `run.json` its own name without the number.
    pub config: String,
    /// What was changed of the config on the command line.
    pub overrides: Vec<String>,
    /// The backend, where it is recorded.
    pub device: Option<String>,
    /// Updates done; of a run that died, those that its last checkpoint holds.
    pub step: usize,
    /// Updates wanted.
    pub steps: Option<usize>,
    /// The best validation.
    pub best: Option<Best>,
    /// The size of all its files.
    pub bytes: u64,
    /// In seconds since the beginning of 1970.
    pub begun: Option<u64>,
    /// Whether somebody works on it, and if not, how that ended.
    pub state: RunState,
    /// Who works on it.
    pub holder: Option<Holder>,
    /// What is wrong with it, a sentence for each thing.
    pub problems: Vec<String>,
}

/// The runs in `directory`, those that were begun first before the others; or the run that
/// `directory` itself is.
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

/// Also one that has lost its config.
fn is_run(path: &Path) -> bool {
    ["config.toml", "run.json", "metrics.jsonl", "checkpoints"]
        .iter()
        .any(|name| path.join(name).exists())
}

impl Overview {
    /// That of the run in the directory `path`.
    pub fn new(path: &Path) -> Self {
        let absolute = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let name = absolute.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut problems = Vec::new();
        let provenance = note(Provenance::read(path), &mut problems).flatten();
        let config = read_config(path, &mut problems);
        let checkpoint = Checkpoint::newest(path, &mut problems);
        let metrics = path.join("metrics.jsonl");
        let newest = note(Newest::read(&metrics), &mut problems).flatten();
        let holder = holder(path).map_err(FileError::at("read", &path.join("lock")));
        let holder = note(holder, &mut problems).flatten();
        let saved = checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.step);
        let checkpoint = checkpoint.and_then(|checkpoint| checkpoint.state);
        let (state, step) = match (&holder, &newest) {
            (Some(_), None) => (RunState::Running, saved),
            (Some(_), Some(line)) => (RunState::Running, line.step.max(saved)),
            (None, Some(line)) if line.is_end() => {
                let state = line.ending(&metrics, config.as_ref(), checkpoint.as_ref());
                (note(state, &mut problems).unwrap_or(RunState::Failed), line.step)
            }
            (None, _) => (RunState::Failed, saved), // it died
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
            bytes: note(size(path), &mut problems).unwrap_or(0),
            begun: recorded.map(|from| from.begun).or_else(|| modified(path)),
            state,
            holder,
            problems,
        }
    }
}

/// The value, or a problem more.
fn note<T, E: std::error::Error>(result: Result<T, E>, problems: &mut Vec<String>) -> Option<T> {
    let told = |error: &E| match error.source() {
        Some(source) if !error.to_string().contains(&source.to_string()) => {
            format!("{error}: {source}")
        }
        _ => error.to_string(),
    };
    result.map_err(|error| problems.push(told(&error))).ok()
}

fn read_config(path: &Path, problems: &mut Vec<String>) -> Option<ExperimentConfig> {
    let config = note(load(&path.join("config.toml")), problems)?;
    if !path.join("tokenizer.json").is_file() {
        problems.push(format!("{} is missing", path.join("tokenizer.json").display()));
    }
    Some(config)
}

/// `base` of `base-001`.
fn without_number(name: &str) -> String {
    match name.rsplit_once('-') {
        Some((stem, number)) if !stem.is_empty() && number.parse::<u32>().is_ok() => stem,
        _ => name,
    }
    .to_owned()
}
