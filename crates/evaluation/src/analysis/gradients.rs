//! What words are worth by the slope of the answer's log probability.
//!
//! ```text
//! gradient × input       x · ∇f(x)
//! integrated gradients   (x - b) · mean of ∇f(b + α (x - b)),  α = (k - ½)/16, k = 1 … 16
//! ```
//!
//! `x` are the embedded tokens of the text, `b` the mean embedded token of the validation examples,
//! at every position: a text that says nothing. Zero would say nothing, too, but all vectors on the way
//! from it point the same way, and a layer norm sees no difference between them until the very end.
//! Both are sums over the vector of a token, with their sign.
//!
//! The slope goes through being pointed at as well as through being read, while [`super::effects`]
//! takes away only the reading.
//! Reference: Sundararajan et al. 2017, <https://arxiv.org/abs/1703.01365>, §3.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};
use encoder::{intervention::Untouched, resolver::Resolver};

use super::{
    Subject,
    effects::{Question, log_probability},
    texts::Texts,
};

/// Points of the way from the baseline to the text.
const N_STEPS: usize = 16;

/// A model that can be differentiated.
pub(crate) struct Differentiable {
    resolver: Resolver,
    device: Device,
    /// b: `[1, 1, d_model]`
    baseline: Tensor<3>,
}

/// For each token of a text.
pub(crate) struct Slopes {
    pub(crate) gradient_x_input: Vec<f64>,
    pub(crate) integrated_gradients: Vec<f64>,
}

impl Differentiable {
    /// The subject's model, with the mean of `validation` as the baseline.
    pub(crate) fn new(subject: &Subject<'_>, validation: &Texts) -> Self {
        let mean = mean_embedding(subject, validation).into_data();
        let device = subject.device.clone().autodiff();
        // Frozen: the slopes are those by the text, so parameters need no gradients.
        let resolver = subject.resolver.clone().train().freeze();
        Self { resolver, baseline: Tensor::from_data(mean, &device), device }
    }

    pub(crate) fn slopes(&self, question: &Question<'_>) -> Slopes {
        // The points of the way, and the text itself at the end.
        let batch = question.repeated(N_STEPS + 1, &self.device);
        let alphas = (0..N_STEPS).map(|k| (k as f32 + 0.5) / N_STEPS as f32).chain([1.0]);
        let alphas = Tensor::<1>::from_floats(&alphas.collect::<Vec<f32>>()[..], &self.device);
        let alphas = alphas.reshape([N_STEPS + 1, 1, 1]);
        let text = self.resolver.embed(batch.input.tokens.clone()).detach(); // [points, seq, d_model]
        let way = text.clone() - self.baseline.clone();
        let points = (self.baseline.clone() + way.clone() * alphas).detach().require_grad();
        let logits = self.resolver.observe(&batch.input, points.clone(), &Untouched).output.logits;
        let gradients = log_probability(logits, question.answer).sum().backward();
        let gradient = points.grad(&gradients).expect("the answer depends on the text");
        let mean = gradient.clone().narrow(0, 0, N_STEPS).mean_dim(0); // [1, seq, d_model]
        let last = |x: Tensor<3>| x.narrow(0, N_STEPS, 1).inner();
        let [last_way, last_text] = [last(way), last(text)];
        Slopes {
            gradient_x_input: sums(last_text * gradient.narrow(0, N_STEPS, 1)),
            integrated_gradients: sums(last_way * mean),
        }
    }
}

/// Of each token: `[1, seq, d_model]` to `[seq]`.
fn sums(x: Tensor<3>) -> Vec<f64> {
    x.sum_dim(2).into_data().iter::<f64>().collect()
}

/// The mean over all tokens, padding left out: `[1, 1, d_model]`
fn mean_embedding(subject: &Subject<'_>, texts: &Texts) -> Tensor<3> {
    let sums = texts.batches.iter().map(|batch| {
        let embedded = subject.resolver.embed(batch.input.tokens.clone());
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

    /// What all tokens are worth together is what the text is worth more than the baseline, but for
    /// the sixteen steps.
    #[test]
    fn integrated_gradients_add_up_to_the_whole_difference() {
        sample::with(|subject| {
            let model = Differentiable::new(subject, &Texts::new(&sample::examples(), subject));
            let [he, _] = sample::pair("p", [0, 1], 0);
            let question = Question::new(&he, Some(0));
            let batch = question.repeated(1, &model.device);
            let value = |embedded: Tensor<3>| -> f64 {
                let observation = model.resolver.observe(&batch.input, embedded, &Untouched);
                log_probability(observation.output.logits, 0).into_scalar::<f32>().into()
            };
            let text = model.resolver.embed(batch.input.tokens.clone());
            let baseline = model.baseline.clone().expand(text.dims());
            let expected = value(text) - value(baseline);
            let slopes = model.slopes(&question).integrated_gradients;
            let sum: f64 = slopes.iter().sum();
            assert!(expected > 1.0 && (sum - expected).abs() < 0.1 * expected, "{sum} {expected}");
            let greatest = super::super::greatest(slopes.iter().copied());
            assert!(matches!(greatest, Some(1 | 6)), "the man or his pronoun: {slopes:?}");
        });
    }

    /// Against the central difference of the log probability, as the text is scaled.
    #[test]
    fn gradient_times_input_is_the_slope_along_the_text() {
        sample::with(|subject| {
            let model = Differentiable::new(subject, &Texts::new(&sample::examples(), subject));
            let [he, _] = sample::pair("p", [0, 1], 0);
            let question = Question::new(&he, Some(0));
            let batch = question.repeated(1, &model.device);
            let text = model.resolver.embed(batch.input.tokens.clone());
            let value = |scale: f64| -> f64 {
                let embedded = text.clone() * scale;
                let observation = model.resolver.observe(&batch.input, embedded, &Untouched);
                log_probability(observation.output.logits, 0).into_scalar::<f32>().into()
            };
            let expected = (value(1.01) - value(0.99)) / 0.02;
            let sum: f64 = model.slopes(&question).gradient_x_input.iter().sum();
            assert!(
                (sum - expected).abs() < 1e-3_f64.max(0.05 * expected.abs()),
                "{sum} {expected}"
            );
        });
    }
}
