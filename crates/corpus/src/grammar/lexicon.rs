//! The words that candidates are made of: their forms, what they agree with, what they are.
//!
//! A *form* is one of a language's third-person pronouns (`él`, `ella`, `ellos`, `ellas`; `he`,
//! `she`, `it`, `they`), singular ones first: it stands for the gender and number that it asks for.

use std::collections::{BTreeMap, HashSet};

use super::document::{Fault, Node, fault};
use crate::word;

/// Index of a form.
pub(crate) type Form = u8;

/// Index of a word of a [`Lexicon`].
pub(crate) type WordId = u32;

/// A noun or a name.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) singular: String,
    /// `None` for names and for what is not counted.
    pub(crate) plural: Option<String>,
    /// Bit `f` is set where the singular agrees with form `f`.
    pub(crate) singular_forms: u8,
    /// Bit `f` is set where the plural agrees with form `f`.
    pub(crate) plural_forms: u8,
    /// Bit `c` is set where the word is in class `c`.
    pub(crate) classes: u128,
    /// Whether determiners stand before it: not before a name.
    pub(crate) takes_determiner: bool,
    /// Whether its singular takes the fifth form of a determiner (*el* agua, *an* apple).
    pub(crate) special_onset: bool,
    /// Whether training never sees it.
    pub(crate) held_out: bool,
}

impl Word {
    /// As it is written in the singular or the plural; the singular, where there is no plural.
    pub(crate) fn text(&self, plural: bool) -> &str {
        match &self.plural {
            Some(text) if plural => text,
            _ => &self.singular,
        }
    }

    /// The words that its singular and its plural consist of, in lower case; of several, short ones
    /// such as *de* do not count.
    pub(super) fn parts(&self) -> impl Iterator<Item = String> + '_ {
        let texts = [Some(&self.singular), self.plural.as_ref()].into_iter().flatten();
        texts.flat_map(|text| {
            let is_one = word::words(text).count() == 1;
            let parts = word::words(text).map(|part| word::normalise(part.text));
            parts.filter(move |part| is_one || part.chars().count() > 3)
        })
    }

    /// The forms that the singular or the plural agrees with: none, where there is no plural.
    pub(crate) fn forms(&self, plural: bool) -> u8 {
        match (plural, &self.plural) {
            (false, _) => self.singular_forms,
            (true, Some(_)) => self.plural_forms,
            (true, None) => 0,
        }
    }
}

/// A word that agrees with the noun after it: an article, a possessive, …
#[derive(Debug, Clone)]
pub(crate) struct Determiner {
    pub(crate) name: String,
    /// One for each form.
    pub(crate) by_form: Vec<String>,
    /// Before a singular with a special onset.
    pub(crate) before_onset: Option<String>,
}

/// How a language's pronouns divide into singular and plural.
#[derive(Debug, Clone, Default)]
pub(crate) struct Forms {
    pub(crate) names: Vec<String>,
    pub(crate) n_singular: usize,
    /// The plural of each singular form.
    plural_of: Vec<Form>,
}

impl Forms {
    /// Reads `forms = [["él", "ellos"], ["ella", "ellas"]]`.
    pub(super) fn read(node: &Node) -> Result<Self, Fault> {
        let pairs = node.tuples::<2>("forms")?;
        let mut forms = Self::default();
        for (line, [singular, _]) in &pairs {
            if forms.names.iter().any(|name| name == singular) {
                return fault(*line, "forms", format!("{singular:?} twice"), "each singular once");
            }
            forms.names.push((*singular).to_owned());
        }
        forms.n_singular = forms.names.len();
        for (_, [_, plural]) in &pairs {
            let idx = forms.names.iter().position(|name| name == plural).unwrap_or_else(|| {
                forms.names.push((*plural).to_owned());
                forms.names.len() - 1
            });
            forms.plural_of.push(idx as Form);
        }
        match forms.names.len() {
            2..=8 => Ok(forms),
            n_forms => fault(node.line, "forms", format!("{n_forms} pronouns"), "2 to 8 pronouns"),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn is_plural(&self, form: Form) -> bool {
        usize::from(form) >= self.n_singular
    }

    /// The pronouns of a set of forms.
    pub(super) fn of_set(&self, forms: u8) -> Vec<&str> {
        let names = self.names.iter().enumerate();
        names.filter(|(form, _)| forms & (1 << form) != 0).map(|(_, name)| name.as_str()).collect()
    }

    pub(super) fn find(&self, line: usize, entry: &str, name: &str) -> Result<Form, Fault> {
        match self.names.iter().position(|known| known == name) {
            Some(form) => Ok(form as Form),
            None => fault(line, entry, format!("{name:?}"), one_of(&self.names)),
        }
    }

    /// A set of forms, and the singular ones that several of make one of them: *ella* of *ellas*.
    pub(crate) fn with_summands(&self, forms: u8) -> u8 {
        (0..self.n_singular)
            .filter(|&form| forms & (1 << self.plural_of[form]) != 0)
            .fold(forms, |set, form| set | 1 << form)
    }

    /// The plural forms that belong to a set of singular ones.
    pub(super) fn plurals(&self, singular_forms: u8) -> u8 {
        (0..self.n_singular)
            .filter(|form| singular_forms & (1 << form) != 0)
            .fold(0, |set, form| set | 1 << self.plural_of[form])
    }
}

/// `one of a, b, c`, for complaints.
pub(super) fn one_of(names: &[String]) -> String {
    format!("one of {}", names.join(", "))
}

/// Every word of a language and the classes that they are in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lexicon {
    pub(crate) words: Vec<Word>,
    classes: Vec<String>,
}

impl Lexicon {
    /// The bit of a class.
    pub(super) fn class(&self, line: usize, entry: &str, name: &str) -> Result<u128, Fault> {
        match self.classes.iter().position(|known| known == name) {
            Some(class) => Ok(1 << class),
            None => fault(line, entry, format!("the class {name:?}"), one_of(&self.classes)),
        }
    }

    /// Lets training have every held-out word of which a part is a part of a word that it has: *la
    /// rosa* beside *Rosa*, *tennis player* beside *player*.
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

/// Names of determiners and where they stand, for templates.
pub(super) fn read_determiners(node: &Node, forms: &Forms) -> Result<Vec<Determiner>, Fault> {
    let mut determiners = Vec::new();
    for (name, value) in node.table("determiners")? {
        let entry = format!("determiners.{name}");
        let texts: Vec<String> = value.text(&entry)?.split('|').map(str::to_owned).collect();
        let n_texts = texts.len();
        if n_texts != forms.len() && n_texts != forms.len() + 1 {
            let expected = format!("{} or {} forms between |", forms.len(), forms.len() + 1);
            return fault(value.line, entry, format!("{n_texts} forms"), expected);
        }
        let mut by_form = texts;
        let before_onset = (n_texts > forms.len()).then(|| by_form.pop()).flatten();
        determiners.push(Determiner { name: name.clone(), by_form, before_onset });
    }
    Ok(determiners)
}

/// The lists of a grammar by name, with their lines.
pub(super) type Lists<'a> = BTreeMap<String, &'a Node>;
