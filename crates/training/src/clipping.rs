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

/// Scales the gradients of `model` so that their global norm is at most `max_norm`.
///
/// Returns the norm from before, `[1]`, without waiting for the device.
pub fn clip_global_norm<M: Module>(
    model: &M,
    gradients: &mut GradientsParams,
    max_norm: f64,
) -> Tensor<1> {
    let mut squares = Squares { gradients, sums: Vec::new() };
    model.visit(&mut squares);
    let norm = Tensor::cat(squares.sums, 0).sum().sqrt();
    // The small term keeps 0 / 0 out where every gradient is 0.
    let factor = (norm.clone() + 1e-12).recip().mul_scalar(max_norm).clamp_max(1.0);
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

#[cfg(test)]
mod tests {
    use super::*;
    use burn::{
        nn::{Linear, LinearConfig},
        tensor::{Device, Tensor},
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
}
