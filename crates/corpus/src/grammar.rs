//! The grammar: the words, lists and sentence patterns of `data/grammar/*.toml`.
//!
//! The files are for people who know no Rust; each explains its sections in comments. They are
//! checked when they are loaded, and every mistake is reported with its line, so that a
//! [`Generator`](crate::generator::Generator) only fails where a split has too few texts.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::example::Language;
use crate::split::Split;
use crate::word::{self, normalise};
use files::bounded;

mod budget;
pub(crate) mod document;
pub(crate) mod lexicon;
pub(crate) mod pattern;
pub(crate) mod template;
mod words;

use budget::{Budget, MAX_CONTRASTS, MAX_FILE_BYTES, MAX_TURNS, MAX_WORDS};
use document::{Fault, Lines, Node, Value, fault};
use lexicon::{Determiner, Lexicon, Lists, PronounId, Pronouns};
use pattern::{Contrast, Pattern, PatternRules};
use words::{Onsets, WordRules};

/// The words and patterns of every language.
#[derive(Debug, Clone)]
pub struct Grammar {
    /// Shared, so that a clone for each thread or split is cheap.
    languages: Arc<[LanguageGrammar]>,
}

/// A noun or a name, as in a dictionary.
#[derive(Debug, Clone)]
pub struct WordEntry<'a> {
    /// The word, without article.
    pub singular: &'a str,
    /// `None` for names and for uncountable nouns.
    pub plural: Option<&'a str>,
    /// The pronouns that can stand for the singular: *ella* for *taza*, *he* and *she* for
    /// *teacher*.
    pub pronouns: Vec<&'a str>,
    /// The groups that list the word, and the classes that these groups belong to.
    pub classes: Vec<String>,
    /// Whether the sound at its beginning changes the article before the singular (*el* agua, *an*
    /// apple).
    pub special_onset: bool,
    /// Whether the word is kept out of training, for the test on new words.
    pub held_out: bool,
}

/// A grammar file cannot be read or has a mistake. Lines count from 1.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum GrammarError {
    /// The file is missing, too large or not UTF-8.
    #[error("cannot read the grammar file {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// The file is not TOML.
    #[error("{}:{line}: this is not TOML: {}", path.display(), source.message())]
    Toml { path: PathBuf, line: usize, source: Box<toml::de::Error> },
    /// An entry has the wrong type or contradicts another one. `entry` names the section, list or
    /// pattern.
    #[error("{}:{line}: {entry}: found {found}, expected {expected}", path.display())]
    Entry { path: PathBuf, line: usize, entry: String, found: String, expected: String },
}

/// The words and patterns of one language.
#[derive(Debug, Clone)]
pub(crate) struct LanguageGrammar {
    pub(crate) language: Language,
    pub(crate) pronouns: Pronouns,
    pub(crate) lexicon: Lexicon,
    pub(crate) determiners: Vec<Determiner>,
    pub(crate) sandhi: Sandhi,
    pub(crate) phenomena: Vec<Phenomenon>,
}

/// How neighbouring words change each other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sandhi {
    /// A word, a determiner after it, and the one word that they become (`a`, `el`, `al`).
    pub(crate) contractions: Vec<[String; 3]>,
    /// A word, what it becomes, and the beginning of the next word that causes it (`y`, `e`, `i`).
    pub(crate) euphony: Vec<[String; 3]>,
}

/// A phenomenon (gender, number, animacy, …) and the patterns that show it.
#[derive(Debug, Clone)]
pub(crate) struct Phenomenon {
    pub(crate) name: String,
    /// Whether one text of a pair has no antecedent, because a word that does not agree takes its
    /// place.
    pub(crate) absent: bool,
    /// How many turns it gets in training, for each turn of a phenomenon with one.
    turns: usize,
    pub(crate) patterns: Vec<PatternUse>,
}

impl Phenomenon {
    /// Whether in one text of a pair no candidate agrees with the pronoun. Such a text must not
    /// have an unknown word as a candidate: whether that agrees, nobody can say.
    pub(crate) fn lacks_agreeing_candidate(&self, pattern_use: &PatternUse) -> bool {
        self.absent && !pattern_use.contrasts.is_empty()
    }

    /// How many turns it gets in a split. It is more than one only in training.
    pub(crate) fn turns(&self, split: Split) -> usize {
        if split == Split::Train { self.turns } else { 1 }
    }

    /// The patterns that show it in a split.
    pub(crate) fn patterns_for(&self, split: Split) -> impl Iterator<Item = &PatternUse> {
        let wanted = Some(split).filter(|split| split.has_own_patterns());
        let fits = move |pattern_use: &PatternUse| {
            !(split.has_held_out_words() && self.lacks_agreeing_candidate(pattern_use))
        };
        self.patterns.iter().filter(move |used| used.pattern.split == wanted && fits(used))
    }
}

/// A pattern in its use for one phenomenon.
#[derive(Debug, Clone)]
pub(crate) struct PatternUse {
    pub(crate) pattern: Arc<Pattern>,
    /// For each pair of slots the pronouns that tell its two candidates apart. It is empty where
    /// the meaning decides.
    pub(crate) contrasts: Vec<Vec<Contrast>>,
}

const EMBEDDED: [(Language, &str, &str); 2] = [
    (Language::Es, "es.toml", include_str!("../data/grammar/es.toml")),
    (Language::En, "en.toml", include_str!("../data/grammar/en.toml")),
];

impl Grammar {
    /// The grammar of `data/grammar`, which is compiled into the program. It is parsed once.
    ///
    /// # Errors
    /// If the files have a mistake. A test of this crate loads them, so that no commit has one.
    pub fn embedded() -> Result<Self, GrammarError> {
        static READ: OnceLock<Grammar> = OnceLock::new();
        if let Some(grammar) = READ.get() {
            return Ok(grammar.clone());
        }
        let read = |(language, name, text)| {
            read_language(language, text, &Path::new("data/grammar").join(name))
        };
        let languages = EMBEDDED.map(read).into_iter().collect::<Result<_, _>>()?;
        Ok(READ.get_or_init(|| Self { languages }).clone())
    }

    /// Reads `es.toml` and `en.toml` in a directory.
    ///
    /// # Errors
    /// If a file is missing, or the first mistake in one, with its line.
    pub fn load(dir: &Path) -> Result<Self, GrammarError> {
        let read = |(language, name, _)| {
            let path = dir.join(name);
            let text = bounded::read_to_string(&path, MAX_FILE_BYTES);
            let text = text.map_err(|source| GrammarError::Read { path: path.clone(), source })?;
            read_language(language, &text, &path)
        };
        Ok(Self { languages: EMBEDDED.map(read).into_iter().collect::<Result<_, _>>()? })
    }

    /// The grammar of one language alone, from the text of its file. Errors give `name` as the
    /// path.
    ///
    /// # Errors
    /// The first mistake, with its line.
    pub fn parse(language: Language, text: &str, name: &Path) -> Result<Self, GrammarError> {
        Ok(Self { languages: Arc::new([read_language(language, text, name)?]) })
    }

    /// The names of a language's phenomena, in the order of its file.
    pub fn phenomena(&self, language: Language) -> Vec<&str> {
        self.of(language).phenomena.iter().map(|phenomenon| phenomenon.name.as_str()).collect()
    }

    /// The phenomena that a language shows in a split, each with the names of its patterns there.
    pub fn patterns(&self, language: Language, split: Split) -> Vec<(&str, Vec<&str>)> {
        let phenomena = self.of(language).phenomena.iter();
        let named = phenomena.map(|phenomenon| {
            let names = phenomenon.patterns_for(split).map(|used| used.pattern.name.as_str());
            (phenomenon.name.as_str(), names.collect::<Vec<_>>())
        });
        named.filter(|(_, names)| !names.is_empty()).collect()
    }

    /// Every noun and name of a language, each once, in the order of its file.
    pub fn words(&self, language: Language) -> impl Iterator<Item = WordEntry<'_>> {
        let LanguageGrammar { lexicon, pronouns, .. } = self.of(language);
        lexicon.words.iter().map(|word| WordEntry {
            singular: &word.singular,
            plural: word.plural.as_deref(),
            pronouns: pronouns.names_of_set(word.singular_pronouns),
            classes: lexicon.names_of(word.classes),
            special_onset: word.special_onset,
            held_out: word.held_out,
        })
    }

    pub(crate) fn of(&self, language: Language) -> &LanguageGrammar {
        let found = self.languages.iter().find(|grammar| grammar.language == language);
        found.expect("a grammar is asked only for a language that it was read for")
    }
}

/// The text of the embedded grammar file of `language`.
pub(crate) fn embedded_text(language: Language) -> &'static str {
    let found = EMBEDDED.iter().find(|(known, ..)| *known == language);
    found.expect("every language has a grammar").2
}

fn read_language(
    language: Language,
    text: &str,
    path: &Path,
) -> Result<LanguageGrammar, GrammarError> {
    let root = parse_document(text, path)?;
    build(language, &root).map_err(|fault| located(fault, path))
}

/// The text of a file as a tree.
pub(crate) fn parse_document(text: &str, path: &Path) -> Result<Node, GrammarError> {
    document::parse(text).map_err(|source| {
        let line = source.span().map_or(1, |span| Lines::of(text).line_of(span.start));
        GrammarError::Toml { path: path.to_owned(), line, source: Box::new(source) }
    })
}

/// A mistake, with the path of its file.
pub(crate) fn located(fault: Fault, path: &Path) -> GrammarError {
    let Fault { line, entry, found, expected } = fault;
    GrammarError::Entry { path: path.to_owned(), line, entry, found, expected }
}

const SECTIONS: [&str; 11] = [
    "forms",
    "kept",
    "determiners",
    "plural",
    "onset",
    "contractions",
    "euphony",
    "nouns",
    "lists",
    "phenomena",
    "pattern",
];

fn build(language: Language, root: &Node) -> Result<LanguageGrammar, Fault> {
    let table = root.table("file")?;
    if let Some((name, node)) = table.iter().find(|(name, _)| !SECTIONS.contains(&name.as_str())) {
        let expected = format!("one of {}", SECTIONS.join(", "));
        return fault(node.line, "file", format!("the section {name:?}"), expected);
    }
    let section = |name: &str| match table.iter().find(|(key, _)| key == name) {
        Some((_, node)) => Ok(node),
        None => fault(1, "file", format!("no section {name:?}"), SECTIONS.join(", ")),
    };
    let pronouns = Pronouns::read(section("forms")?)?;
    let determiners = lexicon::read_determiners(section("determiners")?, &pronouns)?;
    let plural_endings: Vec<(String, String)> = section("plural")?
        .tuples::<2>("plural")?
        .into_iter()
        .map(|(_, [ending, plural])| (ending.to_owned(), plural.to_owned()))
        .collect();
    let onsets = read_onsets(section("onset")?)?;
    let kept = kept_words(section("kept")?, [section("lists")?, section("pattern")?])?;
    let rules = WordRules {
        pronouns: &pronouns,
        determiners: &determiners,
        plural_endings: &plural_endings,
        onsets: &onsets,
        kept: &kept,
    };
    let mut lexicon = Lexicon::default();
    for (name, node) in section("nouns")?.table("nouns")? {
        words::read_group(&mut lexicon, &rules, name, node)?;
        if lexicon.words.len() > MAX_WORDS {
            let (entry, found) = (format!("nouns.{name}"), format!("word {}", MAX_WORDS + 1));
            return fault(node.line, entry, found, format!("at most {MAX_WORDS} in a file"));
        }
    }
    lexicon.release_shared_words();
    let sandhi = Sandhi {
        contractions: read_triples("contractions", section("contractions")?)?,
        euphony: read_triples("euphony", section("euphony")?)?,
    };
    let lists = section("lists")?.table("lists")?.iter();
    let lists: Lists<'_> = lists.map(|(name, node)| (name.clone(), node)).collect();
    let rules = PatternRules {
        pronouns: &pronouns,
        determiners: &determiners,
        lexicon: &lexicon,
        lists: &lists,
        budget: &Budget::new(),
    };
    let patterns = read_patterns(&rules, section("pattern")?)?;
    let phenomena = read_phenomena(&rules, section("phenomena")?, &patterns)?;
    Ok(LanguageGrammar { language, pronouns, lexicon, determiners, sandhi, phenomena })
}

/// The words that must not be held out from training: those of `kept`, and those in the texts of
/// lists and patterns, which training has anyway.
fn kept_words(kept: &Node, texts: [&Node; 2]) -> Result<HashSet<String>, Fault> {
    let named = kept.texts("kept")?.into_iter().map(|(_, word)| normalise(word));
    let mut found: HashSet<String> = named.collect();
    let mut nodes = texts.to_vec();
    while let Some(node) = nodes.pop() {
        match &node.value {
            Value::Text(text) => found.extend(word::words(text).map(|word| normalise(word.text))),
            Value::List(list) => nodes.extend(list),
            Value::Table(table) => nodes.extend(table.iter().map(|(_, node)| node)),
            Value::Flag(_) | Value::Count(_) | Value::Other(_) => {}
        }
    }
    Ok(found)
}

fn read_onsets(node: &Node) -> Result<Onsets, Fault> {
    let mut onsets = Onsets::default();
    for (key, value) in node.table("onset")? {
        let texts = value.texts("onset")?.into_iter().map(|(_, text)| text.to_owned()).collect();
        match key.as_str() {
            "special" => onsets.special = texts,
            "plain" => onsets.plain = texts,
            _ => return fault(value.line, "onset", format!("{key:?}"), "special or plain"),
        }
    }
    Ok(onsets)
}

fn read_triples(entry: &str, node: &Node) -> Result<Vec<[String; 3]>, Fault> {
    let triples = node.tuples::<3>(entry)?.into_iter();
    Ok(triples.map(|(_, texts)| texts.map(str::to_owned)).collect())
}

fn read_patterns(rules: &PatternRules<'_>, node: &Node) -> Result<Vec<Arc<Pattern>>, Fault> {
    let mut patterns: Vec<Arc<Pattern>> = Vec::new();
    for node in node.list("pattern")? {
        let pattern = pattern::read(rules, node)?;
        if patterns.iter().any(|known| known.name == pattern.name) {
            let found = format!("the name {:?} twice", pattern.name);
            return fault(node.line, "pattern", found, "a name of its own");
        }
        patterns.push(Arc::new(pattern));
    }
    Ok(patterns)
}

fn read_phenomena(
    rules: &PatternRules<'_>,
    node: &Node,
    patterns: &[Arc<Pattern>],
) -> Result<Vec<Phenomenon>, Fault> {
    let table = node.table("phenomena")?;
    let names: Vec<String> = table.iter().map(|(name, _)| name.clone()).collect();
    for pattern in patterns {
        if let Some(unknown) = pattern.shows.iter().find(|name| !names.contains(name)) {
            let entry = format!("pattern {:?}", pattern.name);
            let found = format!("the phenomenon {unknown:?}");
            return fault(pattern.line, entry, found, lexicon::one_of(&names));
        }
    }
    let phenomena = table.iter();
    phenomena.map(|(name, node)| read_phenomenon(rules, name, node, patterns)).collect()
}

/// Reads `[phenomena.NAME]` and gathers the patterns that show it.
fn read_phenomenon(
    rules: &PatternRules<'_>,
    name: &str,
    node: &Node,
    patterns: &[Arc<Pattern>],
) -> Result<Phenomenon, Fault> {
    let entry = format!("phenomena.{name}");
    let (mut contrasts, mut absent, mut turns): (Vec<[PronounId; 2]>, _, _) =
        (Vec::new(), false, 1);
    for (key, value) in node.table(&entry)? {
        match key.as_str() {
            "contrasts" => {
                let pairs = value.tuples::<2>(&entry)?;
                if pairs.len() > MAX_CONTRASTS {
                    let found = format!("{} contrasts", pairs.len());
                    return fault(value.line, entry, found, format!("at most {MAX_CONTRASTS}"));
                }
                for (line, [first, second]) in pairs {
                    let find = |pronoun| rules.pronouns.find(line, &entry, pronoun);
                    contrasts.push([find(first)?, find(second)?]);
                }
            }
            "one_without_antecedent" => absent = value.flag(&entry)?,
            "turns" => match value.count(&entry)? {
                count @ ..=MAX_TURNS => turns = count,
                count => {
                    let expected = format!("1 to {MAX_TURNS} turns");
                    return fault(value.line, entry, format!("{count} turns"), expected);
                }
            },
            _ => {
                let expected = "contrasts, one_without_antecedent or turns";
                return fault(value.line, entry, format!("the key {key:?}"), expected);
            }
        }
    }
    let mut uses = Vec::new();
    for pattern in patterns.iter().filter(|pattern| pattern.shows.iter().any(|s| s == name)) {
        let found = match pattern.answers.is_empty() {
            true => pattern.contrasts(rules, &contrasts)?,
            false => Vec::new(),
        };
        pattern.check_contrasts(name, &found)?;
        uses.push(PatternUse { pattern: pattern.clone(), contrasts: found });
    }
    if uses.is_empty() {
        return fault(node.line, entry, "no pattern", format!("a pattern with shows = {name:?}"));
    }
    Ok(Phenomenon { name: name.to_owned(), absent, turns, patterns: uses })
}
