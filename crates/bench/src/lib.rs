//! Criterion benches of the kernels, of the generator and tokenizer, and of the explorer's search:
//! `cargo bench --bench kernels --profile dev`. There is nothing else here.
