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

use anafora::batch::Batch;
use burn::{
    optim::{GradientsAccumulator, GradientsParams},
    tensor::Tensor,
};
use config::experiment::ExperimentConfig;
use encoder::resolver::Resolver;
use kernels::burn_ops::clipping::clip_global_norm;

use crate::objective::{self, StepOutput};

/// What a step computed, all of it still on the device.
pub struct TrainingStep {
    /// Each batch and what the model made of it.
    pub batches: Vec<(Batch, StepOutput)>,
    /// The mean of the batches' gradients, clipped.
    pub gradients: GradientsParams,
    /// Global norm of the gradients before clipping: `[1]`
    pub gradient_norm: Tensor<1>,
}

/// Forward and backward pass of `batches`, whose gradients are averaged and clipped. What dropout drops
/// is a function of `seed` and of the number of the batch in the step.
///
/// The same model, batches, seed and config give the same result; on the CPU, in every bit, whatever
/// else the process trains at the same time.
pub fn training_step(
    model: &Resolver,
    batches: Vec<Batch>,
    seed: u64,
    config: &ExperimentConfig,
) -> TrainingStep {
    let ExperimentConfig { objective, training, .. } = config;
    let n_batches = batches.len();
    let mut accumulator = GradientsAccumulator::new();
    let mut done = Vec::with_capacity(n_batches);
    for (index, batch) in batches.into_iter().enumerate() {
        let output = objective::forward(model, &batch, objective, batch_seed(seed, index));
        let share = output.objective.clone() / n_batches as f64;
        let gradients = GradientsParams::from_grads(share.backward(), model);
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
