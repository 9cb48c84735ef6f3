//! Loops that are compiled for several instruction sets, of which the program chooses one as it runs.
//!
//! Each loop is written once, over slices and without intrinsics; the compiler vectorises it for each
//! instruction set, and the crate `pulp` finds out which of them the machine has.

use std::sync::OnceLock;

use pulp::{Simd, WithSimd};

/// A loop to be compiled for each instruction set.
///
/// `run` and all that it calls have to be `#[inline(always)]`: a function that is not inlined is
/// compiled for the oldest machine, without wide vectors.
pub(crate) trait Kernel {
    type Output;

    /// `FMA`: whether `a · b + c` is one instruction. Where it is not, `mul_add` would be a call.
    fn run<const FMA: bool>(self) -> Self::Output;
}

/// An instruction set, which this machine has.
#[derive(Debug, Clone, Copy)]
pub enum Level {
    /// AVX-512.
    #[cfg(target_arch = "x86_64")]
    V4(pulp::x86::V4),
    /// AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    V3(pulp::x86::V3),
    /// NEON.
    #[cfg(target_arch = "aarch64")]
    Neon(pulp::aarch64::Neon),
    /// The one that every machine of this architecture has.
    Portable,
}

/// Decided once, by the first who asks.
static BEST: OnceLock<Level> = OnceLock::new();

impl Level {
    /// The best of this machine, or the one that the process has chosen.
    pub fn best() -> Self {
        *BEST.get_or_init(|| Self::all()[0])
    }

    /// Makes the process do without anything better, to measure what machines have that do not have it.
    ///
    /// # Errors
    ///
    /// If another one is in use already.
    pub fn choose(self) -> Result<(), Self> {
        let chosen = *BEST.get_or_init(|| self);
        if chosen.name() == self.name() { Ok(()) } else { Err(chosen) }
    }

    /// All of this machine, the best first; [`Level::Portable`] is the last.
    pub fn all() -> Vec<Self> {
        #[cfg(target_arch = "x86_64")]
        let wide = [pulp::x86::V4::try_new().map(Self::V4), pulp::x86::V3::try_new().map(Self::V3)];
        #[cfg(target_arch = "aarch64")]
        let wide = [pulp::aarch64::Neon::try_new().map(Self::Neon)];
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let wide: [Option<Self>; 0] = [];
        wide.into_iter().flatten().chain([Self::Portable]).collect()
    }

    /// What the set of instructions is called.
    pub fn name(self) -> &'static str {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::V4(_) => "AVX-512",
            #[cfg(target_arch = "x86_64")]
            Self::V3(_) => "AVX2",
            #[cfg(target_arch = "aarch64")]
            Self::Neon(_) => "NEON",
            Self::Portable => "portable",
        }
    }

    /// Columns of a panel of a packed matrix: two vectors.
    pub(crate) fn panel(self) -> usize {
        struct Panel;
        impl WithSimd for Panel {
            type Output = usize;
            #[inline(always)]
            fn with_simd<S: Simd>(self, _simd: S) -> usize {
                2 * S::F32_LANES
            }
        }
        self.vectorize(Panel)
    }

    /// Runs an operation that is written with vector types.
    #[inline(always)]
    pub(crate) fn vectorize<Op: WithSimd>(self, op: Op) -> Op::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::V4(simd) => Simd::vectorize(simd, op),
            #[cfg(target_arch = "x86_64")]
            Self::V3(simd) => Simd::vectorize(simd, op),
            #[cfg(target_arch = "aarch64")]
            Self::Neon(simd) => Simd::vectorize(simd, op),
            Self::Portable => Simd::vectorize(pulp::Scalar, op),
        }
    }

    /// Runs a loop that the compiler vectorises.
    #[inline(always)]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::V4(simd) => simd.vectorize(
                #[inline(always)]
                || kernel.run::<true>(),
            ),
            #[cfg(target_arch = "x86_64")]
            Self::V3(simd) => simd.vectorize(
                #[inline(always)]
                || kernel.run::<true>(),
            ),
            // NEON and its FMA are part of the base architecture.
            #[cfg(target_arch = "aarch64")]
            Self::Neon(_) => kernel.run::<true>(),
            Self::Portable => kernel.run::<false>(),
        }
    }
}

/// Multiplies and adds `rounds` times in as many registers as a product of matrices uses, and returns the
/// number of operations: what a thread can do that reads no memory.
pub fn multiply_and_add(level: Level, rounds: usize) -> usize {
    /// Each waits for itself, and for no other.
    const CHAINS: usize = 12;
    struct Chains(usize);
    impl WithSimd for Chains {
        type Output = usize;
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> usize {
            let factor = simd.splat_f32s(std::hint::black_box(0.5));
            let mut sums = [simd.splat_f32s(std::hint::black_box(1.0)); CHAINS];
            for _ in 0..self.0 {
                sums = sums.map(|sum| simd.mul_add_f32s(sum, factor, factor));
            }
            std::hint::black_box(sums);
            2 * CHAINS * S::F32_LANES * self.0
        }
    }
    level.vectorize(Chains(rounds))
}

/// `a · b + c`
#[inline(always)]
pub(crate) fn mul_add<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// Partial sums of a sum: the lanes of the widest vector, that of AVX-512.
pub(crate) const LANES: usize = 16;

/// `Σ f(x[i])`, in an order that does not depend on the machine: a partial sum for each lane, and
/// then pairs of them.
#[inline(always)]
pub(crate) fn sum_by(x: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (blocks, rest) = x.as_chunks::<LANES>();
    for x in blocks {
        for (sum, x) in lanes.iter_mut().zip(x) {
            *sum += f(*x);
        }
    }
    for (sum, x) in lanes.iter_mut().zip(rest) {
        *sum += f(*x);
    }
    tree_sum(lanes)
}

/// `Σ f(x[i], y[i])`, in the same order.
#[inline(always)]
pub(crate) fn sum_by_2(x: &[f32], y: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let ((x_blocks, x_rest), (y_blocks, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    for (x, y) in x_blocks.iter().zip(y_blocks) {
        for (sum, (x, y)) in lanes.iter_mut().zip(x.iter().zip(y)) {
            *sum += f(*x, *y);
        }
    }
    for (sum, (x, y)) in lanes.iter_mut().zip(x_rest.iter().zip(y_rest)) {
        *sum += f(*x, *y);
    }
    tree_sum(lanes)
}

/// The sum of all lanes, by halves.
#[inline(always)]
pub(crate) fn tree_sum(mut lanes: [f32; LANES]) -> f32 {
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] += lanes[lane + width];
        }
        width /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests;
