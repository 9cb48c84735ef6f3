//! Which class a word belongs to, as far as the grammar's lists and patterns tell.

use std::collections::HashMap;

use crate::example::Language;
use crate::grammar::Grammar;
use crate::mention;
use crate::variants::agreeing::Agreeing;
use crate::word::normalise;

/// The classes that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum WordClass {
    Name,
    Noun,
    Verb,
    Adjective,
    Pronoun,
    Other,
}

impl WordClass {
    /// As on the page.
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

/// The nouns and names of the grammar.
pub struct WordClasses(HashMap<(Language, String), WordClass>);

impl WordClasses {
    /// Those of `grammar`.
    pub fn of(grammar: &Grammar) -> Self {
        let mut classes = HashMap::new();
        for language in Language::ALL {
            for entry in grammar.words(language) {
                let is_name =
                    entry.classes.iter().any(|class| class == "nombre" || class == "name");
                let class = if is_name { WordClass::Name } else { WordClass::Noun };
                for text in [Some(entry.singular), entry.plural].into_iter().flatten() {
                    // Of *cuarto de baño* the first word is the noun, of *washing machine* the last.
                    for part in text.split(' ').filter(|part| part.chars().count() > 2) {
                        classes.entry((language, normalise(part))).or_insert(class);
                    }
                }
            }
        }
        Self(classes)
    }

    /// The class of `word`.
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
