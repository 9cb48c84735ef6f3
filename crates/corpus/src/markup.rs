//! Texts with their mentions marked in place, one a line, as a person writes them.
//!
//! ```text
//! [1:*Ana] vio a [2:el *hermano] de [3:{1:su} *vecina] y {2:lo} {1!:saludó}.
//!
//! [1:…]      a phrase of chain 1; * stands before its head
//! [1+2:…]    a coordination; its head is the conjunction: [1+2:[1:*Ana] *y [2:*Luis]]
//! {1:…}      an anaphor that stands for chain 1; {1+2:…} for two, {0:…} for nothing in the text
//! {1!:…}     a verb without subject, the subject being chain 1
//! ```
//!
//! A blank line and one that begins with `#` are left out.

use std::collections::HashSet;

use crate::annotated::{AnnotatedMention, AnnotatedText, Chain};
use crate::example::Language;
use crate::span::CharSpan;

/// A line cannot be read. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: found {found}, expected {expected}")]
pub struct MarkupError {
    /// The line of the text.
    pub line: usize,
    /// The character in it.
    pub column: usize,
    /// What stands there.
    pub found: String,
    /// What could.
    pub expected: &'static str,
}

/// Reads texts; their ids are `name` and the number of the line.
///
/// # Errors
/// The first mistake, with its line.
pub fn read(text: &str, language: Language, name: &str) -> Result<Vec<AnnotatedText>, MarkupError> {
    let lines = text.lines().map(str::trim).enumerate();
    let texts = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    texts
        .map(|(index, line)| {
            let number = index + 1;
            let text = Parser::new(line).text(language, format!("{name}-{number}"));
            text.map_err(|error| MarkupError { line: number, ..error })
        })
        .collect()
}

/// A phrase or an anaphor that is not closed yet.
struct Open {
    is_anaphor: bool,
    is_null: bool,
    chain: Chain,
    /// Where it begins in the text, and in the line.
    start: usize,
    column: usize,
    head: Option<usize>,
}

struct Parser {
    line: Vec<char>,
    at: usize,
    text: Vec<char>,
    open: Vec<Open>,
    mentions: Vec<AnnotatedMention>,
}

impl Parser {
    fn new(line: &str) -> Self {
        let line = line.chars().collect();
        Self { line, at: 0, text: Vec::new(), open: Vec::new(), mentions: Vec::new() }
    }

    fn text(mut self, lang: Language, id: String) -> Result<AnnotatedText, MarkupError> {
        while let Some(&c) = self.line.get(self.at) {
            match c {
                '[' | '{' => self.begin(c == '{')?,
                ']' | '}' => self.end(c == '}')?,
                '*' => self.head()?,
                _ => {
                    self.text.push(c);
                    self.at += 1;
                }
            }
        }
        if let Some(open) = self.open.last() {
            let expected = "a bracket that closes it";
            return Err(fault(open.column, "a mention without an end", expected));
        }
        self.mentions.sort_by_key(|m| (m.span.start, std::cmp::Reverse(m.span.end)));
        self.check_chains()?;
        let (text, mentions) = (self.text.iter().collect(), self.mentions);
        Ok(AnnotatedText { id, lang, text, mentions })
    }

    fn begin(&mut self, is_anaphor: bool) -> Result<(), MarkupError> {
        let column = self.at + 1;
        self.at += 1;
        let rest = &self.line[self.at..];
        let length = rest.iter().take_while(|c| c.is_ascii_digit() || **c == '+').count();
        let numbers: String = rest[..length].iter().collect();
        let numbers: Result<Vec<u32>, _> = numbers.split('+').map(str::parse).collect();
        let is_null = is_anaphor && rest.get(length) == Some(&'!');
        let length = length + usize::from(is_null);
        let (Ok(numbers), Some(':')) = (numbers, rest.get(length)) else {
            return Err(fault(column, "a bracket", "the number of a chain and a colon behind it"));
        };
        let chain = match numbers.as_slice() {
            [0] => Chain::Nothing,
            [number] => Chain::One(*number),
            _ => Chain::Several(numbers),
        };
        if !is_anaphor && chain == Chain::Nothing {
            return Err(fault(column, "a phrase of chain 0", "a number from 1"));
        }
        let start = self.text.len();
        self.open.push(Open { is_anaphor, is_null, chain, start, column, head: None });
        self.at += length + 1;
        Ok(())
    }

    fn end(&mut self, is_anaphor: bool) -> Result<(), MarkupError> {
        let column = self.at + 1;
        self.at += 1;
        let open = self.open.pop().filter(|open| open.is_anaphor == is_anaphor);
        let Some(open) = open else {
            return Err(fault(column, "a bracket", "one that was opened before"));
        };
        let span = CharSpan::new(open.start, self.text.len());
        if span.start == span.end {
            return Err(fault(column, "an empty mention", "a word"));
        }
        if !open.is_anaphor && open.head.is_none() {
            return Err(fault(open.column, "a phrase without head", "a * before its head"));
        }
        self.mentions.push(AnnotatedMention {
            span,
            head: open.head,
            anaphor: open.is_anaphor,
            null: open.is_anaphor.then_some(open.is_null),
            chain: open.chain,
            absent: None,
        });
        Ok(())
    }

    fn head(&mut self) -> Result<(), MarkupError> {
        let column = self.at + 1;
        self.at += 1;
        let mut phrases = self.open.iter_mut().rev().filter(|open| !open.is_anaphor);
        let Some(phrase) = phrases.find(|open| open.head.is_none()) else {
            return Err(fault(column, "*", "one in each phrase, before its head"));
        };
        phrase.head = Some(self.text.len());
        Ok(())
    }

    /// An anaphor stands for chains that have a phrase.
    fn check_chains(&self) -> Result<(), MarkupError> {
        let phrases = self.mentions.iter().filter(|mention| !mention.anaphor);
        let chains: HashSet<u32> =
            phrases.flat_map(|phrase| phrase.chain.numbers().to_vec()).collect();
        for anaphor in self.mentions.iter().filter(|mention| mention.anaphor) {
            if let Some(number) = anaphor.chain.numbers().iter().find(|n| !chains.contains(n)) {
                let found = format!("an anaphor of chain {number}");
                return Err(fault(1, found, "a phrase of the same chain"));
            }
        }
        Ok(())
    }
}

fn fault(column: usize, found: impl Into<String>, expected: &'static str) -> MarkupError {
    MarkupError { line: 0, column, found: found.into(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> AnnotatedText {
        read(line, Language::Es, "t").unwrap().remove(0)
    }

    #[test]
    fn marks_become_spans_of_the_text_without_them() {
        let text = one(
            "[1+2:[1:*Ana] *y [2:el *hermano de [1:*Ana]]] dijeron que {1+2!:iban} con [3:{1:su} *tía].",
        );
        assert_eq!(text.text, "Ana y el hermano de Ana dijeron que iban con su tía.");
        let found: Vec<(&str, &[u32], bool)> = (text.mentions.iter())
            .map(|m| (m.span.slice(&text.text).unwrap(), m.chain.numbers(), m.null == Some(true)))
            .collect();
        let expected: [(&str, &[u32], bool); 7] = [
            ("Ana y el hermano de Ana", &[1, 2], false),
            ("Ana", &[1], false),
            ("el hermano de Ana", &[2], false),
            ("Ana", &[1], false),
            ("iban", &[1, 2], true),
            ("su tía", &[3], false),
            ("su", &[1], false),
        ];
        assert_eq!(found, expected);
        assert_eq!(text.mentions[0].head, Some(4));
        assert!(text.into_text().is_some());
    }

    #[test]
    fn what_stands_for_nothing_has_no_chain_and_comments_are_left_out() {
        let texts = read("# one\n\n[1:*Ana] cree que {0!:llueve}\n", Language::Es, "t").unwrap();
        assert_eq!((texts.len(), texts[0].id.as_str()), (1, "t-3"));
        assert_eq!(texts[0].mentions[1].chain, Chain::Nothing);
    }

    #[test]
    fn mistakes_are_named_with_line_and_column() {
        let cases = [
            ("a [1:*b", "2:3: found a mention without an end, expected a bracket that closes it"),
            ("a] b", "2:2: found a bracket, expected one that was opened before"),
            ("[1:*a}", "2:6: found a bracket, expected one that was opened before"),
            ("[1:a]", "2:1: found a phrase without head, expected a * before its head"),
            ("a *b", "2:3: found *, expected one in each phrase, before its head"),
            (
                "[x:*a]",
                "2:1: found a bracket, expected the number of a chain and a colon behind it",
            ),
            ("[0:*a]", "2:1: found a phrase of chain 0, expected a number from 1"),
            ("{1:}", "2:4: found an empty mention, expected a word"),
            ("{2:él}", "2:1: found an anaphor of chain 2, expected a phrase of the same chain"),
        ];
        for (line, expected) in cases {
            let error = read(&format!("# \n{line}"), Language::Es, "t").unwrap_err();
            assert_eq!(error.to_string(), expected, "{line}");
        }
    }
}
