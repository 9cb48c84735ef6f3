//! Where examples come from: an endless stream of the grammar, or files read epoch after epoch.
//!
//! Either way the examples at some positions are a pure function of the seed and the positions,
//! which is what makes a resumed run the run that was never stopped.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use corpus::{
    example::Example,
    generator::{Generator, TooFewTexts},
    grammar::{Grammar, GrammarError},
    jsonl::{self, ReadError},
    split::Split,
};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use config::experiment::{DataConfig, GrammarWord, Origin};
use files::checksum::sha256;

/// An endless sequence of examples.
pub enum Source {
    /// Made one by one, never the same again.
    Grammar(Generator),
    /// Read once, repeated in an order of its own in each epoch.
    Files {
        /// All examples, in the order of the files.
        examples: Vec<Example>,
        /// Each file and the number of its examples.
        files: Vec<(PathBuf, usize)>,
        /// Decides the orders.
        seed: u64,
    },
}

/// Why there are no examples.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The grammar is wrong.
    #[error(transparent)]
    Grammar(#[from] GrammarError),
    /// The grammar is too small.
    #[error(transparent)]
    TooFewTexts(#[from] TooFewTexts),
    /// A file is wrong.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Source {
    /// Opens `origin` for the given split: the grammar's splits share no sentence, files are what
    /// their owner says they are.
    pub fn open(
        origin: &Origin,
        data: &DataConfig,
        split: Split,
        seed: u64,
    ) -> Result<Self, SourceError> {
        match origin {
            Origin::Grammar(GrammarWord::Grammar) => {
                let grammar = Grammar::embedded()?;
                let generator = Generator::new(grammar, &data.languages, seed, split)?;
                Ok(Self::Grammar(match split {
                    Split::Train => {
                        generator.with_nonce_words(data.nonce_words).with_noise(data.noise)
                    }
                    _ => generator,
                }))
            }
            Origin::Files(files) => {
                let mut examples = Vec::new();
                let mut lengths = Vec::new();
                for file in files {
                    let content = jsonl::read(file)?;
                    lengths.push((file.clone(), content.len()));
                    examples.extend(content);
                }
                Ok(Self::Files { examples, files: lengths, seed })
            }
        }
    }

    /// How many examples there are before the first repetition; the grammar has no end.
    pub fn n_examples(&self) -> Option<usize> {
        match self {
            Self::Grammar(_) => None,
            Self::Files { examples, .. } => Some(examples.len()),
        }
    }

    /// SHA-256 sum of what it gives: of all examples of files in their order, and of the first
    /// thousand of the grammar, which none of its changes leaves alone.
    pub fn fingerprint(&self) -> String {
        const ENOUGH: u64 = 1_000;
        let made;
        let examples = match self {
            Self::Grammar(_) => {
                made = self.examples(0..ENOUGH);
                &made
            }
            Self::Files { examples, .. } => examples,
        };
        sha256(&serde_json::to_vec(examples).expect("an example is plain data"))
    }

    /// Every example of the files beside its file; none of the grammar, which has no end.
    pub fn in_files(&self) -> impl Iterator<Item = (&Path, &Example)> {
        let (files, examples) = match self {
            Self::Grammar(_) => (&[][..], &[][..]),
            Self::Files { files, examples, .. } => (files.as_slice(), examples.as_slice()),
        };
        let paths = files.iter().flat_map(|(path, n)| std::iter::repeat_n(path.as_path(), *n));
        paths.zip(examples)
    }

    /// The examples at `positions` of the sequence.
    pub fn examples(&self, positions: Range<u64>) -> Vec<Example> {
        match self {
            Self::Grammar(generator) => {
                let n_examples = (positions.end - positions.start) as usize;
                generator.examples(positions.start).take(n_examples).collect()
            }
            Self::Files { examples, seed, .. } => {
                let mut epoch = None;
                let mut order = Vec::new();
                let n = examples.len() as u64;
                positions
                    .map(|position| {
                        if epoch != Some(position / n) {
                            epoch = Some(position / n);
                            order = epoch_order(examples.len(), *seed, position / n);
                        }
                        examples[order[(position % n) as usize]].clone()
                    })
                    .collect()
            }
        }
    }
}

/// The order in which an epoch visits `n` examples.
fn epoch_order(n: usize, seed: u64, epoch: u64) -> Vec<usize> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(epoch);
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(&mut generator);
    order
}
