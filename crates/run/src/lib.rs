//! A run directory: what a training writes, and whoever uses a model reads.
//!
//! No model is built here, and nothing of Burn is needed to look at a run.

// In the order of a run's life.
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
