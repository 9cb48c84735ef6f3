//! The device's seed decides the untrained parameters. A test file of its own, because the generator
//! of a device is shared by all threads of a process.

use burn::tensor::{Device, Distribution, Int, Tensor};
use config::encoder::{EncoderConfig, Shape, body::BodyConfig};
use encoder::resolver::{Resolver, ResolverInput};

fn logits(resolver: &Resolver, device: &Device) -> Vec<f32> {
    let input = ResolverInput {
        tokens: Tensor::from_data([[3, 1, 4, 1, 5]], device),
        key_padding_mask: Tensor::from_data([[false; 5]], device),
        pronoun: Tensor::<1, Int>::from_data([3], device),
        words: Tensor::from_data([[0, 2, 4]], device),
        word_padding_mask: Tensor::from_data([[false; 3]], device),
    };
    resolver.forward(&input).logits.into_data().iter::<f32>().collect()
}

#[test]
fn parameters_are_a_function_of_the_seed_at_the_time_of_new() {
    let device = Device::flex();
    let config = BodyConfig::Transformer(EncoderConfig {
        shape: Shape::Base,
        d_model: 12,
        n_heads: 2,
        n_layers: 2,
        d_ff: 10,
        max_seq: 5,
        dropout: 0.1,
        rotary_theta: Some(100.0),
    });
    let seeded = |seed: u64| {
        device.seed(seed);
        Resolver::new(&config, 7, &device)
    };

    let first = seeded(1);
    let second = seeded(1);
    // Drawn before the first forward pass, which is when Burn would draw a parameter by itself.
    let _ = Tensor::<1>::random([3], Distribution::Default, &device).into_data();

    assert_eq!(logits(&first, &device), logits(&second, &device));
    assert_ne!(logits(&first, &device), logits(&seeded(2), &device));
}
