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
    tensor::{Device, Distribution, Tensor, TensorData},
};
use rand::{SeedableRng, rngs::StdRng};

use crate::projection::Projection;
use config::encoder::{EncoderConfig, architecture::WeightInit};

/// Standard deviation of the parameters that should start near zero at any width.
pub(crate) const SMALL_STD: f64 = 0.02;

/// Added to a variance before its root is taken, so that a constant vector has a norm.
pub(crate) const NORM_EPSILON: f64 = 1e-5;

/// Makes the parameters of an untrained model, one after the other, on one device.
///
/// The random numbers are drawn here and copied to the device: the same seed gives the same parameters
/// on every backend, and nothing else that draws random numbers in the process changes them. They are
/// those that Burn's flex backend draws after `device.seed(seed)`.
#[derive(Debug)]
pub struct Initialiser<'a> {
    rng: StdRng,
    device: &'a Device,
}

impl<'a> Initialiser<'a> {
    /// One whose parameters are a function of `seed` and of the order in which they are made.
    pub fn new(seed: u64, device: &'a Device) -> Self {
        Self { rng: StdRng::seed_from_u64(seed), device }
    }

    /// A projection of an encoder from `d_input` to `d_output` numbers.
    ///
    /// It may hold several matrices of equal width side by side, `n_parts` of them: each is
    /// initialised as it would be alone.
    pub(crate) fn projection(
        &mut self,
        config: &EncoderConfig,
        [d_input, d_output]: [usize; 2],
        n_parts: usize,
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
            weight: self.random([d_input, d_output], distribution),
            bias: architecture.biases.then(|| self.zeros(d_output)),
        }
    }

    /// A layer norm of an encoder, over `d_model`.
    pub(crate) fn layer_norm(&self, config: &EncoderConfig) -> LayerNorm {
        self.norm(config.d_model, config.architecture().biases)
    }

    /// A layer norm over `d_model`.
    pub(crate) fn norm(&self, d_model: usize, has_bias: bool) -> LayerNorm {
        let config = LayerNormConfig::new(d_model).with_epsilon(NORM_EPSILON);
        config.with_bias(has_bias).init(self.device)
    }

    /// Random numbers, drawn at once.
    pub(crate) fn random<const D: usize>(
        &mut self,
        dims: [usize; D],
        distribution: Distribution,
    ) -> Param<Tensor<D>> {
        let numbers = TensorData::random::<f32, _, _>(dims, distribution, &mut self.rng);
        Param::from_tensor(Tensor::from_data(numbers, self.device))
    }

    /// A bias of zeros.
    pub(crate) fn zeros(&self, n: usize) -> Param<Tensor<1>> {
        Param::from_tensor(Tensor::zeros([n], self.device))
    }

    /// The device of the parameters.
    pub(crate) fn device(&self) -> &'a Device {
        self.device
    }
}

/// The normal distribution of weights that `d_input` numbers are multiplied with.
pub(crate) fn by_fan_in(d_input: usize) -> Distribution {
    Distribution::Normal(0.0, (1.0 / (3.0 * d_input as f64)).sqrt())
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
