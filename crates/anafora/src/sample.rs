//! Writes a run with an untrained model, for doctests and tests.

use std::{fs, path::Path};

use burn::tensor::Device;
use config::file;
use corpus::{bundled::with_probes, tokenizer::Tokenizer};
use run::{
    checkpoint::{CheckpointError, Checkpoints, MODEL, OPTIMIZER, Retention, STATE},
    state::State,
};

use crate::weights;

/// The config of the run.
pub const CONFIG: &str = include_str!("../configs/tiny.toml");

/// Writes a run into the directory `path`, as a training would write it before its first step.
///
/// # Errors
///
/// If a file cannot be written.
pub fn write_run(path: &Path) -> Result<(), CheckpointError> {
    let config = file::parse("tiny.toml", CONFIG).expect("the committed config is valid");
    let tokenizer = Tokenizer::train(with_probes([]), 800).expect("the probes have many letters");
    let model = weights::untrained(&config, tokenizer.vocab_size(), config.seed, &Device::flex());
    let write = |path: &Path, content: &[u8]| {
        fs::write(path, content).map_err(files::error::FileError::at("write", path))
    };
    let checkpoints = path.join("checkpoints");
    fs::create_dir_all(&checkpoints).map_err(files::error::FileError::at("make", &checkpoints))?;
    write(&path.join("config.toml"), CONFIG.as_bytes())?;
    write(&path.join("tokenizer.json"), tokenizer.to_json().as_bytes())?;
    let state = State::new(&config, &tokenizer);
    let retention = Retention::from(&config.record);
    Checkpoints::new(checkpoints).write(&state, retention, |directory| {
        let record = weights::record(&model);
        let model = directory.join(MODEL);
        record.save(&model).map_err(|error| CheckpointError::Unwritable(error.into()))?;
        write(&directory.join(OPTIMIZER), b"")?;
        Ok(write(&directory.join(STATE), state.to_json().as_bytes())?)
    })
}
