//! What the programs share: arguments, the choice of a device, exit codes, progress, and drawing.
//!
//! This crate is the only one that prints, exits and turns backends on, and it has no mathematics.

pub mod arguments;
pub mod attention;
pub mod device;
pub mod doctor;
pub mod exit;
pub mod import;
pub mod plot;
pub mod quantity;
pub mod renderer;
pub mod report;
pub mod runs;
pub mod signal;
pub mod split;
pub mod summary;
pub mod svg;
pub mod table;
pub mod tell;
pub mod terminal;
