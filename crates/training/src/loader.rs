//! Training batches, each a pure function of its number.
//!
//! Length bucketing: the texts of a bucket, which are those of a number of consecutive batches,
//! are sorted by length and divided into batches, so that little of a batch is padding. The batches
//! of a bucket are then shuffled, so that the length of a batch does not correlate with its number.

use std::{ops::Range, sync::Arc};

use anafora::batch::{Batch, EncodeError, EncodedText, group_by_length};
use burn::tensor::Device;
use config::experiment::ExperimentConfig;
use corpus::{text::Text, tokenizer::Tokenizer};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use run::source::Source;

/// The endless sequence of training batches.
pub struct Batches {
    /// The source of the examples.
    pub source: Source,
    /// The tokenizer of the texts.
    pub tokenizer: Arc<Tokenizer>,
    /// Seed of the order of batches in a bucket, and of subword regularisation.
    pub seed: u64,
    /// Number of texts in a batch.
    pub batch_size: usize,
    /// Number of batches in a length bucket.
    pub bucket_batches: usize,
    /// Largest number of tokens that the model can read.
    pub max_seq: usize,
    /// Share of the words that are split into sub-words although the vocabulary has them whole.
    pub subword_regularisation: f64,
}

impl Batches {
    /// The batches of a run with this config.
    pub fn new(config: &ExperimentConfig, source: Source, tokenizer: Arc<Tokenizer>) -> Self {
        let ExperimentConfig { seed, data, encoder, training, .. } = config;
        Self {
            source,
            tokenizer,
            seed: *seed,
            batch_size: training.batch_size,
            bucket_batches: training.length_bucket_batches,
            max_seq: encoder.max_seq(),
            subword_regularisation: data.subword_regularisation,
        }
    }

    /// The batches of the length bucket number `bucket`, from 0, in the order of their use.
    fn bucket(&self, bucket: u64) -> Result<Vec<Vec<EncodedText>>, EncodeError> {
        let n_texts = (self.bucket_batches * self.batch_size) as u64;
        let texts = self.encode(bucket * n_texts..(bucket + 1) * n_texts)?;
        let mut batches = group_by_length(texts, self.batch_size);
        let mut generator = ChaCha8Rng::seed_from_u64(self.seed);
        generator.set_stream(bucket);
        batches.shuffle(&mut generator);
        Ok(batches)
    }

    /// The tokenised texts at `positions` of the source, made on all threads of the pool.
    fn encode(&self, positions: Range<u64>) -> Result<Vec<EncodedText>, EncodeError> {
        let n_threads = rayon::current_num_threads() as u64;
        let n_texts = (positions.end - positions.start).div_ceil(n_threads).max(1);
        let parts: Vec<Range<u64>> = (positions.clone().step_by(n_texts as usize))
            .map(|start| start..positions.end.min(start + n_texts))
            .collect();
        let parts: Vec<Vec<EncodedText>> = (parts.into_par_iter())
            .map(|part| self.encode_part(part))
            .collect::<Result<_, EncodeError>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    fn encode_part(&self, positions: Range<u64>) -> Result<Vec<EncodedText>, EncodeError> {
        (self.source.texts(positions.clone()).into_iter())
            .zip(positions)
            .map(|(text, position)| match self.encode_one(text, position) {
                Err(error @ EncodeError::TooLong { .. }) => self.shorter(position, error),
                encoded => encoded,
            })
            .collect()
    }

    /// In the place of a text that is too long for the model, another one of the endless stream, which
    /// is a function of the position, too. A text of a file is the user's, and is never replaced.
    fn shorter(&self, position: u64, error: EncodeError) -> Result<EncodedText, EncodeError> {
        const MAX_OTHERS: u64 = 100;
        if self.source.n_texts().is_some() {
            return Err(error);
        }
        let other = |number: u64| {
            let far_away = position + (number << 40); // where no training comes
            let text = self.source.texts(far_away..far_away + 1).pop()?;
            self.encode_one(text, far_away).ok()
        };
        (1..=MAX_OTHERS).find_map(other).ok_or(error)
    }

    fn encode_one(&self, text: Text, position: u64) -> Result<EncodedText, EncodeError> {
        let Self { tokenizer, max_seq, subword_regularisation, .. } = self;
        let mut generator = ChaCha8Rng::seed_from_u64(self.seed);
        generator.set_stream(position);
        // A word that is split looks like an unknown one, which could agree with the pronoun. So
        // words are not split where an answer is *none*.
        let has_none = text.examples.iter().any(|example| example.antecedent.is_none());
        let share = if has_none { 0.0 } else { *subword_regularisation };
        let content = &text.examples[0].text;
        let encoding = tokenizer.encode_regularised(content, share, &mut generator);
        // Splitting makes a text longer; if it no longer fits the model, it is left whole.
        if encoding.ids.len() > *max_seq {
            return EncodedText::new(text, tokenizer, *max_seq);
        }
        EncodedText::with_encoding(text, &Arc::new(encoding), *max_seq)
    }
}

impl Batches {
    /// The batches with the numbers in `range`, each made on `device` when it is asked for.
    ///
    /// An item is an error if one of the texts in its bucket does not fit the model.
    pub fn iter(
        &self,
        range: Range<u64>,
        device: &Device,
    ) -> impl Iterator<Item = Result<Batch, EncodeError>> {
        // The current bucket and its number, kept because all its batches are made together.
        let mut current: Option<(u64, Vec<Vec<EncodedText>>)> = None;
        range.map(move |number| {
            let n = self.bucket_batches as u64;
            let (bucket, index) = (number / n, number % n);
            let batches = match current.take() {
                Some((last, batches)) if last == bucket => batches,
                _ => self.bucket(bucket)?,
            };
            let texts = batches[index as usize].clone();
            current = Some((bucket, batches));
            Ok(Batch::of_texts(texts, device))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::{
        experiment::{DataConfig, GrammarWord, Origin},
        overrides::resolve,
    };
    use corpus::split::Split;

    const BATCH_SIZE: usize = 16;
    const BUCKET_BATCHES: usize = 16;

    fn batches(origin: Origin) -> Batches {
        let text = include_str!("../../../configs/tiny.toml");
        let data = DataConfig { train: origin, ..resolve("tiny", text, &[]).unwrap().config.data };
        let source = Source::open(&data.train, &data, Split::Train, 7).unwrap();
        let texts: Vec<String> = source.examples(0..500).into_iter().map(|e| e.text).collect();
        let tokenizer = Arc::new(Tokenizer::train(&texts, 800).unwrap());
        let (batch_size, bucket_batches) = (BATCH_SIZE, BUCKET_BATCHES);
        let subword_regularisation = data.subword_regularisation;
        Batches {
            source,
            tokenizer,
            seed: 7,
            batch_size,
            bucket_batches,
            max_seq: 512,
            subword_regularisation,
        }
    }

    fn ids(batches: &Arc<Batches>, range: Range<u64>) -> Vec<Vec<String>> {
        let ids = |batch: Batch| batch.examples.iter().map(|e| e.example.id.clone()).collect();
        batches.iter(range, &Device::flex()).map(|batch| ids(batch.unwrap())).collect()
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
    fn words_are_split_the_same_way_each_time_and_never_where_a_text_would_not_fit() {
        let n_tokens = |batches: &Batches| -> Vec<usize> {
            batches.encode(0..64).unwrap().iter().map(EncodedText::n_tokens).collect()
        };
        let batches = |subword_regularisation, max_seq| Batches {
            subword_regularisation,
            max_seq,
            ..self::batches(Origin::Grammar(GrammarWord::Grammar))
        };
        let plain = n_tokens(&batches(0.0, 512));
        let split = n_tokens(&batches(0.5, 512));
        assert_eq!(split, n_tokens(&batches(0.5, 512)));
        let sum = |tokens: &[usize]| tokens.iter().sum::<usize>();
        assert!(sum(&split) > sum(&plain) * 11 / 10, "{split:?} {plain:?}");
        let longest = plain.iter().copied().max().unwrap();
        let fitting = n_tokens(&batches(0.5, longest));
        assert!(split.iter().any(|&n| n > longest));
        assert!(fitting.iter().all(|&n| n <= longest));
    }

    #[test]
    fn a_generated_text_that_is_too_long_for_the_model_gives_its_place_to_another() {
        let batches = batches(Origin::Grammar(GrammarWord::Grammar));
        let lengths = |batches: &Batches| -> Vec<usize> {
            batches.encode(0..300).unwrap().iter().map(EncodedText::n_tokens).collect()
        };
        let longest = 24;
        assert!(lengths(&batches).iter().any(|&n| n > longest));
        let small = Batches { max_seq: longest, ..batches };
        assert!(lengths(&small).iter().all(|&n| n <= longest));
        assert_eq!(lengths(&small), lengths(&small));
        assert!(Batches { max_seq: 3, ..small }.encode(0..1).is_err());
    }

    #[test]
    fn every_example_of_a_bucket_comes_once() {
        let batches = Arc::new(batches(Origin::Grammar(GrammarWord::Grammar)));
        let mut seen = ids(&batches, 0..BUCKET_BATCHES as u64).concat();
        let mut expected: Vec<String> =
            (batches.source.examples(0..(BUCKET_BATCHES * BATCH_SIZE) as u64))
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
        corpus::jsonl::write(&path, &examples[..BATCH_SIZE * BUCKET_BATCHES]).unwrap();
        let batches = Arc::new(batches(Origin::Files(vec![path])));
        let epoch = |number: u64| {
            ids(&batches, number * BUCKET_BATCHES as u64..(number + 1) * BUCKET_BATCHES as u64)
                .concat()
        };
        let (first, second) = (epoch(0), epoch(1));
        assert_ne!(first, second);
        let sorted = |mut ids: Vec<String>| {
            ids.sort();
            ids
        };
        let mut expected: Vec<String> = examples[..BATCH_SIZE * BUCKET_BATCHES]
            .iter()
            .map(|example| example.id.clone())
            .collect();
        expected.sort();
        assert_eq!(sorted(first), expected);
        assert_eq!(sorted(second), expected);
    }

    #[test]
    fn grouping_by_length_leaves_little_padding() {
        let batches = Arc::new(batches(Origin::Grammar(GrammarWord::Grammar)));
        let padded_share = |batches: &[Vec<EncodedText>]| {
            let device = Device::flex();
            let (mut tokens, mut positions) = (0, 0);
            for texts in batches {
                let batch = Batch::of_texts(texts.clone(), &device);
                tokens += batch.n_tokens();
                positions += batch.n_positions();
            }
            1.0 - tokens as f64 / positions as f64
        };
        let grouped = batches.bucket(0).unwrap();
        let n_examples = (BUCKET_BATCHES * BATCH_SIZE) as u64;
        let texts = batches.encode(0..n_examples).unwrap();
        let as_they_come: Vec<_> = texts.chunks(BATCH_SIZE).map(<[_]>::to_vec).collect();
        let (grouped, as_they_come) = (padded_share(&grouped), padded_share(&as_they_come));
        assert!(grouped < 0.12 && grouped < as_they_come / 3.0, "{grouped} {as_they_come}");
    }
}
