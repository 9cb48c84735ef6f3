//! Layer norm outside of half a block: of the embedding, and after the last block.

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
    tensor::Tensor,
};

use super::{Operand, contiguous, recorded, slice, tensor};
use crate::{
    norm::{self, Norm},
    simd::Level,
};

/// `LN(x) γ + β` over the last axis; `None` unless all tensors are `f32` on flex.
///
/// # Shapes
///
/// - `x`, result: `[batch, seq, d_model]`
/// - `gamma`, `beta`: `[d_model]`
pub fn layer_norm(
    x: Tensor<3>,
    gamma: Tensor<1>,
    beta: Option<Tensor<1>>,
    epsilon: f64,
) -> Option<Tensor<3>> {
    let beta = match beta {
        Some(beta) => Operand::new(beta)?,
        None => Operand::absent(),
    };
    let operands = [Operand::new(x)?, Operand::new(gamma)?, beta];
    let epsilon = epsilon as f32;
    if !operands.iter().any(Operand::is_tracked) {
        let [x, gamma, beta] = operands.map(|operand| contiguous(operand.plain()));
        return Some(Tensor::from_primitive::<Flex>(forward(&x, &gamma, &beta, epsilon)));
    }
    let operands = operands.map(Operand::tracked);
    let nodes = operands.each_ref().map(|operand| operand.node());
    let [x, gamma, beta] = operands.map(|operand| contiguous(operand.into_primitive()));
    let y = forward(&x, &gamma, &beta, epsilon);
    let y = recorded(LayerNormBackward, nodes, State { x, gamma, beta, epsilon }, y);
    Some(Tensor::from_primitive::<Autodiff<Flex>>(y))
}

fn forward(x: &FlexTensor, gamma: &FlexTensor, beta: &FlexTensor, epsilon: f32) -> FlexTensor {
    let norm = Norm { gamma: slice(gamma), beta: slice(beta), epsilon };
    tensor(norm::forward(Level::best(), norm, slice(x)), x.shape())
}

#[derive(Debug)]
struct LayerNormBackward;

#[derive(Debug, Clone)]
struct State {
    x: FlexTensor,
    gamma: FlexTensor,
    beta: FlexTensor,
    epsilon: f32,
}

impl Backward<Flex, 3> for LayerNormBackward {
    type State = State;

    fn backward(self, ops: Ops<State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let State { x, gamma, beta, epsilon } = ops.state;
        let dy = contiguous(grads.consume::<Flex>(&ops.node));
        let norm = Norm { gamma: slice(&gamma), beta: slice(&beta), epsilon };
        let [dx, d_gamma, d_beta] = norm::backward(Level::best(), norm, slice(&x), slice(&dy));
        let results = [(dx, x.shape()), (d_gamma, gamma.shape()), (d_beta, beta.shape())];
        for (parent, (gradient, shape)) in ops.parents.into_iter().zip(results) {
            if let Some(node) = parent {
                grads.register::<Flex>(node.id, tensor(gradient, shape));
            }
        }
    }
}
