//! What is timed: the model and the texts, as `experiments/speed/compare` writes them down.

use std::{fs, path::Path};

use anyhow::{Context, ensure};
use config::encoder::body::BodyConfig;
use serde::Deserialize;

use crate::CASE;

/// The content of `case.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// The model.
    pub(crate) encoder: BodyConfig,
    /// Tokens of the vocabulary, or their upper bound where it is learned from the corpus.
    pub(crate) vocab: usize,
    /// Texts in a batch.
    pub(crate) batch: usize,
    /// Tokens of a text, where they are all of one length.
    pub(crate) seq: usize,
    /// How long the texts are.
    pub(crate) lengths: Lengths,
    /// Different batches, which are used in turns.
    pub(crate) n_batches: usize,
    /// Of parameters and batches.
    pub(crate) seed: u64,
}

/// How long the texts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Lengths {
    /// Each has `seq` random tokens: no padding.
    Full,
    /// Batches of the bundled grammar as training makes them, padded to their longest text.
    Corpus,
}

impl Case {
    /// Reads and checks `case.json` in `directory`.
    pub(crate) fn load(directory: &Path) -> anyhow::Result<Self> {
        let path = directory.join(CASE);
        let text = fs::read_to_string(&path)
            .with_context(|| format!("cannot read the case {}", path.display()))?;
        let case: Self = serde_json::from_str(&text)
            .with_context(|| format!("{} is not a case", path.display()))?;
        case.check().with_context(|| path.display().to_string())?;
        Ok(case)
    }

    fn check(&self) -> anyhow::Result<()> {
        let Self { encoder, vocab, batch, seq, lengths: _, n_batches, seed: _ } = self;
        encoder.validate()?;
        let max_seq = encoder.max_seq();
        for (name, n) in [("vocab", vocab), ("batch", batch), ("n_batches", n_batches)] {
            ensure!(*n > 0, "{name} is 0, expected at least 1");
        }
        ensure!((2..=max_seq).contains(seq), "seq is {seq}, expected 2 to max_seq = {max_seq}");
        Ok(())
    }
}
