//! How good a model is, and what its attention heads do.
//!
//! [`report`] gathers accuracy, calibration and mistakes of one checkpoint; [`analysis`] measures
//! what its heads attend to and which of them the answers depend on. Nothing here trains.
//!
//! The statistics are pure functions of counts. A model with 95 right answers of 100:
//!
//! ```
//! use anafora_evaluation::statistics::{mcnemar_exact, wilson_interval};
//!
//! let (low, high) = wilson_interval(95, 100);
//! assert!((low - 0.888).abs() < 0.001 && (high - 0.978).abs() < 0.001);
//!
//! // Of the same examples, another model has 9 right that this one has wrong, and 1 wrong that this
//! // one has right.
//! assert!(mcnemar_exact(1, 9) < 0.05);
//! ```

// The examples, and a model's answers to them.
pub mod answers;
pub mod answers_file;
pub mod example_set;
pub mod splits;
// Measures of the answers to one split.
pub mod calibration;
pub mod distance;
pub mod free_text;
pub mod gap_report;
pub mod gap_score;
pub mod heuristics;
pub mod mistakes;
pub mod pairs;
pub mod slices;
pub mod temperature;
// The report on one run, and comparisons of several.
pub mod comparison;
pub mod report;
pub mod seeds;
pub mod statistics;
// Attention heads.
pub mod analysis;
