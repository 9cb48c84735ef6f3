//! What the command-line programs share: arguments, choice of a device, exit codes, progress,
//! reports and drawing.
//!
//! This is the only crate that prints, exits and enables backends; it computes nothing itself.

pub mod arguments;
pub mod attention;
pub mod device;
pub mod doctor;
pub mod exit;
pub mod import;
pub mod lines;
pub mod plot;
pub mod quantity;
pub mod renderer;
pub mod report;
pub mod runs;
pub mod signal;
pub mod split;
pub mod stderr;
pub mod summary;
pub mod svg;
pub mod table;
pub mod terminal;
