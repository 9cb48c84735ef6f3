//! Where a run comes from: `run.json`, written when it is begun.
//!
//! `config.toml` holds all that the result depends on. This file holds what somebody asks who finds
//! the run a month later: which config it was, what was changed on the command line, when, on what.
//! Runs from before it was written do without.

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
    /// The config file's name, without directory and ending.
    pub config: String,
    /// Each `--set`, as it was typed.
    pub overrides: Vec<String>,
    /// The backend, where the program has told it.
    pub device: Option<String>,
    /// The version of the program.
    pub program: String,
    /// In seconds since the beginning of 1970.
    pub begun: u64,
}

/// Why nobody knows where a run comes from.
#[derive(Debug, thiserror::Error)]
pub enum ProvenanceError {
    /// The file is there and cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Not the JSON that it should be.
    #[error("{path} does not say where a run comes from", path = .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Written by another version.
    #[error("{path} {source}", path = .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The formats.
        source: WrongFormat,
    },
}

impl Provenance {
    /// That of a run which is begun now.
    pub fn now(config: &str, overrides: &[String], device: Option<&str>) -> Self {
        Self {
            format: FORMAT.name.to_owned(),
            version: FORMAT.version,
            config: config.to_owned(),
            overrides: overrides.to_vec(),
            device: device.map(str::to_owned),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            begun: seconds_since_1970(SystemTime::now()),
        }
    }

    /// Writes it into a run.
    pub fn write(&self, run: &Run) -> Result<(), RunError> {
        let json = serde_json::to_string(self).expect("provenance is plain data");
        run.write(&run.path().join(NAME), &(json + "\n"))
    }

    /// That of the run in the directory `run`; none where the run is older than the file.
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

/// A time as `run.json` has it; one before 1970 is 0.
pub fn seconds_since_1970(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |duration| duration.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::Lock;

    #[test]
    fn what_was_typed_comes_back_and_other_versions_are_refused_by_name() {
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
