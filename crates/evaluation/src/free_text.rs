//! How well a model reads whole texts: which anaphors it finds without being told, and what it says
//! that they stand for.
//!
//! The texts are those of `data/natural/LANGUAGE/texts.jsonl`, in which every phrase and anaphor is
//! marked. An anaphor is found if the model finds one at characters that overlap its own. The answer
//! is right if it is a phrase of the anaphor's chain, or *none* where the anaphor stands for nothing in
//! the text.

use anafora::{
    batch::EncodedExample,
    free_text::{FreeTextError, encode_all},
    model::TrainedModel,
    prediction::Prediction,
};
use corpus::{
    annotated::{AnnotatedMention, AnnotatedText},
    bundled::natural_texts,
    example::Language,
    mention::{AnaphorForm, form_of},
    span::CharSpan,
};
use serde::{Deserialize, Serialize};

/// What was found of the anaphors of one form, and how much of it is right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundShare {
    /// The language of the texts.
    pub language: Language,
    /// `personal`, `possessive`, `reflexive`, `clitic` or `null`; `all` for all of them.
    pub form: String,
    /// Number of anaphors.
    pub n: usize,
    /// How many of them the model finds.
    pub found: usize,
    /// For how many of those its answer is right.
    pub right: usize,
}

/// The score of one language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextScore {
    /// The language of the texts.
    pub language: Language,
    /// By form, the sum of all last.
    pub shares: Vec<FoundShare>,
    /// Number of anaphors that the model finds.
    pub n_predicted: usize,
    /// How many of them are none.
    pub n_invented: usize,
}

/// The scores on the texts that come with the program, one for each language.
pub fn evaluate(model: &TrainedModel) -> Vec<TextScore> {
    Language::ALL.map(|language| score(model, language, &natural_texts(language))).to_vec()
}

fn score(model: &TrainedModel, language: Language, texts: &[AnnotatedText]) -> TextScore {
    let unmarked: Vec<(&str, Option<CharSpan>)> =
        texts.iter().map(|text| (text.text.as_str(), None)).collect();
    let encoded: Vec<Vec<EncodedExample>> = (encode_all(model, &unmarked).into_iter())
        .map(|examples| match examples {
            // Nothing is found in a text that the model cannot read.
            Err(FreeTextError::NoPronoun { .. } | FreeTextError::TooLong { .. }) => Vec::new(),
            examples => examples.expect("the bundled texts have no braces"),
        })
        .collect();
    let all: Vec<EncodedExample> = encoded.concat();
    let mut predictions = model.predict(&all).into_iter();
    let mut shares: Vec<FoundShare> = (AnaphorForm::ALL.map(AnaphorForm::name).into_iter())
        .chain(["all"])
        .map(|form| FoundShare { language, form: form.to_owned(), n: 0, found: 0, right: 0 })
        .collect();
    let (mut n_predicted, mut n_invented) = (0, 0);
    for (text, examples) in texts.iter().zip(&encoded) {
        let answers: Vec<Prediction> = predictions.by_ref().take(examples.len()).collect();
        let gold = text.anaphors();
        n_predicted += examples.len();
        let overlaps_gold = |example: &&EncodedExample| {
            gold.iter().any(|anaphor| anaphor.span.overlaps(example.example.pronoun))
        };
        n_invented += examples.len() - examples.iter().filter(overlaps_gold).count();
        for anaphor in &gold {
            let found = examples
                .iter()
                .zip(&answers)
                .find(|(example, _)| example.example.pronoun.overlaps(anaphor.span));
            let is_right =
                found.is_some_and(|(example, answer)| is_right(text, anaphor, example, answer));
            let form = form_of(&text.text, anaphor.span, language, text.is_null(anaphor));
            let of_form = [form as usize, AnaphorForm::ALL.len()];
            for share in of_form {
                shares[share].n += 1;
                shares[share].found += usize::from(found.is_some());
                shares[share].right += usize::from(is_right);
            }
        }
    }
    shares.retain(|share| share.n > 0);
    TextScore { language, shares, n_predicted, n_invented }
}

/// Whether an answer is a phrase of the anaphor's chain.
fn is_right(
    text: &AnnotatedText,
    anaphor: &AnnotatedMention,
    example: &EncodedExample,
    answer: &Prediction,
) -> bool {
    let words = &example.encoding.words;
    let chain = anaphor.chain.numbers();
    let of_chain = |phrase: &&&AnnotatedMention| {
        phrase.chain.numbers().iter().any(|number| chain.contains(number))
    };
    let phrases = text.phrases();
    let mut right = phrases.iter().filter(of_chain).peekable();
    match answer.head(example) {
        None => right.peek().is_none(),
        Some(head) => right.any(|phrase| text.head_word(phrase).overlaps(words[head].span)),
    }
}
