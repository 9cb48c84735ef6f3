//! Conversion between a model and the content of a checkpoint's `model.bpk`, which has Burn's
//! format.
//!
//! The first version of this program saved the resolver as a field of another module, so the names
//! of parameters in files begin with `resolver.`, as in `resolver.encoder.blocks.0.…`. `Saved`
//! keeps that prefix, so that files of all versions can be read.

use burn::{
    module::Module,
    store::{ModuleRecord, RecordError},
    tensor::{Bytes, Device},
};
use config::experiment::ExperimentConfig;
use encoder::resolver::Resolver;

/// The untrained model of a config: with a detector if the objective asks for one.
pub fn untrained(
    config: &ExperimentConfig,
    vocab_size: usize,
    seed: u64,
    device: &Device,
) -> Resolver {
    let resolver = Resolver::new(&config.encoder, vocab_size, seed, device);
    match config.objective.detection > 0.0 {
        true => resolver.with_detector(seed, device),
        false => resolver,
    }
}

/// Adds the prefix `resolver.` to the names of the parameters.
#[derive(Module, Debug)]
struct Saved {
    resolver: Resolver,
}

/// A record of the weights of `model`, which can be saved.
pub fn record(model: &Resolver) -> ModuleRecord {
    Saved { resolver: model.clone() }.into_record()
}

/// Replaces the weights of `model` by those in `bytes`, the content of a `model.bpk`.
///
/// # Errors
///
/// If the bytes are not a record of weights, or if their shapes are not those of `model`.
pub fn load(model: Resolver, bytes: Vec<u8>) -> Result<Resolver, RecordError> {
    let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes))?;
    Ok(Saved { resolver: model }.try_load_record(record)?.resolver)
}
