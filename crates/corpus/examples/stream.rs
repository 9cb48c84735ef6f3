//! Streams N examples through generator and tokenizer on one core, and prints the speed and the
//! peak memory: `cargo run -p anafora-corpus --example stream -- 10000000`.
//!
//! Both languages take turns, 4,000 tokens are learned from 20,000 examples, and one example in
//! five has a nonce word and one in five noise. There is no subword regularisation. Lines on the
//! way show whether the memory grows.

use std::error::Error;
use std::hint::black_box;
use std::io::{Write, stdout};
use std::time::Instant;

use anafora_corpus::bundled;
use anafora_corpus::example::Language;
use anafora_corpus::generator::Generator;
use anafora_corpus::grammar::Grammar;
use anafora_corpus::split::Split;
use anafora_corpus::tokenizer::Tokenizer;

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

/// The peak memory of this process in MiB, or `None` on systems other than Linux.
fn peak_memory() -> Result<Option<f64>, Box<dyn Error>> {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return Ok(None) };
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kib.map(str::parse::<f64>).transpose()?.map(|kib| kib / 1024.0))
}
