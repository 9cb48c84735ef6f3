//! Reading and writing files so that a crash, a full disk or a file of another kind does no harm.
//!
//! ```
//! use anafora_files::{atomic, bounded, checksum};
//!
//! let directory = tempfile::tempdir()?;
//! let path = directory.path().join("note.txt");
//! atomic::write_file(&path, b"el robot")?; // whole, or not at all
//! assert_eq!(bounded::read_to_string(&path, 100)?, "el robot"); // at most 100 bytes
//! assert!(checksum::sha256(b"el robot").starts_with("d3f5"));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! This crate knows nothing of models, texts or runs.

pub mod atomic;
pub mod bounded;
pub mod checksum;
pub mod error;
pub mod format;
pub mod message;
pub mod shell;
pub mod text;
