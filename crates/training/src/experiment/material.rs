//! Loads and checks all examples of a run before its first step.

use std::sync::Arc;

use corpus::{bundled::probes, split::Split, tokenizer::Tokenizer};

use crate::{error::TrainError, loader::Batches};
use anafora::batch::{EncodeError, EncodedExample, EncodedText, group_by_length, texts_of};
use config::experiment::ExperimentConfig;
use run::source::Source;

/// The training batches, the validation set grouped into batches, and the probes.
pub(super) struct Material {
    pub(super) batches: Batches,
    pub(super) validation: Vec<Vec<EncodedText>>,
    pub(super) probes: Vec<EncodedExample>,
    /// SHA-256 checksum of the training examples, and of the validation examples.
    pub(super) sha256: [String; 2],
    /// What is odd about files.
    pub(super) notices: Vec<String>,
}

impl Material {
    pub(super) fn new(
        config: &ExperimentConfig,
        source: Source,
        tokenizer: Arc<Tokenizer>,
    ) -> Result<Self, TrainError> {
        let ExperimentConfig { seed, data, encoder, training, .. } = config;
        let encode = |example| EncodedExample::new(example, &tokenizer, encoder.max_seq());
        // All texts of files are tokenised once, so that a text that is too long is found now and
        // not after an hour. The stream of the grammar is endless and cannot be checked in advance.
        check_files(&source, &tokenizer, encoder.max_seq())?;
        let held_out = Source::open(&data.validation, data, Split::Validation, *seed)?;
        let n_held_out = held_out.n_texts().unwrap_or(data.validation_examples) as u64;
        check_files(&held_out, &tokenizer, encoder.max_seq())?;
        let mut validation: Vec<Result<EncodedExample, EncodeError>> =
            held_out.examples(0..n_held_out).into_iter().map(encode).collect();
        // What is generated and too long for the model is left out, as in training.
        if held_out.n_texts().is_none() && validation.iter().any(Result::is_ok) {
            validation.retain(|encoded| !matches!(encoded, Err(EncodeError::TooLong { .. })));
        }
        let validation: Vec<EncodedExample> =
            validation.into_iter().collect::<Result<_, _>>().map_err(in_place("the grammar"))?;
        let probes = (probes().into_iter().map(encode).collect::<Result<_, _>>())
            .map_err(in_place("data/probes.jsonl"))?;
        let validation = group_by_length(texts_of(&validation), training.batch_size);
        let mut notices = [source.notices(), held_out.notices()].concat();
        notices.dedup();
        let sha256 = [&source, &held_out].map(Source::fingerprint);
        let batches = Batches::new(config, source, tokenizer);
        Ok(Self { batches, validation, probes, sha256, notices })
    }
}

/// Checks that every example of the files fits the model.
fn check_files(source: &Source, tokenizer: &Tokenizer, max_seq: usize) -> Result<(), TrainError> {
    for (place, text) in source.in_files() {
        EncodedText::new(text.clone(), tokenizer, max_seq).map_err(in_place(place))?;
    }
    Ok(())
}

fn in_place(place: &str) -> impl FnOnce(EncodeError) -> TrainError + '_ {
    move |source| TrainError::Encode { place: place.to_owned(), source }
}
