//! The provenance of a run: `run.json`, written when the run begins.
//!
//! `config.toml` contains everything that the result depends on. This file adds what helps to
//! recognise a run later: the name of its config, the overrides of the command line, the start time
//! and the backend. Runs of older versions have no such file.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use crate::directory::{Run, RunError};
use files::{
    error::FileError,
    format::{Format, WrongFormat},
};

const NAME: &str = "run.json";
const FORMAT: Format = Format::new("anafora-run", 1);

/// The content of `run.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    format: String,
    version: u32,
    /// The name of the config file without directory and extension.
    pub config: String,
    /// Each `--set` as the user typed it.
    pub overrides: Vec<String>,
    /// The name of the backend; `None` if the program that began the run did not give it.
    pub device: Option<String>,
    /// The version of the program that began the run.
    pub program: String,
    /// When the run began, in seconds since 1970.
    pub begun: u64,
    /// How many threads a CPU backend had, which decides in which order it sums.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
}

/// `run.json` exists but cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ProvenanceError {
    /// The file cannot be opened or read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file cannot be parsed.
    #[error("{path} does not say where a run comes from", path = .path.display())]
    Json {
        /// Path of the file.
        path: PathBuf,
        /// The parser's error.
        source: serde_json::Error,
    },
    /// The file has a format or version that this program cannot read.
    #[error("{path} {source}", path = .path.display())]
    Version {
        /// Path of the file.
        path: PathBuf,
        /// The version that was found and those that can be read.
        source: WrongFormat,
    },
}

impl Provenance {
    /// The provenance of a run that begins now.
    pub fn now(config: &str, overrides: &[String], device: Option<&str>) -> Self {
        Self {
            format: FORMAT.name.to_owned(),
            version: FORMAT.version,
            config: config.to_owned(),
            overrides: overrides.to_vec(),
            device: device.map(str::to_owned),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            begun: seconds_since_1970(SystemTime::now()),
            threads: None,
        }
    }

    /// Writes `run.json` into the directory of `run`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&self, run: &Run) -> Result<(), RunError> {
        let json = serde_json::to_string(self).expect("provenance is plain data");
        run.write(&run.path().join(NAME), &(json + "\n"))
    }

    /// Reads `run.json` in the run directory `run`; `None` if there is no such file, as in runs of
    /// older versions.
    ///
    /// # Errors
    ///
    /// If the file exists but cannot be read.
    pub fn read(run: &Path) -> Result<Option<Self>, ProvenanceError> {
        let path = run.join(NAME);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(FileError::at("read", &path)(source).into()),
        };
        let provenance: Self = match serde_json::from_str(&text) {
            Ok(provenance) => provenance,
            Err(source) => return Err(ProvenanceError::Json { path, source }),
        };
        let checked = FORMAT.check_header(&provenance.format, provenance.version);
        checked.map_err(|source| ProvenanceError::Version { path, source })?;
        Ok(Some(provenance))
    }
}

/// When the run in a directory began, in seconds since 1970: as `run.json` says or, in runs of older
/// versions, when `config.toml` was written or else its directory. The order of runs is that of these times everywhere.
pub fn begun(run: &Path) -> Option<u64> {
    let recorded = Provenance::read(run).ok().flatten().map(|from| from.begun);
    let written = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    let written = || written(&run.join("config.toml")).or_else(|| written(run));
    recorded.or_else(|| written().map(seconds_since_1970))
}

/// A time in seconds since 1970, as `run.json` stores it; 0 for earlier times.
pub fn seconds_since_1970(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |duration| duration.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::Lock;

    #[test]
    fn a_file_is_read_as_it_was_written_and_other_versions_are_refused_by_name() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Provenance::read(directory.path()).unwrap(), None);
        let overrides = ["training.steps=700".to_owned()];
        let provenance = Provenance::now("tiny", &overrides, Some("flex"));
        assert_eq!(
            (provenance.config.as_str(), &provenance.overrides[..]),
            ("tiny", &overrides[..])
        );
        let fill = |run: &Run| {
            provenance.write(run)?;
            Lock::take(run.path()).map_err(RunError::Lock)
        };
        let (run, _lock) = Run::create(&directory.path().join("run"), false, fill).unwrap();
        assert_eq!(Provenance::read(run.path()).unwrap(), Some(provenance));

        let path = run.path().join(NAME);
        let text = fs::read_to_string(&path).unwrap();
        let expected = r#"{"format":"anafora-run","version":1,"config":"tiny","overrides":["training.steps=700"],"device":"flex","program":""#;
        assert!(text.starts_with(expected), "{text}");
        fs::write(&path, text.replace("\"version\":1", "\"version\":2")).unwrap();
        let error = Provenance::read(run.path()).unwrap_err();
        let ProvenanceError::Version { source, .. } = &error else { panic!("{error}") };
        assert_eq!(source.found, "anafora-run version 2");
    }
}
