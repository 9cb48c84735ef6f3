//! Reads checkpoints, sizes and times of a run for its overview.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use files::error::FileError;

use super::{state::StateError, value_or_problem};
use crate::state::State;

/// The last complete checkpoint of a run, without its weights.
pub(super) struct Checkpoint {
    /// Number of updates done.
    pub(super) step: usize,
    /// The state in it; `None` if the file is damaged.
    pub(super) state: Option<State>,
}

impl Checkpoint {
    /// The last complete checkpoint of the run in the directory `run`.
    pub(super) fn last(run: &Path, problems: &mut Vec<String>) -> Option<Self> {
        let directory = run.join("checkpoints");
        let mut steps: Vec<(usize, PathBuf)> = (fs::read_dir(directory).into_iter().flatten())
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let name = path.file_name()?.to_str()?;
                Some((name.strip_prefix("step-")?.parse().ok()?, path))
            })
            .collect();
        steps.sort();
        let (step, path) = steps.into_iter().rev().find(|(_, path)| {
            let manifest = path.join("MANIFEST.json");
            // A checkpoint may be removed by the training at this moment; that is no problem.
            let is_complete = manifest.is_file();
            if !is_complete && path.exists() {
                problems.push(format!("{} is missing", manifest.display()));
            }
            is_complete
        })?;
        Some(Self { step, state: value_or_problem(read_state(path.join("state.json")), problems) })
    }
}

fn read_state(path: PathBuf) -> Result<State, StateError> {
    let text = fs::read_to_string(&path).map_err(FileError::at("read", &path))?;
    serde_json::from_str(&text).map_err(|error| StateError::Json {
        path,
        line: error.line(),
        error,
    })
}

/// The size in bytes of all files below `path`. Links are not followed, and files that are removed
/// meanwhile, as old checkpoints are, do not count.
pub(super) fn size(path: &Path) -> io::Result<u64> {
    let found = fs::symlink_metadata(path).and_then(|metadata| {
        let entries = if metadata.is_dir() { Some(fs::read_dir(path)?) } else { None };
        Ok((metadata.len(), entries))
    });
    match found {
        Ok((length, None)) => Ok(length),
        Ok((_, Some(entries))) => entries.map(|entry| size(&entry?.path())).sum(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => {
            let what = format!("cannot read {}: {error}", path.display());
            Err(io::Error::new(error.kind(), what))
        }
    }
}
