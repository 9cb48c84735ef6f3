//! One training step up to its update. The loop, the sanity check, the trial of a device and the
//! measurement of speed all call [`training_step`], so that none of them trains another objective.
//!
//! The model is no `TrainStep` of burn-train: its own learning strategies would have to be told our
//! losses, accumulation and clipping, so to hand them the model is a compile error instead of a
//! training of something else.
//!
//! ```compile_fail,E0277
//! fn train<M: burn::train::TrainStep>() {}
//! train::<encoder::resolver::Resolver>();
//! ```

use anafora::batch::{Batch, share_word_tokens};
use burn::{
    optim::{GradientsAccumulator, GradientsParams},
    tensor::Tensor,
};
use config::experiment::ExperimentConfig;
use encoder::resolver::Resolver;
use kernels::burn_ops::clipping::clip_global_norm;

use crate::{
    objective::{self, StepOutput},
    share::Share,
};

/// What a step computed, all of it still on the device.
pub struct TrainingStep {
    /// Each batch and what the model made of it.
    pub batches: Vec<(Batch, StepOutput)>,
    /// The gradients of the objective over all batches together, clipped.
    pub gradients: GradientsParams,
    /// Global norm of the gradients before clipping: `[1]`
    pub gradient_norm: Tensor<1>,
}

/// Forward and backward pass of `batches`, whose gradients add up to those of one large batch and are
/// clipped. What dropout drops is a function of `seed` and of the number of the batch in the step.
///
/// The same model, batches, seed and config give the same result; on the CPU, in every bit, whatever
/// else the process trains at the same time.
pub fn training_step(
    model: &Resolver,
    mut batches: Vec<Batch>,
    seed: u64,
    config: &ExperimentConfig,
) -> TrainingStep {
    let ExperimentConfig { objective, training, .. } = config;
    share_word_tokens(&mut batches);
    let seeds: Vec<u64> = (0..batches.len()).map(|index| batch_seed(seed, index)).collect();
    let shares = Share::of_each(&batches, &seeds, objective);
    let mut accumulator = GradientsAccumulator::new();
    let mut done = Vec::with_capacity(batches.len());
    for ((batch, share), seed) in batches.into_iter().zip(shares).zip(seeds) {
        let output = objective::forward(model, &batch, objective, share, seed);
        let gradients = GradientsParams::from_grads(output.objective.backward(), model);
        accumulator.accumulate(model, gradients);
        done.push((batch, output.detached()));
    }
    let mut gradients = accumulator.grads();
    let gradient_norm = clip_global_norm(model, &mut gradients, training.max_gradient_norm);
    TrainingStep { batches: done, gradients, gradient_norm }
}

/// The seed of a step.
pub fn step_seed(seed: u64, step: usize) -> u64 {
    derived_seed(seed, step)
}

/// The seed of the batch number `index`, from 0, of a step.
fn batch_seed(step_seed: u64, index: usize) -> u64 {
    derived_seed(step_seed, index)
}

/// Neighbouring seeds and indices give unrelated numbers (the multiplier is 2⁶⁴ over the golden
/// ratio).
fn derived_seed(seed: u64, index: usize) -> u64 {
    (seed.wrapping_add(1)).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ index as u64
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use std::sync::Arc;

    use anafora::batch::EncodedText;
    use burn::tensor::Device;
    use config::overrides::resolve;
    use corpus::{bundled::training_texts, example::Language, text::Text, tokenizer::Tokenizer};

    use super::*;
    use crate::experiment::untrained;

    /// However a step's texts are divided into batches, of equal size or not, with all antecedents in
    /// one of them or not.
    #[test]
    fn accumulation_changes_no_gradient() {
        let device = Device::flex().autodiff();
        let texts: Vec<Text> = (training_texts(Language::Es).into_iter())
            .filter_map(|text| text.into_text())
            .take(16)
            .collect();
        let contents = texts.iter().map(|text| text.examples[0].text.clone());
        let tokenizer = Arc::new(Tokenizer::train(contents, 700).unwrap());
        let mut encoded: Vec<EncodedText> = texts
            .into_iter()
            .map(|text| EncodedText::new(text, &tokenizer, 256).unwrap())
            .collect();
        // Those without an answer come last: a batch of them has no antecedent at all.
        encoded.sort_by_key(|text| text.examples.iter().all(|e| e.target().is_none()));
        for text in &mut encoded[12..] {
            text.labels = None;
            text.examples.iter_mut().for_each(|e| e.example.antecedent = None);
        }
        let tiny = include_str!("../../../configs/tiny.toml");
        let sets = ["objective.detection=0.5", "objective.antecedent_token=0.5"];
        let config = resolve("tiny", tiny, &sets.map(str::to_owned)).unwrap().config;
        let model = untrained(&config, &tokenizer, &device);
        let norm = |sizes: &[usize]| {
            let mut rest = encoded.as_slice();
            let batches = sizes.iter().map(|&size| {
                let (batch, others) = rest.split_at(size);
                rest = others;
                Batch::of_texts(batch.to_vec(), &device)
            });
            let step = training_step(&model, batches.collect(), 1, &config);
            f64::from(step.gradient_norm.into_scalar::<f32>())
        };
        let whole = norm(&[16]);
        for sizes in [&[8, 8][..], &[4; 4], &[12, 4], &[1, 3, 12]] {
            let divided = norm(sizes);
            assert!((divided / whole - 1.0).abs() < 1e-5, "{sizes:?}: {divided}, {whole}");
        }
        assert!(whole > 0.1, "{whole}");
    }
}
