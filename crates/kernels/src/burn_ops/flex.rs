//! The operations on Burn's flex backend, the only one that has kernels.

mod cross_entropy;
mod flat;
mod half_block;
mod layer_norm;
mod shared_rows;

pub use cross_entropy::cross_entropy;
pub use flat::FlatTensor;
pub use half_block::half_block;
pub use layer_norm::layer_norm;
pub use shared_rows::SharedRows;

use burn::{
    backend::{
        Autodiff, DispatchDevice, Flex,
        autodiff::{
            checkpoint::strategy::NoCheckpointing,
            ops::{Backward, NodeGuard, OpsKind},
        },
        flex::FlexTensor,
        tensor::FloatTensor,
    },
    tensor::{Bool, DType, Device, Shape, Tensor, TensorData},
};

use crate::rows::PackedRows;

/// Runs `work` on a thread of Rayon's global pool and waits for it, if `device` is that of the flex
/// backend; otherwise runs it on the calling thread. It changes no result.
///
/// It is for a sequence of operations, such as a forward pass or a training step. The kernels and
/// Burn's own operations divide their work among the threads of that pool. Called from another
/// thread, each operation would wait some 35 µs for a sleeping thread to wake up; called from a thread
/// of the pool, about 2 µs, because the others keep looking for work for a while.
///
/// As everywhere in Rayon, a thread of the pool that waits for the others may meanwhile begin other
/// `work` that was given to the pool, and comes back only when that is done. So `work` should not wait
/// for another call of `in_pool`, and a `work` that takes long delays the others.
pub fn in_pool<R: Send>(device: &Device, work: impl FnOnce() -> R + Send) -> R {
    if is_flex(device) { rayon::scope(|_| work()) } else { work() }
}

/// Whether `device` is that of Burn's flex backend, with or without autodiff: the one whose tensors lie
/// in this process's memory, where the kernels can work on them.
pub fn is_flex(device: &Device) -> bool {
    matches!(device.clone().inner().as_dispatch(), DispatchDevice::Flex(_))
}

/// The rows of a batch that are not padding; `None` on any backend but flex.
///
/// # Shapes
///
/// - `padding`: `[batch, seq]`, `true` is padding
pub fn packed_rows(padding: &Tensor<2, Bool>) -> Option<PackedRows> {
    let [_, seq] = padding.dims();
    is_flex(&padding.device())
        .then(|| PackedRows::new(&padding.to_data().iter::<bool>().collect::<Vec<_>>(), seq))
}

/// A tensor that autodiff tracks.
type Tracked = FloatTensor<Autodiff<Flex>>;

/// A tensor of the flex backend.
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

    /// In place of a parameter that is absent.
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

    /// For autodiff: a constant, if it was not tracked before.
    fn tracked(self) -> Tracked {
        match self {
            Self::Plain(tensor) => Tracked::new(tensor),
            Self::Tracked(tensor) => tensor,
        }
    }
}

/// The result `y` of an operation, known to autodiff with what its backward pass needs; `nodes` are those
/// of the operands.
fn recorded<B: Backward<Flex, N>, const N: usize>(
    backward: B,
    nodes: [NodeGuard; N],
    state: B::State,
    y: FlexTensor,
) -> Tracked {
    match backward.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(state, y),
        OpsKind::UnTracked(prepared) => prepared.finish(y),
    }
}

/// The same tensor, copied if it was not contiguous.
fn contiguous(tensor: FlexTensor) -> FlexTensor {
    if tensor.as_slice::<f32>().is_some() { tensor } else { tensor.to_contiguous() }
}

fn slice(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("made contiguous before")
}

fn tensor(values: Vec<f32>, shape: impl Into<Shape>) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape.into()))
}

/// The values of a tensor, copied only if another tensor shares them.
fn into_vec(tensor: FlexTensor) -> Vec<f32> {
    contiguous(tensor).into_data().try_into_vec().expect("f32, as every operand")
}
