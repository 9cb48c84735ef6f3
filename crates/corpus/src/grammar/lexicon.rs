//! The words that candidates are made of: their forms, what they agree with, what they are.
//!
//! A *form* is one of a language's third-person pronouns (`él`, `ella`, `ellos`, `ellas`; `he`,
//! `she`, `it`, `they`), singular ones first: it stands for the gender and number that it asks for.

use std::collections::BTreeMap;

use super::document::{Fault, Node, fault};

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
}

impl Word {
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

    pub(super) fn find(&self, line: usize, entry: &str, name: &str) -> Result<Form, Fault> {
        match self.names.iter().position(|known| known == name) {
            Some(form) => Ok(form as Form),
            None => fault(line, entry, format!("{name:?}"), one_of(&self.names)),
        }
    }

    /// The plural forms that belong to a set of singular ones.
    fn plurals(&self, singular_forms: u8) -> u8 {
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

    /// The names of the classes in a set.
    pub(super) fn names_of(&self, classes: u128) -> Vec<String> {
        let names = self.classes.iter().enumerate();
        names.filter(|(class, _)| classes & (1 << class) != 0).map(|(_, n)| n.clone()).collect()
    }

    fn class_or_new(&mut self, line: usize, entry: &str, name: &str) -> Result<u128, Fault> {
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

/// What reading a list of words needs to know about its language.
pub(super) struct WordRules<'a> {
    pub(super) forms: &'a Forms,
    pub(super) determiners: &'a [Determiner],
    /// Endings of singulars and what they become in the plural; the first that fits is applied.
    pub(super) plural_endings: &'a [(String, String)],
    pub(super) onsets: &'a Onsets,
}

/// By which letters a word takes the fifth form of a determiner.
#[derive(Debug, Clone, Default)]
pub(super) struct Onsets {
    /// Beginnings that ask for it (the vowels, *hour*).
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
            "is" => {
                for class in value.text(&entry)?.split(',').map(str::trim) {
                    group.classes |= lexicon.class_or_new(value.line, &entry, class)?;
                }
            }
            "pronoun" => {
                for form in value.text(&entry)?.split(',').map(str::trim) {
                    group.forms |= 1 << rules.forms.find(value.line, &entry, form)?;
                }
            }
            "article" => group.takes_determiner = value.flag(&entry)?,
            "plural" => group.counted = value.flag(&entry)?,
            "words" => words = Some(value),
            other => {
                let expected = "is, pronoun, article, plural or words";
                return fault(value.line, entry, format!("the key {other:?}"), expected);
            }
        }
    }
    let Some(words) = words else {
        return fault(node.line, entry, "no words", "words = [\"…\", …]");
    };
    let texts = words.texts(&entry)?;
    if texts.is_empty() {
        return fault(words.line, entry, "an empty list", "at least one word");
    }
    for (line, text) in texts {
        for word in group.read_entry(rules, line, &entry, text)? {
            add(lexicon, word, line, &entry)?;
        }
    }
    Ok(())
}

/// Adds a word, or more classes to the same word of another list.
fn add(lexicon: &mut Lexicon, word: Word, line: usize, entry: &str) -> Result<(), Fault> {
    let same = |known: &&mut Word| {
        known.singular == word.singular && known.singular_forms == word.singular_forms
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
    forms: u8,
    takes_determiner: bool,
    counted: bool,
}

impl Group {
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
        let (forms, singular) = self.forms_of(rules, line, entry, singular, exception)?;
        if singular.is_empty() {
            return fault(line, entry, format!("{text:?}"), "a word");
        }
        let plural = match plural {
            _ if !self.counted => None,
            Some("-") => None,
            Some(plural) => Some(without_determiner(rules, plural).1.to_owned()),
            None => Some(pluralise(rules, line, entry, singular)?),
        };
        Ok(Word {
            singular: singular.to_owned(),
            plural,
            singular_forms: forms,
            plural_forms: rules.forms.plurals(forms),
            classes: self.classes,
            takes_determiner: self.takes_determiner,
            special_onset: exception || rules.onsets.is_special(singular),
        })
    }

    /// The forms that a word agrees with: those of its list, or that of its article.
    fn forms_of<'t>(
        &self,
        rules: &WordRules<'_>,
        line: usize,
        entry: &str,
        text: &'t str,
        exception: bool,
    ) -> Result<(u8, &'t str), Fault> {
        if self.forms != 0 {
            return Ok((self.forms, text));
        }
        match without_determiner(rules, text) {
            (Some(_), word) if exception => Ok((1 << (rules.forms.n_singular - 1), word)),
            (Some(form), word) => Ok((1 << form, word)),
            (None, _) => {
                let expected = "an article before the word, or pronoun = \"…\" for its list";
                fault(line, entry, format!("{text:?}"), expected)
            }
        }
    }
}

/// Splits `la taza` into the form that the article stands for and the word.
fn without_determiner<'t>(rules: &WordRules<'_>, text: &'t str) -> (Option<Form>, &'t str) {
    if let Some((article, word)) = text.split_once(' ') {
        for determiner in rules.determiners {
            if let Some(form) = determiner.by_form.iter().position(|known| known == article) {
                return (Some(form as Form), word.trim());
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
