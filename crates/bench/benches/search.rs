//! The duration of a search over all tokens of a corpus:
//! `cargo bench --bench search --profile dev`, which builds as `cargo run` does.
//!
//! The corpus has 100,000 tokens, the most that `explore` indexes, and the vectors have the widths
//! of `configs/base.toml`: 128 for the residual stream, 32 for a head.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use explorer::search::QuantisedVectors;

const N_TOKENS: usize = 100_000;
/// As many matches as the page asks for.
const LIMIT: usize = 50;

fn search(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("search");
    group.throughput(Throughput::Elements(N_TOKENS as u64));
    for width in [128, 32] {
        let mut numbers = Numbers(1);
        let mut vector = || (0..width).map(|_| numbers.next()).collect::<Vec<f32>>();
        let mut vectors = QuantisedVectors::default();
        (0..N_TOKENS).for_each(|_| vectors.push(&vector()));
        let wanted = vector();
        group.bench_function(BenchmarkId::new("nearest", width), |bencher| {
            bencher.iter(|| black_box(vectors.nearest(black_box(&wanted), LIMIT)));
        });
    }
    group.finish();
}

/// Pseudo-random numbers from −1 to 1 (xorshift, Marsaglia 2003).
struct Numbers(u32);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as f32 / u32::MAX as f32 * 2.0 - 1.0
    }
}

criterion_group!(benches, search);
criterion_main!(benches);
