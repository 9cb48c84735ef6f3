//! Weights as the bytes of a checkpoint's `model.bpk`, Burn's own format.
//!
//! Parameters are called `resolver.encoder.blocks.0.…` there: the module that is saved holds the
//! resolver in a field of that name, so that files of every version have the same names.

use burn::{
    module::Module,
    store::{ModuleRecord, RecordError},
    tensor::Bytes,
};
use encoder::resolver::Resolver;

/// Gives each parameter the name that it has in files.
#[derive(Module, Debug)]
struct Saved {
    resolver: Resolver,
}

/// A copy of the weights of `model`, to be written.
pub fn record(model: &Resolver) -> ModuleRecord {
    Saved { resolver: model.clone() }.into_record()
}

/// Puts the weights in `bytes`, the content of a `model.bpk`, into `model`.
///
/// # Errors
///
/// If the bytes are not a record of weights, or the weights of a model of other sizes.
pub fn load(model: Resolver, bytes: Vec<u8>) -> Result<Resolver, RecordError> {
    let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes))?;
    Ok(Saved { resolver: model }.try_load_record(record)?.resolver)
}
