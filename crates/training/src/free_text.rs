//! Text that somebody types: its pronouns are found, and every word is a possible answer.

use corpus::{
    example::{Example, Language},
    mention::{MarkError, Pronoun, find_pronouns, parse_marked},
};
use snapshot::content::Probe;

use crate::{batch::EncodeError, capture::observe, model::TrainedModel};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum FreeTextError {
    /// The braces are wrong.
    #[error(transparent)]
    Mark(#[from] MarkError),
    /// Nothing to resolve.
    #[error(
        "no pronoun found in `{text}`\nhint: mark it with braces, as in \"Ana llamó a Luis porque \
         {{él}} estaba enfermo.\""
    )]
    NoPronoun {
        /// The text.
        text: String,
    },
    /// The text does not fit the model.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// What `model` answers for the pronoun in braces, or for each pronoun of `text`.
pub fn resolve(model: &TrainedModel, text: &str) -> Result<Vec<Probe>, FreeTextError> {
    let (text, marked) = parse_marked(text)?;
    let pronouns = match marked {
        // The language is a label only: the model reads both in the same way.
        Some(span) => vec![Pronoun { span, lang: Language::Es }],
        None => find_pronouns(&text),
    };
    if pronouns.is_empty() {
        return Err(FreeTextError::NoPronoun { text });
    }
    let examples = (pronouns.into_iter())
        .map(|Pronoun { span, lang }| {
            model.encode(Example {
                id: "typed".to_owned(),
                lang,
                text: text.clone(),
                pronoun: span,
                candidates: Vec::new(),
                antecedent: None,
                phenomenon: "free text".to_owned(),
                pair: None,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(observe(&model.resolver, &model.tokenizer, &examples, &model.device))
}
