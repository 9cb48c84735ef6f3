//! The device's seed decides which values dropout drops. A test file of its own, because the generator
//! of a device is shared by all threads of a process.

use burn::{
    module::Module,
    tensor::{Bool, Device, Int, Tensor},
};
use config::encoder::{EncoderConfig, Shape};
use encoder::{encoder::Encoder, intervention::Untouched};

const N_TOKENS: usize = 7;

fn config(shape: Shape) -> EncoderConfig {
    EncoderConfig {
        shape,
        d_model: 12,
        n_heads: 2,
        n_layers: 2,
        d_ff: 10,
        max_seq: 5,
        dropout: 0.1,
        rotary_theta: (shape == Shape::Base).then_some(100.0),
    }
}

fn input(device: &Device) -> (Tensor<2, Int>, Tensor<2, Bool>) {
    let tokens = Tensor::from_data([[3, 1, 4, 1, 5], [2, 6, 5, 0, 0]], device);
    let last = [[false; 5], [false, false, false, true, true]];
    (tokens, Tensor::from_data(last, device))
}

fn bits(hidden: Tensor<3>) -> Vec<u32> {
    hidden.into_data().iter::<f32>().map(f32::to_bits).collect()
}

/// The hidden vectors of one pass, and the gradients of all parameters that read them.
fn pass(encoder: &Encoder, device: &Device, seed: u64) -> (Vec<u32>, Vec<u32>) {
    let (tokens, padding) = input(device);
    device.seed(seed);
    let hidden = encoder.forward(tokens, padding);
    let probe = hidden.clone().detach().sin();
    let grads = (hidden.clone() * probe).sum().backward();
    (bits(hidden), gradients(encoder, &grads))
}

fn gradients(encoder: &Encoder, grads: &burn::tensor::Gradients) -> Vec<u32> {
    use burn::module::{ModuleVisitor, Param};
    struct Collect<'a>(&'a burn::tensor::Gradients, Vec<u32>);
    impl ModuleVisitor for Collect<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = param.val().grad(self.0).expect("each parameter has a gradient");
            self.1.extend(gradient.into_data().iter::<f32>().map(f32::to_bits));
        }
    }
    let mut collect = Collect(grads, Vec::new());
    encoder.visit(&mut collect);
    collect.1
}

#[test]
fn training_drops_by_the_seed_and_inference_drops_nothing() {
    for shape in [Shape::Base, Shape::Vaswani, Shape::Bert] {
        let device = Device::flex().autodiff();
        let encoder = Encoder::new(&config(shape), N_TOKENS, &device);
        let first = pass(&encoder, &device, 1);
        assert_eq!(first, pass(&encoder, &device, 1), "{shape:?}");
        let other = pass(&encoder, &device, 2);
        assert_ne!(first.0, other.0, "{shape:?}");
        assert_ne!(first.1, other.1, "{shape:?}");

        // Without a graph: the same whatever the seed, and what the definition says.
        let encoder = encoder.valid();
        let device = Device::flex();
        let (tokens, padding) = input(&device);
        let hidden = [1, 2].map(|seed| {
            device.seed(seed);
            encoder.forward(tokens.clone(), padding.clone())
        });
        let [first, second] = hidden.map(|hidden| hidden.into_data().iter().collect::<Vec<f32>>());
        assert_eq!(first, second, "{shape:?}");
        let expected = encoder.observe(encoder.embed(tokens), padding, &Untouched).hidden;
        let expected: Vec<f32> = expected.into_data().iter().collect();
        let there = (0..first.len()).filter(|i| i / 12 < 8); // the rest is padding
        for i in there {
            let error = (first[i] - expected[i]).abs();
            assert!(error < 1e-5, "number {i} of {shape:?}: error {error:e}");
        }
    }
}
