//! A text with all of its mentions: phrases, anaphors, and the chains of those that are the same.
//!
//! ```json
//! {"id":"t1","lang":"es","text":"Ana vio a Luis y lo saludó.","mentions":[
//!   {"span":[0,3],"head":0,"chain":1},{"span":[10,14],"head":10,"chain":2},
//!   {"span":[17,19],"anaphor":true,"chain":2},{"span":[20,26],"anaphor":true,"null":true,"chain":1}]}
//! ```

use serde::{Deserialize, Serialize};

use crate::example::{Example, Language};
use crate::mention::AnaphorForm;
use crate::span::CharSpan;
use crate::text::{MarkedAnaphor, MarkedMention, Marks, Text};
use crate::word::words;

/// One object of a JSONL file: a text with every phrase and anaphor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnotatedText {
    /// A name that is unique within its file.
    pub id: String,
    /// The language of the text.
    pub lang: Language,
    /// One or more sentences.
    pub text: String,
    /// Its phrases and anaphors, in any order.
    pub mentions: Vec<AnnotatedMention>,
}

/// A phrase or an anaphor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnotatedMention {
    /// The whole phrase, or the anaphor; of a null subject, its verb.
    pub span: CharSpan,
    /// Of a phrase, where the word begins that says what it is: the head noun, the first word of a
    /// name, or the conjunction of a coordination. The beginning of the phrase if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<usize>,
    /// Whether it is an anaphor.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anaphor: bool,
    /// Of an anaphor, whether it is a verb without subject. If it is missing, a word that is no pronoun
    /// of the language is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub null: Option<bool>,
    /// What it is or stands for.
    pub chain: Chain,
    /// Of an anaphor that stands for nothing in the text, whether it stands for somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent: Option<bool>,
}

/// The number of what a mention is: several of a plural that takes up two, `null` of what stands for
/// nothing in the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Chain {
    /// One.
    One(u32),
    /// Several together.
    Several(Vec<u32>),
    /// Nothing in the text.
    Nothing,
}

impl Chain {
    /// Its numbers.
    pub fn numbers(&self) -> &[u32] {
        match self {
            Self::One(number) => std::slice::from_ref(number),
            Self::Several(numbers) => numbers,
            Self::Nothing => &[],
        }
    }

    /// The chain with `offset` added to its numbers.
    pub fn shifted(&self, offset: u32) -> Self {
        match self {
            Self::One(number) => Self::One(number + offset),
            Self::Several(numbers) => {
                Self::Several(numbers.iter().map(|number| number + offset).collect())
            }
            Self::Nothing => Self::Nothing,
        }
    }
}

/// A text with mentions is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum InvalidMention {
    /// A span is empty or not within the text.
    #[error(
        "mentions[{index}].span: found [{}, {}], expected a span within {n_chars} characters",
        span.start, span.end
    )]
    Span { index: usize, span: CharSpan, n_chars: usize },
    /// A head is not within its phrase.
    #[error(
        "mentions[{index}].head: found {head}, expected one of {}..{}",
        span.start, span.end
    )]
    Head { index: usize, head: usize, span: CharSpan },
    /// The text has no anaphor.
    #[error("mentions: found no anaphor, expected at least one with \"anaphor\": true")]
    NoAnaphor,
}

impl AnnotatedText {
    /// # Errors
    /// The first mention that contradicts the text.
    pub fn validate(&self) -> Result<(), InvalidMention> {
        let n_chars = self.text.chars().count();
        for (index, mention) in self.mentions.iter().enumerate() {
            let span = mention.span;
            if span.start >= span.end || span.end > n_chars {
                return Err(InvalidMention::Span { index, span, n_chars });
            }
            if let Some(head) = mention.head.filter(|head| !(span.start..span.end).contains(head)) {
                return Err(InvalidMention::Head { index, head, span });
            }
        }
        match self.mentions.iter().any(|mention| mention.anaphor) {
            true => Ok(()),
            false => Err(InvalidMention::NoAnaphor),
        }
    }

    /// The anaphors, in the order of the text.
    pub fn anaphors(&self) -> Vec<&AnnotatedMention> {
        self.sorted(true)
    }

    /// The phrases, in the order of the text.
    pub fn phrases(&self) -> Vec<&AnnotatedMention> {
        self.sorted(false)
    }

    fn sorted(&self, anaphor: bool) -> Vec<&AnnotatedMention> {
        let mut mentions: Vec<_> =
            self.mentions.iter().filter(|mention| mention.anaphor == anaphor).collect();
        mentions.sort_by_key(|mention| mention.span);
        mentions
    }

    /// Whether an anaphor is a verb without subject.
    pub fn is_null(&self, anaphor: &AnnotatedMention) -> bool {
        anaphor.null.unwrap_or_else(|| {
            let written = anaphor.span.slice(&self.text).unwrap_or_default();
            // A clitic that is attached to its verb does not begin a word.
            let before = CharSpan::new(anaphor.span.start.saturating_sub(1), anaphor.span.start);
            let before = before.slice(&self.text).and_then(|c| c.chars().next());
            let begins_word = !before.is_some_and(char::is_alphanumeric);
            begins_word && AnaphorForm::of_word(written, self.lang).is_none()
        })
    }

    /// The word that the head of a phrase begins.
    pub fn head_word(&self, phrase: &AnnotatedMention) -> CharSpan {
        head_word(&self.word_spans(), phrase)
    }

    fn word_spans(&self) -> Vec<CharSpan> {
        words(&self.text).map(|word| word.span).collect()
    }

    /// The text with an example for each anaphor that has one answer, and everything marked.
    ///
    /// `None` if no anaphor has one.
    pub fn into_text(self) -> Option<Text> {
        let words = self.word_spans();
        let phrases = self.phrases();
        let anaphors = self.anaphors();
        let heads: Vec<CharSpan> = phrases.iter().map(|phrase| head_word(&words, phrase)).collect();
        let example = |(index, anaphor): (usize, &&AnnotatedMention)| {
            let answer = antecedent(&phrases, anaphor);
            if answer.is_none() && !anaphor.chain.numbers().is_empty() {
                return None;
            }
            let is_candidate = |phrase: &AnnotatedMention| {
                answer.is_some_and(|answer| std::ptr::eq(answer, phrase))
                    || phrase.chain != anaphor.chain
            };
            let mut candidates: Vec<CharSpan> = (phrases.iter().zip(&heads))
                .filter(|(phrase, head)| is_candidate(phrase) && !head.overlaps(anaphor.span))
                .map(|(_, head)| *head)
                .collect();
            candidates.sort();
            candidates.dedup();
            let head = answer.map(|answer| head_word(&words, answer));
            let antecedent = head.and_then(|head| candidates.iter().position(|&c| c == head));
            let has_answer = head.is_some() == antecedent.is_some();
            (has_answer && !candidates.is_empty()).then(|| Example {
                id: format!("{}-{index}", self.id),
                lang: self.lang,
                text: self.text.clone(),
                pronoun: anaphor.span,
                candidates,
                antecedent,
                phenomenon: "text".to_owned(),
                pair: None,
                form: None,
                agreeing: None,
            })
        };
        let examples: Vec<Example> = anaphors.iter().enumerate().filter_map(example).collect();
        let mark = |anaphor: &&AnnotatedMention| MarkedAnaphor {
            span: anaphor.span,
            is_null: self.is_null(anaphor),
        };
        let mention = |(phrase, &head): (&&AnnotatedMention, &CharSpan)| MarkedMention {
            head,
            head_word: head,
            phrase: phrase.span,
        };
        let marks = Marks {
            anaphors: anaphors.iter().map(mark).collect(),
            mentions: Some(phrases.iter().zip(&heads).map(mention).collect()),
            unclear: Vec::new(),
        };
        (!examples.is_empty()).then_some(Text { examples, marks: Some(marks) })
    }
}

/// The phrase, of the phrases of a text in their order, that an anaphor stands for: of its chain the
/// last one before it, or the first one behind it. `None` where the text has none, or two that no
/// phrase joins.
fn antecedent<'p>(
    phrases: &[&'p AnnotatedMention],
    anaphor: &AnnotatedMention,
) -> Option<&'p AnnotatedMention> {
    let of_chain = || {
        let has_number = !anaphor.chain.numbers().is_empty();
        phrases.iter().copied().filter(move |p| has_number && p.chain == anaphor.chain)
    };
    let before = of_chain().rfind(|phrase| phrase.span.start < anaphor.span.start);
    before.or_else(|| of_chain().next())
}

/// The word, of the words of a text, that the head of a phrase begins.
fn head_word(words: &[CharSpan], phrase: &AnnotatedMention) -> CharSpan {
    let head = phrase.head.unwrap_or(phrase.span.start);
    let word = words.get(words.partition_point(|word| word.end <= head));
    word.copied().filter(|word| word.start <= head).unwrap_or(phrase.span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonl;

    const TEXT: &str = r#"{"id":"t","lang":"es","text":"Ana y Luis vieron a la vecina y la saludaron: quería verlos.","mentions":[
        {"span":[0,10],"head":4,"chain":[1,2]},{"span":[0,3],"head":0,"chain":1},{"span":[6,10],"head":6,"chain":2},
        {"span":[20,29],"head":23,"chain":3},{"span":[32,34],"anaphor":true,"chain":3},
        {"span":[35,44],"anaphor":true,"chain":[1,2]},{"span":[46,52],"anaphor":true,"chain":3},
        {"span":[56,59],"anaphor":true,"chain":[1,2]},{"span":[18,19],"anaphor":true,"chain":null}]}"#;

    fn read(text: &str) -> Result<Vec<Example>, String> {
        let line = text.replace('\n', " ");
        jsonl::read_from(line.as_bytes(), std::path::Path::new("mine.jsonl"))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_anaphor_of_a_text_is_an_example_with_the_heads_as_candidates() {
        let examples = read(TEXT).unwrap();
        let answers: Vec<(&str, Option<&str>)> = examples
            .iter()
            .map(|example| {
                let slice = |span: CharSpan| span.slice(&example.text).unwrap();
                (
                    slice(example.pronoun),
                    example.antecedent.map(|idx| slice(example.candidates[idx])),
                )
            })
            .collect();
        let expected = [
            ("a", None),
            ("la", Some("vecina")),
            ("saludaron", Some("y")),
            ("quería", Some("vecina")),
            ("los", Some("y")),
        ];
        assert_eq!(answers, expected);
    }

    #[test]
    fn a_verb_is_a_null_subject_and_a_clitic_behind_its_verb_is_not() {
        let text: AnnotatedText = serde_json::from_str(TEXT).unwrap();
        let nulls: Vec<bool> =
            text.anaphors()[1..].iter().map(|anaphor| text.is_null(anaphor)).collect();
        assert_eq!(nulls, [false, true, true, false]);
    }

    #[test]
    fn mentions_that_contradict_the_text_are_refused_with_their_index() {
        let wrong = |from: &str, to: &str| read(&TEXT.replace(from, to)).unwrap_err();
        let span = wrong("[20,29]", "[20,299]");
        assert!(span.starts_with("mine.jsonl:1: mentions[3].span: found [20, 299]"), "{span}");
        let head = wrong("\"head\":23", "\"head\":3");
        assert!(head.starts_with("mine.jsonl:1: mentions[3].head: found 3"), "{head}");
        let none = wrong("\"anaphor\":true,", "");
        assert!(none.contains("expected at least one with \"anaphor\": true"), "{none}");
    }
}
