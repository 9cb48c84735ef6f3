//! The run that a program works on: the one given on the command line, or the newest.

use std::path::{Path, PathBuf};

use run::directory::{Run, RunError};

use crate::stderr::print_line;

/// The directory where runs are created and searched.
pub const RUNS: &str = "runs";

/// Opens the run in `path`, or the newest one, whose name is then printed.
pub fn open(path: Option<&PathBuf>) -> Result<Run, RunError> {
    if let Some(path) = path {
        return Run::open(path);
    }
    let run = Run::newest(Path::new(RUNS))?;
    print_line(format_args!("the newest run is {}", run.path().display()));
    Ok(run)
}
