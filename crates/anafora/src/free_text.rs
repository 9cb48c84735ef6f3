//! Resolves anaphors in text without annotation: the model finds them, and the phrases that may be the
//! answer.

use std::sync::Arc;

use corpus::{
    example::Example,
    mention::{MarkError, find_pronouns, language_of, parse_marked},
    span::CharSpan,
    tokenizer::Encoding,
};
use snapshot::content::Probe;

use crate::{
    batch::{EncodeError, EncodedExample},
    detect::{Detection, detect},
    model::TrainedModel,
    observe::{answer, observe},
    phrase::Phrases,
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
/// hold answers but neither attention weights nor tokens.
///
/// # Errors
///
/// If there is no pronoun, the braces are wrong, or the text is longer than the model reads.
pub fn resolve(model: &TrainedModel, text: &str) -> Result<Vec<Probe>, FreeTextError> {
    let examples = encode(model, text, None)?;
    let TrainedModel { resolver, config, device, .. } = model;
    Ok(answer(resolver, &examples, config.training.batch_size, device))
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

/// Encodes `text` as one example for each anaphor that is to be resolved: the span `pronoun` if
/// given, else the one in braces, else every anaphor that the model finds. A model without detector
/// gets the pronouns of a list.
///
/// # Errors
///
/// If there is no anaphor, the braces are wrong, or the text is longer than the model can read.
pub fn encode(
    model: &TrainedModel,
    text: &str,
    pronoun: Option<CharSpan>,
) -> Result<Vec<EncodedExample>, FreeTextError> {
    encode_all(model, &[(text, pronoun)]).remove(0)
}

/// Encodes each of `texts` as [`encode`] does.
pub fn encode_all(
    model: &TrainedModel,
    texts: &[(&str, Option<CharSpan>)],
) -> Vec<Result<Vec<EncodedExample>, FreeTextError>> {
    let read: Vec<Result<ReadText, FreeTextError>> =
        texts.iter().map(|(text, pronoun)| ReadText::new(model, text, *pronoun)).collect();
    let to_detect: Vec<(&str, &Encoding)> =
        read.iter().flatten().map(|read| (read.text.as_str(), &*read.encoding)).collect();
    let TrainedModel { resolver, config, device, .. } = model;
    let detections = detect(resolver, &to_detect, config.training.batch_size, device);
    let mut detections = detections.map(Vec::into_iter);
    let encode = |read: Result<ReadText, FreeTextError>| {
        let read = read?;
        let detection = detections.as_mut().and_then(Iterator::next);
        read.examples(detection)
    };
    read.into_iter().map(encode).collect()
}

/// A text that fits the model.
struct ReadText {
    text: String,
    /// The anaphor that is asked for.
    asked: Option<CharSpan>,
    encoding: Arc<Encoding>,
}

impl ReadText {
    fn new(
        model: &TrainedModel,
        text: &str,
        pronoun: Option<CharSpan>,
    ) -> Result<Self, FreeTextError> {
        let (text, marked) = parse_marked(text)?;
        if text.trim().is_empty() {
            return Err(FreeTextError::Empty);
        }
        let (text, asked) = without_soft_hyphens(text, pronoun.or(marked));
        // Without a detector nothing else can be found, whatever the length.
        if model.resolver.detector().is_none() && asked.is_none() && find_pronouns(&text).is_empty()
        {
            return Err(FreeTextError::NoPronoun { text });
        }
        let encoding = Arc::new(model.tokenizer.encode(&text));
        let (tokens, max_seq) = (encoding.ids.len(), model.config.encoder.max_seq());
        if tokens > max_seq {
            return Err(FreeTextError::TooLong { tokens, max_seq });
        }
        Ok(Self { text, asked, encoding })
    }

    fn examples(self, detection: Option<Detection>) -> Result<Vec<EncodedExample>, FreeTextError> {
        let Self { text, asked, encoding } = self;
        let listed = find_pronouns(&text);
        let (found, phrases): (Vec<CharSpan>, Arc<Phrases>) = match detection {
            Some(Detection { anaphors, phrases }) => (anaphors, phrases.into()),
            None => (listed.iter().map(|pronoun| pronoun.span).collect(), Arc::default()),
        };
        let spans: Vec<CharSpan> = asked.map_or(found, |span| vec![span]);
        if spans.is_empty() {
            return Err(FreeTextError::NoPronoun { text });
        }
        // The language is only a label: the model treats both alike.
        let language = |span: CharSpan| {
            let near = listed.iter().find(|found| found.span.overlaps(span)).or(listed.first());
            near.map_or_else(|| language_of(&text), |found| found.lang)
        };
        let example = |span: CharSpan| Example {
            id: "typed".to_owned(),
            lang: language(span),
            text: text.clone(),
            pronoun: span,
            candidates: Vec::new(),
            antecedent: None,
            phenomenon: "free text".to_owned(),
            pair: None,
            form: None,
            agreeing: None,
        };
        (spans.into_iter().map(example))
            .map(|example| {
                let encoded = EncodedExample::with_encoding(example, encoding.clone(), usize::MAX)?;
                Ok(EncodedExample { phrases: phrases.clone(), ..encoded })
            })
            .collect()
    }
}

/// The text without the marks of where a word may be divided at the end of a line, which no reader sees
/// and which would divide it for the model.
fn without_soft_hyphens(text: String, span: Option<CharSpan>) -> (String, Option<CharSpan>) {
    const SOFT_HYPHEN: char = '\u{ad}';
    if !text.contains(SOFT_HYPHEN) {
        return (text, span);
    }
    let kept_before = |at: usize| text.chars().take(at).filter(|&c| c != SOFT_HYPHEN).count();
    let span = span.map(|span| CharSpan::new(kept_before(span.start), kept_before(span.end)));
    (text.replace(SOFT_HYPHEN, ""), span)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_hyphens_divide_no_word() {
        let text = "La palo\u{ad}ma vio al ra\u{ad}tón y e\u{ad}lla voló.".to_owned();
        let (text, span) = without_soft_hyphens(text, Some(CharSpan::new(27, 32)));
        assert_eq!(text, "La paloma vio al ratón y ella voló.");
        assert_eq!(span.unwrap().slice(&text), Some("ella"));
        let plain = ("Ana".to_owned(), None);
        assert_eq!(without_soft_hyphens(plain.0.clone(), plain.1), plain);
    }
}
