//! Reads and writes a run directory: config, checkpoints, metrics, lock and provenance of a
//! training.
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
pub mod temperature;
pub mod window;
