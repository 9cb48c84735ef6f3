//! What the parameters are before training: small random numbers, so that no two units start equal
//! and every signal starts at a size that the next layer can use.
//!
//! ```text
//! normal             weights ~ N(0, 1/(3·d_input))
//! Glorot, uniform    weights ~ U(-a, a), a = √(6/(d_input + d_output))
//! biases 0, the weights of a layer norm 1
//! ```
//!
//! `1/√(3·768)` is the 0.02 of BERT (Devlin et al. 2018, <https://arxiv.org/abs/1810.04805>, as
//! published) at its width of 768; a fixed 0.02 would all but silence the narrow layers that we
//! train. The uniform distribution is Glorot & Bengio 2010, which the authors of Vaswani et al.
//! 2017 used. What starts otherwise says so in its file: the embeddings ([`crate::embedding`]), the
//! pointer ([`mod@crate::pointer`]) and the forget gates of the LSTM ([`crate::recurrent`]).

use burn::{
    module::{ModuleMapper, Param, ParamId},
    nn::{LayerNorm, LayerNormConfig},
    tensor::{Device, Distribution, Tensor},
};

use crate::projection::Projection;
use config::encoder::{EncoderConfig, architecture::WeightInit};

/// Standard deviation of the parameters that should start near zero at any width.
pub(crate) const SMALL_STD: f64 = 0.02;

/// Added to a variance before its root is taken, so that a constant vector has a norm.
pub(crate) const NORM_EPSILON: f64 = 1e-5;

/// A projection of an encoder from `d_input` to `d_output` numbers.
///
/// It may hold several matrices of equal width side by side, `n_parts` of them: each is initialised
/// as it would be alone.
pub(crate) fn projection(
    config: &EncoderConfig,
    [d_input, d_output]: [usize; 2],
    n_parts: usize,
    device: &Device,
) -> Projection {
    let architecture = config.architecture();
    let distribution = match architecture.weight_init {
        WeightInit::Normal => by_fan_in(d_input),
        WeightInit::GlorotUniform => {
            let bound = (6.0 / (d_input + d_output / n_parts) as f64).sqrt();
            Distribution::Uniform(-bound, bound)
        }
    };
    Projection {
        weight: random([d_input, d_output], distribution, device),
        bias: architecture.biases.then(|| zeros(d_output, device)),
    }
}

/// The normal distribution of weights that `d_input` numbers are multiplied with.
pub(crate) fn by_fan_in(d_input: usize) -> Distribution {
    Distribution::Normal(0.0, (1.0 / (3.0 * d_input as f64)).sqrt())
}

/// A layer norm of an encoder, over `d_model`.
pub(crate) fn layer_norm(config: &EncoderConfig, device: &Device) -> LayerNorm {
    norm(config.d_model, config.architecture().biases, device)
}

/// A layer norm over `d_model`.
pub(crate) fn norm(d_model: usize, has_bias: bool, device: &Device) -> LayerNorm {
    LayerNormConfig::new(d_model).with_epsilon(NORM_EPSILON).with_bias(has_bias).init(device)
}

/// Random numbers, drawn at once. Burn's own initialisers draw when a parameter is first used, so
/// that it would depend on what else had asked the device for random numbers by then.
pub(crate) fn random<const D: usize>(
    dims: [usize; D],
    distribution: Distribution,
    device: &Device,
) -> Param<Tensor<D>> {
    Param::from_tensor(Tensor::random(dims, distribution, device))
}

/// A bias of zeros.
pub(crate) fn zeros(n: usize, device: &Device) -> Param<Tensor<1>> {
    Param::from_tensor(Tensor::zeros([n], device))
}

/// Gives the parameters of a module consecutive ids in its order, starting after the number that it
/// holds.
///
/// Burn gives each a random id, which is written into every file: files of equal models would
/// differ.
pub(crate) struct NumberParameters(pub(crate) u64);

impl ModuleMapper for NumberParameters {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.0 += 1;
        let (_, value, mapper) = param.consume();
        Param::from_mapped_value(ParamId::from(self.0), value, mapper)
    }
}

#[cfg(test)]
mod tests;
