//! Attribution by the gradient of the answer's log probability with respect to the embeddings.
//!
//! ```text
//! gradient × input       x · ∇f(x)
//! integrated gradients   (x - b) · mean of ∇f(b + α (x - b)),  α = (k - ½)/16, k = 1 … 16
//! ```
//!
//! `x` are the embedded tokens of the text, `b` the mean embedded token of the validation examples,
//! at every position. A baseline of zero would not do: all points on the path from zero to x are
//! multiples of x, which a layer norm maps to the same vector until close to zero.
//! Both methods sum over the vector of a token and keep the sign.
//!
//! The gradient flows through the pointer's comparison with a word as well as through attention to
//! it, while [`super::masking`] removes only attention.
//! Reference: Sundararajan et al. 2017, <https://arxiv.org/abs/1703.01365>, §3.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};
use encoder::{intervention::Untouched, resolver::Resolver};

use super::{
    AnalysedModel,
    masking::{AnsweredText, log_probability},
    texts::Texts,
};

/// Number of points on the path from the baseline to the text.
const N_POINTS: usize = 16;

/// The model on an autodiff device, and the baseline of integrated gradients.
pub(crate) struct Differentiable {
    resolver: Resolver,
    device: Device,
    /// b, the mean embedding of the validation tokens: `[1, 1, d_model]`
    baseline: Tensor<3>,
}

/// The attribution of each token of a text, by both methods.
pub(crate) struct Attributions {
    pub(crate) gradient_x_input: Vec<f64>,
    pub(crate) integrated_gradients: Vec<f64>,
}

impl Differentiable {
    /// A copy of `model` with gradients, and the mean embedding of `validation` as the baseline.
    pub(crate) fn new(model: &AnalysedModel<'_>, validation: &Texts) -> Self {
        let mean = mean_embedding(model, validation).into_data();
        let device = model.device.clone().autodiff();
        // Gradients are taken with respect to the embedded text only, so parameters are frozen.
        let resolver = model.resolver.clone().train().freeze();
        Self { resolver, baseline: Tensor::from_data(mean, &device), device }
    }

    pub(crate) fn attributions(&self, answered: &AnsweredText<'_>) -> Attributions {
        // The points on the path, then the text itself.
        let batch = answered.repeated(N_POINTS + 1, &self.device);
        let alphas = (0..N_POINTS).map(|k| (k as f32 + 0.5) / N_POINTS as f32).chain([1.0]);
        let alphas = Tensor::<1>::from_floats(&alphas.collect::<Vec<f32>>()[..], &self.device);
        let alphas = alphas.reshape([N_POINTS + 1, 1, 1]);
        let text = self.resolver.embed(batch.input.tokens.clone()).detach(); // [points, seq, d_model]
        let path = text.clone() - self.baseline.clone();
        let points = (self.baseline.clone() + path.clone() * alphas).detach().require_grad();
        let logits = self.resolver.observe(&batch.input, points.clone(), &Untouched).output.logits;
        let gradients = log_probability(logits, answered.answer).sum().backward();
        let gradient = points.grad(&gradients).expect("the answer depends on the text");
        let mean = gradient.clone().narrow(0, 0, N_POINTS).mean_dim(0); // [1, seq, d_model]
        let last = |x: Tensor<3>| x.narrow(0, N_POINTS, 1).inner();
        let [last_path, last_text] = [last(path), last(text)];
        Attributions {
            gradient_x_input: sums(last_text * gradient.narrow(0, N_POINTS, 1)),
            integrated_gradients: sums(last_path * mean),
        }
    }
}

/// The sum over the vector of each token: `[1, seq, d_model]` to `[seq]`.
fn sums(x: Tensor<3>) -> Vec<f64> {
    x.sum_dim(2).into_data().iter::<f64>().collect()
}

/// The mean embedding over all tokens that are not padding: `[1, 1, d_model]`
fn mean_embedding(model: &AnalysedModel<'_>, texts: &Texts) -> Tensor<3> {
    let sums = texts.batches.iter().map(|batch| {
        let embedded = model.resolver.embed(batch.input.tokens.clone());
        let [n, seq, d_model] = embedded.dims();
        let is_padding = batch.input.key_padding_mask.clone().reshape([n, seq, 1]);
        embedded.mask_fill(is_padding.expand([n, seq, d_model]), 0.0).sum_dim(0).sum_dim(1)
    });
    let n_tokens: usize = texts.batches.iter().map(|batch| batch.n_tokens()).sum();
    sums.reduce(|a, b| a + b).expect("there are examples") / n_tokens as f64
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};

    /// Completeness (Sundararajan et al., proposition 1): attributions sum to f(x) - f(b), up to the
    /// error of a sum with sixteen points.
    #[test]
    fn integrated_gradients_add_up_to_the_whole_difference() {
        sample::with_model(|model| {
            let differentiable =
                Differentiable::new(model, &Texts::new(&sample::examples(), model));
            let [he, _] = sample::pair("p", [0, 1], 0);
            let answered = AnsweredText::new(&he, Some(0));
            let batch = answered.repeated(1, &differentiable.device);
            let value = |embedded: Tensor<3>| -> f64 {
                let observation =
                    differentiable.resolver.observe(&batch.input, embedded, &Untouched);
                log_probability(observation.output.logits, 0).into_scalar::<f32>().into()
            };
            let text = differentiable.resolver.embed(batch.input.tokens.clone());
            let baseline = differentiable.baseline.clone().expand(text.dims());
            let expected = value(text) - value(baseline);
            let attributions = differentiable.attributions(&answered).integrated_gradients;
            let sum: f64 = attributions.iter().sum();
            assert!(expected > 1.0 && (sum - expected).abs() < 0.1 * expected, "{sum} {expected}");
            let top = super::super::argmax(attributions.iter().copied());
            assert!(matches!(top, Some(1 | 6)), "the man or his pronoun: {attributions:?}");
        });
    }

    /// Compared with the central difference of the log probability when the embeddings are scaled.
    #[test]
    fn gradient_times_input_is_the_derivative_with_respect_to_scale() {
        sample::with_model(|model| {
            let differentiable =
                Differentiable::new(model, &Texts::new(&sample::examples(), model));
            let [he, _] = sample::pair("p", [0, 1], 0);
            let answered = AnsweredText::new(&he, Some(0));
            let batch = answered.repeated(1, &differentiable.device);
            let text = differentiable.resolver.embed(batch.input.tokens.clone());
            let value = |scale: f64| -> f64 {
                let embedded = text.clone() * scale;
                let observation =
                    differentiable.resolver.observe(&batch.input, embedded, &Untouched);
                log_probability(observation.output.logits, 0).into_scalar::<f32>().into()
            };
            let expected = (value(1.01) - value(0.99)) / 0.02;
            let sum: f64 = differentiable.attributions(&answered).gradient_x_input.iter().sum();
            assert!(
                (sum - expected).abs() < 1e-3_f64.max(0.05 * expected.abs()),
                "{sum} {expected}"
            );
        });
    }
}
