//! The explorer: a web page to look into a trained model, served over HTTP or exported as one file.
//!
//! The crate has the page's files, the server, the export, and the types of the messages between
//! page and model, which `CONTRACT.md` documents. A model is reached through the trait
//! [`model::Model`], so that the crate needs no tensors.
//!
//! Exporting a page for a model that only describes its run:
//!
//! ```
//! use anafora_explorer::contract::failure::{Code, Failure};
//! use anafora_explorer::contract::reading::{Activations, Readings, Vectors};
//! use anafora_explorer::contract::request::{
//!     ActivationsRequest, ReadRequest, SearchRequest, VariantsRequest, VectorsRequest,
//! };
//! use anafora_explorer::contract::run::{Facts, Heads, Limits, Run};
//! use anafora_explorer::contract::search::{SearchResult, Variants};
//! use anafora_explorer::export::html;
//! use anafora_explorer::export::record::{RecordLimits, record};
//! use anafora_explorer::model::Model;
//! use anafora_explorer::page::{Files, Page};
//!
//! struct Tiny;
//!
//! impl Model for Tiny {
//!     fn run(&self) -> Result<Run, Failure> {
//!         let run = Facts {
//!             name: "001".into(),
//!             path: "runs/001".into(),
//!             config: "tiny".into(),
//!             shape: "base".into(),
//!             languages: vec![],
//!             n_layers: 1,
//!             n_heads: 1,
//!             d_model: 8,
//!             d_head: 8,
//!             max_seq: 64,
//!             vocab_size: 500,
//!             n_parameters: 1000,
//!             seed: 1,
//!         };
//!         Ok(Run {
//!             live: true,
//!             run,
//!             checkpoints: vec![],
//!             snapshots: vec![],
//!             probes: vec![],
//!             limits: Limits { characters: 4000, tokens: 64 },
//!             recurrent: None,
//!         })
//!     }
//!
//!     fn heads(&self) -> Result<Heads, Failure> {
//!         Ok(Heads { heads: None })
//!     }
//!
//!     fn read(&self, _: &ReadRequest) -> Result<Readings, Failure> {
//!         unanswered()
//!     }
//!
//!     // The other requests are refused in the same way.
//!     # fn vectors(&self, _: &VectorsRequest) -> Result<Vectors, Failure> { unanswered() }
//!     # fn activations(&self, _: &ActivationsRequest) -> Result<Activations, Failure> {
//!     #     unanswered()
//!     # }
//!     # fn snapshot(&self, _: usize) -> Result<Readings, Failure> { unanswered() }
//!     # fn variants(&self, _: &VariantsRequest) -> Result<Variants, Failure> { unanswered() }
//!     # fn search(&self, _: &SearchRequest) -> Result<SearchResult, Failure> { unanswered() }
//! }
//!
//! fn unanswered<T>() -> Result<T, Failure> {
//!     Err(Failure::new(Code::NotReady, "this model only describes its run"))
//! }
//!
//! let limits = RecordLimits { probes: 10, snapshots: 10, bytes: 1 << 20 };
//! let recording = record(&Tiny, limits)?;
//! let page = html(&Page::read(&Files::Embedded)?, &recording.json(), None);
//! assert!(page.contains("anafora-explorer") && page.contains("</html>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod api;
pub mod bundle;
pub mod contract;
pub mod export;
pub mod http;
pub mod model;
pub mod numbers;
pub mod origin;
pub mod page;
pub mod search;
pub mod server;
