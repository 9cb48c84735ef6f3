//! Sentence patterns.
//!
//! When the grammar is loaded, each pattern is checked once: that it makes valid examples, which
//! words fit its slots, and which pronouns can tell its candidates apart.

use std::collections::HashSet;

use super::budget::Budget;
use super::document::{Fault, Node, Value, fault};
use super::lexicon::{Determiner, Lexicon, Lists, PronounId, Pronouns, Word, WordId, one_of};
use super::template::{Branch, Choice, Compiler, Context, Segment, SlotId, Template};
use crate::split::Split;

/// One or more sentences with slots for candidates, and what decides which of them is the answer.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) name: String,
    pub(super) line: usize,
    /// The names of the phenomena that it shows.
    pub(super) shows: Vec<String>,
    pub(crate) template: Template,
    pub(crate) slots: Vec<Slot>,
    /// The pairs of pronouns, in either order, between which its sentences are unambiguous; `None`
    /// for any pair.
    only: Option<Vec<[PronounId; 2]>>,
    /// The answers that the pattern has lists for. It is empty where agreement decides.
    pub(crate) answers: Vec<Option<SlotId>>,
    /// Whether its candidates are named together, so that a plural pronoun could mean two of them.
    named_together: bool,
    /// The test split that the pattern is reserved for, or `None` if training and the splits with
    /// training's patterns use it.
    pub(crate) split: Option<Split>,
}

/// A place for the word of a candidate.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) letter: char,
    /// The words that fit: for each pronoun, a list for each class of the slot that has words which
    /// agree with it.
    pub(crate) words: Vec<Vec<Vec<WordId>>>,
}

/// The slots of a pair's two antecedents, and the pronouns that tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Contrast {
    pub(crate) slots: [SlotId; 2],
    pub(crate) pronouns: [PronounId; 2],
}

/// What is needed of the rest of the grammar to read a pattern.
pub(super) struct PatternRules<'a> {
    pub(super) pronouns: &'a Pronouns,
    pub(super) determiners: &'a [Determiner],
    pub(super) lexicon: &'a Lexicon,
    pub(super) lists: &'a Lists<'a>,
    pub(super) budget: &'a Budget,
}

/// The keys of a `[[pattern]]`, sorted out but not yet compiled.
struct PatternKeys<'a> {
    name: &'a str,
    shows: Vec<String>,
    text: Option<(usize, &'a str)>,
    slots: Vec<(char, &'a Node)>,
    lists: Lists<'a>,
    answers: Vec<(&'a str, &'a Node)>,
    only: Option<&'a Node>,
    split: Option<&'a Node>,
    named_together: bool,
}

/// Reads one `[[pattern]]`.
pub(super) fn read(rules: &PatternRules<'_>, node: &Node) -> Result<Pattern, Fault> {
    let keys = read_keys(node)?;
    let entry = format!("pattern {:?}", keys.name);
    let Some((line, text)) = keys.text else {
        return fault(node.line, entry, "no text", "text = \"…\"");
    };
    if keys.shows.is_empty() {
        return fault(node.line, entry, "no phenomenon", "shows = \"…\"");
    }
    let slots: Result<_, Fault> =
        keys.slots.iter().map(|(letter, spec)| slot(rules, &entry, *letter, spec)).collect();
    let letters: Vec<char> = keys.slots.iter().map(|(letter, _)| *letter).collect();
    let by_answer = read_answers(&entry, &letters, &keys.answers)?;
    let context = Context {
        pronouns: rules.pronouns,
        determiners: rules.determiners,
        lexicon: rules.lexicon,
        slots: &letters,
        by_answer: &by_answer,
        lists: [&keys.lists, rules.lists],
        budget: rules.budget,
    };
    let template = Compiler::new(context).compile(line, &entry, text)?;
    let pattern = Pattern {
        name: keys.name.to_owned(),
        line: node.line,
        shows: keys.shows,
        template,
        slots: slots?,
        only: keys.only.map(|node| read_only(rules, &entry, node)).transpose()?,
        answers: by_answer.iter().map(|(answer, _)| *answer).collect(),
        split: keys.split.map(|node| read_split(&entry, node)).transpose()?,
        named_together: keys.named_together,
    };
    pattern.check(rules, &entry)?;
    Ok(pattern)
}

fn read_keys(node: &Node) -> Result<PatternKeys<'_>, Fault> {
    let table = node.table("pattern")?;
    let Some((_, name)) = table.iter().find(|(key, _)| key == "name") else {
        return fault(node.line, "pattern", "no name", "name = \"…\"");
    };
    let name = name.text("pattern")?;
    let entry = format!("pattern {name:?}");
    let mut keys = PatternKeys {
        name,
        shows: Vec::new(),
        text: None,
        slots: Vec::new(),
        lists: Lists::new(),
        answers: Vec::new(),
        only: None,
        split: None,
        named_together: false,
    };
    for (key, value) in table {
        let mut letters = key.chars();
        match (key.as_str(), letters.next(), letters.next()) {
            ("name", ..) => {}
            ("text", ..) => keys.text = Some((value.line, value.text(&entry)?)),
            ("shows", ..) => {
                let names = value.text(&entry)?.split(',').map(str::trim);
                keys.shows = names.map(str::to_owned).collect();
            }
            ("only", ..) => keys.only = Some(value),
            ("split", ..) => keys.split = Some(value),
            ("named_together", ..) => keys.named_together = value.flag(&entry)?,
            ("answer", ..) => {
                let answers = value.table(&entry)?.iter();
                keys.answers = answers.map(|(letter, lists)| (letter.as_str(), lists)).collect();
            }
            (_, Some(letter @ 'A'..='Z'), None) => keys.slots.push((letter, value)),
            _ => {
                keys.lists.insert(key.clone(), value);
            }
        }
    }
    if keys.slots.is_empty() {
        return fault(node.line, entry, "no candidate", "A = \"…\", B = \"…\"");
    }
    Ok(keys)
}

/// Reads `only = [["he", "she"]]`.
fn read_only(
    rules: &PatternRules<'_>,
    entry: &str,
    node: &Node,
) -> Result<Vec<[PronounId; 2]>, Fault> {
    let pairs = node.tuples::<2>(entry)?.into_iter();
    let find = |line, pronoun: &str| rules.pronouns.find(line, entry, pronoun);
    pairs.map(|(line, [first, second])| Ok([find(line, first)?, find(line, second)?])).collect()
}

/// Reads `split = "new patterns"`.
fn read_split(entry: &str, node: &Node) -> Result<Split, Fault> {
    let name = node.text(entry)?;
    let known = Split::ALL.into_iter().filter(|split| split.has_own_patterns());
    match known.clone().find(|split| split.name() == name) {
        Some(split) => Ok(split),
        None => {
            let names: Vec<String> = known.map(|split| split.name().to_owned()).collect();
            fault(node.line, entry, format!("the split {name:?}"), one_of(&names))
        }
    }
}

/// Reads `answer.A = { … }`, `answer.none = { … }`.
fn read_answers<'a>(
    entry: &str,
    letters: &[char],
    answers: &[(&str, &'a Node)],
) -> Result<Vec<(Option<SlotId>, Lists<'a>)>, Fault> {
    let mut read = Vec::new();
    for (answer, node) in answers {
        let slot = letters.iter().position(|letter| letter.to_string() == *answer);
        if slot.is_none() && *answer != "none" {
            let expected = "a candidate's letter or none";
            return fault(node.line, entry, format!("answer.{answer}"), expected);
        }
        let lists = node.table(entry)?.iter().map(|(name, list)| (name.clone(), list));
        read.push((slot, lists.collect()));
    }
    if read.len() == 1 {
        let line = answers[0].1.line;
        return fault(line, entry, "one answer", "two or more: a pair needs two");
    }
    Ok(read)
}

/// Reads `A = "name, person"` or `A = { is = "person", number = "plural" }`.
fn slot(rules: &PatternRules<'_>, entry: &str, letter: char, spec: &Node) -> Result<Slot, Fault> {
    let entry = format!("{entry}, {letter}");
    let (mut classes, mut number) = (None, None);
    match &spec.value {
        Value::Text(text) => classes = Some(text.as_str()),
        Value::Table(table) => {
            for (key, value) in table {
                match (key.as_str(), value.text(&entry)?) {
                    ("is", text) => classes = Some(text),
                    ("number", "singular") => number = Some(false),
                    ("number", "plural") => number = Some(true),
                    (key, text) => {
                        let expected = "is = \"…\", number = \"singular\" or \"plural\"";
                        return fault(value.line, entry, format!("{key} = {text:?}"), expected);
                    }
                }
            }
        }
        _ => {
            return fault(
                spec.line,
                entry,
                spec.describe(),
                "classes of words, as \"name, person\"",
            );
        }
    }
    let mut words = vec![Vec::new(); rules.pronouns.len()];
    for class in classes.unwrap_or_default().split(',').map(str::trim) {
        let class = rules.lexicon.class(spec.line, &entry, class)?;
        for (pronoun, pools) in words.iter_mut().enumerate() {
            let plural = rules.pronouns.is_plural(pronoun as PronounId);
            let pool = words_of(rules.lexicon, class, pronoun as PronounId, plural);
            if !pool.is_empty() && number.is_none_or(|wanted| wanted == plural) {
                rules.budget.spend_memory(size_of_val(&pool[..]), spec.line, &entry)?;
                pools.push(pool);
            }
        }
    }
    if words.iter().all(Vec::is_empty) {
        return fault(spec.line, entry, "no word of these classes fits", "at least one");
    }
    Ok(Slot { letter, words })
}

fn words_of(lexicon: &Lexicon, class: u128, pronoun: PronounId, plural: bool) -> Vec<WordId> {
    let fits =
        |word: &&Word| word.classes & class != 0 && word.pronouns(plural) & (1 << pronoun) != 0;
    let ids = lexicon.words.iter().enumerate().filter(|(_, word)| fits(word));
    ids.map(|(id, _)| id as WordId).collect()
}

impl Pattern {
    /// Checks that every text has one pronoun and each candidate once, and that a list by class has
    /// items for every word that can be the antecedent.
    fn check(&self, rules: &PatternRules<'_>, entry: &str) -> Result<(), Fault> {
        let answers: Vec<Option<SlotId>> = if self.answers.is_empty() {
            (0..self.slots.len()).map(Some).collect()
        } else {
            self.answers.clone()
        };
        for answer in answers {
            let contents = match self.template.contents(answer, self.slots.len()) {
                Ok(contents) => contents,
                Err(found) => return fault(self.line, entry, found, "the notation of patterns"),
            };
            if contents.n_pronouns != 1 {
                let found = format!("{} pronouns in < >", contents.n_pronouns);
                return fault(self.line, entry, found, "exactly one in every text");
            }
            if let Some(slot) = contents.slots.iter().position(|&n| n != 1) {
                let (letter, n) = (self.slots[slot].letter, contents.slots[slot]);
                let found = format!("candidate {letter} {n} times");
                return fault(self.line, entry, found, "once in every text");
            }
            if answer.is_none() && contents.pronoun_agrees {
                let found = "a pronoun that agrees, in answer.none";
                return fault(self.line, entry, found, "a pronoun as it is, such as <it>");
            }
            self.check_classes(rules, entry, answer)?;
        }
        Ok(())
    }

    /// Checks that lists by class have items for every word that can be the antecedent.
    fn check_classes(
        &self,
        rules: &PatternRules<'_>,
        entry: &str,
        answer: Option<SlotId>,
    ) -> Result<(), Fault> {
        // Words in the same classes are alike here, so that one of each kind is enough.
        let mut seen = HashSet::new();
        let words = answer.into_iter().flat_map(|slot| self.slots[slot].words.iter().flatten());
        let words = words.flatten().map(|&word| &rules.lexicon.words[word as usize]);
        let words: Vec<&Word> = words.filter(|word| seen.insert(word.classes)).collect();
        self.check_lists(rules, entry, (answer, &words), &self.template)
    }

    fn check_lists(
        &self,
        rules: &PatternRules<'_>,
        entry: &str,
        (answer, words): (Option<SlotId>, &[&Word]),
        template: &Template,
    ) -> Result<(), Fault> {
        for segment in &template.segments {
            let Segment::Choice(choice) = segment else { continue };
            rules.budget.spend_comparisons(
                words.len() * choice.branches.len(),
                self.line,
                entry,
            )?;
            for word in words {
                if choice.branch(answer, word.classes).is_none() {
                    let found = format!("nothing to say of {:?} in a list by class", word.singular);
                    let expected = one_of(&rules.lexicon.names_of(word.classes));
                    return fault(self.line, entry, found, expected);
                }
            }
            if answer.is_none() && choice.branch(None, 0).is_none() {
                let found = "a list by class where there is no antecedent";
                return fault(self.line, entry, found, "a plain list in answer.none");
            }
            let branches = choice.branches.iter();
            let reached = branches.filter(|branch| branch.answer.is_none_or(|a| a == answer));
            for option in reached.flat_map(|branch| &branch.options) {
                self.check_lists(rules, entry, (answer, words), option)?;
            }
        }
        Ok(())
    }

    /// The contrasts that this pattern has words for: a list for each pair of slots, so that every
    /// slot can be drawn as the answer equally often.
    pub(super) fn contrasts(
        &self,
        rules: &PatternRules<'_>,
        pronouns: &[[PronounId; 2]],
    ) -> Result<Vec<Vec<Contrast>>, Fault> {
        let n_slots = self.slots.len();
        let n_words: usize =
            self.slots.iter().flat_map(|slot| &slot.words).flatten().map(Vec::len).sum();
        let n_comparisons = n_slots * n_slots * pronouns.len() * n_words;
        rules.budget.spend_comparisons(
            n_comparisons,
            self.line,
            &format!("pattern {:?}", self.name),
        )?;
        let pairs = (0..n_slots).flat_map(|first| (first + 1..n_slots).map(move |s| [first, s]));
        let clear = |&&[f, g]: &&[PronounId; 2]| {
            self.only.as_ref().is_none_or(|only| only.contains(&[f, g]) || only.contains(&[g, f]))
        };
        let feasible = |slots| {
            let both_ways = pronouns.iter().filter(clear).flat_map(|&[f, g]| [[f, g], [g, f]]);
            let contrasts = both_ways.map(|pronouns| Contrast { slots, pronouns });
            contrasts.filter(|contrast| self.fits(rules, contrast)).collect::<Vec<_>>()
        };
        Ok(pairs.map(feasible).filter(|contrasts| !contrasts.is_empty()).collect())
    }

    /// Checks, where agreement decides, that every slot is the answer of some text. Otherwise its
    /// position alone would tell that it is not.
    pub(super) fn check_contrasts(
        &self,
        phenomenon: &str,
        contrasts: &[Vec<Contrast>],
    ) -> Result<(), Fault> {
        let entry = format!("pattern {:?}", self.name);
        let contrasts = || contrasts.iter().flatten();
        for (slot, Slot { letter, .. }) in self.slots.iter().enumerate() {
            let is_answer = contrasts().any(|contrast| contrast.slots.contains(&slot));
            if self.answers.is_empty() && !is_answer {
                let found =
                    format!("no words by which {letter} can be told apart for {phenomenon}");
                let expected = "classes that differ in one of the phenomenon's contrasts";
                return fault(self.line, entry, found, expected);
            }
        }
        Ok(())
    }

    /// The pronouns, a bit for each, that candidates other than the two of a contrast must not
    /// agree with.
    pub(crate) fn excluded_pronouns(&self, pronouns: &Pronouns, contrast: &Contrast) -> u8 {
        let both = 1 << contrast.pronouns[0] | 1 << contrast.pronouns[1];
        if self.named_together { pronouns.with_singulars(both) } else { both }
    }

    /// Whether there are words for a contrast: each antecedent agrees with its own pronoun and not
    /// with the other, and the other candidates agree with neither.
    fn fits(&self, rules: &PatternRules<'_>, contrast: &Contrast) -> bool {
        let [f, g] = contrast.pronouns;
        let has = |slot: SlotId, pronoun: PronounId, forbidden: u8| {
            let mut words = self.slots[slot].words[usize::from(pronoun)].iter().flatten();
            words.any(|&word| {
                let word = &rules.lexicon.words[word as usize];
                word.pronouns(rules.pronouns.is_plural(pronoun)) & forbidden == 0
            })
        };
        let all_pronouns = 0..rules.pronouns.len() as PronounId;
        let excluded = self.excluded_pronouns(rules.pronouns, contrast);
        let mut rest = (0..self.slots.len()).filter(|slot| !contrast.slots.contains(slot));
        has(contrast.slots[0], f, 1 << g)
            && has(contrast.slots[1], g, 1 << f)
            && rest.all(|slot| all_pronouns.clone().any(|h| has(slot, h, excluded)))
    }
}

impl Choice {
    /// The branch for an answer and the classes of its word.
    pub(crate) fn branch(&self, answer: Option<SlotId>, classes: u128) -> Option<&Branch> {
        self.branches.iter().find(|branch| {
            branch.answer.is_none_or(|wanted| wanted == answer)
                && branch.classes.is_none_or(|wanted| wanted & classes != 0)
        })
    }
}
