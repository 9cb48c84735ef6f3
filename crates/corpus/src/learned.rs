//! What somebody who does not read has learned from training examples: the two cheap answers beside
//! [`crate::heuristics`] that are not the same for everybody.

use std::collections::HashMap;

use crate::{
    bag_of_words::BagOfWords,
    example::{Example, Language},
    generator::{Generator, TooFewTexts},
    grammar::Grammar,
    heuristics::{frequencies, most_frequent},
    split::Split,
};

/// Training examples of each language that are learned from.
const N_EXAMPLES: usize = 40_000;
/// Theirs; with it the numbers are those of data/README.md.
const SEED: u64 = 3;

/// What was learned of one language.
#[derive(Debug, Clone)]
pub struct Learned {
    counts: HashMap<String, usize>,
    bag_of_words: BagOfWords,
}

impl Learned {
    /// From the training examples of a grammar.
    ///
    /// # Errors
    /// If the grammar has no text in training for one of its phenomena.
    pub fn new(grammar: Grammar, language: Language) -> Result<Self, TooFewTexts> {
        let examples = lessons(grammar, language)?;
        let (counts, bag_of_words) = (frequencies(&examples), BagOfWords::learn(&examples));
        Ok(Self { counts, bag_of_words })
    }

    /// The candidate that is most often one.
    pub fn most_frequent(&self, example: &Example) -> Option<usize> {
        most_frequent(example, &self.counts)
    }

    /// What the words say without their order.
    pub fn by_the_words(&self, example: &Example) -> Option<usize> {
        self.bag_of_words.answer(example)
    }
}

/// What is learned from.
///
/// # Errors
/// If the grammar has no text in training for one of its phenomena.
pub fn lessons(grammar: Grammar, language: Language) -> Result<Vec<Example>, TooFewTexts> {
    let generator = Generator::new(grammar, &[language], SEED, Split::Train)?;
    Ok(generator.examples(0).take(N_EXAMPLES).collect())
}
