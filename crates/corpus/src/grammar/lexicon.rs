//! The words that candidates are made of, and the pronouns that can stand for them.
//!
//! Agreement in gender and number is expressed by pronouns: a word agrees with the third-person
//! pronouns that can stand for it (*taza* with *ella*, *teacher* with *he* and *she*). A language
//! has at most eight of them (`él`, `ella`, `ellos`, `ellas`; `he`, `she`, `it`, `they`), singular
//! ones first, so that a set of pronouns fits the bits of a byte.

use std::collections::{BTreeMap, HashSet};

use super::document::{Fault, Node, fault};
use crate::word;

/// Index of a third-person pronoun of a language, in the order of [`Pronouns::names`].
pub(crate) type PronounId = u8;

/// Index of a word of a [`Lexicon`].
pub(crate) type WordId = u32;

/// A noun or a name.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) singular: String,
    /// `None` for names and for uncountable nouns.
    pub(crate) plural: Option<String>,
    /// Bit `p` is set if pronoun `p` can stand for the singular.
    pub(crate) singular_pronouns: u8,
    /// Bit `p` is set if pronoun `p` can stand for the plural.
    pub(crate) plural_pronouns: u8,
    /// Bit `c` is set if the word is in class `c`.
    pub(crate) classes: u128,
    /// Whether a determiner may stand before it. It may not before a name.
    pub(crate) takes_determiner: bool,
    /// Whether its singular takes the fifth form of a determiner (*el* agua, *an* apple).
    pub(crate) special_onset: bool,
    /// Whether the word is kept out of training.
    pub(crate) held_out: bool,
}

impl Word {
    /// The plural if it is asked for and there is one, else the singular.
    pub(crate) fn text(&self, plural: bool) -> &str {
        match &self.plural {
            Some(text) if plural => text,
            _ => &self.singular,
        }
    }

    /// The words that its singular and its plural consist of, in lower case. If it consists of
    /// several, those of up to three characters, such as *de*, are left out.
    pub(super) fn parts(&self) -> impl Iterator<Item = String> + '_ {
        let texts = [Some(&self.singular), self.plural.as_ref()].into_iter().flatten();
        texts.flat_map(|text| {
            let is_one = word::words(text).count() == 1;
            let parts = word::words(text).map(|part| word::normalise(part.text));
            parts.filter(move |part| is_one || part.chars().count() > 3)
        })
    }

    /// The pronouns that can stand for the singular or the plural; none if there is no plural.
    pub(crate) fn pronouns(&self, plural: bool) -> u8 {
        match (plural, &self.plural) {
            (false, _) => self.singular_pronouns,
            (true, Some(_)) => self.plural_pronouns,
            (true, None) => 0,
        }
    }
}

/// A word that agrees with the noun after it: an article, a possessive, …
#[derive(Debug, Clone)]
pub(crate) struct Determiner {
    pub(crate) name: String,
    /// For each pronoun the form before a noun that agrees with it.
    pub(crate) by_pronoun: Vec<String>,
    /// The form before a singular with a special onset.
    pub(crate) before_onset: Option<String>,
}

/// The third-person pronouns of a language, and which of them are plural.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pronouns {
    /// The singular ones first.
    pub(crate) names: Vec<String>,
    pub(crate) n_singular: usize,
    /// The plural of each singular pronoun.
    plural_of: Vec<PronounId>,
}

impl Pronouns {
    /// Reads `forms = [["él", "ellos"], ["ella", "ellas"]]`.
    pub(super) fn read(node: &Node) -> Result<Self, Fault> {
        let pairs = node.tuples::<2>("forms")?;
        let mut pronouns = Self::default();
        for (line, [singular, _]) in &pairs {
            if pronouns.names.iter().any(|name| name == singular) {
                return fault(*line, "forms", format!("{singular:?} twice"), "each singular once");
            }
            pronouns.names.push((*singular).to_owned());
        }
        pronouns.n_singular = pronouns.names.len();
        for (_, [_, plural]) in &pairs {
            let idx = pronouns.names.iter().position(|name| name == plural).unwrap_or_else(|| {
                pronouns.names.push((*plural).to_owned());
                pronouns.names.len() - 1
            });
            pronouns.plural_of.push(idx as PronounId);
        }
        match pronouns.names.len() {
            2..=8 => Ok(pronouns),
            n_pronouns => {
                fault(node.line, "forms", format!("{n_pronouns} pronouns"), "2 to 8 pronouns")
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn is_plural(&self, pronoun: PronounId) -> bool {
        usize::from(pronoun) >= self.n_singular
    }

    /// The names of a set of pronouns.
    pub(super) fn names_of_set(&self, pronouns: u8) -> Vec<&str> {
        let names = self.names.iter().enumerate();
        names
            .filter(|(pronoun, _)| pronouns & (1 << pronoun) != 0)
            .map(|(_, name)| name.as_str())
            .collect()
    }

    pub(super) fn find(&self, line: usize, entry: &str, name: &str) -> Result<PronounId, Fault> {
        match self.names.iter().position(|known| known == name) {
            Some(pronoun) => Ok(pronoun as PronounId),
            None => fault(line, entry, format!("{name:?}"), one_of(&self.names)),
        }
    }

    /// A set of pronouns, together with the singulars of its plurals (*ella* of *ellas*): two words
    /// that agree with a singular could together be what its plural stands for.
    pub(crate) fn with_singulars(&self, pronouns: u8) -> u8 {
        (0..self.n_singular)
            .filter(|&pronoun| pronouns & (1 << self.plural_of[pronoun]) != 0)
            .fold(pronouns, |set, pronoun| set | 1 << pronoun)
    }

    /// The plurals of a set of singular pronouns.
    pub(super) fn plurals(&self, singular_pronouns: u8) -> u8 {
        (0..self.n_singular)
            .filter(|pronoun| singular_pronouns & (1 << pronoun) != 0)
            .fold(0, |set, pronoun| set | 1 << self.plural_of[pronoun])
    }
}

/// `one of a, b, c`, for error messages.
pub(super) fn one_of(names: &[String]) -> String {
    format!("one of {}", names.join(", "))
}

/// All words of a language, and the names of the classes that they are in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lexicon {
    pub(crate) words: Vec<Word>,
    classes: Vec<String>,
}

impl Lexicon {
    /// The bit of the class with this name.
    pub(super) fn class(&self, line: usize, entry: &str, name: &str) -> Result<u128, Fault> {
        match self.classes.iter().position(|known| known == name) {
            Some(class) => Ok(1 << class),
            None => fault(line, entry, format!("the class {name:?}"), one_of(&self.classes)),
        }
    }

    /// Gives back to training every held-out word that shares a part with a word of training (*la
    /// rosa* with *Rosa*, *tennis player* with *player*): it would not be new.
    pub(super) fn release_shared_words(&mut self) {
        let parts: Vec<Vec<String>> =
            self.words.iter().map(|word| word.parts().collect()).collect();
        let mut seen: HashSet<&str> = HashSet::new();
        let mut held_out: Vec<usize> = (0..parts.len()).collect();
        loop {
            let n_before = held_out.len();
            held_out.retain(|&idx| {
                let word = &mut self.words[idx];
                word.held_out &= !parts[idx].iter().any(|part| seen.contains(part.as_str()));
                if !word.held_out {
                    seen.extend(parts[idx].iter().map(String::as_str));
                }
                word.held_out
            });
            if held_out.len() == n_before {
                return;
            }
        }
    }

    /// The names of the classes in a set.
    pub(super) fn names_of(&self, classes: u128) -> Vec<String> {
        let names = self.classes.iter().enumerate();
        names.filter(|(class, _)| classes & (1 << class) != 0).map(|(_, n)| n.clone()).collect()
    }

    /// The bit of the class with this name, which is added if it is new.
    pub(super) fn class_or_new(
        &mut self,
        line: usize,
        entry: &str,
        name: &str,
    ) -> Result<u128, Fault> {
        if let Ok(class) = self.class(line, entry, name) {
            return Ok(class);
        }
        if self.classes.len() == 128 {
            return fault(line, entry, "a 129th class", "at most 128 classes");
        }
        self.classes.push(name.to_owned());
        Ok(1 << (self.classes.len() - 1))
    }
}

/// Reads `[determiners]`: for each a form for each pronoun, and perhaps one before a special onset.
pub(super) fn read_determiners(node: &Node, pronouns: &Pronouns) -> Result<Vec<Determiner>, Fault> {
    let mut determiners = Vec::new();
    for (name, value) in node.table("determiners")? {
        let entry = format!("determiners.{name}");
        let texts: Vec<String> = value.text(&entry)?.split('|').map(str::to_owned).collect();
        let n_texts = texts.len();
        if n_texts != pronouns.len() && n_texts != pronouns.len() + 1 {
            let expected = format!("{} or {} forms between |", pronouns.len(), pronouns.len() + 1);
            return fault(value.line, entry, format!("{n_texts} forms"), expected);
        }
        let mut by_pronoun = texts;
        let before_onset = (n_texts > pronouns.len()).then(|| by_pronoun.pop()).flatten();
        determiners.push(Determiner { name: name.clone(), by_pronoun, before_onset });
    }
    Ok(determiners)
}

/// The lists of a grammar by name, with their lines.
pub(super) type Lists<'a> = BTreeMap<String, &'a Node>;
