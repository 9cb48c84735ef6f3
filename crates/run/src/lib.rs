//! A run directory: what a training writes, and whoever uses a model reads.
//!
//! ```
//! use anafora_run::{directory::Run, lock::Lock, overview::overviews};
//!
//! let parent = tempfile::tempdir()?;
//! let fill = |run: &Run| {
//!     run.write(&run.config(), include_str!("../../../configs/tiny.toml"))?;
//!     Ok::<_, Box<dyn std::error::Error>>(Lock::take(run.path())?) // nobody else trains in it
//! };
//! let (run, lock) = Run::create_numbered(parent.path(), "tiny", fill)?;
//! assert!(run.path().ends_with("tiny-001"));
//! drop(lock);
//! assert_eq!(overviews(parent.path())?[0].steps, Some(500));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
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
