//! What the parameters are before training: small random numbers, so that no two units start equal
//! and every signal starts at a size that the next layer can use.
//!
//! ```text
//! base, bert   weights ~ N(0, 1/(3·d_input))                      embeddings ~ N(0, 0.02²)
//! lstm         the same, and the biases of its forget gates 1
//! vaswani      weights ~ U(-a, a), a = √(6/(d_input + d_output))  embeddings ~ N(0, 1/d_model)
//! all          other biases 0, the weights of a layer norm 1
//! ```
//!
//! `1/√(3·768)` is the 0.02 of BERT (Devlin et al. 2018, <https://arxiv.org/abs/1810.04805>, as
//! published) at its width of 768; a fixed 0.02 would all but silence the narrow layers that we
//! train. The uniform distribution is Glorot & Bengio 2010, which the authors of Vaswani et al.
//! 2017 used, and `1/d_model` makes their `√d_model · E[token]` as large as the positions.

use burn::{
    module::{ModuleMapper, Param, ParamId},
    nn::{LayerNorm, LayerNormConfig, Linear},
    tensor::{Device, Distribution, Tensor},
};

use config::encoder::{EncoderConfig, Shape};

/// Standard deviation of what should start near zero.
pub(crate) const SMALL: f64 = 0.02;

/// Added to a variance before its root is taken, so that a constant vector has a norm.
pub(crate) const NORM_EPSILON: f64 = 1e-5;

/// A projection from `d_input` to `d_output` numbers, with a bias if the shape has biases.
///
/// It may hold several matrices side by side, `n_parts` of equal width: each starts as it would
/// alone.
pub(crate) fn linear(
    config: &EncoderConfig,
    [d_input, d_output]: [usize; 2],
    n_parts: usize,
    device: &Device,
) -> Linear {
    let distribution = match config.shape {
        Shape::Base | Shape::Bert => fan_in(d_input),
        Shape::Vaswani => {
            let bound = (6.0 / (d_input + d_output / n_parts) as f64).sqrt();
            Distribution::Uniform(-bound, bound)
        }
    };
    Linear {
        weight: random([d_input, d_output], distribution, device),
        bias: config.shape.has_biases().then(|| zeros(d_output, device)),
    }
}

/// What the weights of `d_input` numbers start from where no shape says otherwise.
pub(crate) fn fan_in(d_input: usize) -> Distribution {
    Distribution::Normal(0.0, (1.0 / (3.0 * d_input as f64)).sqrt())
}

/// A table of `n` vectors of width `d_model`: `[n, d_model]`.
pub(crate) fn vectors(config: &EncoderConfig, n: usize, device: &Device) -> Param<Tensor<2>> {
    let std = match config.shape {
        Shape::Base | Shape::Bert => SMALL,
        Shape::Vaswani => (config.d_model as f64).sqrt().recip(),
    };
    random([n, config.d_model], Distribution::Normal(0.0, std), device)
}

/// A layer norm over `d_model`, with a bias if the shape has biases.
pub(crate) fn layer_norm(config: &EncoderConfig, device: &Device) -> LayerNorm {
    norm(config.d_model, config.shape.has_biases(), device)
}

/// A layer norm over `d_model`.
pub(crate) fn norm(d_model: usize, has_bias: bool, device: &Device) -> LayerNorm {
    LayerNormConfig::new(d_model).with_epsilon(NORM_EPSILON).with_bias(has_bias).init(device)
}

/// Drawn here and now. Burn's own initialisers draw when a parameter is first used, so that it
/// would depend on what else had asked the device for random numbers by then.
pub(crate) fn random<const D: usize>(
    dims: [usize; D],
    distribution: Distribution,
    device: &Device,
) -> Param<Tensor<D>> {
    Param::from_tensor(Tensor::random(dims, distribution, device))
}

/// A bias without an opinion.
pub(crate) fn zeros(n: usize, device: &Device) -> Param<Tensor<1>> {
    Param::from_tensor(Tensor::zeros([n], device))
}

/// Numbers the parameters of a module in its order, after the number that it holds.
///
/// Burn gives each a random number, which is written into every file: equal models would be unequal
/// files.
pub(crate) struct Number(pub(crate) u64);

impl ModuleMapper for Number {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.0 += 1;
        let (_, value, mapper) = param.consume();
        Param::from_mapped_value(ParamId::from(self.0), value, mapper)
    }
}

#[cfg(test)]
mod tests;
