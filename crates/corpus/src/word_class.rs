//! The word class (noun, verb, …) of a word, looked up in the grammar's lists and patterns.

use std::collections::HashMap;

use crate::example::Language;
use crate::grammar::Grammar;
use crate::mention;
use crate::variants::agreeing::Agreeing;
use crate::word::normalise;

/// A word class. Words that the grammar does not have are [`WordClass::Other`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of word classes need no explanation")]
pub enum WordClass {
    Name,
    Noun,
    Verb,
    Adjective,
    Pronoun,
    Other,
}

impl WordClass {
    /// The name that the explorer's page uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Noun => "noun",
            Self::Verb => "verb",
            Self::Adjective => "adjective",
            Self::Pronoun => "pronoun",
            Self::Other => "other",
        }
    }
}

/// The classes of the grammar's nouns and names.
pub struct WordClasses(HashMap<(Language, String), WordClass>);

impl WordClasses {
    /// Collects the nouns and names of `grammar`.
    pub fn of(grammar: &Grammar) -> Self {
        let mut classes = HashMap::new();
        for language in Language::ALL {
            for entry in grammar.words(language) {
                let is_name =
                    entry.classes.iter().any(|class| class == "nombre" || class == "name");
                let class = if is_name { WordClass::Name } else { WordClass::Noun };
                for text in [Some(entry.singular), entry.plural].into_iter().flatten() {
                    // Every part counts: the noun of *cuarto de baño* is its first word, that of
                    // *washing machine* its last.
                    for part in text.split(' ').filter(|part| part.chars().count() > 2) {
                        classes.entry((language, normalise(part))).or_insert(class);
                    }
                }
            }
        }
        Self(classes)
    }

    /// The class of `word`, in any spelling.
    pub fn class(&self, language: Language, word: &str) -> WordClass {
        let word = normalise(word);
        let agreeing = Agreeing::of(language);
        if mention::is_pronoun(&word) {
            return WordClass::Pronoun;
        }
        if let Some(class) = self.0.get(&(language, word.clone())) {
            return *class;
        }
        if agreeing.adjective(&word).is_some() {
            return WordClass::Adjective;
        }
        if agreeing.numbers(&word).is_some() {
            return WordClass::Verb;
        }
        WordClass::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_lecture_have_their_classes() {
        let classes = WordClasses::of(&Grammar::embedded().unwrap());
        let class = |word| classes.class(Language::Es, word);
        assert_eq!(class("Robot"), WordClass::Noun);
        assert_eq!(class("Ana"), WordClass::Name);
        assert_eq!(class("él"), WordClass::Pronoun);
        assert_eq!(class("estaba"), WordClass::Verb);
        assert_eq!(class("rota"), WordClass::Adjective);
        assert_eq!(class("porque"), WordClass::Other);
        assert_eq!(classes.class(Language::En, "was"), WordClass::Verb);
        assert_eq!(classes.class(Language::En, "Tom"), WordClass::Name);
    }
}
