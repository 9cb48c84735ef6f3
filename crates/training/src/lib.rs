//! From a corpus and an encoder to a trained model, with everything on disk to look at it.
//!
//! Knows no terminal, no page and no backend: the device is an argument, and what happens is
//! reported through burn-train's renderer and through the files of a run.

// In the order of the data flow.
pub mod ablation;
pub mod analysis;
pub mod batch;
pub mod capture;
pub mod change;
pub mod checkpoint;
pub mod config;
pub mod durable;
pub mod error;
pub mod evaluation;
pub mod experiment;
pub mod free_text;
pub mod gap_score;
pub mod guard;
pub mod loader;
pub mod lock;
pub mod manifest;
pub mod meter;
pub mod metrics;
pub mod model;
pub mod overrides;
pub mod overview;
pub mod prediction;
pub mod provenance;
pub mod reading;
pub mod recorder;
pub mod report;
pub mod run;
pub mod sanity;
pub mod schedule;
pub mod source;
pub mod splits;
pub mod states;
pub mod statistics;
pub mod strategy;
pub mod task;
pub mod tensorboard;
pub mod trial;
pub mod watch;
pub mod writer;
