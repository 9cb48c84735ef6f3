//! Projections: a matrix of parameters, with a bias or without.
//!
//! ```text
//! forward(x)         = x W + b
//! forward_parts(x)   = [x W₁ + b₁ | … | x W_n + b_n]        W = [W₁ | … | W_n], b likewise
//! ```
//!
//! Every product of activations with parameters goes through this file, also where the parameters
//! are no [`Projection`] of their own (the embedding as output matrix, the recurrent matrices), so
//! that one function, `operand`, decides in which dtype it is computed: that of the activations.
//! So parameters can stay in `f32` for the optimizer while the activations, whose dtype begins with
//! [`crate::embedding`], have another. Where both factors are activations (scores, context), they
//! have that dtype already.

use burn::{
    module::{Module, Param},
    tensor::{DType, Tensor, module::linear},
};

/// Parameters of `x W + b`; as a part of a model they are called `weight` and `bias`.
#[derive(Module, Debug)]
pub struct Projection {
    /// W: `[d_input, d_output]`
    pub(crate) weight: Param<Tensor<2>>,
    /// b: `[d_output]`
    pub(crate) bias: Option<Param<Tensor<1>>>,
}

impl Projection {
    /// # Shapes
    ///
    /// - `x`: `[batch, seq, d_input]`
    /// - result: `[batch, seq, d_output]`
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let weight = operand(self.weight.val(), x.dtype());
        let bias = self.bias.as_ref().map(|bias| operand(bias.val(), x.dtype()));
        linear(x, weight, bias)
    }

    /// The results of the `PARTS` projections of equal width that are kept side by side in this one.
    ///
    /// The matrix is cut, and not the product, which would give the same numbers: a cut costs the
    /// backward pass a copy of what is cut, and the matrix is the smaller of the two.
    ///
    /// # Shapes
    ///
    /// - `x`: `[batch, seq, d_input]`
    /// - each result: `[batch, seq, d_output / PARTS]`
    pub(crate) fn forward_parts<const PARTS: usize>(&self, x: &Tensor<3>) -> [Tensor<3>; PARTS] {
        let weight = operand(self.weight.val(), x.dtype()); // [d_input, d_output]
        let bias = self.bias.as_ref().map(|bias| operand(bias.val(), x.dtype())); // [d_output]
        let width = weight.dims()[1] / PARTS;
        std::array::from_fn(|part| {
            let start = part * width;
            let weight = weight.clone().narrow(1, start, width);
            let bias = bias.clone().map(|bias| bias.narrow(0, start, width));
            linear(x.clone(), weight, bias)
        })
    }
}

/// A parameter as a factor (or a bias) of a product with activations of type `dtype`. Without
/// mixed precision it has that type already, and the cast does nothing.
pub(crate) fn operand<const D: usize>(parameter: Tensor<D>, dtype: DType) -> Tensor<D> {
    parameter.cast(dtype)
}

#[cfg(test)]
mod tests;
