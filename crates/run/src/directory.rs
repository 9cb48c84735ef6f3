//! A run: the directory that holds everything that a training writes.
//!
//! ```text
//! config.toml      the resolved configuration, written before the first step
//! lock             locked while a program trains the run, see [`crate::lock`]
//! run.json         name of the config, start time and backend, see [`crate::provenance`]
//! tokenizer.json   Hugging Face format
//! temperature.json what the logits are divided by, written when a training ends
//! metrics.jsonl    one object for each measurement, see [`crate::metrics`]
//! checkpoints/     see [`crate::checkpoint`]
//! tensorboard/     TensorBoard's event files
//! snapshots/       step-00000500.safetensors, see the crate `snapshot`
//! report.{md,json} written by `evaluate`, with report-*.svg
//! answers.jsonl    written by `evaluate`, see [`evaluation::answers_file`]
//! ```

mod leftovers;

use std::{
    fs,
    io::{
        self,
        ErrorKind::{NotADirectory, NotFound},
    },
    path::{Path, PathBuf},
};

use self::leftovers::is_empty_directory;
use crate::{
    lock::{Lock, LockError},
    provenance::begun,
};
use files::{
    atomic::{parent, sync_directory, write_file},
    error::FileError,
    shell,
};

/// The directory of a run, and the paths of the files in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    path: PathBuf,
}

/// A run directory cannot be made, opened or changed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A new run would overwrite an existing one.
    #[error(
        "{path} exists already\nhint: --resume {word} goes on with it, --force starts it anew, and \
         another --run leaves it alone",
        path = .path.display(),
        word = shell::word(.path)
    )]
    Exists {
        /// The run directory.
        path: PathBuf,
    },
    /// The path exists and is not a run, so `--force` must not remove it.
    #[error(
        "{path} exists already and is not a run (it has no config.toml), so nothing is written \
         there\nhint: another --run",
        path = .path.display()
    )]
    NotARun {
        /// The path.
        path: PathBuf,
    },
    /// There is no run at the path.
    #[error(
        "{path} is not a run: it has no config.toml\nhint: `cargo run --bin train` makes one{others}",
        path = .path.display()
    )]
    Missing {
        /// The path.
        path: PathBuf,
        /// The runs beside it, as the end of the message; empty if there are none.
        others: String,
    },
    /// A directory of runs contains none.
    #[error("there is no run in {path}\nhint: `cargo run --bin train` makes one", path = .path.display())]
    None {
        /// The directory of runs.
        path: PathBuf,
    },
    /// The run directory cannot be made.
    #[error(
        "cannot make the run directory {path}\nhint: another place with --run, or the right to \
         write there",
        path = .path.display()
    )]
    Create {
        /// The run directory.
        path: PathBuf,
        /// The error that the operating system returned.
        source: io::Error,
    },
    /// The run that would be replaced is being trained.
    #[error(transparent)]
    Lock(LockError),
    /// A file or directory cannot be read, written or removed.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Run {
    /// Checks that [`Run::create`] may use `path`: it must be free or, with `force`, a run.
    ///
    /// # Errors
    ///
    /// [`RunError::NotARun`] or [`RunError::Exists`] if it may not.
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

    /// Makes the run directory `path` atomically; with `force`, it replaces the run that is there.
    /// `fill` writes the run's files and locks it.
    ///
    /// # Errors
    ///
    /// If `path` may not be used, if the old run is being trained, or if a file cannot be written.
    /// Nothing is left behind then, and an old run is unchanged.
    pub fn create<E: From<RunError>>(
        path: &Path,
        force: bool,
        fill: impl FnOnce(&Self) -> Result<Lock, E>,
    ) -> Result<(Self, Lock), E> {
        leftovers::recover(path);
        Self::check_free(path, force)?;
        fs::create_dir_all(parent(path)).map_err(cannot_make(path))?;
        if path.is_dir() && is_empty_directory(path) {
            let inside = path.join(".new");
            return Self::make(&inside, fill, |partial| {
                move_into(partial, path)?;
                Ok(path.to_owned())
            });
        }
        // A run that is being trained must not be removed.
        let old = path.join("config.toml").exists().then(|| Lock::take(path)).transpose();
        let old = old.map_err(RunError::Lock)?;
        Self::make(path, fill, |partial| {
            if old.is_some() {
                let aside = leftovers::aside(path);
                if aside.exists() {
                    fs::remove_dir_all(&aside)?; // left by a program that was killed after its renames
                }
                fs::rename(path, &aside)?;
                fs::rename(partial, path)?;
                fs::remove_dir_all(aside)?;
            } else {
                fs::rename(partial, path)?;
            }
            Ok(path.to_owned())
        })
    }

    /// Makes the run directory with the first free name of `parent/name-001`, `parent/name-002`, …
    ///
    /// # Errors
    ///
    /// If a directory or a file cannot be written; nothing is left behind then.
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
                // The rename itself finds out whether the name is free, so that two programs that
                // start at the same moment cannot get the same run.
                let path = numbered(number);
                match fs::rename(partial, &path) {
                    Ok(()) => return Ok(path),
                    Err(_) if path.exists() => number += 1,
                    Err(error) => return Err(error),
                }
            }
        })
    }

    /// Makes a run in a temporary directory beside `path`, which `name` renames when it is
    /// complete. So a run directory always has its config.
    fn make<E: From<RunError>>(
        path: &Path,
        fill: impl FnOnce(&Self) -> Result<Lock, E>,
        name: impl FnOnce(&Path) -> io::Result<PathBuf>,
    ) -> Result<(Self, Lock), E> {
        let partial = Self { path: leftovers::partial(path) };
        leftovers::sweep(parent(path));
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

    /// Opens the run in the directory `path`.
    ///
    /// # Errors
    ///
    /// [`RunError::Missing`] if it has no config.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        leftovers::recover(path);
        let config = path.join("config.toml");
        match fs::metadata(&config) {
            Ok(found) if found.is_file() => return Ok(Self { path: path.to_owned() }),
            // What cannot be looked at may be a run: no permission, a link that leads to itself.
            Err(error) if !matches!(error.kind(), NotFound | NotADirectory) => {
                return Err(FileError::at("access", &config)(error).into());
            }
            _ => {}
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

    /// Opens the run in `parent` that began last.
    ///
    /// # Errors
    ///
    /// [`RunError::None`] if there is none.
    pub fn newest(parent: &Path) -> Result<Self, RunError> {
        let newest = runs_in(parent).into_iter().next_back();
        newest.map(|(_, run)| run).ok_or_else(|| RunError::None { path: parent.to_owned() })
    }

    /// Makes the folders for checkpoints and snapshots if they are missing.
    ///
    /// # Errors
    ///
    /// If a folder cannot be made.
    pub fn restore_folders(&self) -> Result<(), RunError> {
        for folder in [self.checkpoints(), self.snapshots()] {
            if !folder.exists() {
                fs::create_dir(&folder).map_err(FileError::at("access", &folder))?;
            }
        }
        Ok(())
    }

    /// Path of the run directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Path of the config, in which all overrides are applied.
    pub fn config(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// Path of the tokenizer.
    pub fn tokenizer(&self) -> PathBuf {
        self.path.join("tokenizer.json")
    }

    /// Path of the metrics file.
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }

    /// Path of the folder with the checkpoints.
    pub fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// Path of the folder with the attention snapshots.
    pub fn snapshots(&self) -> PathBuf {
        self.path.join("snapshots")
    }

    /// Path of the attention snapshot after `step` updates.
    pub fn snapshot(&self, step: usize) -> PathBuf {
        self.snapshots().join(format!("step-{step:08}.safetensors"))
    }

    /// Path of the folder with TensorBoard's event files.
    pub fn tensorboard(&self) -> PathBuf {
        self.path.join("tensorboard")
    }

    /// Writes one of the run's text files atomically.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&self, path: &Path, text: &str) -> Result<(), RunError> {
        Ok(write_file(path, text.as_bytes()).map_err(FileError::at("access", path))?)
    }
}

/// The runs in `parent` with the times at which they began, the oldest first. What a program that was
/// killed left under a hidden name is none.
fn runs_in(parent: &Path) -> Vec<(u64, Run)> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut runs: Vec<(u64, Run)> = entries
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| entry.path())
        .filter(|path| path.join("config.toml").is_file())
        .map(|path| (begun(&path).unwrap_or_default(), Run { path }))
        .collect();
    runs.sort_by(|a, b| (a.0, &a.1.path).cmp(&(b.0, &b.1.path)));
    runs
}

/// Moves all that is in `partial` into `path`, an empty directory that cannot be replaced: a mount, a
/// link to a directory, or the working directory. The config comes last, since it makes a run.
fn move_into(partial: &Path, path: &Path) -> io::Result<()> {
    let mut names: Vec<_> =
        fs::read_dir(partial)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
    names.sort_by_key(|name| name == "config.toml");
    for name in names {
        fs::rename(partial.join(&name), path.join(&name))?;
    }
    fs::remove_dir(partial)
}

fn cannot_make(path: &Path) -> impl FnOnce(io::Error) -> RunError {
    let path = path.to_owned();
    move |source| RunError::Create { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal<T>(result: Result<T, RunError>) -> RunError {
        result.err().expect("it is refused")
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

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_looked_at_is_not_called_no_run() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("loop");
        std::os::unix::fs::symlink("loop", &path).unwrap();
        let error = refusal(Run::open(&path));
        assert!(matches!(error, RunError::File(_)), "{error}");
        assert!(error.to_string().contains("loop/config.toml"), "{error}");
    }

    #[test]
    fn a_run_that_exists_is_refused_and_untouched() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("mine");
        Run::create(&path, false, fill).unwrap();
        fs::write(path.join("config.toml"), "precious").unwrap();
        let error = refusal(Run::create(&path, false, fill));
        assert!(matches!(error, RunError::Exists { .. }), "{error}");
        assert!(error.to_string().contains("--resume"), "{error}");
        assert_eq!(fs::read_to_string(path.join("config.toml")).unwrap(), "precious");
        Run::create(&path, true, fill).unwrap();
        assert_eq!(fs::read_to_string(path.join("config.toml")).unwrap(), "");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_run_that_is_being_trained_is_not_replaced() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("mine");
        let (_run, _lock) = Run::create(&path, false, fill).unwrap();
        let error = refusal(Run::create(&path, true, fill));
        assert!(matches!(error, RunError::Lock(LockError::Held { .. })), "{error}");
        assert!(path.join("config.toml").exists());
    }

    #[test]
    fn what_a_killed_program_left_is_no_run_and_stops_nobody() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("mine");
        Run::create(&path, false, fill).unwrap();
        let left = parent.path().join(".mine.4242.partial");
        fs::create_dir(&left).unwrap();
        fs::write(left.join("config.toml"), "").unwrap();
        assert_eq!(Run::newest(parent.path()).unwrap().path(), path);
        // Killed after both renames: the old run is aside, the new one in its place.
        let aside = leftovers::aside(&path);
        fs::create_dir(&aside).unwrap();
        fs::write(aside.join("config.toml"), "old").unwrap();
        Run::create(&path, true, fill).unwrap();
        assert!(!aside.exists());
        // Killed between them: the old run is the only one.
        fs::write(path.join("config.toml"), "precious").unwrap();
        fs::rename(&path, &aside).unwrap();
        let run = Run::open(&path).unwrap();
        assert_eq!(fs::read_to_string(run.config()).unwrap(), "precious");
        // One that may still be made is left alone, an older one is removed.
        assert!(left.exists());
        let hours_ago = std::time::SystemTime::now() - 3 * leftovers::MAX_MAKING;
        fs::File::open(&left).unwrap().set_modified(hours_ago).unwrap();
        Run::create(&parent.path().join("other"), false, fill).unwrap();
        assert!(!left.exists());
    }

    #[cfg(unix)]
    #[test]
    fn an_empty_directory_that_cannot_be_replaced_becomes_the_run() {
        let parent = tempfile::tempdir().unwrap();
        let (directory, link) = (parent.path().join("volume"), parent.path().join("link"));
        fs::create_dir(&directory).unwrap();
        std::os::unix::fs::symlink(&directory, &link).unwrap();
        let (run, _lock) = Run::create(&link, false, fill).unwrap();
        assert!(run.config().is_file() && directory.join("config.toml").is_file());
        assert!(Lock::take(&directory).is_err(), "it is locked under its own name, too");
        let names = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(names.into_iter().all(|name| !name.to_string_lossy().starts_with('.')));
    }

    #[test]
    fn the_newest_run_is_the_one_that_began_last() {
        let parent = tempfile::tempdir().unwrap();
        let begun = |name: &str, seconds: u64| {
            let path = parent.path().join(name);
            let (run, _lock) = Run::create(&path, false, fill).unwrap();
            let mut from = crate::provenance::Provenance::now("base", &[], None);
            from.begun = seconds;
            from.write(&run).unwrap();
        };
        begun("later", 2_000);
        begun("earlier", 1_000); // its config was written last
        assert_eq!(Run::newest(parent.path()).unwrap().path(), parent.path().join("later"));
    }

    #[test]
    fn a_run_that_could_not_be_filled_leaves_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let fail = |run: &Run| Err(RunError::NotARun { path: run.path().to_owned() });
        refusal(Run::create(&parent.path().join("mine"), false, fail));
        refusal(Run::create_numbered(parent.path(), "base", fail));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn force_never_removes_a_directory_that_is_not_a_run() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("thesis.tex"), "precious").unwrap();
        let error = refusal(Run::create(parent.path(), true, fill));
        assert!(matches!(error, RunError::NotARun { .. }), "{error}");
        assert!(parent.path().join("thesis.tex").exists());
    }

    #[test]
    fn the_refusal_of_a_missing_run_lists_the_runs_beside_it() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("mine");
        Run::create(&path, false, fill).unwrap();
        fs::write(path.join("config.toml"), "").unwrap();
        let error = refusal(Run::open(&parent.path().join("mnie")));
        let RunError::Missing { others, .. } = &error else { panic!("{error}") };
        assert!(others.ends_with("mine"), "{error}");
    }
}
