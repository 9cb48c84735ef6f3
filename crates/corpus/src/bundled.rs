//! The examples that come with the program: the test files and the probes of `data/`.
//!
//! They are compiled in, so that a trained model can be measured wherever it is.

use std::path::Path;

use crate::example::{Example, Language};
use crate::jsonl;

/// The seed of the committed test files.
pub const TEST_SEED: u64 = 20_170_612;

/// How many examples each committed test file has.
pub const TEST_LENGTH: usize = 2_000;

const TEST_ES: &str = include_str!("../../../data/test/es.jsonl");
const TEST_EN: &str = include_str!("../../../data/test/en.jsonl");
const PROBES: &str = include_str!("../../../data/probes.jsonl");

/// `data/test/*.jsonl`: fixed examples of one language from the split that training never sees.
pub fn test_examples(language: Language) -> Vec<Example> {
    match language {
        Language::Es => parse("data/test/es.jsonl", TEST_ES),
        Language::En => parse("data/test/en.jsonl", TEST_EN),
    }
}

/// `data/probes.jsonl`: the sentences whose attention is kept through the training, the lecture's
/// two first.
pub fn probes() -> Vec<Example> {
    parse("data/probes.jsonl", PROBES)
}

fn parse(name: &str, text: &str) -> Vec<Example> {
    let examples = jsonl::read_from(text.as_bytes(), Path::new(name));
    examples.expect("the committed files are read by a test of this crate")
}
