//! The kernels as operations on Burn's tensors, known to its autodiff.
//!
//! They take `f32` tensors of the flex backend, with autodiff or without. For any other, the layers
//! return `None`, and the caller composes the same thing from Burn's own operations: that composition,
//! in the crate `encoder`, is also what each of them is tested against. The optimizer and the clipping
//! do that themselves.

use burn::tensor::Tensor;

pub mod adamw;
pub mod clipping;
pub mod muon;

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "flex")]
pub use flex::{
    FlatTensor, SharedRows, cross_entropy, half_block, in_pool, is_flex, layer_norm, packed_rows,
};

#[cfg(not(feature = "flex"))]
mod absent;
#[cfg(not(feature = "flex"))]
pub use absent::{
    SharedRows, cross_entropy, half_block, in_pool, is_flex, layer_norm, packed_rows,
};

/// The parameters of half a block; see [`crate::half_block::Parameters`] for the widths.
#[derive(Debug, Clone)]
pub struct HalfBlockParameters {
    /// γ of the norm, if any: `[d_model]`
    pub gamma: Option<Tensor<1>>,
    /// β of the norm, if any: `[d_model]`
    pub beta: Option<Tensor<1>>,
    /// Wᵢ: `[d_model, projected_width]`
    pub w_in: Tensor<2>,
    /// bᵢ, if any: `[projected_width]`
    pub b_in: Option<Tensor<1>>,
    /// Wₒ: `[intermediate_width, d_model]`
    pub w_out: Tensor<2>,
    /// bₒ, if any: `[d_model]`
    pub b_out: Option<Tensor<1>>,
}
