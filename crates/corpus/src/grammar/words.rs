//! Reads the lists of nouns and names, `[nouns.…]`.
//!
//! An entry is a word as in a vocabulary book: with its article, an irregular plural, or both
//! genders.
//!
//! ```text
//! la taza    el lápiz, los lápices    el niño / la niña    el agua (f)    work, -
//! ```

use std::collections::HashSet;

use super::document::{Fault, Node, fault};
use super::lexicon::{Determiner, Lexicon, PronounId, Pronouns, Word};
use crate::split::hash;

/// What is needed of a language to read its lists of words.
pub(super) struct WordRules<'a> {
    pub(super) pronouns: &'a Pronouns,
    pub(super) determiners: &'a [Determiner],
    /// Endings of singulars and of their plurals. The first that fits is applied.
    pub(super) plural_endings: &'a [(String, String)],
    pub(super) onsets: &'a Onsets,
    /// Words that must not be held out: the patterns contain them, or the grammar lists them.
    pub(super) kept: &'a HashSet<String>,
}

/// Which words take the fifth form of a determiner, by their first letters.
#[derive(Debug, Clone, Default)]
pub(super) struct Onsets {
    /// Beginnings that take it (the vowels, *hour*).
    pub(super) special: Vec<String>,
    /// Longer beginnings that do not (*uni*, *eu*).
    pub(super) plain: Vec<String>,
}

impl Onsets {
    fn is_special(&self, word: &str) -> bool {
        let longest = |beginnings: &[String]| {
            let fitting =
                beginnings.iter().filter(|beginning| word.starts_with(beginning.as_str()));
            fitting.map(String::len).max().unwrap_or(0)
        };
        longest(&self.special) > longest(&self.plain)
    }
}

/// Reads `[nouns.NAME]`.
pub(super) fn read_group(
    lexicon: &mut Lexicon,
    rules: &WordRules<'_>,
    name: &str,
    node: &Node,
) -> Result<(), Fault> {
    let entry = format!("nouns.{name}");
    let mut group = Group { takes_determiner: true, counted: true, ..Group::default() };
    group.classes |= lexicon.class_or_new(node.line, &entry, name)?;
    let mut words = None;
    for (key, value) in node.table(&entry)? {
        match key.as_str() {
            "words" => words = Some(value),
            _ => group.read_key(lexicon, rules, &entry, key, value)?,
        }
    }
    let Some(words) = words else {
        return fault(node.line, entry, "no words", "words = [\"…\", …]");
    };
    let texts = words.texts(&entry)?;
    if texts.is_empty() {
        return fault(words.line, entry, "an empty list", "at least one word");
    }
    let read = |(line, text)| Ok((line, group.read_entry(rules, line, &entry, text)?));
    let mut entries = texts.into_iter().map(read).collect::<Result<Vec<_>, Fault>>()?;
    hold_out(rules.kept, &mut entries);
    for (line, words) in entries {
        words.into_iter().try_for_each(|word| add(lexicon, word, line, &entry))?;
    }
    Ok(())
}

/// Marks one in five entries of a list as held out. They are chosen by their hash, so that the
/// order of the list does not matter.
fn hold_out(kept: &HashSet<String>, entries: &mut [(usize, Vec<Word>)]) {
    let n_held_out = (entries.len() + 2) / 5;
    let is_free = |word: &Word| word.parts().all(|part| !kept.contains(&part));
    let mut free: Vec<_> =
        entries.iter_mut().filter(|(_, words)| words.iter().all(is_free)).collect();
    free.sort_by_key(|(_, words)| hash(&words[0].singular));
    for (_, words) in free.into_iter().take(n_held_out) {
        words.iter_mut().for_each(|word| word.held_out = true);
    }
}

/// Adds a word, or adds its classes to the same word from another list.
fn add(lexicon: &mut Lexicon, word: Word, line: usize, entry: &str) -> Result<(), Fault> {
    let same = |known: &&mut Word| {
        known.singular == word.singular && known.singular_pronouns == word.singular_pronouns
    };
    match lexicon.words.iter_mut().find(same) {
        Some(known) if known.classes & word.classes == word.classes => {
            fault(line, entry, format!("{:?} twice", word.singular), "every word once in a list")
        }
        Some(known) => {
            known.classes |= word.classes;
            Ok(())
        }
        None => {
            lexicon.words.push(word);
            Ok(())
        }
    }
}

/// What all words of one list have in common.
#[derive(Default)]
struct Group {
    classes: u128,
    pronouns: u8,
    takes_determiner: bool,
    counted: bool,
}

impl Group {
    /// Reads a key that holds for all words of the list.
    fn read_key(
        &mut self,
        lexicon: &mut Lexicon,
        rules: &WordRules<'_>,
        entry: &str,
        key: &str,
        value: &Node,
    ) -> Result<(), Fault> {
        let names = || Ok(value.text(entry)?.split(',').map(str::trim));
        match key {
            "is" => {
                for class in names()? {
                    self.classes |= lexicon.class_or_new(value.line, entry, class)?;
                }
            }
            "pronoun" => {
                for pronoun in names()? {
                    self.pronouns |= 1 << rules.pronouns.find(value.line, entry, pronoun)?;
                }
            }
            "article" => self.takes_determiner = value.flag(entry)?,
            "plural" => self.counted = value.flag(entry)?,
            other => {
                let expected = "is, pronoun, article, plural or words";
                return fault(value.line, entry, format!("the key {other:?}"), expected);
            }
        }
        Ok(())
    }

    /// Reads `la taza`, `el lápiz, los lápices`, `el niño / la niña`, `el agua (f)`, `work, -`.
    fn read_entry(
        &self,
        rules: &WordRules<'_>,
        line: usize,
        entry: &str,
        text: &str,
    ) -> Result<Vec<Word>, Fault> {
        text.split('/').map(|text| self.read_word(rules, line, entry, text.trim())).collect()
    }

    fn read_word(
        &self,
        rules: &WordRules<'_>,
        line: usize,
        entry: &str,
        text: &str,
    ) -> Result<Word, Fault> {
        let (singular, plural) = match text.split_once(',') {
            Some((singular, plural)) => (singular.trim(), Some(plural.trim())),
            None => (text, None),
        };
        let (singular, exception) = match singular.strip_suffix("(f)") {
            Some(singular) => (singular.trim(), true),
            None => (singular, false),
        };
        let (pronouns, singular) = self.pronouns_of(rules, line, entry, singular, exception)?;
        if singular.is_empty() {
            return fault(line, entry, format!("{text:?}"), "a word");
        }
        let plural = match plural {
            _ if !self.counted => None,
            Some("-") => None,
            Some(plural) => Some(without_determiner(rules, plural).1.to_owned()),
            None => Some(pluralise(rules, line, entry, singular)?),
        };
        if plural.as_ref().is_some_and(|plural| plural.trim().is_empty()) {
            return fault(line, entry, format!("{text:?}"), "a plural after the comma, or -");
        }
        Ok(Word {
            singular: singular.to_owned(),
            plural,
            singular_pronouns: pronouns,
            plural_pronouns: rules.pronouns.plurals(pronouns),
            classes: self.classes,
            takes_determiner: self.takes_determiner,
            special_onset: exception || rules.onsets.is_special(singular),
            held_out: false,
        })
    }

    /// The pronouns that a word agrees with, from its list or from its article, and the word
    /// without article.
    fn pronouns_of<'t>(
        &self,
        rules: &WordRules<'_>,
        line: usize,
        entry: &str,
        text: &'t str,
        exception: bool,
    ) -> Result<(u8, &'t str), Fault> {
        if self.pronouns != 0 {
            return Ok((self.pronouns, text));
        }
        match without_determiner(rules, text) {
            (Some(_), word) if exception => Ok((1 << (rules.pronouns.n_singular - 1), word)),
            (Some(pronoun), word) => Ok((1 << pronoun, word)),
            (None, _) => {
                let expected = "an article before the word, or pronoun = \"…\" for its list";
                fault(line, entry, format!("{text:?}"), expected)
            }
        }
    }
}

/// Splits `la taza` into the pronoun that goes with the article and the word.
fn without_determiner<'t>(rules: &WordRules<'_>, text: &'t str) -> (Option<PronounId>, &'t str) {
    if let Some((article, word)) = text.split_once(' ') {
        for determiner in rules.determiners {
            if let Some(pronoun) = determiner.by_pronoun.iter().position(|known| known == article) {
                return (Some(pronoun as PronounId), word.trim());
            }
        }
    }
    (None, text)
}

fn pluralise(
    rules: &WordRules<'_>,
    line: usize,
    entry: &str,
    singular: &str,
) -> Result<String, Fault> {
    for (ending, plural) in rules.plural_endings {
        if let Some(stem) = singular.strip_suffix(ending.as_str()) {
            return Ok(format!("{stem}{plural}"));
        }
    }
    let expected = "its plural after a comma, or an ending in the list plural";
    fault(line, entry, format!("{singular:?}"), expected)
}
