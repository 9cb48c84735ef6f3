//! Batches in the order in which a run uses them, as burn-train's data loaders.
//!
//! A batch is a pure function of its number. Examples are sorted by length inside a window of
//! consecutive batches, so that the examples of a batch are about equally long and little of it is
//! padding; the batches of a window then come in a random order, so that length is no rhythm.

use std::{ops::Range, sync::Arc};

use burn::{
    data::{
        dataloader::{DataLoader, DataLoaderIterator, Progress},
        dataset::DatasetError,
    },
    tensor::Device,
};
use corpus::{example::Example, tokenizer::Tokenizer};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use crate::{
    batch::{Batch, EncodeError, EncodedExample},
    source::Source,
};

/// The endless sequence of training batches.
pub struct Batches {
    /// Where examples come from.
    pub source: Source,
    /// How texts become tokens.
    pub tokenizer: Arc<Tokenizer>,
    /// Decides the order of the batches inside a window.
    pub seed: u64,
    /// Examples in a batch.
    pub batch_size: usize,
    /// Batches in a window.
    pub window: usize,
    /// What the model reads at most, in tokens.
    pub max_seq: usize,
}

impl Batches {
    /// The batches of the window with the number `window`, in the order of their use.
    fn window(&self, window: u64) -> Result<Vec<Vec<EncodedExample>>, EncodeError> {
        let n_examples = (self.window * self.batch_size) as u64;
        let examples = self.source.examples(window * n_examples..(window + 1) * n_examples);
        let mut batches = group_by_length(self.encode(examples)?, self.batch_size);
        let mut generator = ChaCha8Rng::seed_from_u64(self.seed);
        generator.set_stream(window);
        batches.shuffle(&mut generator);
        Ok(batches)
    }

    fn encode(&self, examples: Vec<Example>) -> Result<Vec<EncodedExample>, EncodeError> {
        (examples.into_iter())
            .map(|example| EncodedExample::new(example, &self.tokenizer, self.max_seq))
            .collect()
    }
}

/// Batches of examples of about the same length, the shortest first.
pub fn group_by_length(
    mut examples: Vec<EncodedExample>,
    batch_size: usize,
) -> Vec<Vec<EncodedExample>> {
    examples.sort_by_key(EncodedExample::n_tokens);
    examples.chunks(batch_size).map(<[_]>::to_vec).collect()
}

/// A range of the training batches, on a device.
pub struct TrainLoader {
    /// All batches.
    pub batches: Arc<Batches>,
    /// The numbers of those to be loaded.
    pub range: Range<u64>,
    /// Where the tensors lie.
    pub device: Device,
}

impl DataLoader<Batch> for TrainLoader {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch> + 'a> {
        Box::new(TrainIterator { loader: self, next: self.range.start, window: None })
    }

    /// Counts batches: they are what a step is made of.
    fn num_items(&self) -> usize {
        (self.range.end - self.range.start) as usize
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Batch>> {
        let Self { batches, range, .. } = self;
        let (batches, range) = (batches.clone(), range.clone());
        Arc::new(Self { batches, range, device: device.clone() })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Batch>> {
        let range = self.range.start + start as u64..self.range.start + end as u64;
        Arc::new(Self { batches: self.batches.clone(), range, device: self.device.clone() })
    }
}

struct TrainIterator<'a> {
    loader: &'a TrainLoader,
    next: u64,
    /// The last window with its number: sixteen batches or so share it.
    window: Option<(u64, Vec<Vec<EncodedExample>>)>,
}

impl Iterator for TrainIterator<'_> {
    type Item = Result<Batch, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let TrainLoader { batches, range, device } = self.loader;
        if self.next >= range.end {
            return None;
        }
        let number = self.next / batches.window as u64;
        if self.window.as_ref().is_none_or(|(last, _)| *last != number) {
            match batches.window(number) {
                Ok(window) => self.window = Some((number, window)),
                Err(error) => return Some(Err(DatasetError::new(error))),
            }
        }
        let (_, window) = self.window.as_ref()?;
        let examples = window[(self.next % batches.window as u64) as usize].clone();
        self.next += 1;
        Some(Ok(Batch::new(examples, device)))
    }
}

impl DataLoaderIterator<Batch> for TrainIterator<'_> {
    fn progress(&self) -> Progress {
        let done = (self.next - self.loader.range.start) as usize;
        Progress::new(done, self.loader.num_items(), Some("batches".to_owned()))
    }
}

/// A fixed list of batches, on a device: the validation set.
pub struct FixedLoader {
    /// The batches.
    pub batches: Arc<Vec<Vec<EncodedExample>>>,
    /// The indices of those to be loaded.
    pub range: Range<usize>,
    /// Where the tensors lie.
    pub device: Device,
}

impl DataLoader<Batch> for FixedLoader {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch> + 'a> {
        Box::new(FixedIterator { loader: self, next: self.range.start })
    }

    /// Counts batches, as the training loader does.
    fn num_items(&self) -> usize {
        self.range.len()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Batch>> {
        let Self { batches, range, .. } = self;
        let (batches, range) = (batches.clone(), range.clone());
        Arc::new(Self { batches, range, device: device.clone() })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Batch>> {
        let range = self.range.start + start..self.range.start + end;
        Arc::new(Self { batches: self.batches.clone(), range, device: self.device.clone() })
    }
}

struct FixedIterator<'a> {
    loader: &'a FixedLoader,
    next: usize,
}

impl Iterator for FixedIterator<'_> {
    type Item = Result<Batch, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let FixedLoader { batches, range, device } = self.loader;
        let examples = (self.next < range.end).then(|| batches[self.next].clone())?;
        self.next += 1;
        Some(Ok(Batch::new(examples, device)))
    }
}

impl DataLoaderIterator<Batch> for FixedIterator<'_> {
    fn progress(&self) -> Progress {
        let done = self.next - self.loader.range.start;
        Progress::new(done, self.loader.num_items(), Some("batches".to_owned()))
    }
}
