//! The attention file: what a model looked at, for a few sentences, at one moment of its training.
//!
//! It is a [safetensors](https://github.com/huggingface/safetensors) file. For each probe sentence
//! and layer it holds one tensor of attention weights, as they are before dropout:
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
//! A probe is `{example, tokens, words, pronoun_token, answer, probabilities}`: the corpus example as
//! it stands in its file; each token as `{text, span, word}` (`span` and `word` are `null` for special
//! tokens); the span of each word; the index of the token that asks; the index of the word that the
//! model answers, or `null` for *none*; and a probability for each word, with *none* at the end.
//! Spans are half-open and count characters.
//!
//! In Python:
//!
//! ```python
//! import json
//! from safetensors import safe_open
//! with safe_open("step-00000500.safetensors", "np") as file:
//!     probe = json.loads(file.metadata()["probes"])[0]
//!     weights = file.get_tensor("probe-00.layer-0")[:, probe["pronoun_token"]]  # [heads, key]
//! ```
//!
//! The same snapshot gives the same bytes, which begin with format, version and sum in this order. A
//! reader refuses what it does not know by name, and checks everything that it hands on: whoever holds
//! a [`content::Snapshot`] from [`file::read`] can index without looking, and no byte of the file has
//! changed since it was written. Files of version 1 are read too; they are the same without `sha256`,
//! and only that they make sense is known of them.
//!
//! This crate knows neither models nor how the weights came about.

pub mod content;
pub mod file;
mod header;
mod reader;
mod sum;
