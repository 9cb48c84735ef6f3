//! The run that a program is about: the one that was named, or the newest.

use std::path::{Path, PathBuf};

use run::directory::{Run, RunError};

use crate::tell::tell;

/// Where runs are made and looked for.
pub const RUNS: &str = "runs";

/// The run in `path`, or the newest one, which is said.
pub fn open(path: Option<&PathBuf>) -> Result<Run, RunError> {
    if let Some(path) = path {
        return Run::open(path);
    }
    let run = Run::newest(Path::new(RUNS))?;
    tell(format_args!("the newest run is {}", run.path().display()));
    Ok(run)
}
