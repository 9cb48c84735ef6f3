//! The choice of a device: the backends that were compiled in, by name.

use std::{io, sync::Mutex, thread};

use anyhow::Context;
use burn::tensor::Device;
#[cfg(any(feature = "gpu", feature = "cpu"))]
use burn::tensor::DeviceType;

/// A backend of Burn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Backend {
    /// Burn's CPU backend in plain Rust.
    Flex,
    /// The older CPU backend on the crate ndarray.
    Ndarray,
    /// Any GPU through WGSL.
    Wgpu,
    /// A GPU through Vulkan and SPIR-V.
    Vulkan,
    /// An Apple GPU.
    Metal,
    /// An NVIDIA GPU.
    Cuda,
    /// An AMD GPU.
    Rocm,
    /// CubeCL's CPU compiler.
    Cpu,
}

/// The choice of a backend on the command line.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct DeviceArgument {
    /// Where to compute; the others need `--features NAME` when the program is built [default: the
    /// first one that was compiled in]
    #[arg(long, value_name = "NAME")]
    pub device: Option<Backend>,
}

/// A backend that this program was built without.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "--device {name} is not compiled in, expected one of: {compiled}\nhint: cargo run --bin \
     {program} --features {name} -- --device {name}"
)]
pub struct NotCompiled {
    name: &'static str,
    compiled: String,
    program: &'static str,
}

impl Backend {
    /// All backends; the first one that was compiled in is the default.
    pub const ALL: [Self; 8] = [
        Self::Flex,
        Self::Ndarray,
        Self::Wgpu,
        Self::Vulkan,
        Self::Metal,
        Self::Cuda,
        Self::Rocm,
        Self::Cpu,
    ];

    /// The name on the command line, which is also that of the cargo feature.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::Ndarray => "ndarray",
            Self::Wgpu => "wgpu",
            Self::Vulkan => "vulkan",
            Self::Metal => "metal",
            Self::Cuda => "cuda",
            Self::Rocm => "rocm",
            Self::Cpu => "cpu",
        }
    }

    /// The backends that were compiled in.
    pub fn compiled() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|backend| backend.is_compiled())
    }

    /// Whether this backend was compiled in.
    pub fn is_compiled(self) -> bool {
        self.constructor().is_some()
    }

    /// The command-line argument that chooses this backend.
    pub fn argument(self) -> DeviceArgument {
        DeviceArgument { device: Some(self) }
    }

    /// The names of the devices that this backend finds; empty if it was not compiled in.
    pub fn devices(self) -> Vec<String> {
        let cpu = || {
            let n_threads = thread::available_parallelism().map_or(1, |n| n.get());
            vec![format!("CPU, {n_threads} threads")]
        };
        match self {
            Self::Flex | Self::Ndarray if self.is_compiled() => cpu(),
            #[cfg(feature = "wgpu")]
            Self::Wgpu => named(DeviceType::Wgpu),
            #[cfg(feature = "vulkan")]
            Self::Vulkan => named(DeviceType::Vulkan),
            #[cfg(feature = "metal")]
            Self::Metal => named(DeviceType::Metal),
            #[cfg(feature = "cuda")]
            Self::Cuda => named(DeviceType::Cuda),
            #[cfg(feature = "rocm")]
            Self::Rocm => named(DeviceType::Rocm),
            #[cfg(feature = "cpu")]
            Self::Cpu => named(DeviceType::Cpu),
            _ => Vec::new(),
        }
    }

    /// The constructor of its default device, if it was compiled in.
    fn constructor(self) -> Option<fn() -> Device> {
        match self {
            #[cfg(feature = "flex")]
            Self::Flex => Some(Device::flex),
            // Burn marks ndarray as deprecated; it stays supported here as long as Burn ships it.
            #[cfg(feature = "ndarray")]
            #[expect(deprecated)]
            Self::Ndarray => Some(Device::ndarray),
            #[cfg(feature = "wgpu")]
            Self::Wgpu => Some(|| Device::wgpu(burn::tensor::DeviceKind::default())),
            #[cfg(feature = "vulkan")]
            Self::Vulkan => Some(|| Device::vulkan(burn::tensor::DeviceKind::default())),
            #[cfg(feature = "metal")]
            Self::Metal => Some(|| Device::metal(burn::tensor::DeviceKind::default())),
            #[cfg(feature = "cuda")]
            Self::Cuda => Some(|| Device::cuda(0)),
            #[cfg(feature = "rocm")]
            Self::Rocm => Some(|| Device::rocm(0)),
            #[cfg(feature = "cpu")]
            Self::Cpu => Some(Device::cpu),
            #[allow(unreachable_patterns, reason = "reached unless every feature is on")]
            _ => None,
        }
    }
}

/// The names of all devices of one kind.
#[cfg(any(feature = "gpu", feature = "cpu"))]
fn named(kind: DeviceType) -> Vec<String> {
    let devices = Device::enumerate(kind).into_iter();
    let name = |device: Device| {
        device.identity().map_or_else(|| format!("{device:?}"), |identity| identity.name)
    };
    devices.map(name).collect()
}

const NO_THREADS: &str = "cannot start a thread\nhint: raise the limit on processes and threads \
                          (ulimit -u, or pids.max of a container); RAYON_NUM_THREADS=1 needs fewest";

/// Threads beside the pool's, for signals, files, and connections.
const N_SPARE_THREADS: usize = 4;

/// Starts and ends the threads that the program will need later, when a failure would lose work.
fn start_spare_threads() -> io::Result<()> {
    let together = Mutex::new(());
    thread::scope(|scope| {
        let _started = together.lock();
        (0..N_SPARE_THREADS).try_for_each(|_| {
            thread::Builder::new().spawn_scoped(scope, || drop(together.lock())).map(drop)
        })
    })
}

impl DeviceArgument {
    /// Opens the device, and returns it with the name of its backend.
    ///
    /// # Errors
    ///
    /// If the backend was not compiled in; the hint shows how to run `program` with it. If the system
    /// has no threads left for the program.
    pub fn open(self, program: &'static str) -> anyhow::Result<(Device, &'static str)> {
        let wanted = self.device.or_else(|| Backend::compiled().next()).unwrap_or(Backend::Flex);
        let Some(open) = wanted.constructor() else {
            let compiled: Vec<&str> = Backend::compiled().map(Backend::name).collect();
            let compiled =
                if compiled.is_empty() { "(none)".to_owned() } else { compiled.join(", ") };
            return Err(NotCompiled { name: wanted.name(), compiled, program }.into());
        };
        kernels::start_threads().and_then(|()| start_spare_threads()).context(NO_THREADS)?;
        Ok((open(), wanted.name()))
    }
}
