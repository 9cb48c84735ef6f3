//! Where a token stands. Attention by itself cannot tell "the dog bites the man" from "the man
//! bites the dog": it sees a set. Each shape of the encoder has its own way to add the order.
//!
//! | shape | positions | what they touch |
//! |---|---|---|
//! | vaswani | [`sinusoidal`] | a fixed vector is added to the embedding |
//! | bert | [`learned`] | a learned vector is added to the embedding |
//! | base | [`rotary`] | queries and keys are turned, in every block |

pub mod learned;
pub mod rotary;
pub mod sinusoidal;
