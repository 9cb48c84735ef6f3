//! Resolves the pronouns of Spanish and English texts with a trained model.
//!
//! ```no_run
//! use anafora::resolver::Resolver;
//!
//! let resolver = Resolver::open("runs/base-001")?;
//! for answer in resolver.resolve("El robot dejó caer la pelota porque él estaba dañado.")? {
//!     println!("{} = {answer}", answer.pronoun);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It knows how to use a model, and nothing of how one is trained.

// In the order of the data flow.
pub mod ablation;
pub mod batch;
pub mod free_text;
pub mod model;
pub mod observe;
pub mod prediction;
pub mod reading;
pub mod resolver;
pub mod states;
pub mod weights;
