//! The same functions without the feature `flex`, where no device has kernels.

use std::sync::Arc;

use burn::tensor::{Bool, Device, Int, Tensor};

use super::HalfBlockParameters;
use crate::{cross_entropy::Right, half_block::HalfBlock, rows::PackedRows, selection::TextWords};

/// `false`: Burn's flex backend is not compiled in.
pub fn is_flex(_device: &Device) -> bool {
    false
}

/// Runs `work` on the calling thread: no device has kernels.
pub fn in_pool<R: Send>(_device: &Device, work: impl FnOnce() -> R + Send) -> R {
    work()
}

/// `None`: no device has kernels.
pub fn packed_rows(_padding: &Tensor<2, Bool>) -> Option<PackedRows> {
    None
}

/// `None`: no tensor has kernels.
pub fn half_block(
    _x: Tensor<3>,
    _parameters: HalfBlockParameters,
    _half_block: HalfBlock,
    _rows: Arc<PackedRows>,
) -> Option<Tensor<3>> {
    None
}

/// `None`: no tensor has kernels.
pub fn layer_norm(
    _x: Tensor<3>,
    _gamma: Tensor<1>,
    _beta: Option<Tensor<1>>,
    _epsilon: f64,
) -> Option<Tensor<3>> {
    None
}

/// `None`: no tensor has kernels.
pub fn cross_entropy(_scores: Tensor<2>, _right: &Right, _weights: &[f32]) -> Option<Tensor<1>> {
    None
}

/// There is none: no matrix has kernels.
#[derive(Debug, Clone)]
pub enum SharedRows {}

impl SharedRows {
    /// `None`: no matrix has kernels.
    pub fn new(_matrix: Tensor<2>) -> Option<Self> {
        None
    }

    /// Never called.
    pub fn select(&self, _rows: Tensor<1, Int>) -> Tensor<2> {
        match *self {}
    }

    /// Never called.
    pub fn word_scores(
        &self,
        _wanted: Tensor<3>,
        _words: Arc<TextWords>,
        _masked: f32,
    ) -> Tensor<3> {
        match *self {}
    }
}
