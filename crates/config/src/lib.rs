//! What a TOML config says of an experiment, as plain data that was checked.
//!
//! ```
//! use anafora_config::{file, experiment::Origin};
//!
//! let tiny = include_str!("../configs/tiny.toml");
//! let config = file::parse("tiny.toml", tiny)?;
//! assert_eq!(config.training.steps, 500);
//!
//! let wrong = tiny.replace("steps = 500", "steps = 0");
//! let error = file::parse("tiny.toml", &wrong).unwrap_err().to_string();
//! assert!(error.contains("training.steps is 0"), "{error}");
//! # Ok::<(), file::ConfigError>(())
//! ```
//!
//! No model is built here: whoever only looks at runs needs no Burn.

pub mod encoder;
pub mod experiment;
pub mod file;
#[cfg(feature = "overrides")]
pub mod overrides;
pub mod renamed;
