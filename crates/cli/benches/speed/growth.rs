//! Time and memory of streaming examples, to show that memory does not grow with their number.

use std::time::Instant;

use corpus::{example::Language, generator::Generator, grammar::Grammar, split::Split};
use serde_json::json;

use crate::{memory, print_json};

/// Streams each number of examples and prints time and peak memory.
pub(crate) fn growth(counts: &[u64]) -> anyhow::Result<()> {
    let generator = Generator::new(Grammar::embedded()?, &Language::ALL, 1, Split::Train)?;
    for &n_examples in counts {
        let start = Instant::now();
        let texts = generator.examples(0).take(n_examples as usize).map(|example| example.text);
        let n_bytes: usize = texts.map(|text| text.len()).sum();
        print_json(&json!({
            "examples": n_examples,
            "bytes": n_bytes,
            "seconds": start.elapsed().as_secs_f64(),
            "peak_mib": memory::peak_mib(),
        }))?;
    }
    Ok(())
}
