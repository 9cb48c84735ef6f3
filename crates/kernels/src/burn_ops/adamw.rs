//! AdamW as an optimizer of Burn: the formulas and the loop are in [`mod@crate::adamw`].
//!
//! Burn's AdamW takes a pass over fresh memory for each operation of the formulas. Moments are the
//! same to the last bit; what is the same for every weight is multiplied once, so a weight's change
//! may differ in its last bits. State and record are Burn's, so a checkpoint of one serves the other.
//! On every device but `flex`, Burn's AdamW does the work.

use burn::{
    optim::{AdamW, AdamWConfig, AdamWState, LearningRate, Optimizer},
    tensor::{Device, Tensor},
};

use crate::adamw::Constants;

/// AdamW that changes weights and moments in place, if no other tensor shares them.
#[derive(Clone)]
pub struct FusedAdamW {
    /// Burn's, for the first step, which makes the state, and for other devices.
    composed: AdamW,
    #[cfg(feature = "flex")]
    constants: Constants,
}

impl FusedAdamW {
    /// One with these constants.
    pub fn new(constants: Constants) -> Self {
        let Constants { beta_1, beta_2, epsilon, weight_decay } = constants;
        let composed = AdamWConfig::new()
            .with_beta_1(beta_1)
            .with_beta_2(beta_2)
            .with_epsilon(epsilon)
            .with_weight_decay(weight_decay)
            .build();
        Self {
            composed,
            #[cfg(feature = "flex")]
            constants,
        }
    }
}

impl Optimizer for FusedAdamW {
    type State<const D: usize> = AdamWState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        weights: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamWState<D>>,
    ) -> (Tensor<D>, Option<AdamWState<D>>) {
        #[cfg(feature = "flex")]
        let (weights, gradient, state) = match state {
            Some(state) => match in_place::step(self.constants, rate, weights, gradient, state) {
                Ok((weights, state)) => return (weights, Some(state)),
                Err((weights, gradient, state)) => (weights, gradient, Some(state)),
            },
            None => (weights, gradient, None),
        };
        self.composed.step(rate, weights, gradient, state)
    }

    fn to_device<const D: usize>(state: AdamWState<D>, device: &Device) -> AdamWState<D> {
        AdamW::to_device(state, device)
    }
}

#[cfg(feature = "flex")]
mod in_place {
    use burn::{optim::AdaptiveMomentumState, tensor::Tensor};

    use super::{AdamWState, Constants};
    use crate::{adamw, burn_ops::FlatTensor, simd::Level};

    /// The updated weights and state, or everything unchanged if some of it is on another device.
    type Outcome<const D: usize> =
        Result<(Tensor<D>, AdamWState<D>), (Tensor<D>, Tensor<D>, AdamWState<D>)>;

    #[expect(clippy::result_large_err, reason = "what comes back is what was moved in")]
    pub(super) fn step<const D: usize>(
        constants: Constants,
        rate: f64,
        weights: Tensor<D>,
        gradient: Tensor<D>,
        state: AdamWState<D>,
    ) -> Outcome<D> {
        let AdaptiveMomentumState { time, moment_1, moment_2, max_moment_2 } = state.momentum;
        let state = |time, moment_1, moment_2| {
            let momentum = AdaptiveMomentumState { time, moment_1, moment_2, max_moment_2 };
            AdamWState { momentum }
        };
        let flat = FlatTensor::all([weights, gradient, moment_1, moment_2]);
        let [mut p, g, mut m, mut v] = match flat {
            Ok(flat) => flat,
            Err([p, g, m, v]) => return Err((p, g, state(time, m, v))),
        };
        let moments = [m.values_mut(), v.values_mut()];
        let level = Level::best();
        adamw::step(level, constants, rate, time + 1, p.values_mut(), moments, g.values());
        Ok((p.into_tensor(), state(time + 1, m.into_tensor(), v.into_tensor())))
    }
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use burn::{
        nn::{Linear, LinearConfig},
        optim::{AdaptiveMomentumState, GradientsParams, ModuleOptimizer},
        tensor::{DType, Distribution},
    };

    use super::*;
    use crate::burn_ops::FlatTensor;

    const RATE: f64 = 1e-3;

    fn constants(weight_decay: f32) -> Constants {
        Constants { beta_1: 0.9, beta_2: 0.98, epsilon: 1e-8, weight_decay }
    }

    fn fused(weight_decay: f32) -> FusedAdamW {
        FusedAdamW::new(constants(weight_decay))
    }

    fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
        Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex())
    }

    fn bits<const D: usize>(tensor: &Tensor<D>) -> Vec<u64> {
        tensor.to_data().iter::<f64>().map(f64::to_bits).collect()
    }

    /// Asserts that weights are the same but for the rounding of `n_steps` changes of about `RATE`.
    fn assert_near<const D: usize>(a: &Tensor<D>, b: &Tensor<D>, n_steps: usize) {
        let (a, b) = (a.to_data(), b.to_data());
        for (a, b) in a.iter::<f64>().zip(b.iter::<f64>()) {
            let bound = n_steps as f64 * f64::from(f32::EPSILON) * (b.abs() + 4.0 * RATE);
            assert!((a - b).abs() <= bound, "{a}, expected {b}, after {n_steps} steps");
        }
    }

    /// `gradient` makes the gradient of each step.
    fn check<const D: usize>(
        weights: Tensor<D>,
        gradient: impl Fn(usize) -> Tensor<D>,
        decay: f32,
    ) {
        let (fused, burn) = (fused(decay), fused(decay).composed);
        let (mut a, mut b) = ((weights.clone(), None), (weights, None));
        for step in 0..40 {
            let gradient = gradient(step);
            a = fused.step(RATE, a.0, gradient.clone(), a.1);
            b = burn.step(RATE, b.0, gradient, b.1);
            assert_near(&a.0, &b.0, step + 1);
        }
        let [a, b] = [a.1, b.1].map(|state| state.expect("made by the first step").momentum);
        assert_eq!(a.time, b.time);
        assert_eq!(bits(&a.moment_1), bits(&b.moment_1));
        assert_eq!(bits(&a.moment_2), bits(&b.moment_2));
    }

    #[test]
    fn every_step_is_that_of_burns_adamw() {
        for decay in [0.0, 0.1] {
            check(random([1]), |_| random([1]), decay);
            check(random([3, 5]), |_| random([3, 5]), decay);
            check(random([2, 7, 11]), |_| random([2, 7, 11]), decay);
            check(random([257, 131]), |_| random([257, 131]), decay); // more than one thread
            check(random([33]), |step| random([33]) * (step % 3) as f64, decay); // zeros between
            check(random([33]), |_| Tensor::zeros([33], &Device::flex()), decay);
        }
    }

    #[test]
    fn views_and_other_types_are_updated_too() {
        let rows = || random([9, 6]).slice([2..7, 0..6]);
        check(rows(), |_| rows(), 0.1);
        check(random([6, 5]).transpose(), |_| random([6, 5]).transpose(), 0.1);
        let double = || random([4, 3]).cast(DType::F64);
        check(double(), |_| double(), 0.1);
    }

    fn state<const D: usize>(like: &Tensor<D>) -> AdamWState<D> {
        let shape = like.dims();
        AdamWState::new(AdaptiveMomentumState::new(1, random(shape), random(shape).square()))
    }

    fn address<const D: usize>(tensor: Tensor<D>) -> (Tensor<D>, *const f32) {
        let flat = FlatTensor::new(tensor).expect("the device is flex");
        let address = flat.values().as_ptr();
        (flat.into_tensor(), address)
    }

    #[test]
    fn weights_and_moments_stay_where_they_are() {
        let weights = random([300, 200]);
        let AdaptiveMomentumState { moment_1, moment_2, .. } = state(&weights).momentum;
        let (weights, p) = address(weights);
        let (moment_1, m) = address(moment_1);
        let (moment_2, v) = address(moment_2);
        let before = AdamWState::new(AdaptiveMomentumState::new(1, moment_1, moment_2));
        let (weights, after) = fused(0.1).step(RATE, weights, random([300, 200]), Some(before));
        let after = after.unwrap().momentum;
        let addresses = (address(weights).1, address(after.moment_1).1, address(after.moment_2).1);
        assert_eq!(addresses, (p, m, v));
    }

    #[test]
    fn weights_that_somebody_else_holds_do_not_change_under_them() {
        let weights = random([8]);
        let (kept, state) = (weights.clone(), state(&weights));
        let before = bits(&kept);
        let (weights, _) = fused(0.1).step(RATE, weights, random([8]), Some(state));
        assert_eq!(bits(&kept), before);
        assert_ne!(bits(&weights), before);
    }

    #[test]
    fn either_adamw_goes_on_with_the_record_of_the_other() {
        let device = Device::flex().autodiff();
        let fused = || ModuleOptimizer::from(fused(0.1));
        let burn = || ModuleOptimizer::from(self::fused(0.1).composed);
        let step = |optimizer: &mut ModuleOptimizer, layer: Linear| {
            let input = Tensor::<2>::ones([2, 6], &device) * 0.5;
            let loss = layer.forward(input).square().sum();
            let gradients = GradientsParams::from_grads(loss.backward(), &layer);
            optimizer.step(RATE, layer, gradients)
        };
        let start = LinearConfig::new(6, 4).init(&device);
        let makers: [&dyn Fn() -> ModuleOptimizer; 2] = [&fused, &burn];
        for (saver, loader) in [(makers[0], makers[1]), (makers[1], makers[0])] {
            let mut optimizer = saver();
            let mut layer = start.clone();
            for _ in 0..3 {
                layer = step(&mut optimizer, layer);
            }
            let bytes = optimizer.into_bytes().unwrap();
            let mut other = loader().from_bytes(bytes).unwrap();
            let (a, b) = (step(&mut optimizer, layer.clone()), step(&mut other, layer));
            assert_near(&a.weight.val(), &b.weight.val(), 1);
            assert_near(&a.bias.unwrap().val(), &b.bias.unwrap().val(), 1);
        }
    }
}
