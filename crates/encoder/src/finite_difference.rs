//! Checks the backward pass of a module against central differences of its forward pass.
//!
//! ```text
//! ⟨∇loss(x), d⟩ ≈ (loss(x + ε d) - loss(x - ε d)) / 2ε
//! ```
//!
//! for the input and for each parameter in turn, along a random direction d. In `f64` the errors of
//! truncation (ε²) and of rounding (1e-16/ε) together stay below 4e-8 in all our tests.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{Gradients, Tensor},
};

use crate::{naive, sample};

const STEP: f64 = 1e-5;
const TOLERANCE: f64 = 1e-6;

/// Asserts that the gradients of the scalar `loss` by the input and by each parameter are right; module
/// and input live on an autodiff device.
#[track_caller]
pub(crate) fn check<M: Module, const D: usize>(
    module: &M,
    x: &Tensor<D>,
    loss: impl Fn(&M, Tensor<D>) -> Tensor<1>,
) {
    let x = x.clone().detach().require_grad();
    let grads = loss(module, x.clone()).backward();

    let direction = sample::random(77, x.dims(), &x.device());
    let analytic = inner_product(&x.grad(&grads).expect("the input has a gradient"), &direction);
    let at = |t: f64| scalar(loss(module, x.clone().detach() + direction.clone() * t));
    assert_agree("the input", analytic, (at(STEP) - at(-STEP)) / (2.0 * STEP));

    check_parameters(module, &grads, |module| loss(module, x.clone().detach()));
}

/// Asserts that `grads`, the gradients of the scalar `loss`, are right for each parameter.
#[track_caller]
pub(crate) fn check_parameters<M: Module>(
    module: &M,
    grads: &Gradients,
    loss: impl Fn(&M) -> Tensor<1>,
) {
    let mut slopes = Slopes { grads, slopes: Vec::new() };
    module.visit(&mut slopes);
    assert!(!slopes.slopes.is_empty());
    for (index, analytic) in slopes.slopes.into_iter().enumerate() {
        let at = |t: f64| scalar(loss(&module.clone().map(&mut Shift { index, seen: 0, t })));
        let numeric = (at(STEP) - at(-STEP)) / (2.0 * STEP);
        assert_agree(&format!("parameter {index}"), analytic, numeric);
    }
}

/// Collects for each parameter the slope along its direction.
struct Slopes<'a> {
    grads: &'a Gradients,
    slopes: Vec<f64>,
}

impl ModuleVisitor for Slopes<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = param.val().grad(self.grads).expect("each parameter has a gradient");
        self.slopes.push(inner_product(&gradient, &direction(self.slopes.len(), &param.val())));
    }
}

/// Moves one parameter by `t` along its direction.
struct Shift {
    index: usize,
    seen: usize,
    t: f64,
}

impl ModuleMapper for Shift {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.seen += 1;
        if self.seen - 1 != self.index {
            return param;
        }
        let (id, value, _) = param.consume();
        let value = value.clone().detach() + direction(self.index, &value) * self.t;
        Param::initialized(id, value)
    }
}

fn direction<const D: usize>(index: usize, parameter: &Tensor<D>) -> Tensor<D> {
    sample::random(100 + index as u64, parameter.dims(), &parameter.device())
}

fn inner_product<const D: usize>(a: &Tensor<D>, b: &Tensor<D>) -> f64 {
    naive::numbers(a).iter().zip(naive::numbers(b)).map(|(a, b)| a * b).sum()
}

fn scalar(loss: Tensor<1>) -> f64 {
    loss.into_scalar()
}

#[track_caller]
fn assert_agree(what: &str, analytic: f64, numeric: f64) {
    let error = (analytic - numeric).abs() / analytic.abs().max(1.0);
    assert!(error < TOLERANCE, "{what}: analytic {analytic}, numeric {numeric}, error {error:e}");
}
