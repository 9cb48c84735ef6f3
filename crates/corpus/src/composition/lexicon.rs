//! The words, clauses and text forms of one language, as `data/composition` has them.

use std::collections::{HashMap, HashSet};

use super::agreement::Agreement;
use super::class::Classes;
use super::clause::{self, Clause, Role};
use super::english_words::{self, EnglishVerb};
use super::form::{self, Form};
use super::noun::{self, Noun};
use super::reason::{self, Reason};
use super::spanish_verbs::{self, Irregular, SpanishVerb};
use super::spanish_words::adjective_forms;
use crate::example::Language;
use crate::grammar::document::{Fault, Node, fault};

/// The files of a language.
pub(super) const FILES: [&str; 7] = [
    "nouns.toml",
    "names.toml",
    "adjectives.toml",
    "verbs.toml",
    "clauses.toml",
    "reasons.toml",
    "texts.toml",
];

/// All words of a language.
#[derive(Debug)]
pub(super) struct Lexicon {
    pub(super) language: Language,
    pub(super) nouns: Vec<Noun>,
    /// The common and the rare nouns of each class.
    pub(super) by_class: Vec<[Vec<usize>; 2]>,
    pub(super) names: Names,
    /// For each class, what stands before a noun and what stands behind it. English has one form.
    pub(super) adjectives: Vec<[Vec<[String; 4]>; 2]>,
    pub(super) spanish: HashMap<String, SpanishVerb>,
    pub(super) english: HashMap<String, EnglishVerb>,
    /// All clauses with a subject that can be chosen freely: actions, states and things.
    pub(super) clauses: Vec<Clause>,
    /// The ranges of `clauses`.
    pub(super) kinds: HashMap<&'static str, std::ops::Range<usize>>,
    /// For each role and class, the clauses with such a slot that is natural for the class.
    pub(super) with_slot: HashMap<(usize, usize), Vec<(usize, usize)>>,
    /// The actions with something that belongs to their subject.
    pub(super) owned: Vec<usize>,
    pub(super) reasons: Vec<Reason>,
    pub(super) lists: HashMap<String, Vec<String>>,
    pub(super) forms: Vec<Form>,
    /// The weights of `forms`, which every text is chosen by.
    pub(super) form_weights: Vec<usize>,
    /// The class of every noun, of those that are held out, too.
    classes: HashMap<String, Classes>,
    /// Words that no text may have.
    held_out: HashSet<String>,
}

/// Proper names.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Common, other, double and short first names: of women, of men.
    pub(super) first: [[Vec<String>; 4]; 2],
    pub(super) surnames: Vec<String>,
    /// Titles before a first name and before a surname: of women, of men.
    pub(super) titles: [[Vec<String>; 2]; 2],
    pub(super) cities: Vec<String>,
    pub(super) pets: [Vec<String>; 2],
}

/// The lists of `clauses.toml`.
const KINDS: [&str; 12] = [
    "actions",
    "states",
    "things",
    "experiencers",
    "speech",
    "attitude",
    "subject_control",
    "object_control",
    "reflexive",
    "reciprocal",
    "impersonal",
    "reported",
];

/// The lists of `texts.toml` that clauses take words from, whatever the forms ask for.
const NEEDED: [&str; 10] =
    ["manner", "somebody", "because", "when", "so", "and", "but", "although", "until", "to"];

/// The lists that English does not have.
const SPANISH_ONLY: [&str; 1] = ["experiencers"];

impl Lexicon {
    /// First names of one word: of women, of men.
    pub(super) fn names_of_one_word(&self) -> [Vec<String>; 2] {
        let is_one_word = |name: &&String| name.chars().all(char::is_alphabetic);
        self.names
            .first
            .each_ref()
            .map(|lists| lists.iter().flatten().filter(is_one_word).cloned().collect())
    }

    /// The English nouns that only *he* or only *she* stands for.
    pub(super) fn nouns_of_one_sex(&self) -> HashSet<String> {
        let of_one_sex = |noun: &&Noun| matches!(noun.one, Agreement::HE | Agreement::SHE);
        let nouns = self.nouns.iter().filter(of_one_sex);
        nouns.flat_map(|noun| noun.singular.iter().chain(&noun.plural)).cloned().collect()
    }

    /// Reads the files of a language, in the order of [`FILES`]. The error has the index of the file.
    ///
    /// What has a word of `held_out` is left out.
    pub(super) fn read(
        language: Language,
        files: &[Node],
        held_out: HashSet<String>,
    ) -> Result<Self, (usize, Fault)> {
        let at = |file: usize| move |fault: Fault| (file, fault);
        let mut lexicon = Self {
            language,
            nouns: Vec::new(),
            by_class: vec![[Vec::new(), Vec::new()]; Classes::COUNT],
            names: Names::default(),
            adjectives: vec![[Vec::new(), Vec::new()]; Classes::COUNT],
            spanish: HashMap::new(),
            english: HashMap::new(),
            clauses: Vec::new(),
            kinds: HashMap::new(),
            with_slot: HashMap::new(),
            owned: Vec::new(),
            reasons: Vec::new(),
            lists: HashMap::new(),
            forms: Vec::new(),
            form_weights: Vec::new(),
            classes: HashMap::new(),
            held_out,
        };
        lexicon.read_nouns(&files[0]).map_err(at(0))?;
        lexicon.read_names(&files[1]).map_err(at(1))?;
        lexicon.read_adjectives(&files[2]).map_err(at(2))?;
        lexicon.read_clauses(&files[4]).map_err(at(4))?;
        lexicon.read_reasons(&files[5]).map_err(at(5))?;
        lexicon.read_verbs(&files[3]).map_err(at(3))?;
        lexicon.read_texts(&files[6]).map_err(at(6))?;
        lexicon.form_weights = lexicon.forms.iter().map(|form| form.weight).collect();
        lexicon.widen();
        lexicon.index();
        Ok(lexicon)
    }

    fn read_nouns(&mut self, node: &Node) -> Result<(), Fault> {
        for (name, group) in node.table("nouns")? {
            if name == "tags" {
                continue;
            }
            let Some(class) = Classes::named(name).filter(|_| name != "thing" && name != "any")
            else {
                let names: Vec<_> = Classes::names().collect();
                return fault(
                    group.line,
                    name,
                    "this class",
                    format!("one of {}", names.join(", ")),
                );
            };
            let class = if name == "person" { class.without(Classes::KIN) } else { class };
            for (key, list) in group.table(name)? {
                let tier = usize::from(key != "common");
                for (line, entry) in list.texts(name)? {
                    let nouns = noun::read(self.language, entry, class)
                        .or_else(|expected| fault(line, name, format!("{entry:?}"), expected))?;
                    let is_held_out = self.has_held_out(entry);
                    for noun in nouns {
                        for form in [&noun.singular, &noun.plural].into_iter().flatten() {
                            self.classes.insert(form.clone(), class);
                        }
                        if is_held_out {
                            continue;
                        }
                        self.by_class[class.index()][tier].push(self.nouns.len());
                        self.nouns.push(noun);
                    }
                }
            }
        }
        Ok(())
    }

    fn read_names(&mut self, node: &Node) -> Result<(), Fault> {
        let names = &mut self.names;
        let held_out = &self.held_out;
        let texts = |list: &Node, key: &str| -> Result<Vec<String>, Fault> {
            let texts = list.texts(key)?.into_iter().map(|(_, text)| text.to_owned());
            Ok(texts.filter(|text| !has_word(text, held_out)).collect())
        };
        for (key, list) in node.table("names")? {
            match key.as_str() {
                "female_common" => names.first[0][0] = texts(list, key)?,
                "female" => names.first[0][1] = texts(list, key)?,
                "female_double" => names.first[0][2] = texts(list, key)?,
                "female_short" => names.first[0][3] = texts(list, key)?,
                "male_common" => names.first[1][0] = texts(list, key)?,
                "male" => names.first[1][1] = texts(list, key)?,
                "male_double" => names.first[1][2] = texts(list, key)?,
                "male_short" => names.first[1][3] = texts(list, key)?,
                "surnames" => names.surnames = texts(list, key)?,
                "cities" => names.cities = texts(list, key)?,
                "pets_female" => names.pets[0] = texts(list, key)?,
                "pets_male" => names.pets[1] = texts(list, key)?,
                "titles" => {
                    for (gender, kinds) in list.table(key)? {
                        let Some(gender) = ["female", "male"].iter().position(|g| g == gender)
                        else {
                            continue;
                        };
                        for (kind, list) in kinds.table(key)? {
                            let kind = usize::from(kind != "before_first_name");
                            names.titles[gender][kind] = texts(list, key)?;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn read_adjectives(&mut self, node: &Node) -> Result<(), Fault> {
        for (name, group) in node.table("adjectives")? {
            let Some(class) = Classes::named(name) else {
                return fault(group.line, name, "this class", "a class of nouns");
            };
            for (key, list) in group.table(name)? {
                let place = usize::from(key == "after");
                for (_, text) in list.texts(name)? {
                    let forms = match text.strip_suffix('@') {
                        Some(text) => adjective_forms(text),
                        None => [(); 4].map(|()| text.to_owned()),
                    };
                    self.adjectives[class.index()][place].push(forms);
                }
            }
        }
        Ok(())
    }

    fn read_clauses(&mut self, node: &Node) -> Result<(), Fault> {
        let classes = self.classes.clone();
        let class_of = |word: &str| classes.get(word).copied();
        for (key, list) in node.table("clauses")? {
            let Some(&kind) = KINDS.iter().find(|kind| *kind == key) else {
                return fault(list.line, key, "this list", format!("one of {}", KINDS.join(", ")));
            };
            let start = self.clauses.len();
            for (line, text) in list.texts(key)? {
                if self.has_held_out(text) {
                    continue;
                }
                let clause = clause::read(self.language, text, &class_of)
                    .or_else(|expected| fault(line, key, format!("{text:?}"), expected))?;
                self.clauses.push(clause);
            }
            self.kinds.insert(kind, start..self.clauses.len());
        }
        let missing = KINDS.iter().find(|kind| {
            let optional = self.language == Language::En && SPANISH_ONLY.contains(kind);
            !self.kinds.contains_key(*kind) && !optional
        });
        match missing {
            Some(kind) => fault(node.line, "clauses", format!("no list {kind}"), "each list once"),
            None => Ok(()),
        }
    }

    fn read_reasons(&mut self, node: &Node) -> Result<(), Fault> {
        let classes = self.classes.clone();
        let class_of = |word: &str| classes.get(word).copied();
        let entry = "reason";
        let Some((_, list)) = node.table(entry)?.iter().find(|(key, _)| key == entry) else {
            return fault(node.line, entry, "no entry", "[[reason]] tables");
        };
        for item in list.list(entry)? {
            let is_out = |text: &str| self.has_held_out(text);
            let read = reason::read(self.language, item, &class_of, &is_out)?;
            self.reasons.extend(read);
        }
        Ok(())
    }

    fn read_verbs(&mut self, node: &Node) -> Result<(), Fault> {
        let of_reasons = self.reasons.iter().flat_map(Reason::clauses);
        let own = ["ir", "poder", "querer", "tener", "haber", "estar", "necesitar", "intentar"];
        let own_english = ["be", "have", "do", "go", "want", "try", "say", "can", "get"];
        let verbs = self.clauses.iter().chain(of_reasons).map(|clause| clause.verb.as_str());
        match self.language {
            Language::Es => {
                let irregular = irregular_spanish(node)?;
                for verb in verbs.chain(own) {
                    if !self.spanish.contains_key(verb) {
                        let Some(forms) = spanish_verbs::conjugate(verb, &irregular) else {
                            return fault(node.line, "verbs", format!("{verb:?}"), "an infinitive");
                        };
                        self.spanish.insert(verb.to_owned(), forms);
                    }
                }
            }
            Language::En => {
                let irregular = irregular_english(node)?;
                for verb in verbs.chain(own_english) {
                    let forms = || english_words::conjugate(verb, &irregular);
                    self.english.entry(verb.to_owned()).or_insert_with(forms);
                }
            }
        }
        Ok(())
    }

    fn read_texts(&mut self, node: &Node) -> Result<(), Fault> {
        for (key, value) in node.table("texts")? {
            match key.as_str() {
                "lists" => {
                    for (name, list) in value.table(key)? {
                        let items = list.texts(name)?.into_iter().map(|(_, text)| text.to_owned());
                        self.lists.insert(name.clone(), items.collect());
                    }
                }
                "form" => {
                    for item in value.list(key)? {
                        self.forms.push(form::read(item)?);
                    }
                }
                _ => return fault(value.line, key, "this section", "[lists] or [[form]]"),
            }
        }
        for name in NEEDED {
            if !self.lists.contains_key(name) {
                return fault(node.line, "lists", format!("no list {name}"), "the list");
            }
        }
        for form in &self.forms {
            for name in form.lists() {
                if !self.lists.contains_key(name) {
                    return fault(
                        form.line,
                        "form",
                        format!("{{{name}}}"),
                        "a symbol or the name of a list",
                    );
                }
            }
        }
        Ok(())
    }

    /// Adds to what is possible in a slot: a verb that is listed with persons and with things can
    /// be about either.
    fn widen(&mut self) {
        const LIGHT: [&str; 18] = [
            "ser", "estar", "tener", "hacer", "dar", "quedar", "haber", "be", "have", "make",
            "get", "take", "give", "look", "feel", "keep", "seem", "do",
        ];
        let mut seen: HashMap<(String, usize, String), Classes> = HashMap::new();
        let key = |clause: &Clause, slot: usize| {
            let role = clause.roles[slot] as usize;
            // Of a direct object, *a* says only that it is a person.
            let preposition = match clause.roles[slot] {
                Role::Object => "",
                _ => clause.preposition(slot),
            };
            (clause.verb.clone(), role, preposition.to_owned())
        };
        for clause in &self.clauses {
            for slot in 0..clause.slots.len() {
                let light = slot == 0 && LIGHT.contains(&clause.verb.as_str());
                if !light {
                    let entry = seen.entry(key(clause, slot)).or_default();
                    *entry = entry.union(clause.slots[slot].natural);
                }
            }
        }
        for clause in &mut self.clauses {
            for slot in 0..clause.slots.len() {
                let Some(&natural) = seen.get(&key(clause, slot)) else { continue };
                let slot = &mut clause.slots[slot];
                if slot.is_exact {
                    continue;
                }
                if natural.meets(Classes::ANIMATE) {
                    slot.possible = slot.possible.union(Classes::ANIMATE);
                }
                if !natural.is_within(Classes::ANIMATE) {
                    slot.possible = slot.possible.union(natural);
                }
            }
        }
    }

    fn index(&mut self) {
        let actions = self.kinds["actions"].clone();
        self.owned = actions.filter(|&idx| self.clauses[idx].has_possessive()).collect();
        let free = [
            self.kinds["actions"].clone(),
            self.kinds["states"].clone(),
            self.kinds["things"].clone(),
        ];
        for idx in free.into_iter().flatten() {
            let clause = &self.clauses[idx];
            for (number, slot) in clause.slots.iter().enumerate() {
                if number > 0 && clause.roles[number] == Role::Subject {
                    continue;
                }
                // A clause that lists its nouns says nothing of others of their class.
                if !slot.nouns.is_empty() {
                    continue;
                }
                for class in slot.natural.each() {
                    let key = (clause.roles[number] as usize, class.index());
                    self.with_slot.entry(key).or_default().push((idx, number));
                }
            }
        }
    }

    fn has_held_out(&self, text: &str) -> bool {
        has_word(text, &self.held_out)
    }

    /// The clauses with a slot of this role for this class.
    pub(super) fn with_slot(&self, role: Role, class: Classes) -> &[(usize, usize)] {
        self.with_slot.get(&(role as usize, class.index())).map_or(&[], Vec::as_slice)
    }

    /// The clauses of a list.
    pub(super) fn of_kind(&self, kind: &str) -> &[Clause] {
        self.kinds.get(kind).map_or(&[], |range| &self.clauses[range.clone()])
    }
}

/// Whether a text has one of these words, or is one.
fn has_word(text: &str, words: &HashSet<String>) -> bool {
    let text = text.to_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || c == '-';
    let mut parts = text.split(|c: char| !is_part(c)).filter(|part| !part.is_empty());
    parts.any(|part| words.contains(part)) || words.contains(&text)
}

pub(super) fn irregular_spanish(node: &Node) -> Result<Irregular, Fault> {
    let mut irregular = Irregular::default();
    for (section, entries) in node.table("verbs")? {
        if section == "whole" {
            for (key, forms) in entries.table(section)? {
                let forms = forms.texts(section)?.into_iter().map(|(_, text)| text.to_owned());
                irregular.whole.insert(key.clone(), forms.collect());
            }
            continue;
        }
        let known = match section.as_str() {
            "stressed" => &mut irregular.stressed,
            "weak" => &mut irregular.weak,
            "strong" => &mut irregular.strong,
            "first" => &mut irregular.first,
            "future" => &mut irregular.future,
            "participle" => &mut irregular.participle,
            "imperative" => &mut irregular.imperative,
            _ => {
                return fault(
                    entries.line,
                    section,
                    "this section",
                    "stressed, weak, strong, first, future, participle, imperative or whole",
                );
            }
        };
        for (verb, form) in entries.table(section)? {
            let form = form.text(section)?;
            known.insert(verb.clone(), form.trim_start_matches('*').to_owned());
        }
    }
    Ok(irregular)
}

fn irregular_english(node: &Node) -> Result<english_words::Irregular, Fault> {
    let mut irregular = english_words::Irregular::new();
    irregular.insert("can".to_owned(), ("could".to_owned(), "been able to".to_owned()));
    for (key, value) in node.table("verbs")? {
        let text = value.text(key)?;
        for entry in text.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
            let forms: Vec<&str> = entry.split_whitespace().collect();
            let [base, past, participle] = forms[..] else {
                return fault(value.line, key, format!("{entry:?}"), "base, past and participle");
            };
            irregular.insert(base.to_owned(), (past.to_owned(), participle.to_owned()));
        }
    }
    Ok(irregular)
}
