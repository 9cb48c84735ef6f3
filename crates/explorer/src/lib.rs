//! A trained model to look into: what the page and the model say to each other, the page's files, and
//! the server and the exported file that bring the two together.
//!
//! The contract is `CONTRACT.md`. A model is reached through one trait, [`model::Model`], so that this
//! crate knows neither tensors nor Burn.

pub mod contract;
pub mod model;
// From bytes to an answer.
pub mod api;
pub mod http;
pub mod origin;
pub mod server;
// What a browser gets.
pub mod bundle;
pub mod export;
pub mod page;
// Numbers.
pub mod base64;
pub mod search;
