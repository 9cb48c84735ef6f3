//! An English text told about the other sex, so that no role is more often *he* than *she* in training.
//!
//! ```text
//! The mechanic told Mrs Hall that her car was ready.  →  The mechanic told Mr Hall that his car was ready.
//! ```

use std::collections::{HashMap, HashSet};

use crate::annotated::{AnnotatedMention, AnnotatedText};
use crate::composition::rng::Random;
use crate::span::CharSpan;
use crate::word::words;

/// What a mirrored text exchanges.
pub(super) struct Mirror {
    /// In lower case, in both directions.
    opposites: HashMap<String, String>,
    /// First names of women and of men.
    names: [Vec<String>; 2],
    sex_of_name: HashMap<String, usize>,
    /// Nouns for men only or for women only that have no opposite.
    unpaired: HashSet<String>,
}

const OPPOSITES: &str = include_str!("../../data/natural/en/opposites.txt");

impl Mirror {
    /// `names` are first names of women and of men, `gendered` all nouns for one sex. A name that is none
    /// of `names` is that of a man or of a woman by what `texts` call it, if they agree.
    pub(super) fn new(
        names: [Vec<String>; 2],
        gendered: HashSet<String>,
        texts: &[AnnotatedText],
    ) -> Self {
        let mut opposites: HashMap<String, String> = HashMap::new();
        let lines = OPPOSITES.lines().filter(|line| !line.starts_with('#'));
        for (he, she) in lines.filter_map(|line| line.split_once(' ')) {
            opposites.entry(he.to_owned()).or_insert_with(|| she.to_owned());
            opposites.entry(she.to_owned()).or_insert_with(|| he.to_owned());
        }
        let mut sex_of_name = sexes_of_names(texts);
        for (sex, names) in names.iter().enumerate() {
            sex_of_name.extend(names.iter().map(|name| (name.clone(), sex)));
        }
        let unpaired =
            gendered.into_iter().filter(|noun| !opposites.contains_key(noun.as_str())).collect();
        Self { opposites, names, sex_of_name, unpaired }
    }

    /// The words to exchange, or `None` if a word of the text has a sex that cannot be exchanged.
    pub(super) fn edits(
        &self,
        text: &AnnotatedText,
        rng: &mut Random,
    ) -> Option<Vec<(CharSpan, String)>> {
        // In a text without capitals a name cannot be told from a noun.
        if text.text.starts_with(char::is_lowercase) {
            return None;
        }
        let phrases = text.phrases();
        let sexes = sexes(text);
        let mut names: HashMap<&str, String> = HashMap::new();
        let mut edits = Vec::new();
        let mut after_title = false;
        for word in words(&text.text) {
            let written = word.text;
            let lower = written.to_lowercase();
            let is_surname = std::mem::replace(&mut after_title, TITLES.contains(&lower.as_str()));
            let exchanged = match pronoun(&lower, word.span, &phrases) {
                Some(pronoun) => Some(pronoun.to_owned()),
                None => self.opposites.get(&lower).cloned(),
            };
            if let Some(exchanged) = exchanged {
                edits.push((word.span, with_case_of(written, exchanged)));
                continue;
            }
            if self.unpaired.contains(&lower) {
                return None;
            }
            let named = name_of(written, word.span, text, &phrases).filter(|_| !is_surname);
            let known = self.sex_of_name.get(written).filter(|_| !is_surname).copied();
            let sex = known.or_else(|| {
                let chain = named?.chain.numbers();
                chain.iter().find_map(|number| sexes.get(number).copied())
            });
            match sex {
                Some(sex) => {
                    let other = rng.item(&self.names[1 - sex])?;
                    let other = names.entry(written).or_insert_with(|| other.clone());
                    edits.push((word.span, other.clone()));
                }
                None if named.is_some() => return None,
                None => (),
            }
        }
        Some(edits)
    }
}

const TITLES: [&str; 4] = ["mr", "mrs", "ms", "miss"];

/// For chains that *he* or *she* stands for: 0 for *she*, 1 for *he*.
fn sexes(text: &AnnotatedText) -> HashMap<u32, usize> {
    let sex = |anaphor: &AnnotatedMention| {
        Some(match anaphor.span.slice(&text.text)?.to_lowercase().as_str() {
            "she" | "her" | "hers" | "herself" => 0,
            "he" | "him" | "his" | "himself" => 1,
            _ => return None,
        })
    };
    let of_anaphor = |anaphor: &AnnotatedMention| match anaphor.chain.numbers() {
        [number] => Some((*number, sex(anaphor)?)),
        _ => None,
    };
    text.anaphors().into_iter().filter_map(of_anaphor).collect()
}

/// The sex of each name that is taken up with *he* or with *she*, and never with the other.
fn sexes_of_names(texts: &[AnnotatedText]) -> HashMap<String, usize> {
    let mut found: HashMap<String, [usize; 2]> = HashMap::new();
    for text in texts {
        let sexes = sexes(text);
        let phrases = text.phrases();
        for phrase in &phrases {
            let [number] = phrase.chain.numbers() else { continue };
            let Some(&sex) = sexes.get(number) else { continue };
            let head = text.head_word(phrase);
            let word = head.slice(&text.text).unwrap_or_default();
            if name_of(word, head, text, &phrases).is_some() {
                found.entry(word.to_owned()).or_default()[sex] += 1;
            }
        }
    }
    let only = |(name, n): (String, [usize; 2])| match n {
        [_, 0] => Some((name, 0)),
        [0, _] => Some((name, 1)),
        _ => None,
    };
    found.into_iter().filter_map(only).collect()
}

/// The pronoun for the other sex. *Her* is *his* where a phrase begins with it, else *him*.
fn pronoun(word: &str, span: CharSpan, phrases: &[&AnnotatedMention]) -> Option<&'static str> {
    let is_determiner = || phrases.iter().any(|phrase| phrase.span.start == span.start);
    Some(match word {
        "he" => "she",
        "she" => "he",
        "him" => "her",
        "her" if is_determiner() => "his",
        "her" => "him",
        "his" if is_determiner() => "her",
        "his" => "hers",
        "hers" => "his",
        "himself" => "herself",
        "herself" => "himself",
        _ => return None,
    })
}

/// The phrase that begins with a word in capitals which is its head: a name, or a noun without an article
/// at the beginning of a sentence.
fn name_of<'a>(
    word: &str,
    span: CharSpan,
    text: &AnnotatedText,
    phrases: &[&'a AnnotatedMention],
) -> Option<&'a AnnotatedMention> {
    let begins_with = |phrase: &&&AnnotatedMention| {
        phrase.span.start == span.start && text.head_word(phrase) == span
    };
    phrases.iter().find(begins_with).copied().filter(|_| word.starts_with(char::is_uppercase))
}

fn with_case_of(written: &str, word: String) -> String {
    let mut chars = word.chars();
    match (written.chars().next(), chars.next()) {
        (Some(first), Some(initial)) if first.is_uppercase() => {
            initial.to_uppercase().chain(chars).collect()
        }
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::Language;

    fn read(line: &str) -> AnnotatedText {
        crate::markup::read(line, Language::En, "t").unwrap().remove(0)
    }

    fn mirrored(line: &str) -> Option<String> {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let mirror = Mirror::new(
            [list(&["Ana"]), list(&["Tom"])],
            ["ballerina", "man", "woman"].map(str::to_owned).into(),
            &[read("[1:*Ivo] says {1:he} is ill."), read("[1:*Sam] and {1:her} [2:*Sam]: {2:he}.")],
        );
        let text = read(line);
        let edits = mirror.edits(&text, &mut Random::new(1, 1))?;
        let edits: Vec<_> = edits.iter().map(|(span, word)| (*span, word.as_str())).collect();
        Some(crate::written::with_edits(&text, &edits).text)
    }

    #[test]
    fn a_text_is_told_about_the_other_sex() {
        for (line, expected) in [
            (
                "[1:The *nurse] told [2:Mr *Hall] that [3:{2:his} *car] was ready and {1:she} liked {2:him}.",
                "The nurse told Mrs Hall that her car was ready and he liked her.",
            ),
            (
                "[1:*Ana] thanked [2:the old *man]: [3:the red *cup] is {1:hers}, not {2:his}.",
                "Tom thanked the old woman: the red cup is his, not hers.",
            ),
            ("[1:*Ivo] knows [2:*Tom].", "Ana knows Ana."),
            ("[1:*Xen] says {1:she} knows [2:*Ana].", "Tom says he knows Tom."),
            ("{1:She} saw {1:herself}, and [1:*Ana] laughed.", "He saw himself, and Tom laughed."),
        ] {
            assert_eq!(mirrored(line).as_deref(), Some(expected), "{line}");
        }
    }

    #[test]
    fn a_text_with_a_sex_that_cannot_be_exchanged_is_left() {
        assert_eq!(mirrored("[1:The *ballerina] said {1:she} was tired."), None);
        assert_eq!(mirrored("[1:*ana] knows {1:she} is late."), None);
        assert_eq!(mirrored("[1:*Sam] knows [2:*Ana]; {2:she} left."), None, "of both sexes");
        assert_eq!(mirrored("[1:*Nobody] knows whether [2:*Xen] is here; {0:he} is."), None);
    }
}
