//! How many examples a second one core generates and tokenises:
//! `cargo bench --bench throughput --profile dev`, which builds as `cargo run` does.
//!
//! Both languages take turns, and 4,000 tokens are learned from 20,000 examples, as in
//! `configs/base.toml`. Each measurement is made without nonce words and noise, and with one in
//! five examples of each.

use std::hint::black_box;

use corpus::{
    bundled, example::Language, generator::Generator, grammar::Grammar, split::Split,
    tokenizer::Tokenizer,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Examples in each iteration.
const N_EXAMPLES: usize = 2_000;

fn throughput(criterion: &mut Criterion) {
    let grammar = Grammar::embedded().expect("a test of this crate loads it");
    let generator = Generator::new(grammar, &Language::ALL, 1, Split::Train);
    let plain = generator.expect("a test of this crate makes the examples");
    let mixed = plain.clone().with_nonce_words(0.2).with_noise(0.2);
    let texts = mixed.examples(0).take(20_000).map(|example| example.text);
    let tokenizer = Tokenizer::train(bundled::with_probes(texts), 4_000);
    let tokenizer = tokenizer.expect("the alphabet fits");

    let mut group = criterion.benchmark_group("corpus");
    group.throughput(Throughput::Elements(N_EXAMPLES as u64));
    for (share, generator) in [("0", plain), ("0.2", mixed)] {
        // The stream goes on from one iteration to the next, so that no text is measured twice.
        let mut stream = generator.examples(0);
        group.bench_function(BenchmarkId::new("generate", share), |bencher| {
            bencher.iter(|| stream.by_ref().take(N_EXAMPLES).for_each(|row| drop(black_box(row))));
        });
        let mut stream = generator.examples(0);
        group.bench_function(BenchmarkId::new("generate and tokenize", share), |bencher| {
            bencher.iter(|| {
                let examples = stream.by_ref().take(N_EXAMPLES);
                examples.for_each(|row| drop(black_box(tokenizer.encode(&row.text))));
            });
        });
        let texts: Vec<String> =
            generator.examples(0).take(N_EXAMPLES).map(|row| row.text).collect();
        group.bench_function(BenchmarkId::new("tokenize", share), |bencher| {
            bencher.iter(|| texts.iter().for_each(|text| drop(black_box(tokenizer.encode(text)))));
        });
    }
    group.finish();
}

criterion_group!(benches, throughput);
criterion_main!(benches);
