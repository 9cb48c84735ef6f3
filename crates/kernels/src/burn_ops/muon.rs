//! Muon as an optimizer of Burn: the formulas and the loops are in [`mod@crate::muon`].
//!
//! Burn's Muon takes its products with one thread, and a pass over fresh memory for each operation
//! between them. State and record are Burn's, so a checkpoint of one serves the other. On every device but
//! `flex`, Burn's Muon does the work.

use burn::{
    optim::{
        AdjustLrFn, LearningRate, Muon, MuonConfig, MuonState, Optimizer,
        decay::WeightDecayConfig,
        momentum::{Momentum, MomentumConfig},
    },
    tensor::{Device, Tensor},
};

use crate::muon::N_ITERATIONS;

/// Muon for matrices.
#[derive(Clone)]
pub struct FusedMuon {
    constants: Constants,
    /// Makes the next v of the last one, whose field is private.
    momentum: Momentum,
    /// Burn's, for other devices.
    composed: Muon,
}

/// The constants of Muon.
#[derive(Debug, Clone, Copy)]
pub struct Constants {
    /// μ
    pub momentum: f64,
    /// λ, decoupled from the gradient.
    pub weight_decay: f32,
    /// Its learning rate, in multiples of the one that all parameters of a model share.
    pub relative_learning_rate: f64,
}

impl FusedMuon {
    /// One with these constants.
    pub fn new(constants: Constants) -> Self {
        let Constants { momentum, weight_decay, .. } = constants;
        let momentum = |nesterov| MomentumConfig { momentum, dampening: 0.0, nesterov };
        let composed = MuonConfig::new()
            .with_weight_decay(Some(WeightDecayConfig::new(weight_decay)))
            .with_momentum(momentum(true))
            .with_ns_steps(N_ITERATIONS)
            .with_adjust_lr_fn(AdjustLrFn::MatchRmsAdamW)
            .build();
        Self { constants, momentum: Momentum::new(&momentum(false)), composed }
    }
}

impl Optimizer for FusedMuon {
    type State<const D: usize> = MuonState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        weights: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<MuonState<D>>,
    ) -> (Tensor<D>, Option<MuonState<D>>) {
        let rate = rate * self.constants.relative_learning_rate;
        #[cfg(feature = "flex")]
        let (weights, gradient, state) = match in_place::step(self, rate, weights, gradient, state)
        {
            Ok((weights, state)) => return (weights, Some(state)),
            Err(unchanged) => unchanged,
        };
        self.composed.step(rate, weights, gradient, state)
    }

    fn to_device<const D: usize>(state: MuonState<D>, device: &Device) -> MuonState<D> {
        Muon::to_device(state, device)
    }
}

#[cfg(feature = "flex")]
mod in_place {
    use burn::tensor::Tensor;

    use super::{Constants, FusedMuon, MuonState};
    use crate::{burn_ops::FlatTensor, muon, simd::Level};

    /// The updated weights and state, or everything unchanged if some of it is on another device.
    type Outcome<const D: usize> =
        Result<(Tensor<D>, MuonState<D>), (Tensor<D>, Tensor<D>, Option<MuonState<D>>)>;

    #[expect(clippy::result_large_err, reason = "what comes back is what was moved in")]
    pub(super) fn step<const D: usize>(
        optimizer: &FusedMuon,
        learning_rate: f64,
        weights: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<MuonState<D>>,
    ) -> Outcome<D> {
        assert_eq!(D, 2, "Muon is for matrices");
        let n_columns = weights.dims()[1];
        let [mut weights, gradient] = match FlatTensor::all([weights, gradient]) {
            Ok(flat) => flat,
            Err([weights, gradient]) => return Err((weights, gradient, state)),
        };
        let gradient = gradient.into_tensor::<D>();
        let velocity = state.map(|state| state.momentum);
        let (v, velocity) = optimizer.momentum.transform(gradient.clone(), velocity);
        let [gradient, v] = FlatTensor::all([gradient, v]).expect("they are where the weights are");
        let Constants { momentum, weight_decay, .. } = optimizer.constants;
        let constants = muon::Constants { momentum: momentum as f32, weight_decay, learning_rate };
        let [gradient, v] = [gradient.values(), v.values()];
        muon::step(Level::best(), constants, n_columns, weights.values_mut(), v, gradient);
        Ok((weights.into_tensor(), MuonState::new(velocity)))
    }
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use burn::tensor::{DType, Distribution};

    use super::*;

    const RATE: f64 = 1e-2;

    fn random(shape: [usize; 2]) -> Tensor<2> {
        Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex())
    }

    fn fused() -> FusedMuon {
        let constants = Constants { momentum: 0.9, weight_decay: 0.1, relative_learning_rate: 2.0 };
        FusedMuon::new(constants)
    }

    /// Asserts that weights are the same but for what the rounding of the iterations makes of it.
    fn assert_near(a: &Tensor<2>, b: &Tensor<2>) {
        let (a, b) = (a.to_data(), b.to_data());
        for (a, b) in a.iter::<f64>().zip(b.iter::<f64>()) {
            assert!((a - b).abs() <= 1e-4 * (b.abs() + 1.0), "{a}, expected {b}");
        }
    }

    fn check(weights: Tensor<2>, gradient: impl Fn() -> Tensor<2>) {
        let fused = fused();
        let (mut a, mut b) = ((weights.clone(), None), (weights, None));
        for _ in 0..5 {
            let gradient = gradient();
            a = fused.step(RATE, a.0, gradient.clone(), a.1);
            b = fused.composed.step(2.0 * RATE, b.0, gradient, b.1);
            assert_near(&a.0, &b.0);
        }
    }

    #[test]
    fn every_step_is_that_of_burns_muon() {
        for shape in [[1, 1], [3, 5], [20, 7], [64, 192], [129, 65]] {
            check(random(shape), || random(shape));
        }
        check(random([5, 4]), || Tensor::zeros([5, 4], &Device::flex()));
    }

    #[test]
    fn views_and_other_types_are_updated_too() {
        let rows = || random([9, 6]).slice([2..7, 0..6]);
        check(rows(), rows);
        check(random([6, 5]).transpose(), || random([6, 5]).transpose());
        let double = || random([4, 3]).cast(DType::F64);
        check(double(), double);
    }

    #[test]
    fn weights_that_somebody_else_holds_do_not_change_under_them() {
        let weights = random([8, 8]);
        let kept = weights.clone();
        let before = kept.to_data();
        let (weights, _) = fused().step(RATE, weights, random([8, 8]), None);
        assert_eq!(kept.to_data(), before);
        assert_ne!(weights.to_data(), before);
    }
}
