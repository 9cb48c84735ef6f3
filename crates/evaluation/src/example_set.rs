//! Identifies the examples that a run has answered, so that answers to different examples are never
//! compared.

use corpus::jsonl;
use serde::{Deserialize, Serialize};

use crate::answers::AnsweredSplit;
use files::checksum::sha256;

/// Identity of a set of examples: name, number and checksum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExampleSet {
    /// Name of the file.
    pub split: String,
    /// Number of examples.
    pub n: usize,
    /// SHA-256 of the examples as JSONL, as `corpus generate` writes them.
    pub sha256: String,
}

impl ExampleSet {
    /// The identity of the examples of `split`.
    pub fn of(split: &AnsweredSplit) -> Self {
        let mut bytes = Vec::new();
        for answered in &split.answers {
            jsonl::write_to(&mut bytes, std::slice::from_ref(&answered.example))
                .expect("writing to memory cannot fail");
        }
        Self { split: split.name.clone(), n: split.answers.len(), sha256: sha256(&bytes) }
    }
}

/// Checks that two runs, each given with its sets, answered the same examples.
///
/// # Errors
///
/// The first difference, in words.
pub(crate) fn same_sets(
    (run_a, a): (&str, &[ExampleSet]),
    (run_b, b): (&str, &[ExampleSet]),
) -> Result<(), String> {
    let names = |sets: &[ExampleSet]| {
        sets.iter().map(|set| set.split.as_str()).collect::<Vec<_>>().join(", ")
    };
    if names(a) != names(b) {
        let (a, b) = (names(a), names(b));
        return Err(format!("{run_a} answered {a}, and {run_b} {b}"));
    }
    match a.iter().zip(b).find(|(a, b)| a != b) {
        None => Ok(()),
        Some((a, b)) if a.n != b.n => Err(format!(
            "split {}: {run_a} answered {} examples, and {run_b} {}",
            a.split, a.n, b.n
        )),
        Some((a, b)) => Err(format!(
            "split {}: the {} examples are others, SHA-256 {}… and {}…",
            a.split,
            a.n,
            &a.sha256[..a.sha256.len().min(12)],
            &b.sha256[..b.sha256.len().min(12)],
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::tests::split;

    #[test]
    fn other_examples_have_another_checksum() {
        let mut other = split();
        other.answers[3].answer = Some(0);
        assert_eq!(
            ExampleSet::of(&other),
            ExampleSet::of(&split()),
            "answers are not part of the checksum"
        );
        other.answers[3].example.text = "a b d".to_owned();
        assert_ne!(ExampleSet::of(&other), ExampleSet::of(&split()));
    }
}
