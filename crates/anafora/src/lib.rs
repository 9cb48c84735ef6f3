//! Resolves the pronouns of Spanish and English texts with a trained model.
//!
//! ```
//! use anafora::resolver::Resolver;
//!
//! # let directory = tempfile::tempdir()?;
//! # anafora::sample::write_run(directory.path())?;
//! # let run = directory.path();
//! // let run = "runs/base-001"; // made by `cargo run --bin train`
//! let resolver = Resolver::open(run)?;
//! let text = "El robot dejó caer la pelota porque él estaba dañado.";
//! for answer in resolver.resolve(text)? {
//!     println!("{answer}"); // él = robot (100.0 %)
//!     assert_eq!(answer.pronoun, "él");
//!     assert!((0.0..=1.0).contains(&answer.probability));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`resolver::Resolver::attention`] adds the attention weights of every head, and
//! [`resolver::Resolver::intervene`] computes the answers with tokens masked or heads ablated:
//!
//! ```
//! # let directory = tempfile::tempdir()?;
//! # anafora::sample::write_run(directory.path())?;
//! # let run = directory.path();
//! use anafora::{intervene::InterventionSettings, resolver::Resolver};
//!
//! let resolver = Resolver::open(run)?;
//! let text = "Ana llamó a Luis porque él estaba enfermo.";
//! let probe = &resolver.attention(text)?[0];
//! let row = probe.layers[0].row(1, probe.pronoun_token); // block 1, head 2: `[key]`
//! assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
//!
//! let ablated = vec![(0, 1)]; // block 1, head 2
//! let settings = InterventionSettings { ablated, ..InterventionSettings::default() };
//! let without = &resolver.intervene(text, &settings)?[0];
//! assert_ne!(without.probabilities, probe.probabilities);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! This crate only uses trained models; the crate `training` makes them.

// In the order of the data flow.
pub mod batch;
pub mod detect;
pub mod free_text;
pub mod labels;
pub mod model;
pub mod prediction;
pub mod ranking;
pub mod resolver;
pub mod weights;
// Internals of the model, and interventions.
pub mod ablation;
pub mod activations;
pub mod intervene;
pub mod observe;
pub mod phrase;
pub mod states;

#[cfg(feature = "flex")]
#[doc(hidden)]
pub mod sample;
#[cfg(test)]
mod untrained;
