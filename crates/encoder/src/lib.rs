//! A Transformer encoder that resolves pronouns: each layer in a file of its own, none of them
//! hidden in a library.
//!
//! Read the modules in the order below, which is the order in which data flows: a batch of token
//! numbers becomes vectors ([`embedding`], [`positions`]), the vectors read from each other
//! ([`attention`]) and are transformed one by one ([`feed_forward`]), block after block
//! ([`block`], [`encoder`]), and at the end the pronoun points at a word ([`mod@pointer`],
//! [`resolver`]). Beside the encoder stands what it is measured against, a network that reads one
//! token after the other ([`recurrent`]).
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use config::encoder::{EncoderConfig, Shape};
//! use anafora_encoder::{encoder::Encoder, intervention::Untouched};
//!
//! let (shape, dropout, rotary_theta) = (Shape::Base, 0.0, Some(10_000.0));
//! let (d_model, n_heads, n_layers, d_ff, max_seq) = (12, 3, 2, 16, 8);
//! let config =
//!     EncoderConfig { shape, d_model, n_heads, n_layers, d_ff, max_seq, dropout, rotary_theta };
//! let device = Device::flex();
//! let encoder = Encoder::new(&config, 100, 1, &device); // a vocabulary of 100 tokens, seed 1
//!
//! let tokens = Tensor::from_data([[2, 17, 56, 99, 3]], &device); // one text of five tokens
//! let padding = Tensor::from_data([[false; 5]], &device);
//! let output = encoder.observe(encoder.embed(tokens), padding, &Untouched);
//!
//! let weights = output.attention[0].weights.clone(); // of the first block
//! assert_eq!(weights.dims(), [1, 3, 5, 5]); // [batch, heads, query, key]
//! let sums = weights.sum_dim(3).into_data(); // what a token pays to all tokens together
//! assert!(sums.iter::<f32>().all(|sum| (sum - 1.0).abs() < 1e-6));
//! ```
//!
//! The words that name axes in every comment of this crate:
//!
//! | axis | meaning |
//! |---|---|
//! | `batch` | the texts that are computed together |
//! | `seq` | token positions of a text, padding included |
//! | `query`, `key` | `seq`, seen from the position that reads and from the one that is read |
//! | `heads` | attention heads of a block |
//! | `d_model` | width of the residual stream, that is, of one token's vector |
//! | `d_head` | width of one head, `d_model / heads` |
//! | `d_ff` | width of the hidden layer of the feed-forward network |
//! | `words` | words of a text, each represented by its first token |
//! | `vocab` | tokens of the vocabulary |
//!
//! No `forward` stores anything or has a switch for training. Randomness is an argument: the initial
//! parameters are a function of a seed ([`initial`]), and dropout acts in
//! [`forward_with_dropout`](resolver::Resolver::forward_with_dropout), as a function of another one, and
//! nowhere else. Nothing draws from a generator that others share, so models that one process trains at
//! the same time do not disturb each other. Results are structs with a name for everything that was
//! computed. This crate knows neither text nor files, re-exports nothing, and names no backend: the
//! device that the caller passes decides.

pub mod initial;

mod dropout;

pub mod projection;

pub mod positions;

pub mod embedding;

pub mod attention;

pub mod intervention;

pub mod feed_forward;

pub mod block;

pub mod detector;
pub mod encoder;

pub mod recurrent;

mod fused;

mod hidden_vectors;

pub mod antecedent_token;
pub mod masked_words;
pub mod pointer;
mod vocabulary_logits;

pub mod resolver;

mod finite;

// Not for users, but not a feature of the crate either: `cargo test` would then compile this crate,
// and all that depend on it, a second time beside `cargo run`.
#[doc(hidden)]
pub mod by_hand;

#[cfg(test)]
mod finite_difference;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod sample;
