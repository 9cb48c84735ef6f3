//! The layers of the encoder as single operations on a CPU, each with its own backward pass: what
//! makes training fast where there is no GPU. What they compute is defined, and is to be read, in
//! the crate `encoder`.
//!
//! Frameworks lose their time on a small model between the matrix products: each operation makes a
//! pass over memory, finds its operands cold, allocates its result, and waits for every core.
//! Here a core takes a few texts through half a block at once ([`mod@half_block`]):
//!
//! ```text
//! x ─ norm ─ product ─ attention, or a nonlinearity ─ product ─ dropout ─ + x
//! ```
//!
//! and what one step writes, the next finds in that core's cache. Padding is left out of all of
//! it ([`rows`]). The passes between the products are plain loops which the compiler vectorises
//! ([`simd`]), with polynomials for `exp` and `erf` that it can vectorise too; the matrix product
//! is one page in the vectors of the crate `pulp`. There is no unsafe code.
//!
//! | module | idea |
//! |---|---|
//! | [`burn_ops`] | the operations on Burn's tensors, as nodes of its autodiff |
//! | [`mod@half_block`] | half a block, forwards and backwards |
//! | [`attention`] | softmax attention in strips of queries; rotary positions |
//! | [`activation`] | ReLU, GELU, GeGLU, with what their gradients need |
//! | [`dropout`] | a mask that is a function of place, not of memory |
//! | [`rows`] | padding, and who works on what |
//! | [`mod@adamw`], [`clipping`] | the update of the weights, and the norm of all gradients |
//! | [`simd`] | one loop, compiled for each set of vector instructions |
//!
//! Sums are taken in the same order for the same number of threads, so a seed gives the same bits.

pub mod burn_ops;

pub mod activation;
pub mod adamw;
pub mod attention;
pub mod buffer;
pub mod clipping;
pub mod dropout;
mod elementwise;
pub mod half_block;
mod math;
mod matmul;
#[cfg(test)]
mod naive;
mod norm;
pub mod rows;
#[cfg(test)]
mod sample;
pub mod simd;
mod threads;
