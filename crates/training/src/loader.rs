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
    config::ExperimentConfig,
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
    /// Share of the words that are read in pieces although they have tokens of their own.
    pub pieces: f64,
}

impl Batches {
    /// Those of a run.
    pub fn new(config: &ExperimentConfig, source: Source, tokenizer: Arc<Tokenizer>) -> Self {
        let ExperimentConfig { seed, data, encoder, training, .. } = config;
        Self {
            source,
            tokenizer,
            seed: *seed,
            batch_size: training.batch_size,
            window: training.window_batches,
            max_seq: encoder.max_seq(),
            pieces: data.pieces,
        }
    }

    /// The batches of the window with the number `window`, in the order of their use.
    fn window(&self, window: u64) -> Result<Vec<Vec<EncodedExample>>, EncodeError> {
        let n_examples = (self.window * self.batch_size) as u64;
        let examples = self.encode(window * n_examples..(window + 1) * n_examples)?;
        let mut batches = group_by_length(examples, self.batch_size);
        let mut generator = ChaCha8Rng::seed_from_u64(self.seed);
        generator.set_stream(window);
        batches.shuffle(&mut generator);
        Ok(batches)
    }

    /// The examples at `positions` of the source.
    fn encode(&self, positions: Range<u64>) -> Result<Vec<EncodedExample>, EncodeError> {
        (self.source.examples(positions.clone()).into_iter())
            .zip(positions)
            .map(|(example, position)| self.encode_one(example, position))
            .collect()
    }

    fn encode_one(&self, example: Example, position: u64) -> Result<EncodedExample, EncodeError> {
        let Self { tokenizer, max_seq, pieces, .. } = self;
        let mut generator = ChaCha8Rng::seed_from_u64(self.seed);
        generator.set_stream(position);
        // A word in pieces stands for one never heard of, of which nobody can say that it does not
        // agree: so a text without antecedent is left whole.
        let share = example.antecedent.map_or(0.0, |_| *pieces);
        let encoding = tokenizer.encode_regularised(&example.text, share, &mut generator);
        // A text that fits only whole is left whole.
        if encoding.ids.len() > *max_seq {
            return EncodedExample::new(example, tokenizer, *max_seq);
        }
        EncodedExample::with_encoding(example, encoding, *max_seq)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{DataConfig, GrammarWord, Origin},
        overrides::resolve,
    };
    use corpus::split::Split;

    const BATCH_SIZE: usize = 16;
    const WINDOW: usize = 16;

    fn batches(origin: Origin) -> Batches {
        let text = include_str!("../../../configs/tiny.toml");
        let data = DataConfig { train: origin, ..resolve("tiny", text, &[]).unwrap().config.data };
        let source = Source::open(&data.train, &data, Split::Train, 7).unwrap();
        let texts: Vec<String> = source.examples(0..500).into_iter().map(|e| e.text).collect();
        let tokenizer = Arc::new(Tokenizer::train(&texts, 800).unwrap());
        let (batch_size, window) = (BATCH_SIZE, WINDOW);
        let pieces = data.pieces;
        Batches { source, tokenizer, seed: 7, batch_size, window, max_seq: 512, pieces }
    }

    fn ids(batches: &Arc<Batches>, range: Range<u64>) -> Vec<Vec<String>> {
        let loader = TrainLoader { batches: batches.clone(), range, device: Device::flex() };
        let ids = |batch: Batch| batch.examples.iter().map(|e| e.example.id.clone()).collect();
        loader.iter().map(|batch| ids(batch.unwrap())).collect()
    }

    #[test]
    fn a_batch_is_a_function_of_its_number() {
        let batches = Arc::new(batches(Origin::Grammar(GrammarWord::Grammar)));
        let whole = ids(&batches, 0..20);
        for start in [1, 7, 8, 13] {
            assert_eq!(ids(&batches, start..20), whole[start as usize..], "from {start}");
        }
    }

    #[test]
    fn words_are_read_in_pieces_the_same_each_time_and_never_where_a_text_would_not_fit() {
        let n_tokens = |batches: &Batches| -> Vec<usize> {
            batches.encode(0..64).unwrap().iter().map(EncodedExample::n_tokens).collect()
        };
        let batches = |pieces, max_seq| Batches {
            pieces,
            max_seq,
            ..self::batches(Origin::Grammar(GrammarWord::Grammar))
        };
        let plain = n_tokens(&batches(0.0, 512));
        let in_pieces = n_tokens(&batches(0.5, 512));
        assert_eq!(in_pieces, n_tokens(&batches(0.5, 512)));
        let sum = |tokens: &[usize]| tokens.iter().sum::<usize>();
        assert!(sum(&in_pieces) > sum(&plain) * 11 / 10, "{in_pieces:?} {plain:?}");
        let longest = plain.iter().copied().max().unwrap();
        let fitting = n_tokens(&batches(0.5, longest));
        assert!(in_pieces.iter().any(|&n| n > longest));
        assert!(fitting.iter().all(|&n| n <= longest));
    }

    #[test]
    fn every_example_of_a_window_comes_once() {
        let batches = Arc::new(batches(Origin::Grammar(GrammarWord::Grammar)));
        let mut seen = ids(&batches, 0..WINDOW as u64).concat();
        let mut expected: Vec<String> = (batches.source.examples(0..(WINDOW * BATCH_SIZE) as u64))
            .into_iter()
            .map(|example| example.id)
            .collect();
        seen.sort();
        expected.sort();
        assert_eq!(seen, expected);
    }

    #[test]
    fn every_example_of_a_file_comes_once_in_each_epoch_and_in_another_order() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mine.jsonl");
        let examples =
            corpus::bundled::test_examples(Split::InDistribution, corpus::example::Language::En);
        corpus::jsonl::write(&path, &examples[..BATCH_SIZE * WINDOW]).unwrap();
        let batches = Arc::new(batches(Origin::Files(vec![path])));
        let epoch = |number: u64| {
            ids(&batches, number * WINDOW as u64..(number + 1) * WINDOW as u64).concat()
        };
        let (first, second) = (epoch(0), epoch(1));
        assert_ne!(first, second);
        let sorted = |mut ids: Vec<String>| {
            ids.sort();
            ids
        };
        let mut expected: Vec<String> =
            examples[..BATCH_SIZE * WINDOW].iter().map(|example| example.id.clone()).collect();
        expected.sort();
        assert_eq!(sorted(first), expected);
        assert_eq!(sorted(second), expected);
    }

    #[test]
    fn grouping_by_length_leaves_little_padding() {
        let batches = Arc::new(batches(Origin::Grammar(GrammarWord::Grammar)));
        let padded_share = |batches: &[Vec<EncodedExample>]| {
            let device = Device::flex();
            let (mut tokens, mut positions) = (0, 0);
            for examples in batches {
                let batch = Batch::new(examples.clone(), &device);
                tokens += batch.n_tokens();
                positions += batch.n_positions();
            }
            1.0 - tokens as f64 / positions as f64
        };
        let grouped = batches.window(0).unwrap();
        let n_examples = (WINDOW * BATCH_SIZE) as u64;
        let examples = batches.encode(0..n_examples).unwrap();
        let as_they_come: Vec<_> = examples.chunks(BATCH_SIZE).map(<[_]>::to_vec).collect();
        let (grouped, as_they_come) = (padded_share(&grouped), padded_share(&as_they_come));
        assert!(grouped < 0.12 && grouped < as_they_come / 3.0, "{grouped} {as_they_come}");
    }
}
