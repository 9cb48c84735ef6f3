//! Pronouns in free text: marked by the writer with braces, or found by a list.
//!
//! `Ana llamó a Luis porque {él} estaba enfermo.` marks the pronoun to resolve. Braces cannot be
//! escaped: a text with braces of its own has to be given as a JSONL example, with a span.
//!
//! The list has the subject and object pronouns that the corpus trains. A Spanish null subject or a
//! possessive is not found and has to be marked.

use std::ops::Range;

use crate::example::Language;
use crate::span::CharSpan;
use crate::word::{self, TextWord};

const SPANISH: [&str; 4] = ["él", "ella", "ellos", "ellas"];
const ENGLISH: [&str; 7] = ["he", "she", "it", "they", "him", "her", "them"];

/// Pronouns of one language that mean something else in the other: *yo he visto*, *Ella
/// Fitzgerald*.
const AMBIGUOUS: [&str; 2] = ["he", "ella"];

/// Frequent words that only Spanish has, by which the language of a sentence is recognised.
const SPANISH_WORDS: [&str; 34] = [
    "el", "la", "los", "las", "un", "una", "de", "del", "al", "que", "y", "en", "por", "porque",
    "para", "con", "se", "lo", "le", "su", "sus", "es", "era", "está", "estaba", "fue", "muy",
    "cuando", "pero", "yo", "ya", "nunca", "él", "ellos",
];

/// Frequent words that only English has.
const ENGLISH_WORDS: [&str; 34] = [
    "the", "an", "of", "to", "and", "that", "in", "on", "at", "for", "with", "from", "because",
    "is", "was", "were", "are", "be", "been", "had", "but", "when", "his", "its", "their", "not",
    "very", "after", "she", "it", "they", "him", "her", "by",
];

/// A pronoun found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pronoun {
    /// Its characters, without a contraction (of *he's*, only *he*).
    pub span: CharSpan,
    /// The language that the pronoun belongs to.
    pub lang: Language,
}

/// The braces of a text do not mark one pronoun. Columns count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkError {
    /// An opening brace without a closing one.
    #[error("column {column}: this '{{' is never closed, expected a '}}' behind the pronoun")]
    Unclosed {
        /// The column of the opening brace.
        column: usize,
    },
    /// A closing brace without an opening one.
    #[error("column {column}: this '}}' closes nothing, expected a '{{' before the pronoun")]
    Unopened {
        /// The column of the closing brace.
        column: usize,
    },
    /// An opening brace within a mark.
    #[error("column {column}: a '{{' within braces, expected a single pair around the pronoun")]
    Nested {
        /// The column of the inner opening brace.
        column: usize,
    },
    /// Braces with nothing but spaces between them.
    #[error("column {column}: these braces are empty, expected a pronoun between them")]
    Empty {
        /// The column of the opening brace.
        column: usize,
    },
    /// A second pair of braces.
    #[error("column {column}: a second mark, expected a single pronoun in braces")]
    Several {
        /// The column of the second opening brace.
        column: usize,
    },
    /// Braces around a part of a word that is no pronoun of the third person.
    #[error(
        "column {column}: found {part:?} of the word {word:?} in braces, expected a whole word, or a \
         pronoun of the third person at its end, as in \"dáme{{lo}}\""
    )]
    PartOfWord {
        /// The column of the opening brace.
        column: usize,
        /// What is between the braces.
        part: String,
        /// The whole word.
        word: String,
    },
}

/// Whether `word`, in lower case, is a pronoun of either list.
pub fn is_pronoun(word: &str) -> bool {
    SPANISH.contains(&word) || ENGLISH.contains(&word)
}

/// What an anaphor is by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnaphorForm {
    /// *él, her*
    Personal,
    /// *su, its*; of *her*, see [`AnaphorForm::Personal`].
    Possessive,
    /// *se, himself*
    Reflexive,
    /// *lo, le*, also attached to a verb.
    Clitic,
    /// A verb without subject.
    Null,
}

impl AnaphorForm {
    /// All of them, in the order of their discriminants.
    pub const ALL: [Self; 5] =
        [Self::Personal, Self::Possessive, Self::Reflexive, Self::Clitic, Self::Null];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Possessive => "possessive",
            Self::Reflexive => "reflexive",
            Self::Clitic => "clitic",
            Self::Null => "null",
        }
    }

    /// The form of a word of its own, or `None` if it is no anaphor of the third person.
    pub fn of_word(word: &str, language: Language) -> Option<Self> {
        let normalised = word::normalise(before_apostrophe(word));
        let is = |words: &[&str]| words.contains(&&*normalised);
        let forms: [(&[&str], Self); 4] = match language {
            Language::Es => [
                (&["él", "ella", "ello", "ellos", "ellas"], Self::Personal),
                (
                    &[
                        "su", "sus", "suyo", "suya", "suyos", "suyas", "cuyo", "cuya", "cuyos",
                        "cuyas",
                    ],
                    Self::Possessive,
                ),
                (&["se", "sí", "consigo"], Self::Reflexive),
                (&["lo", "la", "los", "las", "le", "les"], Self::Clitic),
            ],
            Language::En => [
                (&ENGLISH, Self::Personal),
                (&["his", "its", "their", "hers", "theirs", "whose"], Self::Possessive),
                (&["himself", "herself", "itself", "themselves", "themself"], Self::Reflexive),
                (&[], Self::Clitic),
            ],
        };
        forms.into_iter().find(|(words, _)| is(words)).map(|(_, form)| form)
    }
}

/// The form of an anaphor at these characters of a text.
pub fn form_of(text: &str, span: CharSpan, language: Language, is_null: bool) -> AnaphorForm {
    let written = span.slice(text).unwrap_or_default();
    let of_word = AnaphorForm::of_word(written, language);
    of_word.filter(|_| !is_null).unwrap_or(AnaphorForm::Null)
}

/// The text without its braces, and the span between them, or `None` if there are no braces.
///
/// Spaces just inside the braces stay in the text but do not belong to the span.
///
/// # Errors
///
/// If there is more than one mark or the braces do not fit together.
pub fn parse_marked(marked: &str) -> Result<(String, Option<CharSpan>), MarkError> {
    let mut text = String::with_capacity(marked.len());
    let mut n_chars = 0;
    let mut open = None; // the column of the open brace, and the start of its span
    let mut span = None;
    for (column, c) in (1..).zip(marked.chars()) {
        match (c, open) {
            ('{', Some(_)) => return Err(MarkError::Nested { column }),
            ('{', None) if span.is_some() => return Err(MarkError::Several { column }),
            ('{', None) => open = Some((column, n_chars)),
            ('}', None) => return Err(MarkError::Unopened { column }),
            ('}', Some((column, start))) => {
                let inside = CharSpan::new(start, n_chars);
                span = Some(trim(inside, &text).ok_or(MarkError::Empty { column })?);
                open = None;
            }
            _ => {
                text.push(c);
                n_chars += 1;
            }
        }
    }
    if let Some((column, _)) = open {
        return Err(MarkError::Unclosed { column });
    }
    if let Some(span) = span {
        check_whole(&text, span)?;
    }
    Ok((text, span))
}

/// Refuses a span that divides a word, unless it is a pronoun attached to a verb or stands before an
/// apostrophe (*he's*).
fn check_whole(text: &str, span: CharSpan) -> Result<(), MarkError> {
    let is_divided = |word: &TextWord<'_>| {
        let inside = word.span.overlaps(span);
        inside && (word.span.start < span.start || span.end < word.span.end)
    };
    let Some(word) = word::words(text).find(is_divided) else { return Ok(()) };
    let offset = |at: usize| at.saturating_sub(word.span.start);
    let is_attached =
        attached_pronouns(word.text).contains(&(offset(span.start)..offset(span.end)));
    let before = before_apostrophe(word.text).chars().count();
    let is_contracted = span.start == word.span.start && offset(span.end) == before;
    if is_attached || is_contracted {
        return Ok(());
    }
    let part = span.slice(text).unwrap_or_default().to_owned();
    Err(MarkError::PartOfWord { column: span.start + 1, part, word: word.text.to_owned() })
}

/// The pronouns of a text that are in the lists, in the order of the text.
///
/// Upper case and decomposed accents are accepted, a missing accent is not: *el* is an article. A
/// word that is a pronoun in one language and something else in the other (*he*) is left out if its
/// sentence has more words of the other language.
pub fn find_pronouns(text: &str) -> Vec<Pronoun> {
    let words: Vec<(TextWord<'_>, String)> =
        word::words(text).map(|word| (word, word::normalise(word.text))).collect();
    let ends_sentence = |(_, word): &(_, String)| [".", "!", "?", "…"].contains(&word.as_str());
    words.split_inclusive(ends_sentence).flat_map(pronouns_of_sentence).collect()
}

/// The language of a text, by its frequent words; Spanish if there are none.
pub fn language_of(text: &str) -> Language {
    let words: Vec<String> = word::words(text).map(|word| word::normalise(word.text)).collect();
    let n_words = |list: &[&str]| words.iter().filter(|word| list.contains(&&***word)).count();
    match n_words(&ENGLISH_WORDS) > n_words(&SPANISH_WORDS) {
        true => Language::En,
        false => Language::Es,
    }
}

fn pronouns_of_sentence<'a>(
    sentence: &'a [(TextWord<'_>, String)],
) -> impl Iterator<Item = Pronoun> + 'a {
    let n_words = |list: &[&str]| sentence.iter().filter(|(_, w)| list.contains(&&**w)).count();
    let (n_spanish, n_english) = (n_words(&SPANISH_WORDS), n_words(&ENGLISH_WORDS));
    sentence.iter().filter_map(move |(word, normalised)| {
        let pronoun = before_apostrophe(normalised);
        let (lang, against) = if SPANISH.contains(&pronoun) && pronoun == normalised {
            (Language::Es, n_english > n_spanish)
        } else if ENGLISH.contains(&pronoun) {
            (Language::En, n_spanish > n_english)
        } else {
            return None;
        };
        if against && AMBIGUOUS.contains(&pronoun) {
            return None;
        }
        let length = before_apostrophe(word.text).chars().count();
        let span = CharSpan::new(word.span.start, word.span.start + length);
        Some(Pronoun { span, lang })
    })
}

/// The part of a word before its apostrophe: of *he's*, *he*.
pub fn before_apostrophe(word: &str) -> &str {
    word.split_once(word::APOSTROPHES).map_or(word, |(before, _)| before)
}

/// A word without the English *'s* of a possessor: of *Mary's*, *Mary*.
pub fn before_possessive(word: &str) -> &str {
    let without_s = word.strip_suffix(['s', 'S']);
    without_s.and_then(|owner| owner.strip_suffix(word::APOSTROPHES)).unwrap_or(word)
}

/// The pronouns of the third person that are attached to a Spanish verb form, in characters of the
/// word: of *dárselo*, *se* and *lo*; of *dámelo*, *lo*. At least one, the end of the word, if the word
/// has an ending that can be one.
pub fn attached_pronouns(word: &str) -> Vec<Range<usize>> {
    const LAST: [&str; 7] = ["los", "las", "les", "lo", "la", "le", "se"];
    let lower = word::normalise(word);
    let n_chars = word.chars().count();
    let Some(last) = LAST.iter().find(|ending| lower.ends_with(*ending)) else {
        return Vec::new();
    };
    let end_of_verb = n_chars.saturating_sub(last.chars().count());
    let last = end_of_verb..n_chars;
    let verb: String = lower.chars().take(end_of_verb).collect();
    match verb.strip_suffix("se") {
        Some(rest) if rest.chars().count() > 1 => vec![end_of_verb - 2..end_of_verb, last],
        _ => vec![last],
    }
}

/// The span without the spaces at its ends, or `None` if nothing is left.
fn trim(span: CharSpan, text: &str) -> Option<CharSpan> {
    let inside = span.slice(text)?;
    let length = inside.trim().chars().count();
    let start = span.start + inside.chars().take_while(|c| c.is_whitespace()).count();
    (length > 0).then(|| CharSpan::new(start, start + length))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &[&str]) -> Vec<Language> {
        let found = find_pronouns(text);
        let slices: Vec<_> = found.iter().filter_map(|found| found.span.slice(text)).collect();
        assert_eq!(slices, expected, "{text:?}");
        found.into_iter().map(|found| found.lang).collect()
    }

    #[test]
    fn braces_mark_the_pronoun_and_leave_the_text() {
        let (text, span) = parse_marked("Ana llamó a Luis porque {él} estaba enfermo.").unwrap();
        assert_eq!(text, "Ana llamó a Luis porque él estaba enfermo.");
        assert_eq!(span, Some(CharSpan::new(24, 26)));
        assert_eq!(span.unwrap().slice(&text), Some("él"));
    }

    #[test]
    fn braces_hold_a_whole_word_or_a_pronoun_that_is_attached_to_one() {
        for whole in
            ["dáme{lo}", "dár{se}lo", "dárse{lo}", "{él}", "{he}'s ill", "{he's} ill", "{el rey}"]
        {
            assert!(parse_marked(whole).is_ok(), "{whole}");
        }
        for (divided, part, word) in [("dá{me}lo", "me", "dámelo"), ("{t}he", "t", "the")] {
            let expected = MarkError::PartOfWord {
                column: divided.find('{').unwrap() + 1 - usize::from(divided.contains('á')),
                part: part.to_owned(),
                word: word.to_owned(),
            };
            assert_eq!(parse_marked(divided), Err(expected), "{divided}");
        }
    }

    #[test]
    fn a_text_without_braces_has_no_mark() {
        assert_eq!(parse_marked("Él duerme."), Ok(("Él duerme.".to_owned(), None)));
        assert_eq!(parse_marked(""), Ok((String::new(), None)));
    }

    #[test]
    fn spaces_inside_the_braces_are_not_marked() {
        let (text, span) = parse_marked("dijo que { él } duerme").unwrap();
        assert_eq!(text, "dijo que  él  duerme");
        assert_eq!(span.unwrap().slice(&text), Some("él"));
    }

    #[test]
    fn braces_that_do_not_fit_are_refused_with_their_column() {
        assert_eq!(parse_marked("él {duerme"), Err(MarkError::Unclosed { column: 4 }));
        assert_eq!(parse_marked("él} duerme"), Err(MarkError::Unopened { column: 3 }));
        assert_eq!(parse_marked("{él {él}}"), Err(MarkError::Nested { column: 5 }));
        assert_eq!(parse_marked("ñ {} duerme"), Err(MarkError::Empty { column: 3 }));
        assert_eq!(parse_marked("ñ { } duerme"), Err(MarkError::Empty { column: 3 }));
        assert_eq!(parse_marked("{él} y {ella}"), Err(MarkError::Several { column: 8 }));
        let message = MarkError::Unclosed { column: 4 }.to_string();
        assert!(message.starts_with("column 4:") && message.contains('{'), "{message}");
    }

    #[test]
    fn pronouns_are_found_in_both_languages_in_the_order_of_the_text() {
        let langs = check("Ella vio que él dormía. He saw them.", &["Ella", "él", "He", "them"]);
        assert_eq!(langs, [Language::Es, Language::Es, Language::En, Language::En]);
    }

    #[test]
    fn a_pronoun_is_found_in_any_spelling_and_an_article_is_none() {
        check("El robot cayó porque E\u{301}L estaba dañado.", &["E\u{301}L"]);
        check("el modelo, ELLOS, atella, theyx, shepherd", &["ELLOS"]);
    }

    #[test]
    fn an_english_pronoun_is_found_before_its_contraction() {
        check("He's late and they’ll see it's her.", &["He", "they", "it", "her"]);
    }

    #[test]
    fn a_spelling_of_the_other_language_is_no_pronoun() {
        check("Yo he visto que la casa es suya.", &[]);
        check("The singer of the band was Ella.", &[]);
        check("Nunca he ido. He was sick because she left.", &["He", "she"]);
        check("he ella", &["he", "ella"]);
    }

    #[test]
    fn a_text_without_words_has_no_pronouns() {
        check("", &[]);
        check(" … 👩🏽‍🚀 ?!", &[]);
    }

    proptest! {
        #[test]
        fn any_text_is_searched_and_every_span_is_a_pronoun(text in "(\\PC|he|él|'| |\u{301}|\\.){0,20}") {
            for found in find_pronouns(&text) {
                let pronoun = word::normalise(found.span.slice(&text).unwrap());
                prop_assert!(SPANISH.contains(&&*pronoun) || ENGLISH.contains(&&*pronoun));
            }
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in "(\\PC|\\{|\\}| ){0,20}") {
            if let Ok((plain, Some(span))) = parse_marked(&text) {
                prop_assert!(!span.slice(&plain).unwrap().trim().is_empty());
                let has_brace = plain.contains(['{', '}']);
                prop_assert!(!has_brace);
            }
        }
    }
}
