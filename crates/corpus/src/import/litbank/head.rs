//! The part of a mention that becomes a candidate: the whole name, or the head of a noun phrase.
//!
//! Determiners at its beginning are left out. A name ends at the first comma or at the end of the
//! mention. A noun phrase ends before the first preposition, relative pronoun, conjunction or
//! punctuation mark after its first word, and its head is its last word: *a single **man** in
//! possession of a good fortune*, *Elinor 's **mother***. There is no parser, so that it makes
//! mistakes: the head of *a man sitting by the fire* comes out as *sitting*.

use crate::span::CharSpan;
use crate::word::{self, TextWord};

const DETERMINERS: [&str; 24] = [
    "a", "an", "the", "this", "that", "these", "those", "my", "your", "his", "her", "its", "our",
    "their", "such", "some", "any", "no", "every", "each", "all", "both", "another", "what",
];

const ENDS_NOUN_PHRASE: [&str; 29] = [
    "of", "in", "on", "at", "with", "from", "to", "for", "by", "about", "under", "over", "upon",
    "near", "behind", "beyond", "between", "without", "who", "whom", "whose", "which", "that",
    "where", "when", "like", "as", "and", "or",
];

/// The span of the candidate within a mention, which is a name or a noun phrase.
pub fn of(mention: &str, is_name: bool) -> CharSpan {
    let words: Vec<TextWord<'_>> = word::words(mention).collect();
    let is =
        |word: &TextWord<'_>, list: &[&str]| list.contains(&word::normalise(word.text).as_str());
    let n_determiners = words.iter().take_while(|word| is(word, &DETERMINERS)).count();
    let words = if n_determiners < words.len() { &words[n_determiners..] } else { &words[..] };
    let ends = |word: &TextWord<'_>| match is_name {
        true => [",", ";", "("].contains(&word.text),
        false => is(word, &ENDS_NOUN_PHRASE) || is_punctuation(word.text),
    };
    let n_before = words.iter().skip(1).take_while(|word| !ends(word)).count() + 1;
    let words = &words[..n_before.min(words.len())];
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return CharSpan::new(0, mention.chars().count());
    };
    CharSpan::new(if is_name { first } else { last }.span.start, last.span.end)
}

/// Whether a word is punctuation that ends a noun phrase; hyphens and the apostrophe of *'s* do
/// not.
fn is_punctuation(word: &str) -> bool {
    !word.starts_with(char::is_alphanumeric) && !["'", "’", "-", ".", "_", "\""].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mention: &str, is_name: bool, expected: &str) {
        assert_eq!(of(mention, is_name).slice(mention), Some(expected), "{mention:?}");
    }

    #[test]
    fn a_noun_phrase_has_its_last_word_before_what_follows_the_noun() {
        check("a single man in possession of a good fortune", false, "man");
        check("his wife", false, "wife");
        check("Elinor 's mother", false, "mother");
        check("the old man , her father", false, "man");
        check("such a man", false, "man");
        check("the boy that came", false, "boy");
        check("women", false, "women");
    }

    #[test]
    fn a_name_is_whole_but_for_its_article_and_what_a_comma_adds() {
        check("the Duke of York", true, "Duke of York");
        check("Mr. Bennet", true, "Mr. Bennet");
        check("Tom , the piper 's son", true, "Tom");
    }

    #[test]
    fn nothing_but_determiners_or_signs_stands_for_itself() {
        check("that", false, "that");
        check("all of them", false, "them");
        check("—", false, "—");
        assert_eq!(of("", false), CharSpan::new(0, 0));
    }
}
