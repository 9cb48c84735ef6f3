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
//! | `words` | words of a text, each known by its first token |
//!
//! Every `forward` returns all that is worth looking at, stores nothing and has no switch for
//! training: dropout acts on an autodiff device and nowhere else. This crate knows neither text
//! nor files, re-exports nothing, and names no backend: the device that the caller passes decides.

mod initial;

mod projection;

pub mod positions;

pub mod embedding;

pub mod attention;

pub mod intervention;

pub mod feed_forward;

pub mod block;

pub mod encoder;

pub mod recurrent;

mod fused;

pub mod naming;
pub mod pointer;

pub mod resolver;

pub mod by_hand;

mod finite;

#[cfg(test)]
mod finite_difference;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod sample;
