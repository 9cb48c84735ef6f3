//! The kernels as operations on Burn's tensors, known to its autodiff.
//!
//! They take `f32` tensors of the flex backend, with autodiff or without. For any other, the layers
//! return `None`, and the caller composes the same thing from Burn's own operations: that composition,
//! in the crate `encoder`, is also what each of them is tested against. The optimizer and the clipping
//! do that themselves.

use burn::tensor::Tensor;

pub mod adamw;
pub mod clipping;

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "flex")]
pub use flex::{FlatTensor, half_block, in_pool, is_flex, layer_norm, rows};

#[cfg(not(feature = "flex"))]
mod absent;
#[cfg(not(feature = "flex"))]
pub use absent::{half_block, in_pool, is_flex, layer_norm, rows};

/// The parameters of half a block.
#[derive(Debug, Clone)]
pub struct BlockParameters {
    /// γ of the norm, if there is one: `[d_model]`
    pub gamma: Option<Tensor<1>>,
    /// β of the norm: `[d_model]`
    pub beta: Option<Tensor<1>>,
    /// `[d_model, inner]`
    pub w_in: Tensor<2>,
    /// `[inner]`
    pub b_in: Option<Tensor<1>>,
    /// `[read, d_model]`
    pub w_out: Tensor<2>,
    /// `[d_model]`
    pub b_out: Option<Tensor<1>>,
}
