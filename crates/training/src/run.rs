//! A run: the directory that holds all that a training leaves behind.
//!
//! ```text
//! config.toml      the resolved configuration, written before the first step
//! tokenizer.json   Hugging Face format
//! metrics.jsonl    one object for each reading
//! checkpoints/     see [`crate::checkpoint`]
//! tensorboard/     event files, see [`crate::tensorboard`]
//! snapshots/       step-00000500.safetensors, see the crate `snapshot`
//! report.{md,json} written by `evaluate`, with report-*.svg
//! answers.jsonl    written by `evaluate`, see [`crate::evaluation::answers_file`]
//! ```

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The directory of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    path: PathBuf,
}

/// Why there is no such run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It would be overwritten.
    #[error(
        "{path} exists already\nhint: --resume {path} goes on with it, --force starts it anew, and \
         another --run leaves it alone",
        path = .path.display()
    )]
    Exists {
        /// The directory.
        path: PathBuf,
    },
    /// Something else lies there, which nobody asked to be removed.
    #[error(
        "{path} exists already and is not a run (it has no config.toml), so nothing is written \
         there\nhint: another --run",
        path = .path.display()
    )]
    NotARun {
        /// The directory.
        path: PathBuf,
    },
    /// It is not there.
    #[error(
        "{path} is not a run: it has no config.toml\nhint: `cargo run --bin train` makes one{others}",
        path = .path.display()
    )]
    Missing {
        /// The directory.
        path: PathBuf,
        /// The runs that are there instead.
        others: String,
    },
    /// There is no run at all.
    #[error("there is no run in {path}\nhint: `cargo run --bin train` makes one", path = .path.display())]
    None {
        /// Where runs are looked for.
        path: PathBuf,
    },
    /// It cannot be made.
    #[error(
        "cannot make the run directory {path}\nhint: another place with --run, or the right to \
         write there",
        path = .path.display()
    )]
    Create {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Reading or writing failed.
    #[error("cannot access {path}", path = .path.display())]
    Io {
        /// File or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Run {
    /// Whether [`Run::create`] would find the place free, or may make it so.
    pub fn check_free(path: &Path, force: bool) -> Result<(), RunError> {
        if !path.exists() || is_empty_directory(path) {
            return Ok(());
        }
        if !path.join("config.toml").is_file() {
            return Err(RunError::NotARun { path: path.to_owned() });
        }
        if !force {
            return Err(RunError::Exists { path: path.to_owned() });
        }
        Ok(())
    }

    /// Makes the directory `path`; with `force`, in place of the run that is there.
    pub fn create(path: &Path, force: bool) -> Result<Self, RunError> {
        Self::check_free(path, force)?;
        if path.exists() {
            fs::remove_dir_all(path).map_err(io_at(path))?;
        }
        fs::create_dir_all(path).map_err(cannot_make(path))?;
        Self { path: path.to_owned() }.with_folders()
    }

    /// Makes the first free of `parent/name-001`, `parent/name-002`, …
    pub fn create_numbered(parent: &Path, name: &str) -> Result<Self, RunError> {
        fs::create_dir_all(parent).map_err(cannot_make(parent))?;
        let mut number = 1;
        loop {
            let path = parent.join(format!("{name}-{number:03}"));
            // Creating is the question whether it is free: two programs never share a run.
            match fs::create_dir(&path) {
                Ok(()) => return Self { path }.with_folders(),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(source) => return Err(RunError::Create { path, source }),
            }
        }
    }

    fn with_folders(self) -> Result<Self, RunError> {
        for folder in [self.checkpoints(), self.snapshots()] {
            fs::create_dir_all(&folder).map_err(io_at(&folder))?;
        }
        Ok(self)
    }

    /// The run in `path`.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        if path.join("config.toml").is_file() {
            return Ok(Self { path: path.to_owned() });
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let names: Vec<String> =
            runs_in(parent).iter().map(|(_, run)| run.path.display().to_string()).collect();
        let others = if names.is_empty() {
            String::new()
        } else {
            format!("; here are {}", names.join(", "))
        };
        Err(RunError::Missing { path: path.to_owned(), others })
    }

    /// The run in `parent` that was begun last.
    pub fn newest(parent: &Path) -> Result<Self, RunError> {
        let newest = runs_in(parent).into_iter().next_back();
        newest.map(|(_, run)| run).ok_or_else(|| RunError::None { path: parent.to_owned() })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The configuration, with all overrides in it.
    pub fn config(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// The tokenizer.
    pub fn tokenizer(&self) -> PathBuf {
        self.path.join("tokenizer.json")
    }

    /// The readings.
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }

    /// The checkpoints.
    pub fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// The attention snapshots.
    pub fn snapshots(&self) -> PathBuf {
        self.path.join("snapshots")
    }

    /// The attention at `step`.
    pub fn snapshot(&self, step: usize) -> PathBuf {
        self.snapshots().join(format!("step-{step:08}.safetensors"))
    }

    /// TensorBoard's event files.
    pub fn tensorboard(&self) -> PathBuf {
        self.path.join("tensorboard")
    }

    /// Writes one of the run's text files.
    pub fn write(&self, path: &Path, text: &str) -> Result<(), RunError> {
        fs::write(path, text).map_err(io_at(path))
    }
}

/// The runs in `parent`, the oldest first.
fn runs_in(parent: &Path) -> Vec<(SystemTime, Run)> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut runs: Vec<(SystemTime, Run)> = entries
        .filter_map(|entry| {
            let path = entry.path();
            let begun = fs::metadata(path.join("config.toml")).and_then(|m| m.modified()).ok()?;
            Some((begun, Run { path }))
        })
        .collect();
    runs.sort_by(|a, b| (a.0, &a.1.path).cmp(&(b.0, &b.1.path)));
    runs
}

fn is_empty_directory(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

fn cannot_make(path: &Path) -> impl FnOnce(io::Error) -> RunError {
    let path = path.to_owned();
    move |source| RunError::Create { path, source }
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> RunError {
    let path = path.to_owned();
    move |source| RunError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(result: Result<Run, RunError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn numbered_runs_are_never_shared() {
        let parent = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..3)
            .map(|_| {
                let run = Run::create_numbered(parent.path(), "base").unwrap();
                run.path().file_name().unwrap().to_string_lossy().into_owned()
            })
            .collect();
        assert_eq!(names, ["base-001", "base-002", "base-003"]);
    }

    #[test]
    fn a_run_that_exists_is_refused_and_untouched() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("mine");
        Run::create(&path, false).unwrap();
        fs::write(path.join("config.toml"), "precious").unwrap();
        let message = message(Run::create(&path, false));
        assert!(message.contains("exists already\nhint: --resume"), "{message}");
        assert_eq!(fs::read_to_string(path.join("config.toml")).unwrap(), "precious");
        Run::create(&path, true).unwrap();
        assert!(!path.join("config.toml").exists());
    }

    #[test]
    fn force_never_removes_what_is_no_run() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("thesis.tex"), "precious").unwrap();
        let message = message(Run::create(parent.path(), true));
        assert!(message.contains("is not a run (it has no config.toml)"), "{message}");
        assert!(parent.path().join("thesis.tex").exists());
    }

    #[test]
    fn a_missing_run_is_answered_with_those_that_are_there() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("mine");
        Run::create(&path, false).unwrap();
        fs::write(path.join("config.toml"), "").unwrap();
        let message = message(Run::open(&parent.path().join("mnie")));
        assert!(message.contains("mnie is not a run"), "{message}");
        assert!(message.ends_with("mine"), "{message}");
    }
}
