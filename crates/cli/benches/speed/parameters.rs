//! The parameters of a model as named arrays, so that all programs start from the same values.

use std::path::Path;

use anyhow::{Context, ensure};
use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{Device, Tensor, TensorData},
};
use config::encoder::body::BodyConfig;
use encoder::resolver::Resolver;
use safetensors::tensor::{Dtype, SafeTensors};

use crate::{
    MODEL,
    arrays::{self, Array, File},
};

/// The parameter whose first axis is the vocabulary, in the Transformer and the recurrent model.
const EMBEDDING: [&str; 2] =
    ["encoder.embedding.tokens.weight", "recurrent.embedding.tokens.weight"];

/// Seed of initial parameters that are replaced by those of the file, so any value will do.
const ANY_SEED: u64 = 0;

/// Writes the parameters of `resolver` into `directory`.
pub(crate) fn save(resolver: &Resolver, directory: &Path) -> anyhow::Result<()> {
    let mut collect = Collect { path: Vec::new(), arrays: Vec::new() };
    resolver.visit(&mut collect);
    arrays::save(&collect.arrays, &directory.join(MODEL))
}

/// The model of `config` with the parameters in `directory`.
pub(crate) fn load(
    config: &BodyConfig,
    directory: &Path,
    device: &Device,
) -> anyhow::Result<Resolver> {
    let path = directory.join(MODEL);
    let file = File::open(&path)?;
    let arrays = file.arrays()?;
    let [encoder, recurrent] = EMBEDDING.map(|name| arrays.tensor(name));
    let vocab = encoder.or(recurrent)?.shape()[0];
    let mut replace = Replace { path: Vec::new(), arrays: &arrays, n_replaced: 0, error: None };
    let resolver = Resolver::new(config, vocab, ANY_SEED, device).map(&mut replace);
    let (found, expected) = (arrays.len(), replace.n_replaced);
    if let Some(error) = replace.error {
        return Err(error).with_context(|| path.display().to_string());
    }
    ensure!(found == expected, "{} has {found} arrays, expected {expected}", path.display());
    Ok(resolver)
}

struct Collect {
    path: Vec<String>,
    arrays: Vec<Array>,
}

impl ModuleVisitor for Collect {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.val();
        self.arrays.push(Array {
            name: self.path.join("."),
            dtype: Dtype::F32,
            shape: value.dims().to_vec(),
            bytes: value.into_data().iter::<f32>().flat_map(f32::to_le_bytes).collect(),
        });
    }
}

struct Replace<'a> {
    path: Vec<String>,
    arrays: &'a SafeTensors<'a>,
    n_replaced: usize,
    /// The first error, kept here because a mapper cannot return one.
    error: Option<anyhow::Error>,
}

impl Replace<'_> {
    fn value<const D: usize>(&self, old: &Tensor<D>) -> anyhow::Result<Tensor<D>> {
        let name = self.path.join(".");
        let number = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let (found, numbers) = arrays::numbers::<D, f32>(self.arrays, &name, Dtype::F32, number)?;
        let expected = old.dims();
        ensure!(found == expected, "{name} is {found:?}, expected {expected:?}");
        Ok(Tensor::from_data(TensorData::new(numbers, expected), &old.device()))
    }
}

impl ModuleMapper for Replace<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, old, mapper) = param.consume();
        self.n_replaced += 1;
        let value = self.value(&old).unwrap_or_else(|error| {
            self.error.get_or_insert(error);
            old
        });
        let is_trained = value.device().is_autodiff();
        Param::from_mapped_value(id, value.set_require_grad(is_trained), mapper)
    }
}
