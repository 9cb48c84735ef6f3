//! The batches of a case: made once and written as named arrays, so that every program of the
//! comparison reads the same ones.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use config::{experiment::ExperimentConfig, overrides};
use corpus::{split::Split, tokenizer::Tokenizer};
use encoder::resolver::ResolverInput;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use run::source::Source;
use safetensors::tensor::{Dtype, SafeTensors};
use training::loader::Batches;

use crate::{
    BATCHES,
    arrays::{self, Array, File},
    case::{Case, Lengths},
};

/// The experiment whose corpus gives batches of realistic lengths.
pub(crate) const BASE: &str = include_str!("../../../../configs/base.toml");

/// The input and targets of one training step.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    /// Input of the model.
    pub(crate) input: ResolverInput,
    /// `true` at the words of the antecedent; *none* is the last column: `[batch, words + 1]`
    pub(crate) targets: Tensor<2, Bool>,
}

/// Makes the batches of `case`, and returns them with the size of the vocabulary.
pub(crate) fn make(case: &Case, device: &Device) -> anyhow::Result<(Vec<Batch>, usize)> {
    match case.lengths {
        Lengths::Full => {
            let mut rng = StdRng::seed_from_u64(case.seed);
            let batches = (0..case.n_batches).map(|_| random(case, &mut rng, device));
            Ok((batches.collect(), case.vocab))
        }
        Lengths::Corpus => from_corpus(case, device),
    }
}

/// Texts of random tokens: each word has two tokens, and the right word is drawn at random.
fn random(case: &Case, rng: &mut StdRng, device: &Device) -> Batch {
    let Case { batch, seq, vocab, .. } = *case;
    let mut below = |n: usize, width: usize| {
        let numbers = (0..batch * width).map(|_| rng.random_range(0..n as i64));
        let numbers = TensorData::new(numbers.collect::<Vec<_>>(), [batch, width]);
        Tensor::<2, Int>::from_data(numbers, device)
    };
    let n_words = seq / 2;
    let words = Tensor::<1, Int>::arange(0..n_words as i64, device) * 2;
    let right = below(n_words + 1, 1); // [batch, 1]
    let columns = Tensor::<1, Int>::arange(0..n_words as i64 + 1, device).unsqueeze::<2>();
    let mask = |width: usize| Tensor::<2>::zeros([batch, width], device).bool();
    Batch {
        input: ResolverInput {
            tokens: below(vocab, seq),
            key_padding_mask: mask(seq),
            pronouns: below(seq, 1),
            is_second: mask(1),
            asked: Tensor::arange(0..batch as i64, device),
            words: words.unsqueeze::<2>().expand([batch, n_words]),
            word_padding_mask: mask(n_words),
        },
        targets: columns.expand([batch, n_words + 1]).equal(right.expand([batch, n_words + 1])),
    }
}

/// The first batches of a training.
fn from_corpus(case: &Case, device: &Device) -> anyhow::Result<(Vec<Batch>, usize)> {
    let ExperimentConfig { data, tokenizer, training, .. } =
        overrides::resolve("configs/base.toml", BASE, &[])?.config;
    let source = Source::open(&data.train, &data, Split::Train, case.seed)?;
    let texts = source.examples(0..tokenizer.examples as u64);
    let texts = texts.iter().map(|example| example.text.as_str());
    let tokenizer = Arc::new(Tokenizer::train(texts, case.vocab)?);
    let vocab = tokenizer.vocab_size();
    let batches = Batches {
        source,
        tokenizer,
        seed: case.seed,
        batch_size: case.batch,
        bucket_batches: training.length_bucket_batches,
        max_seq: case.encoder.max_seq(),
        subword_regularisation: data.subword_regularisation,
    };
    let mut all = Vec::new();
    for batch in batches.iter(0..case.n_batches as u64, device) {
        let batch = batch?;
        all.push(Batch { input: batch.input, targets: batch.targets });
    }
    Ok((all, vocab))
}

/// Writes `batches` into `directory`.
pub(crate) fn save(batches: &[Batch], directory: &Path) -> anyhow::Result<()> {
    let mut all = Vec::new();
    for (index, batch) in batches.iter().enumerate() {
        let Batch { input, targets } = batch.clone();
        let ResolverInput { tokens, key_padding_mask, pronouns, words, word_padding_mask, .. } =
            input;
        let name = |field: &str| format!("batch.{index}.{field}");
        all.push(ints(name("tokens"), tokens));
        all.push(bools(name("key_padding_mask"), key_padding_mask));
        // The corpus of these cases has one pronoun a text.
        let [n_texts, _] = pronouns.dims();
        all.push(ints(name("pronoun"), pronouns.reshape([n_texts])));
        all.push(ints(name("words"), words));
        all.push(bools(name("word_padding_mask"), word_padding_mask));
        all.push(bools(name("targets"), targets));
    }
    arrays::save(&all, &directory.join(BATCHES))
}

fn ints<const D: usize>(name: String, tensor: Tensor<D, Int>) -> Array {
    let shape = tensor.dims().to_vec();
    let bytes = tensor.into_data().iter::<i64>().flat_map(i64::to_le_bytes).collect();
    Array { name, dtype: Dtype::I64, shape, bytes }
}

fn bools<const D: usize>(name: String, tensor: Tensor<D, Bool>) -> Array {
    let shape = tensor.dims().to_vec();
    let bytes = tensor.into_data().iter::<bool>().map(u8::from).collect();
    Array { name, dtype: Dtype::BOOL, shape, bytes }
}

/// Reads the batches in `directory`.
pub(crate) fn load(case: &Case, directory: &Path, device: &Device) -> anyhow::Result<Vec<Batch>> {
    let path = directory.join(BATCHES);
    let file = File::open(&path)?;
    let arrays = file.arrays()?;
    let batch = |index| read(&arrays, index, device);
    (0..case.n_batches)
        .map(batch)
        .collect::<anyhow::Result<_>>()
        .with_context(|| path.display().to_string())
}

fn read(arrays: &SafeTensors<'_>, index: usize, device: &Device) -> anyhow::Result<Batch> {
    let name = |field: &str| format!("batch.{index}.{field}");
    let pronoun: Tensor<1, Int> = read_ints(arrays, &name("pronoun"), device)?;
    let [n_texts] = pronoun.dims();
    let input = ResolverInput {
        tokens: read_ints(arrays, &name("tokens"), device)?,
        key_padding_mask: read_bools(arrays, &name("key_padding_mask"), device)?,
        pronouns: pronoun.reshape([n_texts, 1]),
        is_second: Tensor::<2, Int>::zeros([n_texts, 1], device).equal_scalar(1),
        asked: Tensor::arange(0..n_texts as i64, device),
        words: read_ints(arrays, &name("words"), device)?,
        word_padding_mask: read_bools(arrays, &name("word_padding_mask"), device)?,
    };
    Ok(Batch { input, targets: read_bools(arrays, &name("targets"), device)? })
}

fn read_ints<const D: usize>(
    arrays: &SafeTensors<'_>,
    name: &str,
    device: &Device,
) -> anyhow::Result<Tensor<D, Int>> {
    let number = |bytes: &[u8]| {
        bytes.iter().rev().fold(0_i64, |number, &byte| number << 8 | i64::from(byte))
    };
    let (shape, numbers) = arrays::numbers::<D, i64>(arrays, name, Dtype::I64, number)?;
    Ok(Tensor::from_data(TensorData::new(numbers, shape), device))
}

fn read_bools<const D: usize>(
    arrays: &SafeTensors<'_>,
    name: &str,
    device: &Device,
) -> anyhow::Result<Tensor<D, Bool>> {
    let (shape, bools) = arrays::numbers::<D, bool>(arrays, name, Dtype::BOOL, |b| b[0] != 0)?;
    Ok(Tensor::from_data(TensorData::new(bools, shape), device))
}
