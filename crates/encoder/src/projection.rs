//! Several projections of the same vectors, kept side by side in one matrix.
//!
//! ```text
//! [x W₁ | … | x W_n] = x [W₁ | … | W_n]
//! ```
//!
//! The matrix is cut, and not the product, which would give the same numbers: a cut costs the
//! backward pass a copy of what is cut, and the matrix is the smaller of the two.

use burn::{
    nn::Linear,
    tensor::{Tensor, module::linear},
};

/// The results of the `PARTS` projections of equal width that `layer` holds.
///
/// # Shapes
///
/// - `x`: `[batch, seq, d_input]`
/// - each result: `[batch, seq, d_output / PARTS]`
pub(crate) fn side_by_side<const PARTS: usize>(
    layer: &Linear,
    x: &Tensor<3>,
) -> [Tensor<3>; PARTS] {
    let weight = layer.weight.val(); // [d_input, d_output]
    let bias = layer.bias.as_ref().map(|bias| bias.val()); // [d_output]
    let width = weight.dims()[1] / PARTS;
    std::array::from_fn(|part| {
        let start = part * width;
        let weight = weight.clone().narrow(1, start, width);
        let bias = bias.clone().map(|bias| bias.narrow(0, start, width));
        linear(x.clone(), weight, bias)
    })
}
