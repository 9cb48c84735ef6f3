//! Clauses as the files list them: a verb, slots for what takes part, and fixed words.
//!
//! ```text
//! <device | vehicle!> estar averiado@ ~        subject slot, verb, a word that agrees, a state
//! regalarle <object | book> a <person>         a direct and an indirect object
//! lose [the match]                             a fixed noun that one could talk about
//! +win [the race]                              of a reason: it had happened before
//! ```

use super::class::Classes;
use super::noun::{self, Noun};
use super::spanish_words::adjective_forms;
use crate::example::Language;

/// A place in a clause for somebody or something.
#[derive(Debug, Clone, Default)]
pub(super) struct Slot {
    /// The classes that are natural here.
    pub(super) natural: Classes,
    /// The classes of which the clause can be true.
    pub(super) possible: Classes,
    /// Whether the file says of what the clause can be true, so that nothing may be added.
    pub(super) is_exact: bool,
    /// The nouns to choose from instead of a class.
    pub(super) nouns: Vec<Noun>,
}

/// What a slot is to its verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Subject,
    /// The direct object: *lo, la* or *him, her*.
    Object,
    /// The indirect object: *le*.
    Dative,
    /// Behind a preposition.
    Preposition,
}

/// A part of a clause behind its verb.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Word(String),
    /// A Spanish word with its four forms, which agrees with the subject.
    Agreeing([String; 4]),
    /// Slot number; 0 is the subject.
    Slot(usize),
    Fixed(FixedNoun),
    /// *herself*, by the subject.
    Reflexive,
    /// A possessive of the subject: *their keys*.
    Possessive,
}

/// A noun that belongs to a clause and that one could talk about: *[el concurso]*.
#[derive(Debug, Clone)]
pub(super) struct FixedNoun {
    /// `None` for a possessive of the subject.
    pub(super) determiner: Option<String>,
    pub(super) noun: String,
    pub(super) is_plural: bool,
    /// Spanish: by the article or the ending.
    pub(super) is_feminine: Option<bool>,
    /// Its class; any that is not animate if it is in no list.
    pub(super) class: Classes,
}

/// A clause.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    pub(super) is_state: bool,
    /// Of a reason: it had happened before.
    pub(super) is_before: bool,
    pub(super) is_negated: bool,
    /// Adverbs before the verb.
    pub(super) adverbs: Vec<String>,
    /// Infinitive or base, without pronouns.
    pub(super) verb: String,
    /// Spanish: *-se*.
    pub(super) is_pronominal: bool,
    /// Spanish: *-le*.
    pub(super) is_dative: bool,
    /// English: *it rains*. Spanish clauses without subject are known by their list.
    pub(super) has_it: bool,
    pub(super) parts: Vec<Part>,
    /// The slots, the subject first.
    pub(super) slots: Vec<Slot>,
    pub(super) roles: Vec<Role>,
    /// Whether the subject was written, and not taken to be a person.
    pub(super) has_subject: bool,
}

impl Clause {
    /// Whether a word agrees with the subject, so that its gender shows.
    pub(super) fn shows_gender(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Agreeing(forms) if forms[0] != forms[1]))
    }

    /// Whether something in it belongs to the subject: *lose their keys*.
    pub(super) fn has_possessive(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Fixed(fixed) => fixed.determiner.is_none(),
            Part::Possessive => true,
            _ => false,
        })
    }

    /// The word before each slot, by which verbs with several constructions are told apart.
    pub(super) fn preposition(&self, slot: usize) -> &str {
        let at = self.parts.iter().position(|part| matches!(part, Part::Slot(s) if *s == slot));
        match at.and_then(|at| at.checked_sub(1)).map(|before| &self.parts[before]) {
            Some(Part::Word(word)) => word,
            _ => "",
        }
    }
}

/// Looks up the class of a noun that a clause lists itself.
pub(super) type ClassOf<'a> = &'a dyn Fn(&str) -> Option<Classes>;

/// Reads a clause. The error says what was expected.
pub(super) fn read(
    language: Language,
    text: &str,
    class_of: ClassOf<'_>,
) -> Result<Clause, String> {
    let (is_before, text) = match text.trim().strip_prefix('+') {
        Some(rest) => (true, rest.trim()),
        None => (false, text.trim()),
    };
    let (is_state, text) = match text.strip_suffix('~') {
        Some(rest) => (true, rest.trim()),
        None => (false, text),
    };
    let tokens = tokens(text)?;
    let mut tokens = tokens.into_iter().peekable();
    let person = Slot {
        natural: Classes::PERSON,
        possible: Classes::ANIMATE,
        is_exact: false,
        nouns: Vec::new(),
    };
    let mut clause = Clause {
        is_state,
        is_before,
        is_negated: false,
        adverbs: Vec::new(),
        verb: String::new(),
        is_pronominal: false,
        is_dative: false,
        has_it: false,
        parts: Vec::new(),
        slots: vec![person],
        roles: vec![Role::Subject],
        has_subject: false,
    };
    if let Some(inside) = tokens.peek().and_then(|token| inside(token, '<', '>')) {
        clause.slots[0] = slot(language, inside, class_of)?;
        clause.has_subject = true;
        tokens.next();
    }
    if language == Language::En && tokens.peek().is_some_and(|token| token == "it") {
        clause.has_it = true;
        tokens.next();
    }
    while let Some(token) = tokens.next_if(|token| is_before_verb(language, token)) {
        match token.as_str() {
            "no" | "not" => clause.is_negated = true,
            _ => clause.adverbs.push(token),
        }
    }
    let verb = tokens.next().ok_or("a verb")?;
    if verb.starts_with(['<', '[']) {
        return Err("a verb before any slot but the subject's".to_owned());
    }
    (clause.verb, clause.is_pronominal, clause.is_dative) = match language {
        Language::Es => without_pronouns(&verb)
            .ok_or_else(|| format!("a verb in the infinitive instead of {verb:?}"))?,
        Language::En => (verb, false, false),
    };
    for token in tokens {
        let part = part(language, &token, &mut clause, class_of)?;
        clause.parts.push(part);
    }
    Ok(clause)
}

/// Words, and slots and fixed nouns as one token each.
fn tokens(text: &str) -> Result<Vec<String>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '<' => close(rest, '>'),
            '[' => close(rest, ']'),
            _ => Some(rest.find(' ').unwrap_or(rest.len())),
        };
        let end = end.ok_or_else(|| format!("a closing bracket in {text:?}"))?;
        tokens.push(rest[..end].to_owned());
        rest = rest[end..].trim_start();
    }
    Ok(tokens)
}

/// The end of a bracket and what is glued to it. `>` also stands within slots, with spaces round it.
fn close(text: &str, bracket: char) -> Option<usize> {
    text.char_indices().find_map(|(at, c)| {
        let is_inner = bracket == '>' && text[..at].ends_with(' ');
        (c == bracket && !is_inner).then_some(at + c.len_utf8())
    })
}

fn inside(token: &str, open: char, close: char) -> Option<&str> {
    token.strip_prefix(open)?.strip_suffix(close)
}

/// Whether a word stands before the verb.
fn is_before_verb(language: Language, word: &str) -> bool {
    match language {
        Language::Es => matches!(
            word,
            "no" | "nunca"
                | "siempre"
                | "ya"
                | "casi"
                | "solo"
                | "también"
                | "todavía"
                | "apenas"
                | "jamás"
                | "tampoco"
        ),
        Language::En => matches!(
            word,
            "not"
                | "never"
                | "always"
                | "already"
                | "still"
                | "often"
                | "usually"
                | "hardly"
                | "just"
                | "only"
                | "really"
                | "also"
                | "almost"
                | "rarely"
                | "nearly"
                | "secretly"
                | "accidentally"
                | "finally"
                | "once"
                | "barely"
                | "badly"
                | "clearly"
                | "suddenly"
                | "immediately"
                | "quickly"
                | "constantly"
                | "simply"
                | "proudly"
                | "obviously"
                | "recently"
                | "both"
                | "even"
                | "at"
                | "probably"
                | "sometimes"
        ),
    }
}

/// Spanish: the infinitive, and whether it had *-se* and *-le*.
fn without_pronouns(verb: &str) -> Option<(String, bool, bool)> {
    let endings =
        [("sele", true, true), ("se", true, false), ("le", false, true), ("", false, false)];
    endings.into_iter().find_map(|(ending, pronominal, dative)| {
        let infinitive = verb.strip_suffix(ending)?;
        let infinitive = match infinitive.strip_suffix("ír") {
            Some(stem) if !["o", "re", "sonre", "fre", "deso"].contains(&stem) => {
                format!("{stem}ir")
            }
            _ => infinitive.replace("ár", "ar").replace("ér", "er"),
        };
        let is_one = ["ar", "er", "ir", "ír"].iter().any(|ending| infinitive.ends_with(ending));
        is_one.then_some((infinitive, pronominal, dative))
    })
}

fn part(
    language: Language,
    token: &str,
    clause: &mut Clause,
    class_of: ClassOf<'_>,
) -> Result<Part, String> {
    if token == "<self>" {
        return Ok(Part::Reflexive);
    }
    if let Some(inside) = inside(token, '<', '>') {
        let role = role(language, clause);
        let slot = slot(language, inside, class_of)?;
        let role = match role {
            // *comprar <object>*, but *ser <object>*.
            Role::Object
                if ["ser", "estar", "parecer", "be", "seem", "become"].contains(&&*clause.verb) =>
            {
                Role::Preposition
            }
            Role::Preposition if is_personal_object(language, clause, &slot) => Role::Object,
            role => role,
        };
        clause.slots.push(slot);
        clause.roles.push(role);
        return Ok(Part::Slot(clause.slots.len() - 1));
    }
    if let Some(inside) = inside(token, '[', ']') {
        return fixed(language, inside, class_of).map(Part::Fixed);
    }
    if language == Language::En && token == "their" {
        return Ok(Part::Possessive);
    }
    Ok(match token.strip_suffix('@') {
        Some(word) => Part::Agreeing(adjective_forms(word)),
        None => Part::Word(token.to_owned()),
    })
}

/// What the next slot is, by the word before it.
fn role(language: Language, clause: &Clause) -> Role {
    match (clause.parts.last(), language) {
        (Some(Part::Word(word)), Language::Es) if word == "a" && clause.is_dative => Role::Dative,
        (Some(Part::Word(_)), _) => Role::Preposition,
        _ => Role::Object,
    }
}

/// Spanish: whether *a* introduces a direct object, which is a person or an animal.
fn is_personal_object(language: Language, clause: &Clause, slot: &Slot) -> bool {
    const INTRANSITIVE: [&str; 14] = [
        "ir",
        "venir",
        "volver",
        "acudir",
        "recurrir",
        "jugar",
        "llegar",
        "renunciar",
        "apelar",
        "asistir",
        "pertenecer",
        "sobrevivir",
        "oler",
        "gustar",
    ];
    let words: Vec<&str> = clause
        .parts
        .iter()
        .filter_map(|part| if let Part::Word(word) = part { Some(word.as_str()) } else { None })
        .collect();
    let is_first = clause.parts.len() == words.len() && clause.slots.len() == 1;
    let adjacent = words == ["a"] || words == ["de", "menos", "a"];
    let animate = slot.natural.is_within(Classes::ANIMATE) && !slot.natural.is_empty();
    language == Language::Es
        && is_first
        && adjacent
        && animate
        && !clause.is_pronominal
        && !clause.is_dative
        && !INTRANSITIVE.contains(&clause.verb.as_str())
}

/// Reads what stands in `<…>`.
fn slot(language: Language, text: &str, class_of: ClassOf<'_>) -> Result<Slot, String> {
    let (text, exact) = match text.trim().strip_suffix('!') {
        Some(text) => (text.trim(), true),
        None => (text.trim(), false),
    };
    let (natural, wider) = match text.split_once(" > ") {
        Some((natural, wider)) => (natural, Some(wider)),
        None => (text, None),
    };
    let mut found = Slot { is_exact: exact || wider.is_some(), ..Slot::default() };
    for item in natural.split('|').map(str::trim) {
        if let Some(class) = Classes::named(item) {
            found.natural = found.natural.union(class);
            continue;
        }
        let singular = singular_of(language, item);
        let class = class_of(&singular).or_else(|| by_gender(language, item));
        let class = class.ok_or_else(|| format!("a class or a known noun instead of {item:?}"))?;
        let nouns = noun::read(language, item, class)?;
        found.natural = found.natural.union(class);
        found.nouns.extend(nouns);
    }
    found.possible = match wider {
        Some(wider) => {
            let classes = wider.split('|').map(str::trim).map(|item| {
                Classes::named(item.trim_end_matches('!').trim())
                    .ok_or_else(|| format!("a class instead of {item:?}"))
            });
            classes.collect::<Result<Vec<_>, _>>()?.into_iter().fold(found.natural, Classes::union)
        }
        None if exact => found.natural,
        None => by_default(found.natural),
    };
    if found.possible.meets(Classes::PERSON) {
        found.possible = found.possible.union(Classes::PERSON);
    }
    Ok(found)
}

/// What is possible where the file says only what is natural.
fn by_default(natural: Classes) -> Classes {
    let animate = match natural.meets(Classes::ANIMATE) {
        true => Classes::ANIMATE,
        false => Classes::NONE,
    };
    let things = match natural.is_within(Classes::ANIMATE) {
        true => Classes::NONE,
        false => Classes::ANY.without(Classes::ANIMATE),
    };
    animate.union(things)
}

/// The first noun of an entry, without article and marks.
fn singular_of(language: Language, entry: &str) -> String {
    let first = entry.split([',', '/', '(']).next().unwrap_or_default().trim();
    let articles: &[&str] = match language {
        Language::Es => &["el ", "la ", "los ", "las "],
        Language::En => &["the "],
    };
    let without = articles.iter().find_map(|article| first.strip_prefix(article));
    without.unwrap_or(first).to_owned()
}

/// The class of a noun that is in no list: a person, if the entry says its gender.
fn by_gender(language: Language, entry: &str) -> Option<Classes> {
    let is_person = match language {
        Language::Es => entry.contains(" / "),
        Language::En => entry.contains("(he)") || entry.contains("(she)"),
    };
    let has_article = singular_of(language, entry) != entry;
    match (is_person, has_article) {
        (true, _) => Some(Classes::PERSON.without(Classes::KIN)),
        (false, true) => Some(Classes::named("object").unwrap_or_default()),
        (false, false) => None,
    }
}

/// Reads what stands in `[…]`.
fn fixed(language: Language, text: &str, class_of: ClassOf<'_>) -> Result<FixedNoun, String> {
    let unknown = Classes::ANY.without(Classes::ANIMATE);
    let class = |noun: &str| {
        let head = match language {
            Language::Es => noun.split(' ').next(),
            Language::En => noun.split(' ').next_back(),
        };
        class_of(noun).or_else(|| class_of(head?)).unwrap_or(unknown)
    };
    let Some((determiner, noun)) = text.split_once(' ') else {
        return Ok(FixedNoun {
            determiner: Some(String::new()),
            noun: text.to_owned(),
            is_plural: text.ends_with('s'),
            is_feminine: (language == Language::Es).then(|| text.ends_with('a')),
            class: class(text),
        });
    };
    let own = matches!(determiner, "su" | "sus" | "their");
    let is_plural = match language {
        Language::Es => determiner.ends_with('s') && determiner != "tres",
        Language::En => {
            let first = noun.split(' ').next_back().unwrap_or(noun);
            first.ends_with('s') && !first.ends_with("ss") && !first.ends_with("us")
        }
    };
    let head = noun.split(' ').next().unwrap_or(noun);
    let is_feminine = match (language, determiner) {
        (Language::En, _) => None,
        (_, "el" | "un" | "los" | "unos") => Some(false),
        (_, "la" | "una" | "las" | "unas") => Some(true),
        _ => Some(
            head.trim_end_matches('s').ends_with('a')
                || head.ends_with("ción")
                || head.ends_with("dad"),
        ),
    };
    Ok(FixedNoun {
        determiner: (!own).then(|| determiner.to_owned()),
        noun: noun.to_owned(),
        is_plural,
        is_feminine,
        class: class(noun),
    })
}
