use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{DType, Device, Gradients, Int, TensorData},
};
use rayon::ThreadPoolBuilder;

use super::*;
use crate::{
    dropout,
    encoder::Encoder,
    initial::Initialiser,
    intervention::Untouched,
    naive,
    sample::{self, SHAPES, VOCAB, assert_close},
};
use config::encoder::Shape;

const TOLERANCE: f64 = 1e-5;

/// Of dropout, where a config has some.
const SEED: u64 = 7;

/// A size of model and batch, with texts of equal or of different lengths.
#[derive(Debug, Clone, Copy)]
struct Size {
    d_model: usize,
    n_heads: usize,
    n_layers: usize,
    d_ff: usize,
    batch: usize,
    seq: usize,
    is_ragged: bool,
}

const SIZES: [Size; 7] = [
    Size { d_model: 6, n_heads: 1, n_layers: 1, d_ff: 1, batch: 1, seq: 1, is_ragged: false },
    Size { d_model: 4, n_heads: 2, n_layers: 1, d_ff: 3, batch: 2, seq: 3, is_ragged: true },
    Size { d_model: 18, n_heads: 3, n_layers: 2, d_ff: 11, batch: 3, seq: 7, is_ragged: false },
    Size { d_model: 18, n_heads: 3, n_layers: 2, d_ff: 11, batch: 5, seq: 9, is_ragged: true },
    Size { d_model: 12, n_heads: 2, n_layers: 1, d_ff: 20, batch: 2, seq: 300, is_ragged: true },
    Size { d_model: 128, n_heads: 4, n_layers: 2, d_ff: 96, batch: 20, seq: 40, is_ragged: true },
    Size { d_model: 128, n_heads: 4, n_layers: 2, d_ff: 96, batch: 20, seq: 40, is_ragged: false },
];

impl Size {
    fn config(self, shape: Shape) -> EncoderConfig {
        let Self { d_model, n_heads, n_layers, d_ff, seq, .. } = self;
        let rotary_theta = (shape == Shape::Base).then_some(sample::THETA);
        let dropout = 0.0;
        EncoderConfig {
            shape,
            d_model,
            n_heads,
            n_layers,
            d_ff,
            max_seq: seq,
            dropout,
            rotary_theta,
        }
    }

    fn tokens(self, device: &Device) -> Tensor<2, Int> {
        let Self { batch, seq, .. } = self;
        let token = |x: f64| ((x + 1.0) / 2.0 * VOCAB as f64) as i64;
        let tokens: Vec<i64> = sample::noise(1, batch * seq).into_iter().map(token).collect();
        Tensor::from_data(TensorData::new(tokens, [batch, seq]), device)
    }

    /// Where there is padding, row by row.
    fn is_padding(self) -> Vec<bool> {
        let Self { batch, seq, is_ragged, .. } = self;
        let lengths = sample::noise(2, batch).into_iter().map(|x| {
            let length = ((x + 1.0) / 2.0 * seq as f64).ceil() as usize;
            if is_ragged { length.max(1) } else { seq }
        });
        lengths.flat_map(|length| (0..seq).map(move |i| i >= length)).collect()
    }

    fn padding(self, device: &Device) -> Tensor<2, Bool> {
        Tensor::from_data(TensorData::new(self.is_padding(), [self.batch, self.seq]), device)
    }

    /// Random weights of the loss; those of padding are 0.
    fn probe(self, device: &Device) -> Tensor<3> {
        let Self { batch, seq, d_model, .. } = self;
        let mut probe = sample::noise(3, batch * seq * d_model);
        for (row, is_padding) in probe.chunks_mut(d_model).zip(self.is_padding()) {
            if is_padding {
                row.fill(0.0);
            }
        }
        Tensor::from_data(TensorData::new(probe, [batch, seq, d_model]), (device, DType::F32))
    }
}

/// The module with random parameters in `f32`: matrices that keep the size of what they multiply,
/// biases that are not 0, norms that are not 1.
fn spread<M: Module>(module: M) -> M {
    struct Spread {
        seed: u64,
    }
    impl ModuleMapper for Spread {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            self.seed += 1;
            let (id, value, _) = param.consume();
            let scale = if D == 2 { (3.0 / value.dims()[0] as f64).sqrt() } else { 0.5 };
            let device = value.device();
            let value = (sample::random(self.seed, value.dims(), &device) * scale).cast(DType::F32);
            Param::initialized(id, value.detach().set_require_grad(device.is_autodiff()))
        }
    }
    module.map(&mut Spread { seed: 2_000 })
}

/// The gradient of every parameter, in the order of the module.
fn gradients<M: Module>(module: &M, grads: &Gradients) -> Vec<Vec<f64>> {
    struct Collect<'a>(&'a Gradients, Vec<Vec<f64>>);
    impl ModuleVisitor for Collect<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = param.val().grad(self.0).expect("each parameter has a gradient");
            self.1.push(naive::numbers(&gradient));
        }
    }
    let mut collect = Collect(grads, Vec::new());
    module.visit(&mut collect);
    collect.1
}

/// Asserts that the two differ by little, as a share of the length of `expected`.
#[track_caller]
fn assert_agree(what: &str, actual: &[f64], expected: &[f64]) {
    assert_eq!(actual.len(), expected.len(), "{what}");
    let length = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().sqrt();
    let error = length(&mut actual.iter().zip(expected).map(|(a, e)| a - e));
    let size = length(&mut expected.iter().copied());
    assert!(error <= TOLERANCE * size, "{what}: error {error:e} of {size:e}");
}

/// Hidden vectors that are not padding, and the gradient of every parameter.
struct Outcome {
    hidden: Vec<f64>,
    gradients: Vec<Vec<f64>>,
}

impl Outcome {
    fn of(size: Size, encoder: &Encoder, hidden: Tensor<3>) -> Self {
        let loss = (hidden.clone() * size.probe(&hidden.device())).sum();
        let grads = loss.backward();
        let rows = naive::rows(&hidden).into_iter().zip(size.is_padding());
        let there = rows.filter(|(_, is_padding)| !is_padding).flat_map(|(row, _)| row);
        Self { hidden: there.collect(), gradients: gradients(encoder, &grads) }
    }

    /// By the fast path.
    fn of_forward(size: Size, encoder: &Encoder, device: &Device) -> Self {
        let (tokens, padding) = (size.tokens(device), size.padding(device));
        let hidden = encoder.forward_with_dropout(tokens, padding, SEED);
        Self::of(size, encoder, hidden)
    }

    /// By the definition.
    fn of_definition(size: Size, encoder: &Encoder, device: &Device) -> Self {
        Self::of(size, encoder, definition(encoder, size.tokens(device), size.padding(device)))
    }

    #[track_caller]
    fn assert_agrees(&self, expected: &Self, what: &str) {
        assert_agree(what, &self.hidden, &expected.hidden);
        assert_eq!(self.gradients.len(), expected.gradients.len());
        for (i, (actual, expected)) in self.gradients.iter().zip(&expected.gradients).enumerate() {
            assert_agree(&format!("parameter {i}, {what}"), actual, expected);
        }
    }
}

/// The definition, which [`Encoder::observe`] computes without dropout, with that of the config.
fn definition(
    encoder: &Encoder,
    tokens: Tensor<2, Int>,
    key_padding_mask: Tensor<2, Bool>,
) -> Tensor<3> {
    let dropout = dropout::of_pass(encoder.config.dropout, SEED);
    let embedded = encoder.embedding.forward(tokens, dropout);
    let hidden = encoder.blocks(embedded, key_padding_mask, &Untouched, dropout, |_| ());
    encoder.norm(hidden)
}

#[test]
fn the_fast_path_agrees_with_the_definition_in_value_and_every_gradient() {
    let device = sample::autodiff_device();
    let pools = [1, 2].map(|n| ThreadPoolBuilder::new().num_threads(n).build().unwrap());
    for shape in SHAPES {
        for (size, dropout) in SIZES.into_iter().flat_map(|size| [(size, 0.0), (size, 0.3)]) {
            let config = EncoderConfig { dropout, ..size.config(shape) };
            let encoder = spread(Encoder::new(&config, VOCAB, 0, &device));
            let expected = Outcome::of_definition(size, &encoder, &device);
            for pool in &pools {
                let actual = pool.install(|| Outcome::of_forward(size, &encoder, &device));
                let threads = pool.current_num_threads();
                let what = format!("{shape:?}, {size:?}, dropout {dropout}, {threads} threads");
                actual.assert_agrees(&expected, &what);
            }
        }
    }
}

/// Other values for one key of `config`, which is named as in a config file. A new key needs some here.
fn variations(key: &str, config: &EncoderConfig) -> Vec<EncoderConfig> {
    let EncoderConfig { d_model, max_seq, .. } = *config;
    let changed = |change: &dyn Fn(&mut EncoderConfig)| {
        let mut config = config.clone();
        change(&mut config);
        config
    };
    match key {
        "shape" => {
            let shapes = SHAPES.into_iter().filter(|&shape| shape != config.shape);
            shapes.map(|shape| KEYS_SIZE.config(shape)).collect()
        }
        "d_model" => vec![changed(&|config| config.d_model = 2 * d_model)],
        "n_heads" => [1, 9].map(|n| changed(&|config| config.n_heads = n)).to_vec(),
        "n_layers" => [1, 3].map(|n| changed(&|config| config.n_layers = n)).to_vec(),
        "d_ff" => [1, 20].map(|n| changed(&|config| config.d_ff = n)).to_vec(),
        "max_seq" => vec![changed(&|config| config.max_seq = max_seq + 4)],
        "dropout" => vec![changed(&|config| config.dropout = 0.3)],
        "rotary_theta" => vec![changed(&|config| config.rotary_theta = Some(3.0))],
        _ => panic!("no variation of the key {key} is tested"),
    }
}

/// The model whose keys are varied.
const KEYS_SIZE: Size = SIZES[3];

#[test]
fn every_key_of_the_config_changes_the_fast_path_as_it_changes_the_definition() {
    let device = sample::autodiff_device();
    for shape in SHAPES {
        let config = KEYS_SIZE.config(shape);
        let keys = serde_json::to_value(&config).unwrap();
        for key in keys.as_object().unwrap().keys() {
            for varied in variations(key, &config) {
                let value =
                    |config: &EncoderConfig| serde_json::to_value(config).unwrap()[key].clone();
                assert_ne!(value(&varied), value(&config), "{key} was not varied");
                let size = Size { d_model: varied.d_model, ..KEYS_SIZE };
                let encoder = spread(Encoder::new(&varied, VOCAB, 0, &device));
                let expected = Outcome::of_definition(size, &encoder, &device);
                let what = format!("{key} of {shape:?}: {varied:?}");
                Outcome::of_forward(size, &encoder, &device).assert_agrees(&expected, &what);
            }
        }
    }
}

#[test]
fn the_kernels_take_f32_on_flex_and_nothing_else() {
    for device in [sample::device(), sample::autodiff_device()] {
        for shape in SHAPES {
            let config = sample::config(shape);
            let (tokens, padding) = (sample::tokens(&device), sample::padding(&device));
            let in_f64 = sample::randomised(Encoder::new(&config, VOCAB, 0, &device));
            for (encoder, is_taken) in [(sample::in_f32(in_f64.clone()), true), (in_f64, false)] {
                let x = encoder.embedding.forward(tokens.clone(), None);
                let fused = Fused::new(&config, &x, &padding, None).unwrap();
                let y = fused.block(&encoder.blocks[1], 1, x);
                assert_eq!(y.is_some(), is_taken, "{shape:?}");
            }
        }
    }
}

#[test]
fn numbers_of_another_dtype_are_computed_by_the_definition() {
    for device in [sample::device(), sample::autodiff_device()] {
        for shape in SHAPES {
            let encoder =
                sample::randomised(Encoder::new(&sample::config(shape), VOCAB, 0, &device));
            let (tokens, padding) = (sample::tokens(&device), sample::padding(&device));
            let hidden = encoder.forward(tokens.clone(), padding.clone());
            assert_eq!(hidden.dtype(), DType::F64);
            let expected = definition(&encoder, tokens, padding);
            assert_close(&hidden, &naive::numbers(&expected), 0.0);
        }
    }
}

#[test]
fn layer_norm_agrees_with_burns_own() {
    let device = sample::autodiff_device();
    let pools = [1, 2].map(|n| ThreadPoolBuilder::new().num_threads(n).build().unwrap());
    for shape in SHAPES {
        for dims in [[1, 1, 6], [3, 5, 6], [4, 50, 33]] {
            let config = EncoderConfig { d_model: dims[2], ..sample::config(shape) };
            let norm = spread(Initialiser::new(0, &device).layer_norm(&config));
            let outcome = |forward: &dyn Fn(Tensor<3>) -> Tensor<3>| {
                let x = sample::random(1, dims, &device).cast(DType::F32).require_grad();
                let probe = sample::random(2, dims, &device).cast(DType::F32);
                let y = forward(x.clone());
                let grads = (y.clone() * probe).sum().backward();
                let mut all = vec![naive::numbers(&y), naive::numbers(&x.grad(&grads).unwrap())];
                all.extend(gradients(&norm, &grads));
                all
            };
            let expected = outcome(&|x| norm.forward(x));
            for pool in &pools {
                let actual = pool.install(|| outcome(&|x| layer_norm(&norm, x)));
                assert_eq!(actual.len(), expected.len());
                for (i, (actual, expected)) in actual.iter().zip(&expected).enumerate() {
                    assert_agree(&format!("number {i} of {dims:?}, {shape:?}"), actual, expected);
                }
            }
        }
    }
}
