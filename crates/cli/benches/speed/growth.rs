//! Whether the corpus can grow without end: time and memory of a stream of examples.

use std::time::Instant;

use corpus::{example::Language, generator::Generator, grammar::Grammar, split::Split};
use serde_json::json;

use crate::{memory, tell};

/// Streams each number of examples and prints what it cost.
pub(crate) fn growth(counts: &[u64]) -> anyhow::Result<()> {
    let generator = Generator::new(Grammar::embedded()?, &Language::ALL, 1, Split::Train)?;
    for &n_examples in counts {
        let start = Instant::now();
        let texts = generator.examples(0).take(n_examples as usize).map(|example| example.text);
        let n_bytes: usize = texts.map(|text| text.len()).sum();
        tell(&json!({
            "examples": n_examples,
            "bytes": n_bytes,
            "seconds": start.elapsed().as_secs_f64(),
            "peak_mib": memory::peak_mib(),
        }))?;
    }
    Ok(())
}
