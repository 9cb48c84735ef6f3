//! Fused layers of the encoder and its optimizer for CPUs, each layer with its own backward pass: they
//! make training fast without a GPU. The crate `encoder` defines what the layers compute.
//!
//! With a small model, frameworks lose their time between the matrix products: each operation makes a
//! pass over memory, finds its operands outside the cache, allocates its result, and waits for every
//! core. Here a core takes a few texts through half a block at once ([`mod@half_block`]):
//!
//! ```text
//! x ─ norm ─ product ─ attention, or a nonlinearity ─ product ─ dropout ─ + x
//! ```
//!
//! and each step finds in that core's cache what the one before it wrote. Padding is left out of all
//! of it ([`rows`]). The passes between the products are plain loops that the compiler vectorises
//! ([`simd`]), with polynomials for `exp` and `erf` that vectorise too; the matrix product is written
//! with the vector types of the crate `pulp`. There is no unsafe code.
//!
//! Everything but [`burn_ops`] takes slices and returns slices:
//!
//! ```
//! use anafora_kernels::{
//!     activation::Activation,
//!     half_block::{HalfBlock, NormPlacement, Parameters, SubLayer},
//!     rows::PackedRows,
//!     simd::Level,
//! };
//!
//! // y = x + relu(x Wᵢ) Wₒ in two texts, of which the second has one position of padding.
//! let half_block = HalfBlock {
//!     norm: NormPlacement::Absent,
//!     epsilon: 1e-5,
//!     sub_layer: SubLayer::FeedForward(Activation::Relu),
//!     dropout: None,
//! };
//! let parameters = Parameters {
//!     w_in: &[1.0, 0.0, 0.0, 1.0][..],  // [2, 2]
//!     w_out: &[0.0, 1.0, 1.0, 0.0][..], // [2, 2]
//!     ..Parameters::default()           // no norm, no biases
//! };
//! let rows = PackedRows::new(&[false, false, false, true], 2);
//! let x = [1.0, 2.0, -3.0, 4.0, 5.0, -6.0, 7.0, 8.0]; // [batch · seq, 2]
//! let (y, _) = half_block.forward(Level::best(), &rows, parameters, &x, false);
//! assert_eq!(y, [3.0, 3.0, 1.0, 4.0, 5.0, -1.0, 7.0, 8.0]);
//! ```
//!
//! | module | idea |
//! |---|---|
//! | [`burn_ops`] | the operations on Burn's tensors, as nodes of its autodiff |
//! | [`mod@half_block`] | half a block, forwards and backwards |
//! | [`attention`] | softmax attention in strips of queries; rotary positions |
//! | [`mod@matmul`] | products of matrices on one thread |
//! | [`activation`] | ReLU, GELU, GeGLU, with the factors of their gradients |
//! | [`dropout`] | a mask that is computed from the index, not stored |
//! | [`rows`] | a batch without its padding, and its division among threads |
//! | [`mod@cross_entropy`] | losses, with their gradients in the same pass |
//! | [`selection`] | rows of a matrix by their numbers, and scores of words |
//! | [`buffer`] | memory that is used again |
//! | [`mod@adamw`], [`muon`], [`clipping`] | the update of the weights, and the norm of all gradients |
//! | [`simd`] | one loop, compiled for several instruction sets |
//!
//! # Reproducibility
//!
//! The results of a call are a function of its arguments, of the instruction set and of the number of
//! threads of the Rayon pool that it runs in, to the last bit: sums are taken in an order that these
//! alone decide. Nothing that a process shares changes a result, neither the pool of [`buffer`] nor
//! other calls at the same time; seeds are arguments.

pub mod burn_ops;

pub mod activation;
pub mod adamw;
pub mod attention;
pub mod buffer;
pub mod clipping;
pub mod cross_entropy;
pub mod dropout;
mod elementwise;
pub mod half_block;
mod math;
pub mod matmul;
pub mod muon;
#[cfg(test)]
mod naive;
mod norm;
pub mod rows;
#[cfg(test)]
mod sample;
pub mod selection;
pub mod simd;
mod threads;

pub use threads::{multiplications_per_second, n_threads, start as start_threads};
