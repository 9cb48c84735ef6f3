//! Files of examples, ready to be answered.

use std::path::Path;

use corpus::{
    bundled,
    jsonl::{self, ReadError},
};

use crate::{
    batch::{EncodeError, EncodedExample},
    model::TrainedModel,
};

/// The examples of one file, with their tokens.
#[derive(Debug, Clone)]
pub struct EncodedSplit {
    /// The name of the file, without ending.
    pub name: String,
    /// In the order of the file.
    pub examples: Vec<EncodedExample>,
}

/// Why a file cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// It is no file of examples.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An example does not fit the model.
    #[error("{path}")]
    Encode {
        /// The file.
        path: String,
        /// Which one, and why.
        source: EncodeError,
    },
}

/// The test files of the languages that `model` was trained on, as one split.
pub fn embedded_test(model: &TrainedModel) -> Result<Vec<EncodedSplit>, SplitError> {
    let examples =
        model.config.data.languages.iter().flat_map(|&lang| bundled::test_examples(lang));
    let encode = |example| {
        model
            .encode(example)
            .map_err(|source| SplitError::Encode { path: "the test files".to_owned(), source })
    };
    let examples = examples.map(encode).collect::<Result<_, _>>()?;
    Ok(vec![EncodedSplit { name: "test".to_owned(), examples }])
}

/// The examples of the file at `path`.
pub fn read_split(model: &TrainedModel, path: &Path) -> Result<EncodedSplit, SplitError> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let encode = |example| {
        let path = path.display().to_string();
        model.encode(example).map_err(|source| SplitError::Encode { path, source })
    };
    let examples = jsonl::read(path)?.into_iter().map(encode).collect::<Result<_, _>>()?;
    Ok(EncodedSplit { name, examples })
}
