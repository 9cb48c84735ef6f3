//! Natural text, test splits and files of examples, encoded for a model.

use std::path::Path;

use corpus::{
    bundled::{self, NaturalHalf},
    example::{Example, Language},
    jsonl::{self, Contents, ReadError},
    split::Split,
};

use anafora::{
    batch::{EncodeError, EncodedExample},
    model::TrainedModel,
};

/// Examples that come with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A half of what people wrote.
    Natural(NaturalHalf),
    /// A test split of the grammar.
    Grammar(Split),
}

impl Part {
    /// What is evaluated if nothing else is asked for: natural text first.
    pub const DEFAULT: [Self; 7] = [
        Self::Natural(NaturalHalf::Test),
        Self::Grammar(Split::InDistribution),
        Self::Grammar(Split::NewWords),
        Self::Grammar(Split::NewPatterns),
        Self::Grammar(Split::Longer),
        Self::Grammar(Split::MoreCandidates),
        Self::Grammar(Split::Noisy),
    ];

    /// Every part: the half of natural text that is for looking at comes last.
    pub const ALL: [Self; 8] = [
        Self::DEFAULT[0],
        Self::DEFAULT[1],
        Self::DEFAULT[2],
        Self::DEFAULT[3],
        Self::DEFAULT[4],
        Self::DEFAULT[5],
        Self::DEFAULT[6],
        Self::Natural(NaturalHalf::Dev),
    ];

    /// The name on the command line and in reports.
    pub fn name(self) -> String {
        match self {
            Self::Natural(half) => format!("natural-{}", half.name()),
            Self::Grammar(split) => split.slug(),
        }
    }

    /// Whether a set of examples with this name is a half of natural text.
    pub fn is_natural(name: &str) -> bool {
        let natural = Self::ALL.iter().filter(|part| matches!(part, Self::Natural(_)));
        natural.map(|part| part.name()).any(|natural| natural == name)
    }

    /// The file of its examples in a language.
    fn path(self, language: Language) -> String {
        let language = language.code();
        match self {
            Self::Natural(half) => format!("data/natural/{language}/{}.jsonl", half.name()),
            Self::Grammar(split) => format!("data/test/{}/{language}.jsonl", split.slug()),
        }
    }

    fn examples(self, language: Language) -> Vec<Example> {
        match self {
            Self::Natural(half) => bundled::natural_examples(language, half),
            Self::Grammar(split) => bundled::test_examples(split, language),
        }
    }
}

/// The examples of one file, encoded.
#[derive(Debug, Clone, Default)]
pub struct EncodedSplit {
    /// Name of the file, without extension.
    pub name: String,
    /// The examples, in the order of the file.
    pub examples: Vec<EncodedExample>,
    /// Number of test examples that were left out because they are longer than the model's `max_seq`.
    pub n_too_long: usize,
    /// What is odd about the file although it can be read.
    pub notices: Vec<String>,
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
        /// Path or name of the file, with the line.
        path: String,
        /// The error, which names the example.
        source: EncodeError,
    },
}

/// The examples of `part` in the languages that `model` was trained on. Texts longer than the
/// model's `max_seq` are left out and counted.
pub fn bundled_part(model: &TrainedModel, part: Part) -> Result<EncodedSplit, SplitError> {
    let mut found = EncodedSplit { name: part.name(), ..EncodedSplit::default() };
    for &language in &model.config.data.languages {
        for example in part.examples(language) {
            match model.encode(example) {
                Ok(example) => found.examples.push(example),
                Err(EncodeError::TooLong { .. }) => found.n_too_long += 1,
                Err(source) => {
                    return Err(SplitError::Encode { path: part.path(language), source });
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
    let Contents { texts, notices } = jsonl::read_contents(path)?;
    let mut split = EncodedSplit { name, notices, ..EncodedSplit::default() };
    for (line, text) in texts {
        for example in text.examples {
            let place = || format!("{}:{line}", path.display());
            let encoded = model.encode(example);
            split
                .examples
                .push(encoded.map_err(|source| SplitError::Encode { path: place(), source })?);
        }
    }
    Ok(split)
}
