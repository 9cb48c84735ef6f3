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

/// Keeps 0 / 0 out where every gradient is 0.
const TINY: f64 = 1e-12;

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
    let factor = (norm.clone() + TINY).recip().mul_scalar(max_norm).clamp_max(1.0);
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
    use pulp::{Arch, Simd, WithSimd};

    use super::{GradientsParams, Module, ModuleVisitor, Param, TINY, Tensor};
    use crate::flat::{Flat, for_each_part, part};

    /// Numbers whose squares are summed in `f32`; beyond that in `f64`.
    const BLOCK: usize = 1 << 12;
    /// Vectors of sums side by side, so that no addition waits for the one before.
    const SUMS: usize = 4;

    /// `None`, and nothing changed, where a gradient is on another device.
    pub(super) fn clip<M: Module>(
        model: &M,
        gradients: &mut GradientsParams,
        max_norm: f64,
    ) -> Option<Tensor<1>> {
        let mut all = Gather { gradients, flat: Some(Vec::new()), device: None };
        model.visit(&mut all);
        let norm = norm(&all.flat?);
        let device = all.device?;
        let factor = max_norm / (norm + TINY);
        if factor < 1.0 {
            model.visit(&mut Scale { gradients, factor: factor as f32 });
        }
        Some(Tensor::from_data([norm as f32], &device))
    }

    struct Gather<'a> {
        gradients: &'a GradientsParams,
        flat: Option<Vec<Flat>>,
        device: Option<Device>,
    }

    impl ModuleVisitor for Gather<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let Some(gradient) = self.gradients.get::<D>(param.id) else { return };
            self.device.get_or_insert_with(|| gradient.device());
            match (&mut self.flat, Flat::new(gradient)) {
                (Some(all), Ok(flat)) => all.push(flat),
                _ => self.flat = None,
            }
        }
    }

    /// The same bits for any number of threads: each block has its own sum.
    fn norm(gradients: &[Flat]) -> f64 {
        let blocks: Vec<&[f32]> =
            gradients.iter().flat_map(|gradient| gradient.values().chunks(BLOCK)).collect();
        let mut sums = vec![0.0; blocks.len()];
        let len = part(blocks.len() * BLOCK).div_ceil(BLOCK);
        let arch = Arch::new();
        for_each_part(blocks.chunks(len).zip(sums.chunks_mut(len)), |(blocks, sums)| {
            for (block, sum) in blocks.iter().zip(sums) {
                *sum = arch.dispatch(SumOfSquares(block));
            }
        });
        sums.iter().sum::<f64>().sqrt()
    }

    struct SumOfSquares<'a>(&'a [f32]);

    impl WithSimd for SumOfSquares<'_> {
        type Output = f64;

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> f64 {
            let (vectors, rest) = S::as_simd_f32s(self.0);
            let (rows, last) = vectors.as_chunks::<SUMS>();
            let mut sums = [simd.splat_f32s(0.0); SUMS];
            for row in rows {
                for (sum, &vector) in sums.iter_mut().zip(row) {
                    *sum = simd.mul_add_e_f32s(vector, vector, *sum);
                }
            }
            for (sum, &vector) in sums.iter_mut().zip(last) {
                *sum = simd.mul_add_e_f32s(vector, vector, *sum);
            }
            let sums = sums.iter().map(|&sum| f64::from(simd.reduce_sum_f32s(sum)));
            sums.chain(rest.iter().map(|&value| f64::from(value * value))).sum()
        }
    }

    struct Scale<'a> {
        gradients: &'a mut GradientsParams,
        factor: f32,
    }

    impl ModuleVisitor for Scale<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let Some(gradient) = self.gradients.remove::<D>(param.id) else { return };
            let mut flat = Flat::new(gradient).expect("its square was summed");
            let (factor, arch) = (self.factor, Arch::new());
            let len = part(flat.values().len());
            for_each_part(flat.values_mut().chunks_mut(len), |values| {
                arch.dispatch(Multiply { values, factor });
            });
            self.gradients.register(param.id, flat.into_tensor::<D>());
        }
    }

    struct Multiply<'a> {
        values: &'a mut [f32],
        factor: f32,
    }

    impl WithSimd for Multiply<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            for value in self.values {
                *value *= self.factor;
            }
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
