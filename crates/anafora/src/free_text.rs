//! Resolves pronouns in text without annotation: finds the pronouns, and every word may be the
//! answer.

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

/// A text cannot be resolved.
#[derive(Debug, thiserror::Error)]
pub enum FreeTextError {
    /// The braces around the pronoun are wrong.
    #[error(transparent)]
    Mark(#[from] MarkError),
    /// The text is empty.
    #[error("the text is empty, expected a sentence with a pronoun")]
    Empty,
    /// The text has no pronoun.
    #[error(
        "no pronoun found in `{}`\nhint: mark it with braces, as in \"Ana llamó a Luis porque \
         {{él}} estaba enfermo.\"",
        beginning(text)
    )]
    NoPronoun {
        /// The whole text.
        text: String,
    },
    /// The text has more tokens than the model can read.
    #[error(
        "the text has {tokens} tokens, expected at most encoder.max_seq = {max_seq}\nhint: shorten \
         it, or train with a greater encoder.max_seq"
    )]
    TooLong {
        /// Number of its tokens, `[CLS]` and `[SEP]` included.
        tokens: usize,
        /// Largest number of tokens that the model can read.
        max_seq: usize,
    },
    /// The span of the pronoun contains no word.
    #[error(transparent)]
    Encode(EncodeError),
}

/// Resolves the pronoun in braces, or each pronoun of `text` if there are no braces. The probes
/// hold answers but no attention weights.
///
/// # Errors
///
/// If there is no pronoun, the braces are wrong, or the text is longer than the model reads.
pub fn resolve(model: &TrainedModel, text: &str) -> Result<Vec<Probe>, FreeTextError> {
    let examples = encode(model, text, None)?;
    let TrainedModel { resolver, tokenizer, config, device, .. } = model;
    Ok(answer(resolver, tokenizer, &examples, config.training.batch_size, device))
}

/// The same as [`resolve`], with the attention weights of all heads in the probes.
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

/// Encodes `text` as one example for each pronoun that is to be resolved: the span `pronoun` if
/// given, else the one in braces, else every pronoun of the text.
///
/// # Errors
///
/// If there is no pronoun, the braces are wrong, or the text is longer than the model can read.
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
        // The language is only a label: the model treats both alike.
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
                form: None,
                agreeing: None,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(examples)
}

impl From<EncodeError> for FreeTextError {
    fn from(error: EncodeError) -> Self {
        match error {
            // The id is made up here, so a message must not show it.
            EncodeError::TooLong { id: _, tokens, max_seq } => Self::TooLong { tokens, max_seq },
            error => Self::Encode(error),
        }
    }
}

/// The first characters of a text, enough to recognise it in a message.
fn beginning(text: &str) -> String {
    const N_CHARS: usize = 60;
    match text.char_indices().nth(N_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
