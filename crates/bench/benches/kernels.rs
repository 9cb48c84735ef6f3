//! How long each kernel takes: `cargo bench --bench kernels --profile dev`, which shares its build of
//! the dependencies with `cargo test`.
//!
//! Only the public interface is measured: a single kernel by a half block in which little else
//! happens, on one thread; the half blocks on all threads.

use std::{hint::black_box, sync::Arc, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kernels::{
    activation::Activation,
    attention::Rotary,
    dropout::Dropout,
    half_block::{HalfBlock, NormPlacement, Parameters, SubLayer},
    rows::PackedRows,
    simd::Level,
};
use rayon::{ThreadPool, ThreadPoolBuilder};

const BATCH: usize = 64;
const SEQ: usize = 32;
const D_MODEL: usize = 128;
const N_HEADS: usize = 4;
const D_FF: usize = 512;

/// Half a block with its parameters and a batch.
struct Work {
    half_block: HalfBlock,
    parameters: Parameters<Vec<f32>>,
    rows: PackedRows,
    x: Vec<f32>,
}

impl Work {
    /// `width` is the number of rows of `Wₒ`.
    fn new(
        sub_layer: SubLayer,
        norm: NormPlacement,
        [batch, seq]: [usize; 2],
        d_model: usize,
        width: usize,
    ) -> Self {
        let parts = match sub_layer {
            SubLayer::Attention { .. } => 3,
            SubLayer::FeedForward(Activation::GeGlu) => 2,
            SubLayer::FeedForward(Activation::Relu | Activation::Gelu) => 1,
        };
        let projected_width = parts * width;
        let matrix = |rows: usize, columns: usize| {
            let scale = 1.0 / (rows as f32).sqrt();
            noise(rows * columns).iter().map(|x| x * scale).collect()
        };
        let n_norm = if norm == NormPlacement::Absent { 0 } else { d_model };
        Self {
            half_block: HalfBlock { norm, epsilon: 1e-5, sub_layer, dropout: None },
            parameters: Parameters {
                gamma: vec![1.0; n_norm],
                beta: vec![0.0; n_norm],
                w_in: matrix(d_model, projected_width),
                b_in: vec![0.0; projected_width],
                w_out: matrix(width, d_model),
                b_out: vec![0.0; d_model],
            },
            rows: PackedRows::new(&vec![false; batch * seq], seq),
            x: noise(batch * seq * d_model),
        }
    }

    fn dropping(mut self) -> Self {
        self.half_block.dropout = Some((Dropout { probability: 0.1, seed: 1 }, 0));
        self
    }

    fn parameters(&self) -> Parameters<&[f32]> {
        let Parameters { gamma, beta, w_in, b_in, w_out, b_out } = &self.parameters;
        Parameters { gamma, beta, w_in, b_in, w_out, b_out }
    }

    fn forward(&self) {
        let Self { half_block, rows, x, .. } = self;
        let (level, parameters) = (Level::best(), self.parameters());
        black_box(half_block.forward(level, rows, parameters, black_box(x), false));
    }

    fn forward_and_backward(&self) {
        let Self { half_block, rows, x, .. } = self;
        let (level, x) = (Level::best(), black_box(x));
        let (y, saved) = half_block.forward(level, rows, self.parameters(), x, true);
        let saved = saved.expect("it was to be kept");
        // What came out stands for its gradient.
        let gradients = half_block.backward(level, rows, self.parameters(), x, &saved, y);
        black_box(gradients);
    }
}

/// Numbers in -1..1 that look random.
fn noise(n: usize) -> Vec<f32> {
    let number = |i: usize| {
        let hash = (i as u32).wrapping_mul(0x9E37_79B9);
        let hash = (hash ^ (hash >> 15)).wrapping_mul(0x85EB_CA6B);
        (hash ^ (hash >> 13)) as f32 / u32::MAX as f32 * 2.0 - 1.0
    };
    (0..n).map(number).collect()
}

fn one_thread() -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be made")
}

/// Two products with next to nothing between them; throughput is in multiplications.
fn matmul(criterion: &mut Criterion) {
    let pool = one_thread();
    let mut group = criterion.benchmark_group("matmul");
    for [d_model, d_ff] in [[64, 256], [128, 384], [128, 512], [256, 1_024], [512, 2_048]] {
        let relu = SubLayer::FeedForward(Activation::Relu);
        let work = Work::new(relu, NormPlacement::Absent, [16, 32], d_model, d_ff);
        group.throughput(Throughput::Elements((2 * 512 * d_model * d_ff) as u64));
        let id = BenchmarkId::from_parameter(format!("512x{d_model}x{d_ff}"));
        group.bench_function(id, |bencher| pool.install(|| bencher.iter(|| work.forward())));
    }
    group.finish();
}

/// Between products with vectors that are one number wide; throughput is in numbers.
fn activation(criterion: &mut Criterion) {
    let pool = one_thread();
    let mut group = criterion.benchmark_group("activation");
    group.throughput(Throughput::Elements(512 * D_FF as u64));
    for activation in [Activation::Relu, Activation::Gelu, Activation::GeGlu] {
        let sub_layer = SubLayer::FeedForward(activation);
        let work = Work::new(sub_layer, NormPlacement::Absent, [16, 32], 1, D_FF);
        let id = BenchmarkId::from_parameter(format!("{activation:?}"));
        group.bench_function(id, |bencher| pool.install(|| bencher.iter(|| work.forward())));
    }
    group.finish();
}

/// One head of usual width, so that the softmax is as large a part as it gets; throughput is in
/// attention weights.
fn softmax(criterion: &mut Criterion) {
    let pool = one_thread();
    let mut group = criterion.benchmark_group("softmax");
    for [batch, n] in [[64, 32], [1, 2_048]] {
        let attention = SubLayer::Attention { n_heads: 1, rotary: None };
        let work = Work::new(attention, NormPlacement::Absent, [batch, n], 32, 32);
        group.throughput(Throughput::Elements((batch * n * n) as u64));
        group.bench_function(BenchmarkId::new("forward", n), |bencher| {
            pool.install(|| bencher.iter(|| work.forward()));
        });
        group.bench_function(BenchmarkId::new("forward and backward", n), |bencher| {
            pool.install(|| bencher.iter(|| work.forward_and_backward()));
        });
    }
    group.finish();
}

/// Before and after a network whose hidden layer is one number wide, and without a norm to compare;
/// throughput is in numbers.
fn layer_norm(criterion: &mut Criterion) {
    let pool = one_thread();
    let mut group = criterion.benchmark_group("layer norm");
    group.throughput(Throughput::Elements((512 * D_MODEL) as u64));
    for norm in [NormPlacement::Absent, NormPlacement::Pre, NormPlacement::Post] {
        let relu = SubLayer::FeedForward(Activation::Relu);
        let work = Work::new(relu, norm, [16, 32], D_MODEL, 1);
        group.bench_function(BenchmarkId::new("forward", format!("{norm:?}")), |bencher| {
            pool.install(|| bencher.iter(|| work.forward()));
        });
        let id = BenchmarkId::new("forward and backward", format!("{norm:?}"));
        group.bench_function(id, |bencher| {
            pool.install(|| bencher.iter(|| work.forward_and_backward()));
        });
    }
    group.finish();
}

/// Half blocks of the model in `experiments/speed`, with dropout and without.
fn half_blocks(criterion: &mut Criterion) {
    let half = D_MODEL / N_HEADS / 2;
    let angle = |i: usize| (i / half) as f32 * 0.1_f32.powi((i % half) as i32);
    let rotary = Rotary {
        cos: (0..SEQ * half).map(|i| angle(i).cos()).collect(),
        sin: (0..SEQ * half).map(|i| angle(i).sin()).collect(),
    };
    let attention = |rotary: Option<Rotary>| SubLayer::Attention {
        n_heads: N_HEADS,
        rotary: rotary.map(Arc::new),
    };
    let kinds = [
        ("attention", attention(None), NormPlacement::Post, D_MODEL),
        ("rotary attention", attention(Some(rotary)), NormPlacement::Pre, D_MODEL),
        ("relu", SubLayer::FeedForward(Activation::Relu), NormPlacement::Post, D_FF),
        ("gelu", SubLayer::FeedForward(Activation::Gelu), NormPlacement::Post, D_FF),
        ("geglu", SubLayer::FeedForward(Activation::GeGlu), NormPlacement::Pre, D_FF * 3 / 4),
    ];
    let mut group = criterion.benchmark_group("half block 64x32");
    group.throughput(Throughput::Elements((BATCH * SEQ) as u64));
    for (name, sub_layer, norm, width) in kinds {
        let new = || Work::new(sub_layer.clone(), norm, [BATCH, SEQ], D_MODEL, width);
        let (plain, dropping) = (new(), new().dropping());
        group.bench_function(BenchmarkId::new(name, "forward"), |bencher| {
            bencher.iter(|| plain.forward());
        });
        group.bench_function(BenchmarkId::new(name, "forward and backward"), |bencher| {
            bencher.iter(|| plain.forward_and_backward());
        });
        group.bench_function(BenchmarkId::new(name, "with dropout"), |bencher| {
            bencher.iter(|| dropping.forward_and_backward());
        });
    }
    group.finish();
}

criterion_group! {
    name = kernels;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = matmul, activation, softmax, layer_norm, half_blocks
}
criterion_main!(kernels);
