//! Test splits and files of examples, encoded for a model.

use std::path::Path;

use corpus::{
    bundled,
    jsonl::{self, ReadError},
    split::Split,
};

use anafora::{
    batch::{EncodeError, EncodedExample},
    model::TrainedModel,
};

/// The examples of one file, encoded.
#[derive(Debug, Clone)]
pub struct EncodedSplit {
    /// Name of the file, without extension.
    pub name: String,
    /// The examples, in the order of the file.
    pub examples: Vec<EncodedExample>,
    /// Number of test examples that were left out because they are longer than the model's `max_seq`.
    pub n_too_long: usize,
}

/// Why a file of examples cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// The file cannot be read, or is not a file of examples.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An example cannot be encoded for the model.
    #[error("{path}")]
    Encode {
        /// Path or name of the file.
        path: String,
        /// The error, which names the example.
        source: EncodeError,
    },
}

/// The test examples of `split` in the languages that `model` was trained on. Texts longer than the
/// model's `max_seq` are left out and counted.
pub fn test_split(model: &TrainedModel, split: Split) -> Result<EncodedSplit, SplitError> {
    let mut found = EncodedSplit { name: split.slug(), examples: Vec::new(), n_too_long: 0 };
    for &language in &model.config.data.languages {
        for example in bundled::test_examples(split, language) {
            match model.encode(example) {
                Ok(example) => found.examples.push(example),
                Err(EncodeError::TooLong { .. }) => found.n_too_long += 1,
                Err(source) => {
                    let path = format!("data/test/{}", split.slug());
                    return Err(SplitError::Encode { path, source });
                }
            }
        }
    }
    Ok(found)
}

/// The examples of the file at `path`.
///
/// # Errors
///
/// If the file cannot be read, or an example cannot be encoded; texts that are too long are errors
/// here, because the user chose the file.
pub fn read_split(model: &TrainedModel, path: &Path) -> Result<EncodedSplit, SplitError> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let encode = |example| {
        let path = path.display().to_string();
        model.encode(example).map_err(|source| SplitError::Encode { path, source })
    };
    let examples = jsonl::read(path)?.into_iter().map(encode).collect::<Result<_, _>>()?;
    Ok(EncodedSplit { name, examples, n_too_long: 0 })
}
