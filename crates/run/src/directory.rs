//! A run: the directory that holds all that a training leaves behind.
//!
//! ```text
//! config.toml      the resolved configuration, written before the first step
//! lock             held while somebody trains, see [`crate::lock`]
//! run.json         which config it was, when and on what, see [`crate::provenance`]
//! tokenizer.json   Hugging Face format
//! metrics.jsonl    one object for each reading
//! checkpoints/     see [`crate::checkpoint`]
//! tensorboard/     TensorBoard's event files
//! snapshots/       step-00000500.safetensors, see the crate `snapshot`
//! report.{md,json} written by `evaluate`, with report-*.svg
//! answers.jsonl    written by `evaluate`, see [`evaluation::answers_file`]
//! ```

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::lock::{Lock, LockError};
use files::{
    atomic::{parent, sync_directory, write_file},
    error::FileError,
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
    /// Somebody trains in what would be replaced.
    #[error(transparent)]
    Lock(LockError),
    /// A file or directory cannot be read, written or removed.
    #[error(transparent)]
    File(#[from] FileError),
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

    /// Makes the directory `path` with what `fill` puts into it; with `force`, in place of the run
    /// that is there.
    pub fn create<E: From<RunError>>(
        path: &Path,
        force: bool,
        fill: impl FnOnce(&Self) -> Result<Lock, E>,
    ) -> Result<(Self, Lock), E> {
        Self::check_free(path, force)?;
        fs::create_dir_all(parent(path)).map_err(cannot_make(path))?;
        // Nobody may train in what is removed.
        let old = path.join("config.toml").exists().then(|| Lock::take(path)).transpose();
        let old = old.map_err(RunError::Lock)?;
        Self::make(path, fill, |partial| {
            if old.is_some() {
                let aside = path.with_file_name(format!("{}.old", hidden(path)));
                fs::rename(path, &aside)?;
                fs::rename(partial, path)?;
                fs::remove_dir_all(aside)?;
            } else {
                fs::rename(partial, path)?;
            }
            Ok(path.to_owned())
        })
    }

    /// Makes the first free of `parent/name-001`, `parent/name-002`, …
    pub fn create_numbered<E: From<RunError>>(
        parent: &Path,
        name: &str,
        fill: impl FnOnce(&Self) -> Result<Lock, E>,
    ) -> Result<(Self, Lock), E> {
        fs::create_dir_all(parent).map_err(cannot_make(parent))?;
        let numbered = |number: usize| parent.join(format!("{name}-{number:03}"));
        Self::make(&numbered(1), fill, |partial| {
            let mut number = 1;
            loop {
                // Renaming is the question whether it is free: two programs never share a run.
                let path = numbered(number);
                match fs::rename(partial, &path) {
                    Ok(()) => return Ok(path),
                    Err(_) if path.exists() => number += 1,
                    Err(error) => return Err(error),
                }
            }
        })
    }

    /// A run is there with its configuration in it, or not at all: it is made beside its place,
    /// and gets its name, by `name`, when it is whole.
    fn make<E: From<RunError>>(
        path: &Path,
        fill: impl FnOnce(&Self) -> Result<Lock, E>,
        name: impl FnOnce(&Path) -> io::Result<PathBuf>,
    ) -> Result<(Self, Lock), E> {
        let partial = Self {
            path: path.with_file_name(format!("{}.{}.partial", hidden(path), std::process::id())),
        };
        let made = || -> Result<(Self, Lock), E> {
            fs::create_dir(&partial.path).map_err(cannot_make(path))?;
            partial.restore_folders()?;
            let lock = fill(&partial)?;
            let path = name(&partial.path).map_err(cannot_make(path))?;
            sync_directory(parent(&path))
                .map_err(|source| RunError::File(FileError::at("access", &path)(source)))?;
            Ok((Self { path }, lock))
        };
        made().inspect_err(|_| {
            let _ = fs::remove_dir_all(&partial.path); // the first error is the one that matters
        })
    }

    /// The run in `path`.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        if path.join("config.toml").is_file() {
            return Ok(Self { path: path.to_owned() });
        }
        let names: Vec<String> =
            runs_in(parent(path)).iter().map(|(_, run)| run.path.display().to_string()).collect();
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

    /// Makes the folders that somebody has removed, for a run that goes on.
    pub fn restore_folders(&self) -> Result<(), RunError> {
        for folder in [self.checkpoints(), self.snapshots()] {
            if !folder.exists() {
                fs::create_dir(&folder).map_err(FileError::at("access", &folder))?;
            }
        }
        Ok(())
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
        Ok(write_file(path, text.as_bytes()).map_err(FileError::at("access", path))?)
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

/// The beginning of the names of what is beside `path` for a while.
fn hidden(path: &Path) -> String {
    format!(".{}", path.file_name().unwrap_or_default().to_string_lossy())
}

fn cannot_make(path: &Path) -> impl FnOnce(io::Error) -> RunError {
    let path = path.to_owned();
    move |source| RunError::Create { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<T>(result: Result<T, RunError>) -> String {
        result.err().expect("it is refused").to_string()
    }

    fn fill(run: &Run) -> Result<Lock, RunError> {
        run.write(&run.config(), "")?;
        Lock::take(run.path()).map_err(RunError::Lock)
    }

    #[test]
    fn numbered_runs_are_never_shared() {
        let parent = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..3)
            .map(|_| {
                let run = Run::create_numbered(parent.path(), "base", fill).unwrap().0;
                run.path().file_name().unwrap().to_string_lossy().into_owned()
            })
            .collect();
        assert_eq!(names, ["base-001", "base-002", "base-003"]);
    }

    #[test]
    fn a_run_that_exists_is_refused_and_untouched() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("mine");
        Run::create(&path, false, fill).unwrap();
        fs::write(path.join("config.toml"), "precious").unwrap();
        let message = message(Run::create(&path, false, fill));
        assert!(message.contains("exists already\nhint: --resume"), "{message}");
        assert_eq!(fs::read_to_string(path.join("config.toml")).unwrap(), "precious");
        Run::create(&path, true, fill).unwrap();
        assert_eq!(fs::read_to_string(path.join("config.toml")).unwrap(), "");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_run_in_which_somebody_trains_is_not_replaced() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("mine");
        let (_run, _lock) = Run::create(&path, false, fill).unwrap();
        let message = message(Run::create(&path, true, fill));
        assert!(message.contains("mine is in use by another training"), "{message}");
        assert!(path.join("config.toml").exists());
    }

    #[test]
    fn what_could_not_be_filled_leaves_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let fail = |run: &Run| Err(RunError::NotARun { path: run.path().to_owned() });
        message(Run::create(&parent.path().join("mine"), false, fail));
        message(Run::create_numbered(parent.path(), "base", fail));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn force_never_removes_what_is_no_run() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("thesis.tex"), "precious").unwrap();
        let message = message(Run::create(parent.path(), true, fill));
        assert!(message.contains("is not a run (it has no config.toml)"), "{message}");
        assert!(parent.path().join("thesis.tex").exists());
    }

    #[test]
    fn a_missing_run_is_answered_with_those_that_are_there() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("mine");
        Run::create(&path, false, fill).unwrap();
        fs::write(path.join("config.toml"), "").unwrap();
        let message = message(Run::open(&parent.path().join("mnie")));
        assert!(message.contains("mnie is not a run"), "{message}");
        assert!(message.ends_with("mine"), "{message}");
    }
}
