//! Streams N examples through generator and tokenizer on one core, and prints how many a second
//! and the peak of the memory: `cargo run -p corpus --example stream -- 10000000`.
//!
//! As in `configs/base.toml`: both languages, 4,000 tokens learned from 20,000 examples, one example
//! in five with an invented word and one in five made rough; but no words cut into pieces. Memory is
//! printed on the way, so that one sees whether it grows.

use std::error::Error;
use std::hint::black_box;
use std::io::{Write, stdout};
use std::time::Instant;

use corpus::bundled;
use corpus::example::Language;
use corpus::generator::Generator;
use corpus::grammar::Grammar;
use corpus::split::Split;
use corpus::tokenizer::Tokenizer;

fn main() -> Result<(), Box<dyn Error>> {
    let n: usize = match std::env::args().nth(1) {
        Some(n) => n.parse().map_err(|error| format!("found {n:?}, expected a number: {error}"))?,
        None => 1_000_000,
    };
    let generator = Generator::new(Grammar::embedded()?, &Language::ALL, 1, Split::Train)?;
    let generator = generator.with_nonce_words(0.2).with_noise(0.2);
    let texts = generator.examples(0).take(20_000).map(|example| example.text);
    let tokenizer = Tokenizer::train(bundled::with_probes(texts), 4_000)?;

    let mut out = stdout();
    writeln!(
        out,
        "| examples | seconds | examples/s | tokens/s | peak MiB |\n|---|---|---|---|---|"
    )?;
    let (started, mut n_tokens) = (Instant::now(), 0);
    for (example, count) in generator.examples(0).zip(1..=n) {
        n_tokens += black_box(tokenizer.encode(&example.text)).ids.len();
        if [n / 100, n / 10, n].contains(&count) {
            let seconds = started.elapsed().as_secs_f64();
            let (speed, tokens) = (count as f64 / seconds, n_tokens as f64 / seconds);
            let peak = peak_memory()?.map_or("?".to_owned(), |mib| format!("{mib:.1}"));
            writeln!(out, "| {count} | {seconds:.1} | {speed:.0} | {tokens:.0} | {peak} |")?;
        }
    }
    Ok(())
}

/// The most memory that this process has had at a time, in MiB, where Linux tells.
fn peak_memory() -> Result<Option<f64>, Box<dyn Error>> {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return Ok(None) };
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kib.map(str::parse::<f64>).transpose()?.map(|kib| kib / 1024.0))
}
