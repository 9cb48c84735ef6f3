//! See Cargo.toml.

pub mod config;
pub mod durable;
pub mod manifest;
pub mod overrides;
