//! Cross-entropy as one node of the graph.

use burn::{
    backend::{
        Autodiff, Flex, TensorMetadata,
        autodiff::{
            checkpoint::base::Checkpointer,
            grads::Gradients,
            ops::{Backward, Ops},
        },
        flex::FlexTensor,
    },
    tensor::{Shape, Tensor},
};

use super::{Operand, contiguous, recorded, slice, tensor};
use crate::{
    cross_entropy::{self, Loss, Right},
    simd::Level,
};

/// The mean cross-entropy of the rows, each as often as its weight says; 0 if no row counts. `None` unless
/// the scores are `f32` on flex.
///
/// # Shapes
///
/// - `scores`: `[rows, columns]`
/// - `weights`: `[rows]`
/// - result: `[1]`
///
/// # Panics
///
/// If the lengths do not agree, or a right column is none.
pub fn cross_entropy(scores: Tensor<2>, right: &Right, weights: &[f32]) -> Option<Tensor<1>> {
    let [_, n_columns] = scores.dims();
    let scores = Operand::new(scores)?;
    let loss = |scores: &FlexTensor| {
        cross_entropy::cross_entropy(Level::best(), slice(scores), n_columns, right, weights)
    };
    let scalar = |value: f32| tensor(vec![value], [1]);
    if !scores.is_tracked() {
        let Loss { value, .. } = loss(&contiguous(scores.plain()));
        return Some(Tensor::from_primitive::<Flex>(scalar(value)));
    }
    let scores = scores.tracked();
    let nodes = [scores.node()];
    let scores = contiguous(scores.into_primitive());
    let Loss { value, gradient } = loss(&scores);
    let state = (gradient, scores.shape());
    let loss = recorded(CrossEntropy, nodes, state, scalar(value));
    Some(Tensor::from_primitive::<Autodiff<Flex>>(loss))
}

#[derive(Debug)]
struct CrossEntropy;

impl Backward<Flex, 1> for CrossEntropy {
    /// The gradient of the scores, if that of the loss is 1, and their shape.
    type State = (Vec<f32>, Shape);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let of_loss = slice(&contiguous(grads.consume::<Flex>(&ops.node)))[0];
        let (mut gradient, shape) = ops.state;
        gradient.iter_mut().for_each(|g| *g *= of_loss);
        if let [Some(parent)] = ops.parents {
            grads.register::<Flex>(parent.id, tensor(gradient, shape));
        }
    }
}
