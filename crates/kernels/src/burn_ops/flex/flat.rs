//! The values of a tensor on Burn's CPU backend `flex` as one slice, to be changed in place.

use burn::{
    backend::{BackendTensor, DispatchTensor, DispatchTensorKind, flex::FlexTensor},
    tensor::{DType, Tensor},
};

/// A contiguous `f32` tensor of the `flex` backend, which autodiff does not track.
#[derive(Debug)]
pub struct FlatTensor(FlexTensor);

impl FlatTensor {
    /// Copies the values first if they are not contiguous.
    ///
    /// # Errors
    ///
    /// Gives back a tensor of another backend or element type, and one that autodiff tracks.
    #[expect(clippy::result_large_err, reason = "what comes back is what was moved in")]
    pub fn new<const D: usize>(tensor: Tensor<D>) -> Result<Self, Tensor<D>> {
        let DispatchTensor { kind, autodiff } = tensor.into_dispatch();
        match kind {
            DispatchTensorKind::Flex(BackendTensor::Float(flex)) if flex.dtype() == DType::F32 => {
                Ok(Self(if flex.is_contiguous() { flex } else { flex.to_contiguous() }))
            }
            kind => Err(Tensor::from_dispatch(DispatchTensor { kind, autodiff })),
        }
    }

    /// All of these tensors.
    ///
    /// # Errors
    ///
    /// Gives all of them back if [`FlatTensor::new`] gives back one.
    pub(crate) fn all<const D: usize, const N: usize>(
        tensors: [Tensor<D>; N],
    ) -> Result<[Self; N], [Tensor<D>; N]> {
        let flat = tensors.map(Self::new);
        if flat.iter().all(Result::is_ok) {
            return Ok(flat.map(|flat| flat.expect("every one was asked")));
        }
        Err(flat.map(|flat| flat.map_or_else(|tensor| tensor, Self::into_tensor)))
    }

    /// The tensor again, without autodiff.
    pub fn into_tensor<const D: usize>(self) -> Tensor<D> {
        let kind = DispatchTensorKind::Flex(BackendTensor::Float(self.0));
        Tensor::from_dispatch(DispatchTensor { kind, autodiff: Default::default() })
    }

    /// All values, in row-major order.
    pub fn values(&self) -> &[f32] {
        self.0.as_slice().expect("it was made contiguous")
    }

    /// All values, in row-major order; copied first if another tensor shares them.
    pub fn values_mut(&mut self) -> &mut [f32] {
        let (start, end) = self.0.layout().contiguous_offsets().expect("it was made contiguous");
        &mut self.0.storage_mut()[start..end]
    }
}
