//! Positions: where a token stands. Attention by itself cannot tell "the dog bites the man" from "the
//! man bites the dog", since it sees a set of tokens; so the order is added to what it reads, in one
//! of three ways.
//!
//! | positions | how they enter |
//! |---|---|
//! | [`rotary`] | queries and keys are rotated, in every block |
//! | [`sinusoidal`] | a fixed vector is added to the embedding |
//! | [`learned`] | a learned vector is added to the embedding |

pub mod learned;
pub mod rotary;
pub mod sinusoidal;
