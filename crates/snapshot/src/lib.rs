//! Attention snapshots: the attention weights of a model for a few probe sentences, at one step of
//! its training.
//!
//! A snapshot is a [safetensors](https://github.com/huggingface/safetensors) file. For each probe
//! sentence and layer it has one tensor of attention weights, as they are before dropout:
//!
//! ```text
//! probe-00.layer-0    F32    [heads, query, key]    every row [query] sums to 1 over the keys
//! ```
//!
//! The header's `__metadata__` begins with the name and the version of the format. All its values
//! are strings, as safetensors wants them:
//!
//! | key | value |
//! |---|---|
//! | `format` | `anafora-snapshot` |
//! | `version` | `2` |
//! | `sha256` | the SHA-256 sum of the whole file, these 64 digits taken as zeros |
//! | `step` | optimizer updates so far; `0` is the untrained model |
//! | `loss`, `accuracy` | numbers; absent where nothing was measured |
//! | `model` | the name of the configuration |
//! | `n_layers` | tensors for each probe |
//! | `probes` | a JSON array, one object for each probe, in the order of the tensors |
//!
//! A probe is `{example, tokens, words, pronoun_token, answer, probabilities}`: the corpus example
//! as in its file; each token as `{text, span, word}` (`span` and `word` are `null` for special
//! tokens); the span of each word; the index of the pronoun's first token; the index of the word
//! that the model answers, or `null` for *none*; and a probability for each word, with *none* at
//! the end. Spans are half-open and count characters.
//!
//! Writing and reading a snapshot of one layer with one head, for a text of one word:
//!
//! ```
//! use corpus::{example::{Example, Language}, span::CharSpan};
//! use anafora_snapshot::{content::{Attention, Probe, Snapshot, Token}, file};
//!
//! let word = CharSpan::new(0, 2);
//! let example = Example {
//!     id: "1".into(), lang: Language::Es, text: "Él".into(), pronoun: word,
//!     candidates: vec![], antecedent: None, phenomenon: "none".into(), pair: None, form: None, agreeing: None,
//! };
//! let probe = Probe {
//!     example,
//!     tokens: vec![Token { text: "él".into(), span: Some(word), word: Some(0) }],
//!     words: vec![word],
//!     pronoun_token: 0,
//!     answer: None,
//!     probabilities: vec![0.25, 0.75],
//!     phrases: vec![],
//!     layers: vec![Attention { heads: 1, seq: 1, weights: vec![1.0] }],
//! };
//! let snapshot =
//!     Snapshot { step: 500, loss: None, accuracy: None, model: "tiny".into(), probes: vec![probe] };
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("step-00000500.safetensors");
//! file::write(&snapshot, &path)?;
//! let read = file::read(&path)?;
//! assert_eq!(read, snapshot);
//! assert_eq!(read.probes[0].layers[0].row(0, 0), [1.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Reading it in Python:
//!
//! ```python
//! import json
//! from safetensors import safe_open
//! with safe_open("step-00000500.safetensors", "np") as file:
//!     probe = json.loads(file.metadata()["probes"])[0]
//!     weights = file.get_tensor("probe-00.layer-0")[:, probe["pronoun_token"]]  # [heads, key]
//! ```
//!
//! Equal snapshots give equal bytes, which begin with format, version and sum in this order.
//! [`file::read`] refuses other formats and versions by name, a file of which any byte has changed,
//! and one whose parts contradict each other. Hence all indices of a [`content::Snapshot`] from it
//! are within their lists, and need no further check. Files of version 1 are read too. They are the
//! same without `sha256`, so that a changed byte is noticed only if the content contradicts itself.
//!
//! The crate is independent of the model and of how the weights were computed.

pub mod content;
pub mod file;
mod header;
mod reader;
mod sum;
