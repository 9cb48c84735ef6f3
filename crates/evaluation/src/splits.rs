//! Files of examples, ready to be answered.

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

/// The examples of one file, with their tokens.
#[derive(Debug, Clone)]
pub struct EncodedSplit {
    /// The name of the file, without ending.
    pub name: String,
    /// In the order of the file.
    pub examples: Vec<EncodedExample>,
    /// Test examples that are left out because the model does not read so many tokens.
    pub n_too_long: usize,
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

/// The test examples of `split` in the languages that `model` was trained on, but for texts that are
/// longer than it reads.
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
pub fn read_split(model: &TrainedModel, path: &Path) -> Result<EncodedSplit, SplitError> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let encode = |example| {
        let path = path.display().to_string();
        model.encode(example).map_err(|source| SplitError::Encode { path, source })
    };
    let examples = jsonl::read(path)?.into_iter().map(encode).collect::<Result<_, _>>()?;
    Ok(EncodedSplit { name, examples, n_too_long: 0 })
}
