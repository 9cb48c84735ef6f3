//! A fresh model is a function of its seed, and of nothing else that draws random numbers in the
//! process. A test file of its own, because one test compares with what Burn draws from the generator
//! that all threads of a process share.

use anafora_encoder::resolver::Resolver;
use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::{Device, Distribution, Tensor},
};
use config::encoder::{
    EncoderConfig, Shape,
    body::{BodyConfig, RecurrentConfig},
};

const N_TOKENS: usize = 7;
const D_MODEL: usize = 12;

fn bodies() -> [BodyConfig; 4] {
    let (n_heads, n_layers, d_ff, max_seq, dropout) = (2, 2, 10, 5, 0.1);
    let transformer = |shape: Shape| {
        let rotary_theta = (shape == Shape::Base).then_some(100.0);
        BodyConfig::Transformer(EncoderConfig {
            shape,
            d_model: D_MODEL,
            n_heads,
            n_layers,
            d_ff,
            max_seq,
            dropout,
            rotary_theta,
        })
    };
    let recurrent = RecurrentConfig { d_model: D_MODEL, d_hidden: 9, n_layers, max_seq, dropout };
    let [base, vaswani, bert] = [Shape::Base, Shape::Vaswani, Shape::Bert].map(transformer);
    [base, vaswani, bert, BodyConfig::Recurrent(recurrent)]
}

/// What a parameter is called, its sizes and its bits.
type Numbers = (String, Vec<usize>, Vec<u32>);

fn bits<const D: usize>(tensor: Tensor<D>) -> Vec<u32> {
    tensor.into_data().iter::<f32>().map(f32::to_bits).collect()
}

/// Every parameter, in the order of the module.
fn parameters(resolver: &Resolver) -> Vec<Numbers> {
    struct Collect(Vec<String>, Vec<Numbers>);
    impl ModuleVisitor for Collect {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.0.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.0.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let value = param.val();
            self.1.push((self.0.join("."), value.dims().to_vec(), bits(value)));
        }
    }
    let mut collect = Collect(Vec::new(), Vec::new());
    resolver.visit(&mut collect);
    collect.1
}

/// How a parameter is drawn; `None` if it starts with the same numbers whatever the seed.
fn distribution(name: &str, dims: &[usize], config: &BodyConfig) -> Option<Distribution> {
    let is_vaswani = matches!(config, BodyConfig::Transformer(c) if c.shape == Shape::Vaswani);
    let normal = |std: f64| Some(Distribution::Normal(0.0, std));
    let by_fan_in = |n: usize| normal((1.0 / (3.0 * n as f64)).sqrt());
    let small = ["embedding.tokens.weight", "positions.table", "wanted.weight", "pointer.none"];
    match name {
        "encoder.embedding.tokens.weight" if is_vaswani => normal((D_MODEL as f64).sqrt().recip()),
        _ if small.iter().any(|end| name.ends_with(end)) => normal(0.02),
        _ if name.ends_with(".input") || name.ends_with(".recurrent") => by_fan_in(dims[1]),
        _ if name.ends_with(".weight") && is_vaswani => {
            let n_parts = if name.ends_with("qkv.weight") { 3 } else { 1 };
            let bound = (6.0 / (dims[0] + dims[1] / n_parts) as f64).sqrt();
            Some(Distribution::Uniform(-bound, bound))
        }
        _ if name.ends_with(".weight") => by_fan_in(dims[0]),
        _ => None,
    }
}

/// So runs keep the bits that they had when their model was drawn from Burn's own generator.
#[test]
fn a_fresh_model_has_the_numbers_that_burn_draws_on_a_seeded_flex_device() {
    let device = Device::flex();
    for (seed, config) in (3..).zip(bodies()) {
        let found = parameters(&Resolver::new(&config, N_TOKENS, seed, &device));

        device.seed(seed);
        let mut n_drawn = 0;
        for (name, dims, found) in found {
            let Some(distribution) = distribution(&name, &dims, &config) else { continue };
            let n_numbers: usize = dims.iter().product();
            let expected = Tensor::<1>::random([n_numbers], distribution, &device);
            assert!(found == bits(expected), "{name} of {config:?}");
            n_drawn += 1;
        }
        let expected = match config {
            BodyConfig::Transformer(config) => {
                let n_tables = if config.shape == Shape::Bert { 2 } else { 1 };
                n_tables + 4 * config.n_layers + 2
            }
            BodyConfig::Recurrent(config) => 1 + 2 * config.n_layers + 1 + 2,
        };
        assert_eq!(n_drawn, expected);
    }
}

#[test]
fn the_same_seed_gives_the_same_model_with_autodiff_and_without_and_another_does_not() {
    let device = Device::flex();
    for config in bodies() {
        let fresh =
            |seed, device: &Device| parameters(&Resolver::new(&config, N_TOKENS, seed, device));
        assert!(fresh(1, &device) == fresh(1, &device.clone().autodiff()), "{config:?}");
        assert!(fresh(1, &device) != fresh(2, &device), "{config:?}");
    }
}
