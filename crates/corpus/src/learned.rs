//! Baselines that are trained: the candidate that is most often one, and a bag of words. Those that
//! need no training are in [`crate::heuristics`].

use std::collections::HashMap;

use crate::{
    bag_of_words::BagOfWords,
    example::{Example, Language},
    generator::{Generator, TooFewTexts},
    grammar::Grammar,
    heuristics::{frequencies, most_frequent},
    split::Split,
};

/// How many training examples they are trained on.
const N_EXAMPLES: usize = 40_000;
/// The seed of these examples. The tables of data/README.md were computed with it.
const SEED: u64 = 3;

/// The trained baselines of one language.
#[derive(Debug, Clone)]
pub struct LearnedBaselines {
    counts: HashMap<String, usize>,
    bag_of_words: BagOfWords,
}

impl LearnedBaselines {
    /// Trains them on the training examples of a grammar.
    ///
    /// # Errors
    /// If the grammar has no text in training for one of its phenomena.
    pub fn new(grammar: Grammar, language: Language) -> Result<Self, TooFewTexts> {
        let examples = training_examples(grammar, language)?;
        let (counts, bag_of_words) = (frequencies(&examples), BagOfWords::train(&examples));
        Ok(Self { counts, bag_of_words })
    }

    /// The candidate whose word is most often one in the training examples.
    pub fn most_frequent(&self, example: &Example) -> Option<usize> {
        most_frequent(example, &self.counts)
    }

    /// The answer of [`BagOfWords`].
    pub fn bag_of_words(&self, example: &Example) -> Option<usize> {
        self.bag_of_words.answer(example)
    }
}

/// The examples that the baselines are trained on.
///
/// # Errors
/// If the grammar has no text in training for one of its phenomena.
pub fn training_examples(
    grammar: Grammar,
    language: Language,
) -> Result<Vec<Example>, TooFewTexts> {
    let generator = Generator::new(grammar, &[language], SEED, Split::Train)?;
    Ok(generator.examples(0).take(N_EXAMPLES).collect())
}
