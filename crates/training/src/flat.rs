//! The numbers of a tensor on Burn's CPU backend `flex`, as a slice to compute on in place, and
//! the threads to do it with.

use burn::{
    backend::{BackendTensor, DispatchTensor, DispatchTensorKind, flex::FlexTensor},
    tensor::{DType, Tensor},
};

/// Numbers below which a second thread takes longer to begin than to work: some 35 µs if it has to
/// be woken, 2 µs from a thread of the pool, whose neighbours look for work for a while.
const WORTH_WAKING: usize = 1 << 17;
const WORTH_SHARING: usize = 1 << 13;
/// Numbers of a cache line: no two threads write to the same one.
const LINE: usize = 16;

/// The `f32` of a tensor, one behind the other.
#[derive(Debug)]
pub(crate) struct Flat(FlexTensor);

impl Flat {
    /// Gives back a tensor of another backend or type, or one that is tracked.
    #[expect(clippy::result_large_err, reason = "what comes back is what was moved in")]
    pub(crate) fn new<const D: usize>(tensor: Tensor<D>) -> Result<Self, Tensor<D>> {
        let DispatchTensor { kind, autodiff } = tensor.into_dispatch();
        match kind {
            DispatchTensorKind::Flex(BackendTensor::Float(flex)) if flex.dtype() == DType::F32 => {
                Ok(Self(if flex.is_contiguous() { flex } else { flex.to_contiguous() }))
            }
            kind => Err(Tensor::from_dispatch(DispatchTensor { kind, autodiff })),
        }
    }

    /// The tensor again.
    pub(crate) fn into_tensor<const D: usize>(self) -> Tensor<D> {
        let kind = DispatchTensorKind::Flex(BackendTensor::Float(self.0));
        Tensor::from_dispatch(DispatchTensor { kind, autodiff: Default::default() })
    }

    pub(crate) fn values(&self) -> &[f32] {
        self.0.as_slice().expect("it was made contiguous")
    }

    /// Copies the numbers first if another tensor has them too.
    pub(crate) fn values_mut(&mut self) -> &mut [f32] {
        let (start, end) = self.0.layout().contiguous_offsets().expect("it was made contiguous");
        &mut self.0.storage_mut()[start..end]
    }
}

/// How many of `len` numbers one thread should take.
pub(crate) fn part(len: usize) -> usize {
    let is_in_pool = rayon::current_thread_index().is_some();
    if len < if is_in_pool { WORTH_SHARING } else { WORTH_WAKING } {
        return len.max(1);
    }
    len.div_ceil(rayon::current_num_threads()).next_multiple_of(LINE)
}

/// Does `work` for all `parts` at the same time; the calling thread takes the first.
pub(crate) fn for_each_part<T: Send>(mut parts: impl Iterator<Item = T>, work: impl Fn(T) + Sync) {
    let (Some(first), second) = (parts.next(), parts.next()) else { return };
    let Some(second) = second else { return work(first) };
    rayon::in_place_scope(|scope| {
        for part in std::iter::once(second).chain(parts) {
            let work = &work;
            scope.spawn(move |_| work(part));
        }
        work(first);
    });
}
