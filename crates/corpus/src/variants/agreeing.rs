//! Inflected words, collected from the grammar's patterns: `cansad[o|a|os|as]`, `[was|were]`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::example::Language;
use crate::grammar::embedded_text;

/// The inflected forms of a word: two (singular and plural), or one for each pronoun.
type Forms = Vec<String>;

/// The inflected words of a language: each form leads to all forms of its word.
pub(crate) struct Agreeing {
    two: HashMap<String, Forms>,
    four: HashMap<String, Forms>,
}

static SPANISH: LazyLock<Agreeing> = LazyLock::new(|| Agreeing::read(Language::Es));
static ENGLISH: LazyLock<Agreeing> = LazyLock::new(|| Agreeing::read(Language::En));

impl Agreeing {
    /// The inflected words of `language`.
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::Es => &SPANISH,
            Language::En => &ENGLISH,
        }
    }

    fn read(language: Language) -> Self {
        // The grammar abbreviates this frequent ending.
        let text = embedded_text(language).replace("{o}", "[o|a|os|as]");
        let mut agreeing = Self { two: HashMap::new(), four: HashMap::new() };
        for (open, _) in text.match_indices('[') {
            let Some(length) = text[open..].find([']', '\n', '"']) else { continue };
            let close = open + length;
            if !text[close..].starts_with(']') || !text[open..close].contains('|') {
                continue;
            }
            let inside = &text[open + 1..close];
            // In `[B: o|a|os|as]` the part before the colon is not a form.
            let inside = inside.split_once(": ").map_or(inside, |(_, forms)| forms);
            let before = text[..open].rsplit(|c: char| !c.is_alphabetic()).next();
            let after = text[close + 1..].split(|c: char| !c.is_alphabetic()).next();
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            agreeing.add(inside.split('|').map(|form| format!("{before}{form}{after}")).collect());
        }
        agreeing
    }

    fn add(&mut self, forms: Forms) {
        let known = match forms.len() {
            2 => &mut self.two,
            4 => &mut self.four,
            _ => return,
        };
        if forms.iter().all(|form| form.chars().all(char::is_alphabetic) && !form.is_empty()) {
            for form in &forms {
                known.entry(form.clone()).or_insert_with(|| forms.clone());
            }
        }
    }

    /// The singular and the plural of a word with only these two forms, such as a verb.
    pub(crate) fn numbers(&self, word: &str) -> Option<[&str; 2]> {
        let forms = self.two.get(word)?;
        Some([&forms[0], &forms[1]])
    }

    /// The four forms of an adjective, in the order of the pronouns.
    pub(crate) fn adjective(&self, word: &str) -> Option<[&str; 4]> {
        // Shorter words with four forms are articles.
        let forms = self.four.get(word).filter(|forms| forms[0].chars().count() > 3)?;
        Some([&forms[0], &forms[1], &forms[2], &forms[3]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_those_of_the_grammar() {
        let spanish = Agreeing::of(Language::Es);
        assert_eq!(spanish.adjective("rota"), Some(["roto", "rota", "rotos", "rotas"]));
        assert_eq!(spanish.numbers("estaban"), Some(["estaba", "estaban"]));
        assert_eq!(spanish.numbers("grande"), Some(["grande", "grandes"]));
        assert_eq!(spanish.adjective("una"), None);
        let english = Agreeing::of(Language::En);
        assert_eq!(english.numbers("was"), Some(["was", "were"]));
        assert_eq!(english.adjective("he"), None);
    }
}
