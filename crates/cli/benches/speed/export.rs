//! Writes what all programs of the comparison start from: initial parameters and batches.

use std::path::Path;

use burn::tensor::Device;
use encoder::resolver::Resolver;

use crate::{batches, case::Case, parameters};

/// Writes the parameters and batches of the case in `directory` into the same directory.
pub(crate) fn export(directory: &Path) -> anyhow::Result<()> {
    let case = Case::load(directory)?;
    let device = Device::flex();
    let (batches, vocab) = batches::make(&case, &device)?;
    batches::save(&batches, directory)?;
    parameters::save(&Resolver::new(&case.encoder, vocab, case.seed, &device), directory)
}
