//! Clipping of all gradients together.
//!
//! ```text
//! norm = √ Σ ‖g‖²          over every parameter's gradient g
//! g   ← g · min(1, max / norm)
//! ```
//!
//! Burn's own clipping bounds each tensor for itself, which changes the direction of the update.
//! Reference: Pascanu et al. 2013, <https://arxiv.org/abs/1211.5063>.

use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::Tensor,
};

/// Added to the norm, so that nothing is divided by 0 where every gradient is 0.
const NORM_EPSILON: f64 = 1e-12;

/// Scales the gradients of `model` so that their global norm is at most `max_norm`.
///
/// Returns the norm from before, `[1]`, without waiting for the device.
pub fn clip_global_norm<M: Module>(
    model: &M,
    gradients: &mut GradientsParams,
    max_norm: f64,
) -> Tensor<1> {
    #[cfg(feature = "flex")]
    if let Some(norm) = in_place::clip(model, gradients, max_norm) {
        return norm;
    }
    let mut squares = Squares { gradients, sums: Vec::new() };
    model.visit(&mut squares);
    let norm = Tensor::cat(squares.sums, 0).sum().sqrt();
    let factor = (norm.clone() + NORM_EPSILON).recip().mul_scalar(max_norm).clamp_max(1.0);
    model.visit(&mut Scale { gradients, factor });
    norm
}

struct Squares<'a> {
    gradients: &'a GradientsParams,
    sums: Vec<Tensor<1>>,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.sums.push((gradient.clone() * gradient).sum());
        }
    }
}

struct Scale<'a> {
    gradients: &'a mut GradientsParams,
    factor: Tensor<1>,
}

impl ModuleVisitor for Scale<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            let factor = self.factor.clone().reshape([1; D]);
            self.gradients.register(param.id, gradient * factor);
        }
    }
}

/// The same on the `flex` device: one pass for the norm, and another only if it is too large.
#[cfg(feature = "flex")]
mod in_place {
    use burn::tensor::Device;

    use super::{GradientsParams, Module, ModuleVisitor, NORM_EPSILON, Param, Tensor};
    use crate::{burn_ops::FlatTensor, clipping, simd::Level};

    /// `None`, and nothing changed, where a gradient is on another device.
    pub(super) fn clip<M: Module>(
        model: &M,
        gradients: &mut GradientsParams,
        max_norm: f64,
    ) -> Option<Tensor<1>> {
        let mut all = Gather { gradients, flat: Some(Vec::new()), device: None };
        model.visit(&mut all);
        let (flat, device) = (all.flat?, all.device?);
        let norm = clipping::global_norm(Level::best(), flat.iter().map(FlatTensor::values));
        drop(flat); // a second owner: the gradients would be copied before they are scaled
        let factor = max_norm / (norm + NORM_EPSILON);
        if factor < 1.0 {
            model.visit(&mut Scale { gradients, factor: factor as f32 });
        }
        Some(Tensor::from_data([norm as f32], &device))
    }

    struct Gather<'a> {
        gradients: &'a GradientsParams,
        flat: Option<Vec<FlatTensor>>,
        device: Option<Device>,
    }

    impl ModuleVisitor for Gather<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let Some(gradient) = self.gradients.get::<D>(param.id) else { return };
            self.device.get_or_insert_with(|| gradient.device());
            match (&mut self.flat, FlatTensor::new(gradient)) {
                (Some(all), Ok(flat)) => all.push(flat),
                _ => self.flat = None,
            }
        }
    }

    struct Scale<'a> {
        gradients: &'a mut GradientsParams,
        factor: f32,
    }

    impl ModuleVisitor for Scale<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let Some(gradient) = self.gradients.remove::<D>(param.id) else { return };
            let mut flat = FlatTensor::new(gradient).expect("its square was summed");
            clipping::scale(Level::best(), flat.values_mut(), self.factor);
            self.gradients.register(param.id, flat.into_tensor::<D>());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::{
        nn::{Linear, LinearConfig},
        tensor::{DType, Device, Distribution, Tensor},
    };

    fn gradients(layer: &Linear, weight: [f32; 2], bias: f32) -> GradientsParams {
        let device = Device::flex();
        let mut gradients = GradientsParams::new();
        let weight: Tensor<2> = Tensor::from_data([[weight[0]], [weight[1]]], &device);
        gradients.register(layer.weight.id, weight);
        let id = layer.bias.as_ref().unwrap().id;
        gradients.register(id, Tensor::<1>::from_data([bias], &device));
        gradients
    }

    fn clipped(max_norm: f64, weight: [f32; 2], bias: f32) -> (f32, Vec<f32>) {
        let layer = LinearConfig::new(2, 1).init(&Device::flex());
        let mut gradients = gradients(&layer, weight, bias);
        let norm = clip_global_norm(&layer, &mut gradients, max_norm).into_scalar::<f32>();
        let weight = gradients.get::<2>(layer.weight.id).unwrap().into_data();
        let bias = gradients.get::<1>(layer.bias.as_ref().unwrap().id).unwrap().into_data();
        (norm, weight.iter::<f32>().chain(bias.iter::<f32>()).collect())
    }

    #[test]
    fn gradients_over_the_bound_keep_their_common_direction() {
        let (norm, values) = clipped(3.5, [2.0, 3.0], 6.0); // 4 + 9 + 36 = 7²
        assert_eq!(norm, 7.0);
        for (value, expected) in values.iter().zip([1.0, 1.5, 3.0]) {
            assert!((value - expected).abs() < 1e-6, "{values:?}");
        }
    }

    #[test]
    fn gradients_under_the_bound_and_of_zero_stay_as_they_are() {
        assert_eq!(clipped(7.5, [2.0, 3.0], 6.0), (7.0, vec![2.0, 3.0, 6.0]));
        assert_eq!(clipped(1.0, [0.0, 0.0], 0.0), (0.0, vec![0.0, 0.0, 0.0]));
    }

    /// Of a layer with more numbers than one block and one thread take.
    #[test]
    fn the_norm_is_that_of_slow_loops_and_of_other_number_types() {
        let device = Device::flex();
        let layer = LinearConfig::new(301, 211).init(&device);
        let id = layer.weight.id;
        let random = Distribution::Normal(0.0, 3.0);
        let gradient: Tensor<2> = Tensor::random([301, 211], random, &device);
        let values: Vec<f64> = gradient.to_data().iter::<f64>().collect();
        let expected = values.iter().map(|value| value * value).sum::<f64>().sqrt();
        for dtype in [DType::F32, DType::F64] {
            let kept = gradient.clone().cast(dtype);
            let mut gradients = GradientsParams::new();
            gradients.register(id, kept.clone());
            let norm: f64 = clip_global_norm(&layer, &mut gradients, 10.0).into_scalar();
            assert!((norm / expected - 1.0).abs() < 1e-6, "{norm}, expected {expected}");
            let clipped = gradients.get::<2>(id).unwrap().into_data();
            for (clipped, value) in clipped.iter::<f64>().zip(&values) {
                assert!((clipped - value * 10.0 / expected).abs() < 1e-6, "{clipped} of {value}");
            }
            let kept: Vec<f64> = kept.into_data().iter().collect();
            assert_eq!(kept, values, "another owner's numbers are left alone");
        }
    }
}
