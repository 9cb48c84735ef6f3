//! Writes event files for TensorBoard: numbers and pictures of a training, step by step.
//!
//! A file is a sequence of records (`record`), each of which is a protobuf message (`message`):
//!
//! ```text
//! events.out.tfevents.<unix seconds>.<host>.<process>.<n>
//! file version │ session start │ summary │ summary │ …
//! ```
//!
//! Reference: TensorFlow's `event.proto` and `summary.proto`.
//! The crate cannot read event files.
//!
//! ```
//! # let directory = tempfile::tempdir()?;
//! use anafora_tensorboard::event_file::EventFile;
//!
//! let mut events = EventFile::create(directory.path(), "host", 0)?;
//! events.scalars(10, &[("train/loss", 0.7), ("train/accuracy", 0.5)])?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod attention;
pub mod event_file;
mod message;
mod png;
mod record;
