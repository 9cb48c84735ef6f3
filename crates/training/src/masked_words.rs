//! A second task for the same encoder: masked language modelling. Some words of a text are hidden, and
//! the vectors in their places have to predict them.
//!
//! ```text
//! loss = mean over the masked tokens of −log p(token)        p = softmax(E · h_masked)
//! ```
//!
//! It has a weight in the config, `objective.masked_words`, which is 0 in all of `configs`; at 0
//! nothing of it is computed. The masked texts take a forward pass of their own, so that the pointer
//! is never asked about words that it cannot read.
//!
//! Whole words are masked, 15 % of them: a word of which one token is visible is easily guessed. In
//! their place stands `[UNK]`, since the vocabulary has no token for this alone.
//!
//! Reference: Devlin et al. 2018, <https://arxiv.org/abs/1810.04805>, §3.1, task 1.

use anafora::batch::Batch;
use burn::tensor::{Int, Tensor, TensorData};
use corpus::tokenizer::{Encoding, PAD, UNK};
use encoder::resolver::{Resolver, ResolverInput};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::cross_entropy::cross_entropy;

/// Share of the words that are masked.
const SHARE: f64 = 0.15;

/// A batch with some of its words masked.
#[derive(Debug, Clone)]
pub struct MaskedWords {
    /// What the model reads.
    pub input: ResolverInput,
    /// The masked positions, 0 where a text has fewer than others: `[batch, masked]`
    pub positions: Tensor<2, Int>,
    /// The tokens that stood there: `[batch, masked]`
    pub targets: Tensor<2, Int>,
    /// 1 where a position is masked, 0 where it only fills up the row: `[batch, masked]`
    pub is_masked: Tensor<2>,
    /// How many tokens are masked.
    pub n_masked: usize,
}

impl MaskedWords {
    /// Masks words of `batch`: which ones is a function of `seed`. `None` if there is none to mask.
    pub fn new(batch: &Batch, seed: u64) -> Option<Self> {
        let device = batch.input.tokens.device();
        let [n_texts, seq] = batch.input.tokens.dims();
        let masked: Vec<Vec<usize>> = (batch.texts.iter().enumerate())
            .map(|(row, text)| masked_positions(text.encoding(), seed, row as u64))
            .collect();
        let width = masked.iter().map(Vec::len).max().filter(|&width| width > 0)?;
        let (mut tokens, mut positions) = (Vec::new(), Vec::new());
        let (mut targets, mut is_masked) = (Vec::new(), Vec::new());
        for (text, masked) in batch.texts.iter().zip(&masked) {
            let mut ids: Vec<i64> = text.encoding().ids.iter().map(|&id| i64::from(id)).collect();
            for index in 0..width {
                let position = masked.get(index);
                positions.push(position.map_or(0, |&position| position as i64));
                targets.push(position.map_or(0, |&position| ids[position]));
                is_masked.push(f32::from(position.is_some()));
            }
            masked.iter().for_each(|&position| ids[position] = UNK.into());
            ids.resize(seq, PAD.into());
            tokens.extend(ids);
        }
        let ints = |values: Vec<i64>, width| {
            Tensor::from_data(TensorData::new(values, [n_texts, width]), &device)
        };
        Some(Self {
            input: ResolverInput { tokens: ints(tokens, seq), ..batch.input.clone() },
            positions: ints(positions, width),
            targets: ints(targets, width),
            is_masked: Tensor::from_data(TensorData::new(is_masked, [n_texts, width]), &device),
            n_masked: masked.iter().map(Vec::len).sum(),
        })
    }

    /// The loss of `model`, with dropout by `seed`: `[1]`
    pub fn loss(&self, model: &Resolver, seed: u64) -> Tensor<1> {
        let hidden = model.forward_with_dropout(&self.input, seed).hidden;
        let logits = model.masked_word_logits(hidden, self.positions.clone());
        masked_word_loss(logits, self.targets.clone(), self.is_masked.clone())
    }
}

/// The tokens of the words that are masked in the text of a row.
fn masked_positions(encoding: &Encoding, seed: u64, row: u64) -> Vec<usize> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(row);
    let words = encoding.words.iter().filter(|_| generator.random_bool(SHARE));
    words.flat_map(|word| word.tokens.clone()).collect()
}

/// Mean negative logarithm of the probability of the masked tokens.
///
/// # Shapes
///
/// - `logits`: `[batch, masked, vocab]`
/// - `targets`, `is_masked`: `[batch, masked]`
/// - result: `[1]`
pub fn masked_word_loss(
    logits: Tensor<3>,
    targets: Tensor<2, Int>,
    is_masked: Tensor<2>,
) -> Tensor<1> {
    let [batch, masked, vocab] = logits.dims();
    let n = batch * masked;
    cross_entropy(logits.reshape([n, vocab]), targets.reshape([n]), is_masked.reshape([n]))
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use std::sync::Arc;

    use anafora::batch::EncodedExample;
    use burn::tensor::Device;
    use config::overrides::resolve;
    use corpus::{
        bundled::{probes, with_probes},
        tokenizer::Tokenizer,
    };

    use super::*;
    use crate::{
        experiment::untrained,
        objective::forward,
        share::Share,
        step::{step_seed, training_step},
    };

    fn batch(device: &Device) -> (Arc<Tokenizer>, Batch) {
        let tokenizer =
            Arc::new(Tokenizer::train(with_probes([]), 700).expect("the probes have many letters"));
        let encode = |probe| EncodedExample::new(probe, &tokenizer, 128).expect("a probe is short");
        let examples = probes().into_iter().take(8).map(encode).collect();
        let batch = Batch::new(examples, device);
        (tokenizer, batch)
    }

    fn ints(tensor: Tensor<2, Int>) -> Vec<Vec<i64>> {
        let [_, width] = tensor.dims();
        let all: Vec<i64> = tensor.into_data().iter::<i64>().collect();
        all.chunks(width).map(<[i64]>::to_vec).collect()
    }

    #[test]
    fn whole_words_are_masked_and_nothing_else_changes() {
        let (_, batch) = batch(&Device::flex());
        let masked = MaskedWords::new(&batch, 7).unwrap();
        let (before, after) = (ints(batch.input.tokens.clone()), ints(masked.input.tokens));
        let [positions, targets] = [masked.positions, masked.targets].map(ints);
        let is_masked: Vec<f32> = masked.is_masked.into_data().iter::<f32>().collect();
        let width = positions[0].len();
        let mut n_words = 0;
        for (row, example) in batch.examples.iter().enumerate() {
            let there: Vec<usize> = (0..width)
                .filter(|index| is_masked[row * width + index] == 1.0)
                .map(|index| positions[row][index] as usize)
                .collect();
            for (index, &position) in there.iter().enumerate() {
                assert_eq!(targets[row][index], before[row][position]);
            }
            for position in 0..before[row].len() {
                let expected =
                    if there.contains(&position) { UNK.into() } else { before[row][position] };
                assert_eq!(after[row][position], expected, "row {row}, token {position}");
            }
            for word in &example.encoding.words {
                let n_masked = word.tokens.clone().filter(|token| there.contains(token)).count();
                assert!(n_masked == 0 || n_masked == word.tokens.len());
                n_words += usize::from(n_masked > 0);
            }
        }
        let n_all: usize = batch.examples.iter().map(|e| e.encoding.words.len()).sum();
        assert!((n_all / 20..n_all / 3).contains(&n_words), "{n_words} of {n_all}");
    }

    #[test]
    fn the_seed_decides_which_words_are_masked() {
        let (_, batch) = batch(&Device::flex());
        let tokens = |seed| ints(MaskedWords::new(&batch, seed).unwrap().input.tokens);
        assert_eq!(tokens(1), tokens(1));
        assert_ne!(tokens(1), tokens(2));
    }

    #[test]
    fn the_loss_is_that_of_plain_loops() {
        let (batch, masked, vocab) = (2, 3, 5);
        let logit = |index: usize| ((index * 37 % 23) as f64 - 11.0) / 4.0;
        let targets = [[4, 0, 2], [1, 3, 0]];
        let is_masked = [[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]];
        let (mut sum, mut n) = (0.0, 0.0);
        for row in 0..batch {
            for index in 0..masked {
                let of_token = |token| logit((row * masked + index) * vocab + token);
                let total: f64 = (0..vocab).map(|token| of_token(token).exp()).sum();
                let loss = total.ln() - of_token(targets[row][index]);
                sum += loss * is_masked[row][index];
                n += is_masked[row][index];
            }
        }
        let device = Device::flex();
        let logits = (0..batch * masked * vocab).map(|index| logit(index) as f32);
        let logits = TensorData::new(logits.collect::<Vec<_>>(), [batch, masked, vocab]);
        let loss = masked_word_loss(
            Tensor::from_data(logits, &device),
            Tensor::from_data(targets.map(|row| row.map(|token| token as i64)), &device),
            Tensor::from_data(is_masked.map(|row| row.map(|value| value as f32)), &device),
        );
        let found: f64 = loss.into_scalar::<f32>().into();
        assert!((found - sum / n).abs() < 1e-6, "{found}, expected {}", sum / n);
    }

    /// The one key of the config turns the task on, and the loss that it adds can be learned.
    #[test]
    fn its_weight_adds_it_to_the_objective_and_training_lowers_it() {
        let device = Device::flex().autodiff();
        let (tokenizer, batch) = batch(&device);
        let config = |weight: f64| {
            let tiny = include_str!("../../../configs/tiny.toml");
            let set = format!("objective.masked_words={weight}");
            resolve("tiny", tiny, &[set]).unwrap().config
        };
        let number = |tensor: Tensor<1>| f64::from(tensor.into_scalar::<f32>());
        let model = untrained(&config(0.0), &tokenizer, &device);
        let objective = |weight| {
            number(forward(&model, &batch, &config(weight).objective, Share::WHOLE, 3).objective)
        };
        let added = number(MaskedWords::new(&batch, 3).unwrap().loss(&model, 3));
        assert!((objective(2.0) - objective(0.0) - 2.0 * added).abs() < 1e-4);

        let config = config(1.0);
        let mut optimizer = crate::experiment::optimizer(&config.training);
        let mut trained = Some(model);
        for step in 0..60 {
            let model = trained.as_ref().unwrap();
            let seed = step_seed(1, step);
            let done = training_step(model, vec![batch.clone()], seed, &config);
            trained = optimizer.step(3e-3, trained.take(), done.gradients);
        }
        let masked = MaskedWords::new(&batch, 3).unwrap();
        let after = number(masked.loss(&trained.unwrap(), 3));
        assert!(after < added - 0.5, "{after} after training, {added} before");
    }
}
