//! The temperature of a run: `temperature.json`, by which a model's logits are divided so that its
//! probabilities say how often it is right (Guo et al. 2017, <https://arxiv.org/abs/1706.04599>).
//!
//! It is found after training, on texts that were not trained on. The likeliest word stays the
//! likeliest. A run without the file has temperature 1.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use files::error::FileError;
use files::format::{Format, WrongFormat};
use serde::{Deserialize, Serialize};

use crate::directory::{Run, RunError};

const NAME: &str = "temperature.json";
const FORMAT: Format = Format::new("anafora-temperature", 1);

/// The content of `temperature.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Temperature {
    format: String,
    version: u32,
    /// What the logits are divided by, above 0.
    pub temperature: f64,
    /// The name of the checkpoint that it was found with.
    pub checkpoint: String,
    /// The name of the examples that it was found on, and their number.
    pub examples: String,
    /// The number of these examples.
    pub n: usize,
    /// The expected calibration error on them with temperature 1, and with this one.
    pub calibration_error: [f64; 2],
}

/// `temperature.json` exists but cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum TemperatureError {
    /// The file cannot be opened or read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file cannot be parsed.
    #[error("{} holds no temperature", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
    /// The file has a format or version that this program cannot read.
    #[error("{} {source}", path.display())]
    Version { path: PathBuf, source: WrongFormat },
    /// The temperature is not a positive number.
    #[error("{}: temperature: found {found}, expected a number above 0", path.display())]
    NotPositive { path: PathBuf, found: f64 },
}

impl Temperature {
    /// The temperature that was found for a checkpoint on examples.
    pub fn new(
        temperature: f64,
        checkpoint: String,
        examples: String,
        n: usize,
        calibration_error: [f64; 2],
    ) -> Self {
        let (format, version) = (FORMAT.name.to_owned(), FORMAT.version);
        Self { format, version, temperature, checkpoint, examples, n, calibration_error }
    }

    /// Writes `temperature.json` into the directory of `run`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, run: &Run) -> Result<(), RunError> {
        let json = serde_json::to_string(self).expect("a temperature is plain data");
        run.write(&run.path().join(NAME), &(json + "\n"))
    }

    /// Reads `temperature.json` in the run directory `run`; `None` if there is no such file.
    ///
    /// # Errors
    /// If the file exists but cannot be used.
    pub fn read(run: &Path) -> Result<Option<Self>, TemperatureError> {
        let path = run.join(NAME);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(FileError::at("read", &path)(source).into()),
        };
        let found: Self = match serde_json::from_str(&text) {
            Ok(found) => found,
            Err(source) => return Err(TemperatureError::Json { path, source }),
        };
        let checked = FORMAT.check_header(&found.format, found.version);
        if let Err(source) = checked {
            return Err(TemperatureError::Version { path, source });
        }
        if !(found.temperature.is_finite() && found.temperature > 0.0) {
            return Err(TemperatureError::NotPositive { path, found: found.temperature });
        }
        Ok(Some(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::Lock;

    #[test]
    fn a_file_is_read_as_it_was_written_and_others_are_refused_by_name() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Temperature::read(directory.path()).unwrap(), None);
        let found = Temperature::new(1.3, "step-1".into(), "natural-dev".into(), 9, [0.08, 0.03]);
        let fill = |run: &Run| {
            found.write(run)?;
            Lock::take(run.path()).map_err(RunError::Lock)
        };
        let (run, _lock) = Run::create(&directory.path().join("run"), false, fill).unwrap();
        assert_eq!(Temperature::read(run.path()).unwrap(), Some(found));

        let path = run.path().join(NAME);
        let text = fs::read_to_string(&path).unwrap();
        for (from, to, expected) in [
            ("1.3", "0.0", "temperature: found 0, expected a number above 0"),
            ("1.3", "-2.5", "temperature: found -2.5, expected a number above 0"),
            ("1.3", "\"hot\"", "holds no temperature"),
            ("\"version\":1", "\"version\":9", "version 9"),
        ] {
            fs::write(&path, text.replace(from, to)).unwrap();
            let error = Temperature::read(run.path()).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains(NAME), "{error}");
        }
    }
}
