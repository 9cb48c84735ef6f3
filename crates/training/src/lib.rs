//! From a corpus and an encoder to a trained model, with everything on disk to look at it.
//!
//! Begin with [`training_loop`]. This crate knows no terminal, no page and no backend: the device is
//! an argument, and what happens is told through [`progress`] and the files of a run.

// The loop, and what a step consists of.
pub mod guard;
pub mod masked_words;
pub mod objective;
pub mod schedule;
pub mod step;
pub mod training_loop;
// What goes in.
pub mod experiment;
pub mod loader;
// What comes out.
pub mod checkpoint;
pub mod meter;
pub mod recorder;
pub mod tensorboard;
pub mod writer;
// Who is told.
pub mod error;
mod gauge;
pub mod progress;
// Short trainings that write nothing.
pub mod sanity;
pub mod trial;
