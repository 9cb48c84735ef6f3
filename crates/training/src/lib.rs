//! Trains a model and writes checkpoints, metrics and attention snapshots into a run directory;
//! begin reading with [`training_loop`].
//!
//! ```
//! use anafora_training::{
//!     experiment::{Destination, Experiment},
//!     guard::OnNan,
//!     progress::Silent,
//! };
//! use burn::{tensor::Device, train::Interrupter};
//! use config::overrides;
//!
//! let directory = tempfile::tempdir()?;
//! let tiny = include_str!("../../../configs/tiny.toml");
//! let short = ["training.steps=3", "training.warmup_steps=1", "tokenizer.examples=200"];
//! let config = overrides::resolve("tiny.toml", tiny, &short.map(str::to_owned))?;
//! let run = Destination::Path { path: directory.path().join("run"), force: false };
//! let experiment = Experiment::begin(config, &run, &Device::flex())?;
//! let outcome = experiment.train(&mut Silent, &Interrupter::new(), OnNan::Stop)?;
//! assert_eq!(outcome.state.step, 3);
//! assert!(directory.path().join("run/checkpoints/step-00000003/model.bpk").exists());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It has no terminal, page or backend of its own: the device is an argument, and a caller follows
//! the training through [`progress`] and the files of the run.

// The loop and the parts of a step.
mod cross_entropy;
pub mod detection;
pub mod flop;
pub mod guard;
pub mod masked_words;
pub mod objective;
pub mod schedule;
pub mod share;
pub mod step;
pub mod training_loop;
// Inputs: config, examples and batches.
pub mod experiment;
pub mod loader;
// Outputs: the files of a run.
pub mod checkpoint;
pub mod meter;
pub mod recorder;
pub mod tensorboard;
pub mod writer;
// Reports to the caller.
pub mod error;
mod gauge;
pub mod progress;
// Short trainings that write nothing.
pub mod sanity;
pub mod trial;
