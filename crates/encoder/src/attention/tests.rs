use burn::{
    module::Param,
    nn::{
        Linear,
        attention::{MhaInput, MultiHeadAttentionConfig},
    },
    tensor::{DType, Device, Tolerance},
};

use super::*;
use crate::{
    finite_difference,
    intervention::Untouched,
    naive,
    sample::{self, BATCH, D_HEAD, D_MODEL, HEADS, PADDING, SEQ, THETA, assert_close},
};
use config::encoder::Shape;

/// Without biases and with rotary positions; with biases and without them.
const KINDS: [Shape; 2] = [Shape::Base, Shape::Vaswani];

const HALF: Dropout = Dropout { probability: 0.5, seed: 7 };

fn layer(shape: Shape, device: &Device) -> SelfAttention {
    let mut init = Initialiser::new(0, device);
    sample::randomised(SelfAttention::new(&sample::config(shape), 0, &mut init))
}

fn random_input(device: &Device) -> Tensor<3> {
    sample::random(1, [BATCH, SEQ, D_MODEL], device)
}

fn forward(layer: &SelfAttention, shape: Shape, x: Tensor<3>) -> AttentionOutput {
    forward_with_dropout(layer, shape, x, None)
}

fn forward_with_dropout(
    layer: &SelfAttention,
    shape: Shape,
    x: Tensor<3>,
    dropout: Option<Dropout>,
) -> AttentionOutput {
    let device = x.device();
    let rotation =
        (shape == Shape::Base).then(|| Rotation::new(SEQ, D_HEAD, THETA, (&device, x.dtype())));
    layer.forward(x, sample::padding(&device), rotation.as_ref(), &Untouched, dropout)
}

#[test]
fn forward_matches_the_naive_loops() {
    for shape in KINDS {
        let device = sample::device();
        let layer = layer(shape, &device);
        let x = random_input(&device);

        let output = forward(&layer, shape, x.clone());

        let theta = (shape == Shape::Base).then_some(THETA);
        let texts: Vec<_> = (naive::rows(&x).chunks(SEQ).zip(PADDING))
            .map(|(x, padding)| naive::attention(&layer, x, &padding, theta))
            .collect();
        let scores: Vec<f64> = texts.iter().flat_map(|t| t.scores.concat().concat()).collect();
        let weights: Vec<f64> = texts.iter().flat_map(|t| t.weights.concat().concat()).collect();
        let context: Vec<f64> = texts.iter().flat_map(|t| t.context.concat()).collect();
        assert_eq!(output.scores.dims(), [BATCH, HEADS, SEQ, SEQ]);
        assert_eq!(output.weights.dims(), [BATCH, HEADS, SEQ, SEQ]);
        assert_eq!(output.context.dims(), [BATCH, SEQ, D_MODEL]);
        assert_close(&output.scores, &scores, 1e-12);
        assert_close(&output.weights, &weights, 1e-12);
        assert_close(&output.context, &context, 1e-12);
    }
}

/// The same parameters in Burn's own layer give the same answer.
#[test]
fn forward_matches_burns_multi_head_attention() {
    let device = sample::device();
    let ours = sample::in_f32(layer(Shape::Vaswani, &device));
    let columns = |projection: &Projection, part: usize| Linear {
        weight: Param::from_tensor(projection.weight.val().narrow(1, part * D_MODEL, D_MODEL)),
        bias: projection
            .bias
            .as_ref()
            .map(|bias| Param::from_tensor(bias.val().narrow(0, part * D_MODEL, D_MODEL))),
    };
    let mut burns = MultiHeadAttentionConfig::new(D_MODEL, HEADS).init(&device);
    [burns.query, burns.key, burns.value] = [0, 1, 2].map(|part| columns(&ours.qkv, part));
    burns.output = columns(&ours.output, 0);
    let x = random_input(&device).cast(DType::F32);

    let padded = MhaInput::self_attn(x.clone()).mask_pad(sample::padding(&device));
    let expected = burns.forward(padded);
    let actual = forward(&ours, Shape::Vaswani, x);

    let tolerance = Tolerance::<f32>::absolute(1e-6);
    actual.weights.into_data().assert_approx_eq(&expected.weights.into_data(), tolerance);
    actual.context.into_data().assert_approx_eq(&expected.context.into_data(), tolerance);
}

#[test]
fn weights_are_distributions_that_give_padding_nothing() {
    for shape in KINDS {
        for dtype in [DType::F32, DType::F64] {
            let device = sample::device();
            let layer = layer(shape, &device);
            let layer = if dtype == DType::F32 { sample::in_f32(layer) } else { layer };

            let weights = forward(&layer, shape, random_input(&device).cast(dtype)).weights;

            assert_close(&weights.clone().sum_dim(3), &[1.0; BATCH * HEADS * SEQ], 1e-6);
            for (index, weight) in naive::numbers(&weights).into_iter().enumerate() {
                let (text, key) = (index / (HEADS * SEQ * SEQ), index % SEQ);
                assert_eq!(weight == 0.0, PADDING[text][key], "{weight} at {index}");
            }
        }
    }
}

/// A score of -∞ would make a row of nothing but padding 0/0.
#[test]
fn a_text_of_padding_alone_is_read_evenly() {
    let device = sample::device();
    let layer = layer(Shape::Vaswani, &device);
    let all_padding = Tensor::from_data([[true; SEQ]; BATCH], &device);

    let output = layer.forward(random_input(&device), all_padding, None, &Untouched, None);

    let even = [1.0 / SEQ as f64; BATCH * HEADS * SEQ * SEQ];
    assert_close(&output.weights, &even, 1e-15);
    assert!(naive::numbers(&output.context).iter().all(|x| x.is_finite()));
}

#[test]
fn what_stands_on_padding_is_not_read() {
    for shape in KINDS {
        let device = sample::device();
        let layer = layer(shape, &device);
        let x = random_input(&device);
        let mask: Tensor<3, Bool> = sample::padding(&device).unsqueeze_dim(2);
        let mask = mask.expand([BATCH, SEQ, D_MODEL]);

        let before = forward(&layer, shape, x.clone()).context.mask_fill(mask.clone(), 0.0);
        let changed = x.mask_fill(mask.clone(), 99.0);
        let after = forward(&layer, shape, changed).context.mask_fill(mask, 0.0);

        after.into_data().assert_eq(&before.into_data(), true);
    }
}

/// Dropout acts on the weights after they are reported: what is shown must be a distribution.
#[test]
fn dropout_changes_the_context_and_neither_scores_nor_weights() {
    for shape in KINDS {
        let device = sample::device();
        let layer = layer(shape, &device);

        let dropped = forward_with_dropout(&layer, shape, random_input(&device), Some(HALF));

        let kept = forward(&layer, shape, random_input(&device));
        assert_close(&dropped.scores, &naive::numbers(&kept.scores), 0.0);
        assert_close(&dropped.weights, &naive::numbers(&kept.weights), 0.0);
        assert_ne!(dropped.context.into_data(), kept.context.into_data());
    }
}

/// Half of the context is 0 by the second dropout; by the first, what remains is not simply twice
/// the context that reads everything.
#[test]
fn dropout_acts_on_the_weights_and_on_the_context() {
    let device = sample::device();
    let layer = layer(Shape::Base, &device);
    let x = random_input(&device);

    let dropped = forward_with_dropout(&layer, Shape::Base, x.clone(), Some(HALF)).context;

    let kept = forward(&layer, Shape::Base, x).context;
    let pairs: Vec<_> = naive::numbers(&dropped).into_iter().zip(naive::numbers(&kept)).collect();
    assert!(pairs.iter().any(|(dropped, _)| *dropped == 0.0));
    assert!(pairs.iter().any(|(d, kept)| *d != 0.0 && (d - 2.0 * kept).abs() > 1e-6));
}

#[test]
fn the_gradient_matches_finite_differences() {
    for shape in KINDS {
        let device = sample::autodiff_device();
        let layer = layer(shape, &device);
        let probe = sample::random(2, [BATCH, SEQ, D_MODEL], &device);

        finite_difference::check(&layer, &random_input(&device), |layer, x| {
            (forward(layer, shape, x).context * probe.clone()).sum()
        });
    }
}

/// The head's rows of Wo, in plain loops.
#[test]
fn a_value_is_as_long_as_what_it_writes() {
    let device = sample::device();
    let layer = layer(Shape::Base, &device);
    let values = forward(&layer, Shape::Base, random_input(&device)).values;
    let output = naive::rows(&layer.output.weight.val());
    let expected: Vec<f64> = (naive::rows(&values).iter().enumerate())
        .map(|(row, value)| {
            let head = row / SEQ % HEADS;
            let written = (0..D_MODEL).map(|column| {
                let of_head = &output[head * D_HEAD..][..D_HEAD];
                value.iter().zip(of_head).map(|(v, row)| v * row[column]).sum::<f64>()
            });
            written.map(|x| x * x).sum::<f64>().sqrt()
        })
        .collect();
    let norms = layer.value_norms(values);
    assert_eq!(norms.dims(), [BATCH, HEADS, SEQ]);
    assert_close(&norms, &expected, 1e-12);
}
