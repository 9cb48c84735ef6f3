//! The examples that come with the program: the test files and the probes of `data/`.
//!
//! The probes and the grammar are compiled in, so that a trained model can be measured wherever it is.

use std::path::Path;

use crate::example::{Example, Language};
use crate::generator::Generator;
use crate::grammar::Grammar;
use crate::jsonl;
use crate::split::Split;

/// The seed of the committed test files.
pub const TEST_SEED: u64 = 20_170_612;

/// How many examples each committed test file has.
pub const TEST_LENGTH: usize = 2_000;

const PROBES: &str = include_str!("../../../data/probes.jsonl");

/// `data/test/SPLIT/LANGUAGE.jsonl`: fixed examples of one language that training never sees.
///
/// They are made again by the embedded grammar, and a test compares them with the files.
///
/// # Panics
///
/// If `split` is not one of [`Split::TESTS`].
pub fn test_examples(split: Split, language: Language) -> Vec<Example> {
    assert!(Split::TESTS.contains(&split), "{split:?} is not for testing");
    let grammar = Grammar::embedded().expect("a test of this crate loads it");
    let generator = Generator::new(grammar, &[language], TEST_SEED, split);
    let generator = generator.expect("a test of this crate makes the examples");
    generator.distinct_pairs().take(TEST_LENGTH / 2).flatten().collect()
}

/// `data/probes.jsonl`: the sentences whose attention is kept through the training, the lecture's
/// two first.
pub fn probes() -> Vec<Example> {
    parse("data/probes.jsonl", PROBES)
}

/// Texts to learn a vocabulary from: these, and those of the probes so often that each of their
/// words becomes a token. What a person looks at is not to be in pieces.
pub fn with_probes(texts: impl IntoIterator<Item = String>) -> impl Iterator<Item = String> {
    let probes: Vec<String> = probes().into_iter().map(|probe| probe.text).collect();
    texts.into_iter().chain(std::iter::repeat_n(probes, N_REPEATED).flatten())
}

/// More often than the rarest token of a vocabulary occurs.
const N_REPEATED: usize = 200;

fn parse(name: &str, text: &str) -> Vec<Example> {
    let examples = jsonl::read_from(text.as_bytes(), Path::new(name));
    examples.expect("the committed files are read by a test of this crate")
}
