use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::{
    nn::{BiLstmConfig, GateController},
    tensor::DType,
};

use super::*;
use crate::{
    finite_difference, naive,
    sample::{self, BATCH, D_HIDDEN, D_MODEL, PADDING, SEQ, TOKENS, VOCAB, assert_close},
};

/// What a layer reads, transposed from the order of the batch.
const DIMS: [usize; 3] = [SEQ, BATCH, D_MODEL];

fn layer(device: &Device) -> BiLstm {
    sample::randomised(BiLstm::new(D_MODEL, D_HIDDEN, &mut Initialiser::new(0, device)))
}

fn network(device: &Device) -> Recurrent {
    let config = RecurrentConfig { dropout: 0.5, ..sample::recurrent() };
    sample::randomised(Recurrent::new(&config, VOCAB, 0, device))
}

/// The vectors of each text without its padding.
fn tokens_of(batch_first: &Tensor<3>) -> Vec<naive::Matrix> {
    let rows = naive::rows(batch_first);
    let texts = rows.chunks(SEQ).zip(PADDING);
    texts
        .map(|(text, padding)| {
            let rows = text.iter().zip(padding);
            rows.filter(|(_, is_padding)| !is_padding).map(|(row, _)| row.clone()).collect()
        })
        .collect()
}

fn assert_rows_close(actual: &[naive::Matrix], expected: &[naive::Matrix], tolerance: f64) {
    let flat = |texts: &[naive::Matrix]| texts.concat().concat();
    let (actual, expected) = (flat(actual), flat(expected));
    assert_eq!(actual.len(), expected.len());
    for (actual, expected) in actual.iter().zip(expected) {
        assert!((actual - expected).abs() < tolerance, "{actual}, expected {expected}");
    }
}

#[test]
fn a_layer_matches_the_naive_loops_on_every_token_of_texts_of_different_length() {
    let device = sample::device();
    let layer = layer(&device);
    let x = sample::random(1, DIMS, &device);

    let states = layer.forward(x.clone(), sample::padding(&device).transpose());

    assert_eq!(states.dims(), [SEQ, BATCH, 2 * D_HIDDEN]);
    let expected: Vec<naive::Matrix> =
        tokens_of(&x.swap_dims(0, 1)).iter().map(|text| naive::bi_lstm(&layer, text)).collect();
    assert_rows_close(&tokens_of(&states.swap_dims(0, 1)), &expected, 1e-12);
}

#[test]
fn the_direction_from_behind_starts_empty_at_the_last_token() {
    let device = sample::device();
    let layer = layer(&device);
    let x = sample::random(1, DIMS, &device);
    let padding = sample::padding(&device);

    let states = layer.forward(x.clone(), padding.transpose()).swap_dims(0, 1);

    let back = states.narrow(2, D_HIDDEN, D_HIDDEN); // [batch, seq, d_hidden]
    for (text, padding) in PADDING.iter().enumerate() {
        let n_tokens = padding.iter().filter(|is_padding| !*is_padding).count();
        let row = back.clone().narrow(0, text, 1);
        let behind = row.clone().narrow(1, n_tokens, SEQ - n_tokens);
        assert!(naive::numbers(&behind).iter().all(|&number| number == 0.0));

        // The last token alone, without a state before it and without padding.
        let last = x.clone().slice([n_tokens - 1..n_tokens, text..text + 1]);
        let no_padding = Tensor::from_data([[false]], &device);
        let alone = layer.forward(last, no_padding).narrow(2, D_HIDDEN, D_HIDDEN);
        let at_last = row.narrow(1, n_tokens - 1, 1);
        assert_close(&at_last, &naive::numbers(&alone), 1e-15);
    }
}

#[test]
fn a_layer_matches_burns_own_where_there_is_no_padding() {
    let device = sample::device();
    let layer = sample::in_f32(layer(&device)); // Burn's begins with a state in f32
    let x = sample::random(1, DIMS, &device).cast(DType::F32);
    let no_padding = Tensor::<2>::zeros([SEQ, BATCH], &device).equal_scalar(1);

    let mut burns =
        BiLstmConfig::new(D_MODEL, D_HIDDEN, true).with_batch_first(false).init(&device);
    for (direction, lstm) in [&mut burns.forward, &mut burns.reverse].into_iter().enumerate() {
        let gates: [&mut GateController; GATES] = [
            &mut lstm.input_gate,
            lstm.forget_gate.as_mut().unwrap(),
            &mut lstm.output_gate,
            &mut lstm.cell_gate,
        ];
        for (number, gate) in gates.into_iter().enumerate() {
            let of = |parameter: &Param<Tensor<3>>| {
                let part = parameter.val().narrow(0, direction, 1);
                part.narrow(2, number * D_HIDDEN, D_HIDDEN).squeeze_dim::<2>(0)
            };
            gate.input_transform.weight = Param::from_tensor(of(&layer.input));
            gate.hidden_transform.weight = Param::from_tensor(of(&layer.recurrent));
            let bias = of(&layer.bias).squeeze_dim::<1>(0);
            gate.hidden_transform.bias = Some(Param::from_tensor(bias.zeros_like()));
            gate.input_transform.bias = Some(Param::from_tensor(bias));
        }
    }
    let (expected, _) = burns.forward(x.clone(), None);

    let states = layer.forward(x, no_padding);

    assert_close(&states, &naive::numbers(&expected), 1e-6);
}

#[test]
fn the_gradient_of_a_layer_matches_finite_differences() {
    let device = sample::autodiff_device();
    let layer = layer(&device);
    let x = sample::random(1, DIMS, &device);
    let padding = sample::padding(&device).transpose();
    let probe = sample::random(2, [SEQ, BATCH, 2 * D_HIDDEN], &device);

    finite_difference::check(&layer, &x, |layer, x| {
        (layer.forward(x, padding.clone()) * probe.clone()).sum()
    });
}

#[test]
fn forward_matches_the_naive_loops() {
    let device = sample::device();
    let network = network(&device);

    let hidden = network.forward(sample::tokens(&device), sample::padding(&device));

    assert_eq!(hidden.dims(), [BATCH, SEQ, D_MODEL]);
    let texts = TOKENS.iter().zip(PADDING);
    let expected: Vec<naive::Matrix> =
        texts.map(|(tokens, padding)| naive::recurrent(&network, tokens, &padding)).collect();
    assert_rows_close(&tokens_of(&hidden), &expected, 1e-11);
}

#[test]
fn dropout_follows_the_embedding_and_each_layer() {
    const SEED: u64 = 7;
    let device = sample::device();
    let network = network(&device);
    let (tokens, padding) = (sample::tokens(&device), sample::padding(&device));

    let hidden = network.forward_with_dropout(tokens.clone(), padding.clone(), SEED);

    let dropout = dropout::of_pass(0.5, SEED);
    let embedded = network.embedding.forward(tokens, dropout).swap_dims(0, 1);
    let first = network.layers[0].forward(embedded, padding.clone().transpose());
    let first = dropout::apply(first, dropout, Site::RecurrentLayer(0));
    let second = network.layers[1].forward(first, padding.transpose());
    let second = dropout::apply(second, dropout, Site::RecurrentLayer(1));
    let expected = network.final_norm.forward(network.output.forward(second.swap_dims(0, 1)));
    assert_close(&hidden, &naive::numbers(&expected), 1e-14);
}

#[test]
fn the_parts_of_steps_are_the_steps_in_their_order() {
    let device = sample::device();
    for seq in [1, 2, 3, 6, 7] {
        let x = sample::random(1, [1, seq, 3, 4], &device);
        let parts = split_steps(x.clone());
        assert_eq!(parts.len(), seq);
        assert_close(&Tensor::cat(parts, 1), &naive::numbers(&x), 0.0);
    }
}

#[test]
fn a_new_layer_forgets_little() {
    let device = sample::device();
    let layer = BiLstm::new(D_MODEL, D_HIDDEN, &mut Initialiser::new(0, &device));
    let gates = naive::numbers(&layer.bias.val());
    for (number, gate) in gates.chunks(D_HIDDEN).enumerate() {
        let expected = if number % GATES == 1 { 1.0 } else { 0.0 };
        assert!(gate.iter().all(|&bias| bias == expected), "{number}: {gate:?}");
    }
}

#[test]
fn a_text_longer_than_max_seq_is_named_with_its_length() {
    let device = sample::device();
    let network = network(&device);
    let of_length = |seq: usize| {
        let tokens = Tensor::zeros([1, seq], &device);
        let padding = Tensor::<2>::zeros([1, seq], &device).equal_scalar(1);
        catch_unwind(AssertUnwindSafe(|| network.forward(tokens, padding)))
    };

    assert!(of_length(11).is_ok());
    let panic = of_length(12).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("12 tokens") && message.contains("11"), "{message}");
}
