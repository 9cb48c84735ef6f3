//! An untrained model for the tests of this crate: what they check holds for any weights.

use burn::tensor::Device;
use config::overrides;
use corpus::{bundled::probes, tokenizer::Tokenizer};
use encoder::resolver::Resolver;

use crate::model::TrainedModel;

/// The model of the config `text`, called `name`, with a tokenizer for the probes.
pub(crate) fn untrained(name: &str, text: &str) -> TrainedModel {
    let config = overrides::resolve(name, text, &[]).unwrap().config;
    let texts: Vec<String> = probes().into_iter().map(|probe| probe.text).collect();
    let tokenizer = Tokenizer::train(&texts, 600).unwrap();
    let device = Device::flex();
    let resolver = Resolver::new(&config.encoder, tokenizer.vocab_size(), 1, &device);
    let (checkpoint, temperature) = ("none".into(), 1.0);
    TrainedModel { resolver, tokenizer, config, checkpoint, step: 0, temperature, device }
}
