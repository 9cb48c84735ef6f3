//! Reads and writes a run directory: config, checkpoints, metrics, lock and provenance of a
//! training.
//!
//! It handles weights as bytes and does not depend on Burn, so any program can inspect a run.

pub mod change;
pub mod checkpoint;
pub mod directory;
pub mod grid;
pub mod lock;
pub mod manifest;
pub mod metrics;
pub mod outlier;
pub mod overview;
pub mod provenance;
pub mod source;
pub mod state;
pub mod window;
