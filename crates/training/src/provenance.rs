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

use crate::{
    overrides::ResolvedConfig,
    run::{Run, RunError},
};

const NAME: &str = "run.json";
const FORMAT: &str = "anafora-run";
const VERSION: u32 = 1;

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
    /// It is there and cannot be read.
    #[error("cannot read {path}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not the JSON that it should be.
    #[error("{path} does not say where a run comes from", path = .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Written by another version.
    #[error("{path} is {found}, expected {FORMAT} version {VERSION}", path = .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Format and version.
        found: String,
    },
}

impl Provenance {
    /// That of a run which is begun now.
    pub fn now(resolved: &ResolvedConfig) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            config: resolved.name.clone(),
            overrides: resolved.overrides.clone(),
            device: resolved.device.clone(),
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
            Err(source) => return Err(ProvenanceError::Io { path, source }),
        };
        let provenance: Self = match serde_json::from_str(&text) {
            Ok(provenance) => provenance,
            Err(source) => return Err(ProvenanceError::Json { path, source }),
        };
        if (provenance.format.as_str(), provenance.version) != (FORMAT, VERSION) {
            let found = format!("{} version {}", provenance.format, provenance.version);
            return Err(ProvenanceError::Version { path, found });
        }
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
    use crate::{lock::Lock, overrides::resolve};

    #[test]
    fn what_was_typed_comes_back_and_other_versions_are_refused_by_name() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Provenance::read(directory.path()).unwrap(), None);
        let tiny = include_str!("../../../configs/tiny.toml");
        let overrides = ["training.steps=700".to_owned()];
        let resolved = resolve("configs/tiny.toml", tiny, &overrides).unwrap().on("flex");
        let provenance = Provenance::now(&resolved);
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
        let message = Provenance::read(run.path()).unwrap_err().to_string();
        assert!(
            message.ends_with("run.json is anafora-run version 2, expected anafora-run version 1"),
            "{message}"
        );
    }
}
