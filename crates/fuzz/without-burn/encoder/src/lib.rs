//! See Cargo.toml.

pub mod config;
