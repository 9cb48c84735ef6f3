//! Text that somebody types: its pronouns are found, and every word is a possible answer.

use corpus::{
    example::{Example, Language},
    mention::{MarkError, Pronoun, find_pronouns, parse_marked},
    span::CharSpan,
};
use snapshot::content::Probe;

use crate::{
    batch::{EncodeError, EncodedExample},
    model::TrainedModel,
    observe::{answer, observe},
};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum FreeTextError {
    /// The braces are wrong.
    #[error(transparent)]
    Mark(#[from] MarkError),
    /// Nothing at all.
    #[error("the text is empty, expected a sentence with a pronoun")]
    Empty,
    /// Nothing to resolve.
    #[error(
        "no pronoun found in `{}`\nhint: mark it with braces, as in \"Ana llamó a Luis porque \
         {{él}} estaba enfermo.\"",
        beginning(text)
    )]
    NoPronoun {
        /// The text.
        text: String,
    },
    /// More than the model reads.
    #[error(
        "the text has {tokens} tokens, expected at most encoder.max_seq = {max_seq}\nhint: shorten \
         it, or train with a greater encoder.max_seq"
    )]
    TooLong {
        /// Its length, `[CLS]` and `[SEP]` included.
        tokens: usize,
        /// What the model reads.
        max_seq: usize,
    },
    /// The marked span is no word.
    #[error(transparent)]
    Encode(EncodeError),
}

/// What `model` answers for the pronoun in braces, or for each pronoun of `text`; the probes have no
/// attention in them.
///
/// # Errors
///
/// If there is no pronoun, the braces are wrong, or the text is longer than the model reads.
pub fn resolve(model: &TrainedModel, text: &str) -> Result<Vec<Probe>, FreeTextError> {
    let examples = encode(model, text, None)?;
    let TrainedModel { resolver, tokenizer, config, device, .. } = model;
    Ok(answer(resolver, tokenizer, &examples, config.training.batch_size, device))
}

/// The same with the attention of all heads.
///
/// # Errors
///
/// As [`resolve`].
pub fn resolve_with_attention(
    model: &TrainedModel,
    text: &str,
) -> Result<Vec<Probe>, FreeTextError> {
    let examples = encode(model, text, None)?;
    Ok(observe(&model.resolver, &model.tokenizer, &examples, &model.device))
}

/// One example for the `pronoun` that is named, for that in braces, or for each of `text`.
pub fn encode(
    model: &TrainedModel,
    text: &str,
    pronoun: Option<CharSpan>,
) -> Result<Vec<EncodedExample>, FreeTextError> {
    let (text, marked) = parse_marked(text)?;
    if text.trim().is_empty() {
        return Err(FreeTextError::Empty);
    }
    let found = find_pronouns(&text);
    let pronouns = match pronoun.or(marked) {
        // The language is a label only: the model reads both in the same way.
        Some(span) => {
            let lang = found.iter().find(|found| found.span.overlaps(span)).or(found.first());
            vec![Pronoun { span, lang: lang.map_or(Language::Es, |found| found.lang) }]
        }
        None => found,
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
    Ok(examples)
}

impl From<EncodeError> for FreeTextError {
    fn from(error: EncodeError) -> Self {
        match error {
            // A typed text has no name that its writer knows.
            EncodeError::TooLong { id: _, tokens, max_seq } => Self::TooLong { tokens, max_seq },
            error => Self::Encode(error),
        }
    }
}

/// Enough of a text to recognise it.
fn beginning(text: &str) -> String {
    const N_CHARS: usize = 60;
    match text.char_indices().nth(N_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
