//! The examples that come with the program: the test files and the probes of `data/`.
//!
//! They are compiled into the program, so that a model can be evaluated on any machine, without the
//! repository.

use std::path::Path;

use crate::annotated::AnnotatedText;
use crate::example::{Example, Language};
use crate::jsonl;
use crate::markup;
use crate::split::Split;

/// The seed that the committed test files were generated from.
pub const TEST_SEED: u64 = 20_170_612;

/// How many examples each committed test file has.
pub const TEST_LENGTH: usize = 2_000;

const PROBES: &str = include_str!("../data/probes.jsonl");

/// The examples of `data/test/SPLIT/LANGUAGE.jsonl`, which training never sees.
///
/// # Panics
///
/// If `split` is not one of [`Split::TESTS`].
pub fn test_examples(split: Split, language: Language) -> Vec<Example> {
    let (name, text) = test_file(split, language);
    parse(name, text)
}

/// The name and the text of a test file.
fn test_file(split: Split, language: Language) -> (&'static str, &'static str) {
    macro_rules! files {
        ($($split:ident $folder:literal),*) => {
            match (split, language) {
                $((Split::$split, Language::Es) => files!(@ $folder, "es"),
                (Split::$split, Language::En) => files!(@ $folder, "en"),)*
                (Split::Train | Split::Validation, _) => panic!("{split:?} is not for testing"),
            }
        };
        (@ $folder:literal, $language:literal) => {(
            concat!("data/test/", $folder, "/", $language, ".jsonl"),
            include_str!(concat!("../data/test/", $folder, "/", $language, ".jsonl")),
        )};
    }
    files!(
        InDistribution "in-distribution", NewWords "new-words", NewPatterns "new-patterns",
        Longer "longer", MoreCandidates "more-candidates", Noisy "rough-text"
    )
}

/// A half of the sentences and short texts that people wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NaturalHalf {
    /// To look at while the corpus and the model are made.
    Dev,
    /// Not to be tuned on.
    Test,
}

impl NaturalHalf {
    /// The name in `data/natural`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Test => "test",
        }
    }
}

/// The examples of `data/natural/LANGUAGE/HALF.jsonl`, written by hand; no list or grammar of the
/// corpus was made from them.
pub fn natural_examples(language: Language, half: NaturalHalf) -> Vec<Example> {
    let (name, text) = match (language, half) {
        (Language::Es, NaturalHalf::Dev) => {
            ("data/natural/es/dev.jsonl", include_str!("../data/natural/es/dev.jsonl"))
        }
        (Language::Es, NaturalHalf::Test) => {
            ("data/natural/es/test.jsonl", include_str!("../data/natural/es/test.jsonl"))
        }
        (Language::En, NaturalHalf::Dev) => {
            ("data/natural/en/dev.jsonl", include_str!("../data/natural/en/dev.jsonl"))
        }
        (Language::En, NaturalHalf::Test) => {
            ("data/natural/en/test.jsonl", include_str!("../data/natural/en/test.jsonl"))
        }
    };
    parse(name, text)
}

/// The texts of `data/natural/LANGUAGE/texts.jsonl`, written by hand, with all of their mentions; no
/// list or grammar of the corpus was made from them.
///
/// # Panics
/// If the file has a mistake, which a test of this crate looks for.
pub fn natural_texts(language: Language) -> Vec<AnnotatedText> {
    let lines = match language {
        Language::Es => include_str!("../data/natural/es/texts.jsonl"),
        Language::En => include_str!("../data/natural/en/texts.jsonl"),
    };
    let text = |line| serde_json::from_str(line).expect("the committed files are read by a test");
    lines.lines().map(text).collect()
}

/// The texts of `data/natural/LANGUAGE/train.txt`, written by hand for training, with all of their
/// mentions.
///
/// # Panics
/// If the file has a mistake, which a test of this crate looks for.
pub fn training_texts(language: Language) -> Vec<AnnotatedText> {
    let lines = match language {
        Language::Es => include_str!("../data/natural/es/train.txt"),
        Language::En => include_str!("../data/natural/en/train.txt"),
    };
    let texts = markup::read(lines, language, "train");
    texts.expect("the committed files are read by a test of this crate")
}

/// The examples of `data/probes.jsonl`: the sentences whose attention is recorded during training.
/// The lecture's two sentences come first.
pub fn probes() -> Vec<Example> {
    parse("data/probes.jsonl", PROBES)
}

/// The texts to train a tokenizer on: `texts`, and those of the probes, repeated until each of
/// their words becomes a token of its own. Attention between whole words is easier to look at.
pub fn with_probes(texts: impl IntoIterator<Item = String>) -> impl Iterator<Item = String> {
    let probes: Vec<String> = probes().into_iter().map(|probe| probe.text).collect();
    texts.into_iter().chain(std::iter::repeat_n(probes, N_PROBE_COPIES).flatten())
}

/// More often than the rarest token of a vocabulary occurs in its texts.
const N_PROBE_COPIES: usize = 200;

fn parse(name: &str, text: &str) -> Vec<Example> {
    let examples = jsonl::read_from(text.as_bytes(), Path::new(name));
    examples.expect("the committed files are read by a test of this crate")
}
