//! Whether one pronoun can stand for either of two candidates.
//!
//! An example does not say so. The word lists of the grammar do, for the words that they have.

use std::collections::HashMap;

use crate::example::{Example, Language};
use crate::grammar::Grammar;
use crate::word::without_accent;

/// For each word of a grammar the pronouns that can stand for it, a bit for each.
#[derive(Debug, Clone)]
pub struct Agreement(HashMap<(Language, String), u8>);

impl Agreement {
    /// Collects the word lists of `grammar`.
    pub fn of(grammar: &Grammar) -> Self {
        let mut pronouns = HashMap::<_, u8>::new();
        for lang in Language::ALL {
            for word in &grammar.of(lang).lexicon.words {
                *pronouns.entry((lang, key(&word.singular))).or_default() |= word.singular_pronouns;
                if let Some(plural) = &word.plural {
                    *pronouns.entry((lang, key(plural))).or_default() |= word.plural_pronouns;
                }
            }
        }
        Self(pronouns)
    }

    /// Whether candidates `a` and `b` of `example` agree in gender and number, or `None` if one of
    /// the words is not in the grammar. Capitals and accents are ignored, since a text with noise
    /// may lack them.
    pub fn between(&self, example: &Example, a: usize, b: usize) -> Option<bool> {
        let pronouns = |index: usize| {
            let word = example.candidates.get(index)?.slice(&example.text)?;
            self.0.get(&(example.lang, key(word))).copied()
        };
        Some(pronouns(a)? & pronouns(b)? != 0)
    }
}

fn key(word: &str) -> String {
    word.chars().flat_map(char::to_lowercase).map(without_accent).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::CharSpan;

    /// Whether the two words agree, as candidates of a text.
    fn agree(lang: Language, a: &str, b: &str) -> Option<bool> {
        let n = a.chars().count();
        let example = Example {
            id: "1".to_owned(),
            lang,
            text: format!("{a} {b} x"),
            pronoun: CharSpan::new(n + 1 + b.chars().count() + 1, n + 1 + b.chars().count() + 2),
            candidates: vec![CharSpan::new(0, n), CharSpan::new(n + 1, n + 1 + b.chars().count())],
            antecedent: Some(0),
            phenomenon: "gender".to_owned(),
            pair: None,
            form: None,
            agreeing: None,
        };
        Agreement::of(&Grammar::embedded().unwrap()).between(&example, 0, 1)
    }

    #[test]
    fn gender_and_number_are_those_of_the_word_lists() {
        assert_eq!(agree(Language::Es, "robot", "pelota"), Some(false));
        assert_eq!(agree(Language::Es, "robots", "libro"), Some(false));
        assert_eq!(agree(Language::Es, "robot", "Luis"), Some(true));
        assert_eq!(agree(Language::En, "Tom", "Anna"), Some(false));
        // A teacher is he or she.
        assert_eq!(agree(Language::En, "teacher", "Anna"), Some(true));
        assert_eq!(agree(Language::En, "teachers", "Anna"), Some(false));
    }

    #[test]
    fn capitals_and_accents_are_ignored_and_unknown_words_are_not_guessed() {
        assert_eq!(agree(Language::Es, "MEDICO", "médica"), Some(false));
        assert_eq!(agree(Language::Es, "médico", "blurpo"), None);
        assert_eq!(agree(Language::En, "robot", "pelota"), None);
    }
}
