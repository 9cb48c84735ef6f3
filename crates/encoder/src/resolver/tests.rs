use burn::{
    module::list_param_ids,
    optim::{AdamConfig, GradientsParams},
    store::ModuleRecord,
    tensor::{DType, activation::log_softmax},
};

use super::*;
use crate::{
    finite_difference,
    intervention::Untouched,
    naive,
    sample::{
        self, ASKED, BATCH, D_FF, D_HIDDEN, D_MODEL, PADDING, PRONOUNS, QUERIES, SEQ, TOKENS,
        VOCAB, WORD, WORD_PADDING, WORDS, assert_close,
    },
};
use config::encoder::{EncoderConfig, body::RecurrentConfig};

/// The mean cross-entropy of *none* for the first query and the last, and of word 1 for the second.
fn loss(resolver: &Resolver, input: &ResolverInput) -> Tensor<1> {
    let log_probabilities = log_softmax(resolver.forward(input).logits, 1); // [queries, words + 1]
    let [_, columns] = log_probabilities.dims();
    let first = log_probabilities.clone().slice([0..1, columns - 1..columns]);
    let second = log_probabilities.clone().slice([1..2, 1..2]);
    let last = log_probabilities.slice([2..3, columns - 1..columns]);
    (first + second + last).sum() / -3.0
}

fn observe(resolver: &Resolver, input: &ResolverInput) -> Observation {
    resolver.observe(input, resolver.embed(input.tokens.clone()), &Untouched)
}

/// The gradient of each parameter, in the order of the module.
fn gradients(resolver: &Resolver, input: &ResolverInput) -> Vec<Vec<f64>> {
    use burn::module::{ModuleVisitor, Param};
    struct Collect<'a>(&'a burn::tensor::Gradients, Vec<Vec<f64>>);
    impl ModuleVisitor for Collect<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.1.push(naive::numbers(&param.val().grad(self.0).unwrap()));
        }
    }
    let grads = loss(resolver, input).backward();
    let mut collect = Collect(&grads, Vec::new());
    resolver.visit(&mut collect);
    collect.1
}

fn naive_logits(resolver: &Resolver) -> Vec<f64> {
    let query = |(text, place): (usize, usize)| {
        let pronoun = PRONOUNS[text][place];
        let mut logits =
            naive::resolver(resolver, &TOKENS[text], &PADDING[text], pronoun, &WORD[text]);
        for (logit, is_padding) in logits.iter_mut().zip(WORD_PADDING[text]) {
            *logit = if is_padding { -10_000.0 } else { *logit };
        }
        logits
    };
    ASKED.into_iter().flat_map(query).collect()
}

#[test]
fn forward_matches_the_naive_loops() {
    for config in sample::bodies() {
        let device = sample::device();
        let resolver = sample::resolver(&config, &device);

        let logits = resolver.forward(&sample::input(&device)).logits;

        assert_eq!(logits.dims(), [QUERIES, WORDS + 1]);
        assert_close(&logits, &naive_logits(&resolver), 1e-11);
    }
}

#[test]
fn forward_matches_the_naive_loops_in_single_precision() {
    for config in sample::bodies() {
        let device = sample::device();
        let resolver = sample::in_f32(sample::resolver(&config, &device));

        let logits = resolver.forward(&sample::input(&device)).logits;

        assert_eq!(logits.dtype(), DType::F32);
        assert_close(&logits, &naive_logits(&resolver), 1e-5);
    }
}

#[test]
fn the_gradient_matches_finite_differences() {
    for config in sample::bodies() {
        let device = sample::autodiff_device();
        let resolver = sample::resolver(&config, &device);
        let input = sample::input(&device);

        let grads = loss(&resolver, &input).backward();
        finite_difference::check_parameters(&resolver, &grads, |resolver| loss(resolver, &input));
    }
}

#[test]
fn every_parameter_receives_a_gradient() {
    for config in sample::bodies() {
        let device = sample::autodiff_device();
        let resolver = Resolver::new(&config, VOCAB, 0, &device);

        let grads = loss(&resolver, &sample::input(&device)).backward();
        let grads = GradientsParams::from_grads(grads, &resolver);

        assert_eq!(grads.len(), list_param_ids(&resolver).len(), "{config:?}");
    }
}

#[test]
fn the_number_of_parameters_is_that_of_the_formula() {
    let pointer = D_MODEL * D_MODEL + D_MODEL + D_MODEL;
    let base_block = 4 * D_MODEL * D_MODEL + 3 * D_MODEL * D_FF + D_MODEL;
    let base = VOCAB * D_MODEL + D_MODEL + 2 * base_block + D_MODEL + D_MODEL; // one norm is absent
    let biased_block =
        4 * (D_MODEL * D_MODEL + D_MODEL) + 2 * D_MODEL * D_FF + D_FF + D_MODEL + 4 * D_MODEL;
    let vaswani = VOCAB * D_MODEL + 2 * biased_block;
    let bert = vaswani + 11 * D_MODEL + 2 * D_MODEL;
    let layer = |d_input: usize| 2 * 4 * D_HIDDEN * (d_input + D_HIDDEN + 1);
    let projection = 2 * D_HIDDEN * D_MODEL;
    let lstm =
        VOCAB * D_MODEL + D_MODEL + layer(D_MODEL) + layer(2 * D_HIDDEN) + projection + D_MODEL;
    for (config, n_body) in sample::bodies().into_iter().zip([base, vaswani, bert, lstm]) {
        let resolver = sample::resolver(&config, &sample::device());
        assert_eq!(resolver.n_parameters(), n_body + pointer, "{config:?}");
    }
}

/// The sample with three more positions and two more words, all of them padding.
fn padded(token: i64, word: i64, device: &Device) -> ResolverInput {
    let input = sample::input(device);
    let wider = |mask: Tensor<2, Bool>, columns: usize| {
        let padding = Tensor::<2>::zeros([BATCH, columns], device).equal_scalar(0);
        Tensor::cat(vec![mask, padding], 1)
    };
    let longer = |tokens: Tensor<2, Int>, columns: usize, filler: i64| {
        Tensor::cat(vec![tokens, Tensor::full([BATCH, columns], filler, device)], 1)
    };
    ResolverInput {
        tokens: longer(input.tokens, 3, token),
        key_padding_mask: wider(input.key_padding_mask, 3),
        pronouns: input.pronouns,
        is_second: input.is_second,
        asked: input.asked,
        words: longer(input.words, 2, word),
        word_padding_mask: wider(input.word_padding_mask, 2),
    }
}

#[test]
fn adding_padding_changes_neither_logits_nor_gradients() {
    for config in sample::bodies() {
        let device = sample::autodiff_device();
        let resolver = sample::resolver(&config, &device);
        let (input, padded) = (sample::input(&device), padded(0, 0, &device));

        let logits = resolver.forward(&padded).logits; // [batch, words + 2 + 1]
        let words = logits.clone().narrow(1, 0, WORDS);
        let none = logits.narrow(1, WORDS + 2, 1);
        let expected = naive::numbers(&resolver.forward(&input).logits);
        assert_close(&Tensor::cat(vec![words, none], 1), &expected, 1e-12);

        let expected = gradients(&resolver, &input).concat();
        let actual = gradients(&resolver, &padded).concat();
        assert_eq!(actual.len(), expected.len());
        for (actual, expected) in actual.iter().zip(expected) {
            assert!((actual - expected).abs() < 1e-12, "{config:?}: {actual}, {expected}");
        }
    }
}

#[test]
fn what_stands_on_padding_changes_nothing_at_all() {
    for config in sample::bodies() {
        let device = sample::autodiff_device();
        let resolver = sample::resolver(&config, &device);
        let [one, other] = [padded(0, 0, &device), padded(12, 8, &device)];

        let [logits, changed] = [&one, &other].map(|input| resolver.forward(input).logits);
        changed.into_data().assert_eq(&logits.into_data(), true);
        assert_eq!(gradients(&resolver, &other), gradients(&resolver, &one), "{config:?}");
    }
}

#[test]
fn texts_do_not_see_each_other() {
    for config in sample::bodies() {
        let device = sample::device();
        let resolver = sample::resolver(&config, &device);
        let input = sample::input(&device);
        let ResolverInput { tokens, key_padding_mask, pronouns, words, word_padding_mask, .. } =
            input.clone();
        let asked = ASKED.map(|(text, place)| (2 * (BATCH - 1 - text) + place) as i64);
        let swapped = ResolverInput {
            tokens: tokens.flip([0]),
            key_padding_mask: key_padding_mask.flip([0]),
            pronouns: pronouns.flip([0]),
            asked: Tensor::from_data(asked, &device),
            is_second: input.is_second.clone(),
            words: words.flip([0]),
            word_padding_mask: word_padding_mask.flip([0]),
        };

        let expected = observe(&resolver, &input);
        let actual = observe(&resolver, &swapped);

        assert_close(&actual.output.logits, &naive::numbers(&expected.output.logits), 1e-13);
        for (actual, expected) in actual.attention.iter().zip(&expected.attention) {
            let actual = actual.weights.clone().flip([0]);
            assert_close(&actual, &naive::numbers(&expected.weights), 1e-13);
        }
    }
}

/// The mean of the cross-entropy over all answers is ln(words + 1) for a uniform distribution, and
/// more for any other.
#[test]
fn an_untrained_model_finds_every_answer_about_as_likely() {
    for config in sample::bodies() {
        let device = sample::device();
        let sizes = match config.clone() {
            BodyConfig::Transformer(config) => BodyConfig::Transformer(EncoderConfig {
                d_model: 96,
                n_heads: 4,
                n_layers: 4,
                d_ff: 192,
                ..config
            }),
            BodyConfig::Recurrent(config) => {
                BodyConfig::Recurrent(RecurrentConfig { d_model: 96, d_hidden: 64, ..config })
            }
        };
        let resolver = Resolver::new(&sizes, VOCAB, 0, &device);
        let no_padding = Tensor::from_data([[false; WORDS]; BATCH], &device);
        let input = ResolverInput { word_padding_mask: no_padding, ..sample::input(&device) };

        let log_probabilities = log_softmax(resolver.forward(&input).logits, 1);

        let loss: f64 = -log_probabilities.mean().into_scalar::<f64>();
        let uniform = ((WORDS + 1) as f64).ln();
        assert!((uniform..uniform + 0.1).contains(&loss), "{config:?}: {loss}, uniform {uniform}");
    }
}

#[test]
fn a_loaded_record_predicts_the_same_bits() {
    for config in sample::bodies() {
        let device = sample::device();
        let saved = Resolver::new(&config, VOCAB, 0, &device);
        let input = sample::input(&device);

        let bytes = saved.clone().into_record().into_bytes().unwrap();
        let loaded = Resolver::new(&config, VOCAB, 0, &device)
            .try_load_record(ModuleRecord::from_bytes(bytes).unwrap())
            .unwrap();

        let expected = saved.forward(&input).logits.into_data();
        loaded.forward(&input).logits.into_data().assert_eq(&expected, true);
    }
}

/// The config of the same body with this dropout.
fn with_dropout(config: BodyConfig, dropout: f64) -> BodyConfig {
    match config {
        BodyConfig::Transformer(config) => {
            BodyConfig::Transformer(EncoderConfig { dropout, ..config })
        }
        BodyConfig::Recurrent(config) => {
            BodyConfig::Recurrent(RecurrentConfig { dropout, ..config })
        }
    }
}

#[test]
fn dropout_is_a_function_of_its_seed_and_acts_in_one_forward_only() {
    for device in [sample::device(), sample::autodiff_device()] {
        for config in sample::bodies() {
            let resolver = Resolver::new(&with_dropout(config.clone(), 0.5), VOCAB, 0, &device);
            let without = Resolver::new(&config, VOCAB, 0, &device);
            let input = sample::input(&device);
            let dropped =
                |seed: u64| resolver.forward_with_dropout(&input, seed).logits.into_data();

            dropped(1).assert_eq(&dropped(1), true);
            assert_ne!(dropped(1), dropped(2), "{config:?}");
            let kept = resolver.forward(&input).logits.into_data();
            assert_ne!(dropped(1), kept, "{config:?}");
            without.forward(&input).logits.into_data().assert_eq(&kept, true);
            without.forward_with_dropout(&input, 1).logits.into_data().assert_eq(&kept, true);
        }
    }
}

#[test]
fn every_body_learns_two_texts_by_heart() {
    for config in sample::bodies() {
        let device = sample::autodiff_device();
        let input = sample::input(&device);
        let mut resolver = Resolver::new(&config, VOCAB, 0, &device);
        let mut optimizer = AdamConfig::new().init();

        for _ in 0..60 {
            let grads = GradientsParams::from_grads(loss(&resolver, &input).backward(), &resolver);
            resolver = optimizer.step(3e-3, resolver, grads);
        }

        let loss: f64 = loss(&resolver, &input).into_scalar();
        assert!(loss < 0.05, "{config:?}: {loss}");
    }
}

#[test]
fn there_is_attention_to_see_in_each_block_and_none_in_a_recurrent_network() {
    for config in sample::bodies() {
        let device = sample::device();
        let resolver = sample::resolver(&config, &device);

        let seen = observe(&resolver, &sample::input(&device));

        assert_eq!(seen.attention.len(), if config.has_attention() { 2 } else { 0 }, "{config:?}");
        assert_close(&seen.output.logits, &naive_logits(&resolver), 1e-11);
    }
}

/// Each body scores tokens with the matrix of its own embedding.
#[test]
fn the_heads_without_parameters_score_tokens_with_the_embedding() {
    const MASKED: [[usize; 2]; BATCH] = [[1, 5], [3, 0]];
    for config in sample::bodies() {
        let device = sample::device();
        let resolver = sample::resolver(&config, &device);
        let input = sample::input(&device);
        let hidden = resolver.forward(&input).hidden;
        let positions = MASKED.map(|row| row.map(|position| position as i64));

        let all_tokens = Tensor::arange(0..VOCAB as i64, &device);
        let antecedent = resolver.antecedent_token_logits(hidden.clone(), &input, all_tokens);
        let masked =
            resolver.masked_word_logits(hidden.clone(), Tensor::from_data(positions, &device));

        let embedding = match (&resolver.encoder, &resolver.recurrent) {
            (Some(encoder), _) => encoder.embedding.tokens.weight.val(),
            (_, recurrent) => recurrent.as_ref().unwrap().embedding.tokens.weight.val(),
        };
        let rows = naive::rows(&hidden);
        let asked = naive::asked(&rows, SEQ);
        let expected = naive::vocabulary_logits(&asked, 1, &[[0]; QUERIES], &embedding);
        assert_close(&antecedent, &expected, 1e-12);
        let expected = naive::vocabulary_logits(&rows, SEQ, &MASKED, &embedding);
        assert_eq!(masked.dims(), [BATCH, 2, VOCAB], "{config:?}");
        assert_close(&masked, &expected, 1e-12);
    }
}

#[test]
fn the_bound_of_the_size_holds_for_every_kind_of_model_and_is_not_far_away() {
    for body in sample::bodies() {
        let n_parameters = Resolver::new(&body, VOCAB, 0, &sample::device()).n_parameters();
        let n_pointer = 2 * body.d_model(); // its bias and *none*
        let bound = body.n_numbers(VOCAB) + n_pointer;
        assert!((n_parameters..2 * n_parameters).contains(&bound), "{body:?}");
    }
}
