//! Burn's flex backend: the one that has kernels.

mod flat;
mod half_block;
mod layer_norm;

pub use flat::FlatTensor;
pub use half_block::half_block;
pub use layer_norm::layer_norm;

use burn::{
    backend::{Autodiff, DispatchDevice, Flex, flex::FlexTensor, tensor::FloatTensor},
    tensor::{Bool, DType, Device, Shape, Tensor, TensorData},
};

use crate::rows::Rows;

/// Does `work` on a thread of the pool, if `device` has kernels; to be put around many operations.
///
/// From outside of the pool each of them would wait for one of its threads to wake up, some 35 µs;
/// inside, the others look for work for a while before they go to sleep, and begin after 2 µs.
pub fn in_pool<R: Send>(device: &Device, work: impl FnOnce() -> R + Send) -> R {
    if is_flex(device) { rayon::scope(|_| work()) } else { work() }
}

/// Whether `device` is that of Burn's flex backend, where kernels work and tensors are in memory.
pub fn is_flex(device: &Device) -> bool {
    matches!(device.clone().inner().as_dispatch(), DispatchDevice::Flex(_))
}

/// The rows of a batch, if it is on a device that has kernels.
///
/// # Shapes
///
/// - `padding`: `[batch, seq]`, `true` where there is nothing
pub fn rows(padding: &Tensor<2, Bool>) -> Option<Rows> {
    let [_, seq] = padding.dims();
    is_flex(&padding.device())
        .then(|| Rows::new(&padding.to_data().iter::<bool>().collect::<Vec<_>>(), seq))
}

/// A tensor that autodiff knows.
type Tracked = FloatTensor<Autodiff<Flex>>;

/// A tensor of the flex backend, as it came.
enum Operand {
    Plain(FlexTensor),
    Tracked(Tracked),
}

impl Operand {
    /// `None` on any other backend, and for numbers other than `f32`.
    fn new<const D: usize>(tensor: Tensor<D>) -> Option<Self> {
        if tensor.dtype() != DType::F32 {
            return None;
        }
        if tensor.device().is_autodiff() {
            tensor.try_into_primitive::<Autodiff<Flex>>().ok().map(Self::Tracked)
        } else {
            tensor.try_into_primitive::<Flex>().ok().map(Self::Plain)
        }
    }

    /// Stands for a parameter that is not there.
    fn absent() -> Self {
        Self::Plain(tensor(Vec::new(), [0]))
    }

    fn is_tracked(&self) -> bool {
        matches!(self, Self::Tracked(_))
    }

    fn plain(self) -> FlexTensor {
        match self {
            Self::Plain(tensor) => tensor,
            Self::Tracked(tensor) => tensor.into_primitive(),
        }
    }

    /// A constant, if autodiff does not know it.
    fn tracked(self) -> Tracked {
        match self {
            Self::Plain(tensor) => Tracked::new(tensor),
            Self::Tracked(tensor) => tensor,
        }
    }
}

/// The numbers in a row, copied only if they do not lie so.
fn contiguous(tensor: FlexTensor) -> FlexTensor {
    if tensor.as_slice::<f32>().is_some() { tensor } else { tensor.to_contiguous() }
}

fn slice(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("made contiguous before")
}

fn tensor(values: Vec<f32>, shape: impl Into<Shape>) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape.into()))
}

/// The numbers of a tensor, which is used up; copied only if somebody else holds them too.
fn into_vec(tensor: FlexTensor) -> Vec<f32> {
    contiguous(tensor).into_data().try_into_vec().expect("f32, as every operand")
}
