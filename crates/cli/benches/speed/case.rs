//! The case that is timed: model and batches, as `experiments/speed/compare` writes it to a file.

use std::{fs, path::Path};

use anyhow::{Context, ensure};
use config::encoder::body::BodyConfig;
use serde::Deserialize;

use crate::CASE;

/// The content of `case.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// Configuration of the model.
    pub(crate) encoder: BodyConfig,
    /// Size of the vocabulary, or its upper bound where it is learned from the corpus.
    pub(crate) vocab: usize,
    /// Number of texts in a batch.
    pub(crate) batch: usize,
    /// Number of tokens of each text, for [`Lengths::Full`].
    pub(crate) seq: usize,
    /// Distribution of the texts' lengths.
    pub(crate) lengths: Lengths,
    /// Number of different batches, which are used in rotation.
    pub(crate) n_batches: usize,
    /// Seed of the initial parameters and the batches.
    pub(crate) seed: u64,
}

/// Distribution of the texts' lengths.
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
