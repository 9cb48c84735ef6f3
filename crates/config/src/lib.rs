//! Reads the TOML config of an experiment into plain structs and checks every value.
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
//! It builds no model and does not depend on Burn, so a program that only inspects runs stays
//! small.

pub mod encoder;
pub mod experiment;
pub mod file;
#[cfg(feature = "overrides")]
pub mod overrides;
pub mod renamed;
