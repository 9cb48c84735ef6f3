//! Trains a model and writes checkpoints, metrics and attention snapshots into a run directory;
//! begin reading with [`training_loop`].
//!
//! It has no terminal, page or backend of its own: the device is an argument, and a caller follows
//! the training through [`progress`] and the files of the run.

// The loop and the parts of a step.
pub mod guard;
pub mod objective;
pub mod schedule;
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
