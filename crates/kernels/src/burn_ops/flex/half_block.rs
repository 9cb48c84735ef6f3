//! Half a block as one node of the graph.

use std::sync::Arc;

use burn::{
    backend::{
        Autodiff, Flex, TensorMetadata,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::NoCheckpointing},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        flex::FlexTensor,
    },
    tensor::Tensor,
};

use super::{Operand, contiguous, into_vec, slice, tensor};
use crate::{
    burn_ops::HalfBlockParameters,
    half_block::{HalfBlock, HalfBlockGradients, Parameters, Saved},
    rows::PackedRows,
    simd::Level,
};

/// The operation of [`mod@crate::half_block`]; `None` unless all tensors are `f32` on flex.
///
/// # Shapes
///
/// - `x`, result: `[batch, seq, d_model]`
///
/// # Panics
///
/// If the shapes do not agree with each other or with `rows`.
pub fn half_block(
    x: Tensor<3>,
    parameters: HalfBlockParameters,
    half_block: HalfBlock,
    rows: Arc<PackedRows>,
) -> Option<Tensor<3>> {
    let [batch, seq, _] = x.dims();
    assert_eq!(rows.n_padded(), batch * seq, "rows of a batch of another shape");
    let HalfBlockParameters { gamma, beta, w_in, b_in, w_out, b_out } = parameters;
    let vector = |tensor: Option<Tensor<1>>| match tensor {
        Some(tensor) => Operand::new(tensor),
        None => Some(Operand::absent()),
    };
    let operands = [
        Operand::new(x)?,
        vector(gamma)?,
        vector(beta)?,
        Operand::new(w_in)?,
        vector(b_in)?,
        Operand::new(w_out)?,
        vector(b_out)?,
    ];
    let state = |operands| State { operands, half_block, rows, saved: None };
    if !operands.iter().any(Operand::is_tracked) {
        let state = state(operands.map(|operand| contiguous(operand.plain())));
        return Some(Tensor::from_primitive::<Flex>(state.forward(false).0));
    }
    let operands = operands.map(Operand::tracked);
    let nodes = operands.each_ref().map(|operand| operand.node());
    let mut state = state(operands.map(|operand| contiguous(operand.into_primitive())));
    let y = match HalfBlockBackward.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => {
            let (y, saved) = state.forward(true);
            state.saved = saved.map(Arc::new);
            prepared.finish(state, y)
        }
        OpsKind::UnTracked(prepared) => prepared.finish(state.forward(false).0),
    };
    Some(Tensor::from_primitive::<Autodiff<Flex>>(y))
}

#[derive(Debug)]
struct HalfBlockBackward;

#[derive(Debug, Clone)]
struct State {
    /// `x`, then the parameters.
    operands: [FlexTensor; 7],
    half_block: HalfBlock,
    rows: Arc<PackedRows>,
    /// `None` before the forward pass.
    saved: Option<Arc<Saved>>,
}

impl State {
    fn parameters(&self) -> Parameters<&[f32]> {
        let [_, gamma, beta, w_in, b_in, w_out, b_out] = self.operands.each_ref().map(slice);
        Parameters { gamma, beta, w_in, b_in, w_out, b_out }
    }

    fn forward(&self, keep: bool) -> (FlexTensor, Option<Saved>) {
        let Self { operands: [x, ..], half_block, rows, .. } = self;
        let shape = x.shape();
        let (y, saved) = half_block.forward(Level::best(), rows, self.parameters(), slice(x), keep);
        (tensor(y, shape), saved)
    }
}

impl Backward<Flex, 7> for HalfBlockBackward {
    type State = State;

    fn backward(self, ops: Ops<State, 7>, grads: &mut Gradients, _: &mut Checkpointer) {
        let state = &ops.state;
        let saved = state.saved.as_ref().expect("a tracked forward pass saves it");
        let dy = into_vec(grads.consume::<Flex>(&ops.node));
        let x = &state.operands[0];
        let HalfBlockGradients { x: dx, parameters } = state.half_block.backward(
            Level::best(),
            &state.rows,
            state.parameters(),
            slice(x),
            saved,
            dy,
        );
        let Parameters { gamma, beta, w_in, b_in, w_out, b_out } = parameters;
        let gradients = [dx, gamma, beta, w_in, b_in, w_out, b_out];
        for ((parent, gradient), operand) in
            ops.parents.into_iter().zip(gradients).zip(&state.operands)
        {
            if let Some(node) = parent {
                grads.register::<Flex>(node.id, tensor(gradient, operand.shape()));
            }
        }
    }
}
