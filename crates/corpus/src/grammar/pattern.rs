//! Sentence patterns: which words fit their slots, which contrasts they can show, and the proof
//! that they make good examples, all found out once, when the grammar is loaded.

use std::collections::HashSet;

use super::document::{Fault, Node, Value, fault};
use super::lexicon::{Determiner, Form, Forms, Lexicon, Lists, Word, WordId, one_of};
use super::room::Room;
use super::template::{Branch, Choice, Compiler, Context, Piece, SlotId, Template};
use crate::split::Split;

/// A sentence or two with candidates, and what makes one of them the answer.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) name: String,
    pub(super) line: usize,
    /// The phenomena that it is for, by name.
    pub(super) shows: Vec<String>,
    pub(crate) template: Template,
    pub(crate) slots: Vec<Slot>,
    /// The contrasts that its words stay clear in, either way round; every one where `None`.
    only: Option<Vec<[Form; 2]>>,
    /// The answers that the pattern has lists of its own for; empty where agreement decides.
    pub(crate) answers: Vec<Option<SlotId>>,
    /// Whether its candidates are named together, so that a plural pronoun could mean two of them.
    together: bool,
    /// The only split that it is for; training and what goes with it where `None`.
    pub(crate) split: Option<Split>,
}

/// A place for a candidate.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) letter: char,
    /// For each form, for each class of the slot that has any, the words that can stand there.
    pub(crate) words: Vec<Vec<Vec<WordId>>>,
}

/// Two slots as the antecedents of a pair, and the forms that tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Contrast {
    pub(crate) slots: [SlotId; 2],
    pub(crate) forms: [Form; 2],
}

/// What a pattern is compiled against.
pub(super) struct PatternRules<'a> {
    pub(super) forms: &'a Forms,
    pub(super) determiners: &'a [Determiner],
    pub(super) lexicon: &'a Lexicon,
    pub(super) lists: &'a Lists<'a>,
    pub(super) room: &'a Room,
}

/// The keys of a pattern, before they are compiled.
struct Parts<'a> {
    name: &'a str,
    shows: Vec<String>,
    text: Option<(usize, &'a str)>,
    slots: Vec<(char, &'a Node)>,
    lists: Lists<'a>,
    answers: Vec<(&'a str, &'a Node)>,
    only: Option<&'a Node>,
    split: Option<&'a Node>,
    together: bool,
}

/// Reads one `[[pattern]]`.
pub(super) fn read(rules: &PatternRules<'_>, node: &Node) -> Result<Pattern, Fault> {
    let parts = read_parts(node)?;
    let entry = format!("pattern {:?}", parts.name);
    let Some((line, text)) = parts.text else {
        return fault(node.line, entry, "no text", "text = \"…\"");
    };
    if parts.shows.is_empty() {
        return fault(node.line, entry, "no phenomenon", "shows = \"…\"");
    }
    let slots: Result<_, Fault> =
        parts.slots.iter().map(|(letter, spec)| slot(rules, &entry, *letter, spec)).collect();
    let letters: Vec<char> = parts.slots.iter().map(|(letter, _)| *letter).collect();
    let by_answer = read_answers(&entry, &letters, &parts.answers)?;
    let context = Context {
        forms: rules.forms,
        determiners: rules.determiners,
        lexicon: rules.lexicon,
        slots: &letters,
        by_answer: &by_answer,
        lists: [&parts.lists, rules.lists],
        room: rules.room,
    };
    let template = Compiler::new(context).compile(line, &entry, text)?;
    let pattern = Pattern {
        name: parts.name.to_owned(),
        line: node.line,
        shows: parts.shows,
        template,
        slots: slots?,
        only: parts.only.map(|node| read_only(rules, &entry, node)).transpose()?,
        answers: by_answer.iter().map(|(answer, _)| *answer).collect(),
        split: parts.split.map(|node| read_split(&entry, node)).transpose()?,
        together: parts.together,
    };
    pattern.check(rules, &entry)?;
    Ok(pattern)
}

fn read_parts(node: &Node) -> Result<Parts<'_>, Fault> {
    let table = node.table("pattern")?;
    let Some((_, name)) = table.iter().find(|(key, _)| key == "name") else {
        return fault(node.line, "pattern", "no name", "name = \"…\"");
    };
    let name = name.text("pattern")?;
    let entry = format!("pattern {name:?}");
    let mut parts = Parts {
        name,
        shows: Vec::new(),
        text: None,
        slots: Vec::new(),
        lists: Lists::new(),
        answers: Vec::new(),
        only: None,
        split: None,
        together: false,
    };
    for (key, value) in table {
        let mut letters = key.chars();
        match (key.as_str(), letters.next(), letters.next()) {
            ("name", ..) => {}
            ("text", ..) => parts.text = Some((value.line, value.text(&entry)?)),
            ("shows", ..) => {
                let names = value.text(&entry)?.split(',').map(str::trim);
                parts.shows = names.map(str::to_owned).collect();
            }
            ("only", ..) => parts.only = Some(value),
            ("split", ..) => parts.split = Some(value),
            ("named_together", ..) => parts.together = value.flag(&entry)?,
            ("answer", ..) => {
                let answers = value.table(&entry)?.iter();
                parts.answers = answers.map(|(letter, lists)| (letter.as_str(), lists)).collect();
            }
            (_, Some(letter @ 'A'..='Z'), None) => parts.slots.push((letter, value)),
            _ => {
                parts.lists.insert(key.clone(), value);
            }
        }
    }
    if parts.slots.is_empty() {
        return fault(node.line, entry, "no candidate", "A = \"…\", B = \"…\"");
    }
    Ok(parts)
}

/// Reads `only = [["he", "she"]]`.
fn read_only(rules: &PatternRules<'_>, entry: &str, node: &Node) -> Result<Vec<[Form; 2]>, Fault> {
    let pairs = node.tuples::<2>(entry)?.into_iter();
    let find = |line, form: &str| rules.forms.find(line, entry, form);
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
        _ => return fault(spec.line, entry, spec.kind(), "classes of words, as \"name, person\""),
    }
    let mut words = vec![Vec::new(); rules.forms.len()];
    for class in classes.unwrap_or_default().split(',').map(str::trim) {
        let class = rules.lexicon.class(spec.line, &entry, class)?;
        for (form, pools) in words.iter_mut().enumerate() {
            let plural = rules.forms.is_plural(form as Form);
            let pool = words_of(rules.lexicon, class, form as Form, plural);
            if !pool.is_empty() && number.is_none_or(|wanted| wanted == plural) {
                rules.room.take(size_of_val(&pool[..]), spec.line, &entry)?;
                pools.push(pool);
            }
        }
    }
    if words.iter().all(Vec::is_empty) {
        return fault(spec.line, entry, "no word of these classes fits", "at least one");
    }
    Ok(Slot { letter, words })
}

fn words_of(lexicon: &Lexicon, class: u128, form: Form, plural: bool) -> Vec<WordId> {
    let fits = |word: &&Word| word.classes & class != 0 && word.forms(plural) & (1 << form) != 0;
    let ids = lexicon.words.iter().enumerate().filter(|(_, word)| fits(word));
    ids.map(|(id, _)| id as WordId).collect()
}

impl Pattern {
    /// Every text must have one pronoun and each candidate once, and every class a predicate.
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

    /// Where a list depends on the antecedent's class, it must have something for every word.
    fn check_classes(
        &self,
        rules: &PatternRules<'_>,
        entry: &str,
        answer: Option<SlotId>,
    ) -> Result<(), Fault> {
        // Of words in the same classes the first stands for all.
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
        for piece in &template.pieces {
            let Piece::Choice(choice) = piece else { continue };
            rules.room.compare(words.len() * choice.branches.len(), self.line, entry)?;
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

    /// The contrasts between two forms that this pattern has words for, one list for each pair of
    /// slots, so that every slot is the answer equally often.
    pub(super) fn contrasts(
        &self,
        rules: &PatternRules<'_>,
        forms: &[[Form; 2]],
    ) -> Result<Vec<Vec<Contrast>>, Fault> {
        let n_slots = self.slots.len();
        let n_words: usize =
            self.slots.iter().flat_map(|slot| &slot.words).flatten().map(Vec::len).sum();
        let n_comparisons = n_slots * n_slots * forms.len() * n_words;
        rules.room.compare(n_comparisons, self.line, &format!("pattern {:?}", self.name))?;
        let pairs = (0..n_slots).flat_map(|first| (first + 1..n_slots).map(move |s| [first, s]));
        let clear = |&&[f, g]: &&[Form; 2]| {
            self.only.as_ref().is_none_or(|only| only.contains(&[f, g]) || only.contains(&[g, f]))
        };
        let feasible = |slots| {
            let both_ways = forms.iter().filter(clear).flat_map(|&[f, g]| [[f, g], [g, f]]);
            let contrasts = both_ways.map(|forms| Contrast { slots, forms });
            contrasts.filter(|contrast| self.fits(rules, contrast)).collect::<Vec<_>>()
        };
        Ok(pairs.map(feasible).filter(|contrasts| !contrasts.is_empty()).collect())
    }

    /// Where agreement decides, every slot must be the answer of some text: otherwise its place
    /// alone would say that it is not.
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

    /// The forms that candidates other than the two of a contrast must not have.
    pub(crate) fn taken(&self, forms: &Forms, contrast: &Contrast) -> u8 {
        let both = 1 << contrast.forms[0] | 1 << contrast.forms[1];
        if self.together { forms.with_summands(both) } else { both }
    }

    /// Whether there are words for a contrast: each antecedent agrees with its own form only, and
    /// the other candidates agree with neither.
    fn fits(&self, rules: &PatternRules<'_>, contrast: &Contrast) -> bool {
        let [f, g] = contrast.forms;
        let has = |slot: SlotId, form: Form, forbidden: u8| {
            let mut words = self.slots[slot].words[usize::from(form)].iter().flatten();
            words.any(|&word| {
                let word = &rules.lexicon.words[word as usize];
                word.forms(rules.forms.is_plural(form)) & forbidden == 0
            })
        };
        let all_forms = 0..rules.forms.len() as Form;
        let taken = self.taken(rules.forms, contrast);
        let mut rest = (0..self.slots.len()).filter(|slot| !contrast.slots.contains(slot));
        has(contrast.slots[0], f, 1 << g)
            && has(contrast.slots[1], g, 1 << f)
            && rest.all(|slot| all_forms.clone().any(|h| has(slot, h, taken)))
    }
}

impl Choice {
    /// The branch for an answer and the classes of the antecedent.
    pub(crate) fn branch(&self, answer: Option<SlotId>, classes: u128) -> Option<&Branch> {
        self.branches.iter().find(|branch| {
            branch.answer.is_none_or(|wanted| wanted == answer)
                && branch.classes.is_none_or(|wanted| wanted & classes != 0)
        })
    }
}
