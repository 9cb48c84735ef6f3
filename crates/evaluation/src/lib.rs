//! How good a model is, and what its heads do.
//!
//! [`report`] gathers what a model gets right and wrong; each of the modules before it is one way to
//! look at the same answers. [`analysis`] asks what the heads look at and whether that is why the
//! model answers as it does. Nothing here trains.

// The examples, and the answers to them.
pub mod answers;
pub mod answers_file;
pub mod example_set;
pub mod splits;
// Ways to look at answers.
pub mod baselines;
pub mod calibration;
pub mod distance;
pub mod gap;
pub mod gap_score;
pub mod mistakes;
pub mod pairs;
pub mod slices;
// All of them together, of one run and of several.
pub mod comparison;
pub mod report;
pub mod seeds;
pub mod statistics;
// The heads.
pub mod analysis;
