//! Finds steps whose loss or gradients are not finite before an update uses them, and locates the
//! first such value.

use anafora::{
    batch::{Batch, EncodedExample},
    prediction::{Prediction, predictions},
};
use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::Tensor,
};
use encoder::resolver::Resolver;
use run::metrics::ExampleLoss;

use crate::{objective::StepOutput, step::TrainingStep};

/// What to do about a step whose loss or gradients are not finite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnNan {
    /// End the training, after a checkpoint of the state before the step.
    #[default]
    Stop,
    /// Continue with the next step, without an update.
    Skip,
}

/// Loss and gradient norm of a step, read from the device.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepStats {
    /// Mean loss over the batches of the step, in nats.
    pub loss: f32,
    /// Global norm of the gradients before clipping.
    pub gradient_norm: f32,
}

impl StepStats {
    /// Reads loss and gradient norm of `step`, which waits for the device.
    pub fn read(step: &TrainingStep) -> Self {
        let losses = step.batches.iter().map(|(_, output)| output.loss.clone());
        let loss = Tensor::cat(losses.collect(), 0).mean();
        // Both are read in one transfer from the device.
        let both = Tensor::cat(vec![loss, step.gradient_norm.clone()], 0);
        let both: Vec<f32> = both.into_data().iter::<f32>().collect();
        Self { loss: both[0], gradient_norm: both[1] }
    }

    /// The name of the first of the two that is not finite, if any.
    pub fn not_finite(&self) -> Option<&'static str> {
        [("loss", self.loss), ("gradient norm", self.gradient_norm)]
            .into_iter()
            .find_map(|(what, value)| (!value.is_finite()).then_some(what))
    }
}

/// Describes the first value that is not finite, in the order of the computation: an activation of
/// the forward pass, or else a gradient.
pub fn first_non_finite(model: &Resolver, step: &TrainingStep) -> String {
    let of_batch = |(batch, _): &(Batch, StepOutput)| model.first_non_finite(&batch.input);
    if let Some(place) = step.batches.iter().find_map(of_batch) {
        return place;
    }
    let mut search = Search { gradients: &step.gradients, path: Vec::new(), found: None };
    model.visit(&mut search);
    match search.found {
        Some(parameter) => format!("the gradient of {parameter} (every activation is finite)"),
        None => "the loss (every activation and gradient is finite)".to_owned(),
    }
}

/// Visits parameters until the first one whose gradient is not finite.
struct Search<'a> {
    gradients: &'a GradientsParams,
    path: Vec<String>,
    found: Option<String>,
}

impl ModuleVisitor for Search<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(gradient) = self.gradients.get::<D>(param.id) else { return };
        let is_finite = gradient.into_data().iter::<f32>().all(f32::is_finite);
        if self.found.is_none() && !is_finite {
            self.found = Some(self.path.join("."));
        }
    }
}

/// The `n` examples of a step with the largest losses, the largest first.
pub fn hardest(batches: &[(Batch, StepOutput)], n: usize) -> Vec<ExampleLoss> {
    let of_batch = |(batch, output): &(Batch, StepOutput)| {
        let answers = predictions(output.logits.clone(), &batch.examples);
        let loss = |(prediction, example): (&Prediction, &EncodedExample)| {
            let right: f32 = match example.target() {
                Some(words) => prediction.words[words].iter().sum(),
                None => prediction.none,
            };
            let loss = -f64::from(right.max(f32::MIN_POSITIVE)).ln();
            ExampleLoss { id: example.example.id.clone(), loss }
        };
        answers.iter().zip(&batch.examples).map(loss).collect::<Vec<_>>()
    };
    let mut all: Vec<ExampleLoss> = batches.iter().flat_map(of_batch).collect();
    all.sort_by(|a, b| b.loss.total_cmp(&a.loss));
    all.truncate(n);
    all
}
