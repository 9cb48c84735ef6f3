//! The notation of sentence patterns, and its compiled form.
//!
//! ```text
//! {A}  {el A}      a candidate, bare or after a determiner that agrees with it
//! {porque}         one item of the list of that name; an item may hold all that a pattern may
//! {relleno x20}    twenty items of a list, one after the other
//! [dejó|dejaron]   agrees with the candidate or pronoun before it: singular|plural, …
//! [él|ella|…|…]    the same with a form for each pronoun of the language, in their order
//! [A: va|van]      agrees with candidate A, wherever that stands
//! <él>  <[él|…]>   the pronoun to resolve; a form inside agrees with the antecedent
//! ```

use std::collections::BTreeMap;

use super::budget::{Budget, CHOICE_BYTES, MAX_LIST_DEPTH, TEXT_BYTES};
use super::document::{Fault, Node, Value, fault};
use super::lexicon::{Determiner, Lexicon, Lists, PronounId, Pronouns, one_of};

/// How often a list may be repeated: no example needs more than a hundred sentences.
const MAX_REPETITIONS: usize = 100;

/// Index of a candidate slot of a pattern.
pub(crate) type SlotId = usize;

/// A compiled text with places to fill in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Template {
    pub(crate) segments: Vec<Segment>,
}

/// A part of a template.
#[derive(Debug, Clone)]
pub(crate) enum Segment {
    Text(String),
    Candidate {
        slot: SlotId,
        determiner: Option<usize>,
    },
    /// A text for each pronoun. Which one is written depends on the word of `target` or, if that is
    /// `None`, on the last mention.
    Agree {
        target: Option<SlotId>,
        by_pronoun: Vec<String>,
    },
    Choice(Choice),
    PronounStart,
    PronounEnd,
}

/// A place for one item of a list.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// Identifies the list within the pattern, so that a second use takes another item.
    pub(crate) list: usize,
    /// The first branch whose conditions hold is taken.
    pub(crate) branches: Vec<Branch>,
}

/// The items of a list, and the conditions under which they can be used.
#[derive(Debug, Clone)]
pub(crate) struct Branch {
    /// The answer for which they hold: `None` for any, `Some(None)` for texts without antecedent.
    pub(crate) answer: Option<Option<SlotId>>,
    /// The classes of antecedents for which they hold, a bit for each; `None` for any.
    pub(crate) classes: Option<u128>,
    pub(crate) options: Vec<Template>,
}

/// What a template may refer to.
pub(super) struct Context<'a> {
    pub(super) pronouns: &'a Pronouns,
    pub(super) determiners: &'a [Determiner],
    pub(super) lexicon: &'a Lexicon,
    /// The letters of the candidates, in the order of their slots.
    pub(super) slots: &'a [char],
    /// The pattern's lists that hold for one answer only.
    pub(super) by_answer: &'a [(Option<SlotId>, Lists<'a>)],
    /// The pattern's own lists, then those of the whole file.
    pub(super) lists: [&'a Lists<'a>; 2],
    pub(super) budget: &'a Budget,
}

/// Compiles the templates of one pattern.
pub(super) struct Compiler<'a> {
    context: Context<'a>,
    /// The lists used so far, numbered in the order of their first use.
    list_ids: BTreeMap<String, usize>,
    /// The names of the lists being compiled, outermost first: a list must not contain itself.
    open: Vec<String>,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(context: Context<'a>) -> Self {
        Self { context, list_ids: BTreeMap::new(), open: Vec::new() }
    }

    /// Compiles a text, which stands on `line` in `entry`.
    pub(super) fn compile(
        &mut self,
        line: usize,
        entry: &str,
        text: &str,
    ) -> Result<Template, Fault> {
        self.context.budget.spend_memory(
            size_of::<Template>() + TEXT_BYTES + text.len(),
            line,
            entry,
        )?;
        let mut segments = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '[', '<', '>', '}', ']']) {
            if at > 0 {
                segments.push(Segment::Text(rest[..at].to_owned()));
            }
            let (mark, after) = rest[at..].split_at(1);
            rest = self.segment(line, entry, text, (mark, after), &mut segments)?;
        }
        if !rest.is_empty() {
            segments.push(Segment::Text(rest.to_owned()));
        }
        Ok(Template { segments })
    }

    /// Adds the segment that begins with the bracket `mark`, and returns the text after it.
    fn segment<'t>(
        &mut self,
        line: usize,
        entry: &str,
        text: &str,
        (mark, after): (&str, &'t str),
        segments: &mut Vec<Segment>,
    ) -> Result<&'t str, Fault> {
        let close = match mark {
            "<" | ">" => {
                segments.push(if mark == "<" {
                    Segment::PronounStart
                } else {
                    Segment::PronounEnd
                });
                return Ok(after);
            }
            "{" => '}',
            "[" => ']',
            _ => return fault(line, entry, format!("{mark:?} in {text:?}"), "its beginning"),
        };
        let Some((inner, after)) = after.split_once(close) else {
            let found = format!("{mark:?} without {close:?} in {text:?}");
            return fault(line, entry, found, format!("{close:?}"));
        };
        let (inner, times) = match close {
            '}' => parse_repetition(line, entry, inner.trim())?,
            _ => (inner, 1),
        };
        for n_before in 0..times {
            self.context.budget.spend_memory(size_of::<Segment>() + TEXT_BYTES, line, entry)?;
            if n_before > 0 {
                segments.push(Segment::Text(" ".to_owned()));
            }
            segments.push(match close {
                '}' => self.slot(line, entry, inner)?,
                _ => self.agree(line, entry, inner)?,
            });
        }
        Ok(after)
    }

    /// Compiles `{…}`: a candidate or a list.
    fn slot(&mut self, line: usize, entry: &str, inner: &str) -> Result<Segment, Fault> {
        if let Some(slot) = self.slot_id(inner) {
            return Ok(Segment::Candidate { slot, determiner: None });
        }
        let Some((determiner, letter)) = inner.rsplit_once(' ') else {
            return Ok(Segment::Choice(self.choice(line, entry, inner)?));
        };
        let Some(slot) = self.slot_id(letter) else {
            let expected = "a determiner and a candidate's letter, as in {el A}";
            return fault(line, entry, format!("{{{inner}}}"), expected);
        };
        let known = self.context.determiners.iter().position(|known| known.name == determiner);
        match known {
            Some(determiner) => Ok(Segment::Candidate { slot, determiner: Some(determiner) }),
            None => {
                let names: Vec<String> =
                    self.context.determiners.iter().map(|known| known.name.clone()).collect();
                fault(line, entry, format!("the determiner {determiner:?}"), one_of(&names))
            }
        }
    }

    fn slot_id(&self, text: &str) -> Option<SlotId> {
        let mut chars = text.chars();
        let letter = chars.next().filter(|_| chars.next().is_none())?;
        self.context.slots.iter().position(|&known| known == letter)
    }

    /// Compiles `[…]`: forms that agree.
    fn agree(&mut self, line: usize, entry: &str, inner: &str) -> Result<Segment, Fault> {
        let (target, texts) = match inner.split_once(": ") {
            Some((letter, texts)) => match self.slot_id(letter.trim()) {
                Some(slot) => (Some(slot), texts.trim_start()),
                None => {
                    return fault(line, entry, format!("[{inner}]"), "a candidate before \":\"");
                }
            },
            None => (None, inner),
        };
        let pronouns = self.context.pronouns;
        let texts: Vec<&str> = texts.split('|').collect();
        let by_pronoun = |pronoun: usize| match texts.len() {
            2 => texts[usize::from(pronouns.is_plural(pronoun as PronounId))].to_owned(),
            _ => texts[pronoun].to_owned(),
        };
        if texts.len() != 2 && texts.len() != pronouns.len() {
            let names = pronouns.names.join("|");
            let expected = format!("singular|plural or a text for each of {names}");
            return fault(line, entry, format!("[{inner}]"), expected);
        }
        Ok(Segment::Agree { target, by_pronoun: (0..pronouns.len()).map(by_pronoun).collect() })
    }

    /// Compiles the list `{name}`.
    fn choice(&mut self, line: usize, entry: &str, name: &str) -> Result<Choice, Fault> {
        if self.open.iter().any(|open| open == name) {
            return fault(
                line,
                entry,
                format!("{{{name}}} inside {{{name}}}"),
                "no list in itself",
            );
        }
        if self.open.len() == MAX_LIST_DEPTH {
            let expected = format!("at most {MAX_LIST_DEPTH} lists in each other");
            return fault(
                line,
                entry,
                format!("{{{name}}} inside {MAX_LIST_DEPTH} others"),
                expected,
            );
        }
        self.context.budget.spend_memory(CHOICE_BYTES, line, entry)?;
        let context = &self.context;
        let mut found: Vec<(Option<Option<SlotId>>, &'a Node)> = Vec::new();
        for (answer, lists) in context.by_answer {
            found.extend(lists.get(name).map(|node| (Some(*answer), *node)));
        }
        let common = context.lists.iter().find_map(|lists| lists.get(name));
        found.extend(common.map(|node| (None, *node)));
        if found.is_empty() {
            return fault(line, entry, format!("{{{name}}}"), self.known_names());
        }
        let next = self.list_ids.len();
        let list = *self.list_ids.entry(name.to_owned()).or_insert(next);
        self.open.push(name.to_owned());
        let mut branches = Vec::new();
        for (answer, node) in found {
            self.branches(name, answer, node, &mut branches)?;
        }
        self.open.pop();
        Ok(Choice { list, branches })
    }

    /// Compiles a list of texts, or a table with a list for each class of antecedents.
    fn branches(
        &mut self,
        name: &str,
        answer: Option<Option<SlotId>>,
        node: &Node,
        branches: &mut Vec<Branch>,
    ) -> Result<(), Fault> {
        let entry = format!("list {name:?}");
        if let Value::Table(by_class) = &node.value {
            for (class, node) in by_class {
                let classes = Some(self.context.lexicon.class(node.line, &entry, class)?);
                let options = self.options(&entry, node)?;
                branches.push(Branch { answer, classes, options });
            }
            return Ok(());
        }
        let options = self.options(&entry, node)?;
        branches.push(Branch { answer, classes: None, options });
        Ok(())
    }

    fn options(&mut self, entry: &str, node: &Node) -> Result<Vec<Template>, Fault> {
        let texts = node.texts(entry)?;
        if texts.is_empty() {
            return fault(node.line, entry, "an empty list", "at least one text");
        }
        texts.into_iter().map(|(line, text)| self.compile(line, entry, text)).collect()
    }

    fn known_names(&self) -> String {
        let letters = self.context.slots.iter().map(char::to_string);
        let lists = self.context.lists.iter().flat_map(|lists| lists.keys().cloned());
        format!("one of {}", letters.chain(lists).collect::<Vec<_>>().join(", "))
    }
}

/// Splits `relleno x20` into the name of the list and how often it is repeated, which is once
/// without a number.
fn parse_repetition<'t>(
    line: usize,
    entry: &str,
    inner: &'t str,
) -> Result<(&'t str, usize), Fault> {
    let Some((name, digits)) = inner.rsplit_once(" x") else { return Ok((inner, 1)) };
    match digits.parse() {
        Ok(times @ 1..=MAX_REPETITIONS) => Ok((name.trim(), times)),
        _ => fault(
            line,
            entry,
            format!("{{{inner}}}"),
            format!("{{{name} x1}} to {{{name} x{MAX_REPETITIONS}}}"),
        ),
    }
}

/// What every rendering of a template contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) n_pronouns: usize,
    /// How often each slot occurs.
    pub(super) slots: Vec<usize>,
    /// Whether the pronoun is written in forms that agree.
    pub(super) pronoun_agrees: bool,
}

impl Template {
    /// Counts the pronouns and candidates that each rendering for one answer has.
    ///
    /// # Errors
    /// If two items of a list differ in them: then some texts would have two pronouns, or none.
    pub(super) fn contents(
        &self,
        answer: Option<SlotId>,
        n_slots: usize,
    ) -> Result<Contents, String> {
        let mut total = Contents { n_pronouns: 0, slots: vec![0; n_slots], pronoun_agrees: false };
        let mut inside = false;
        for segment in &self.segments {
            match segment {
                Segment::Text(_) => {}
                Segment::Candidate { slot, .. } => total.slots[*slot] += 1,
                Segment::Agree { target, .. } => total.pronoun_agrees |= inside && target.is_none(),
                Segment::PronounStart if inside => return Err("\"<\" inside \"< >\"".to_owned()),
                Segment::PronounEnd if !inside => return Err("\">\" without \"<\"".to_owned()),
                Segment::PronounStart => (inside, total.n_pronouns) = (true, total.n_pronouns + 1),
                Segment::PronounEnd => inside = false,
                Segment::Choice(choice) => total.add(&choice.contents(answer, n_slots)?),
            }
        }
        if inside { Err("\"<\" without \">\"".to_owned()) } else { Ok(total) }
    }
}

impl Choice {
    fn contents(&self, answer: Option<SlotId>, n_slots: usize) -> Result<Contents, String> {
        let mut common: Option<Contents> = None;
        let holds = |branch: &&Branch| branch.answer.is_none_or(|wanted| wanted == answer);
        let specific = self.branches.iter().any(|b| b.answer == Some(answer));
        let branches =
            self.branches.iter().filter(holds).filter(|b| !specific || b.answer.is_some());
        for option in branches.flat_map(|branch| &branch.options) {
            let contents = option.contents(answer, n_slots)?;
            match &mut common {
                None => common = Some(contents),
                Some(known)
                    if known.n_pronouns == contents.n_pronouns && known.slots == contents.slots =>
                {
                    known.pronoun_agrees |= contents.pronoun_agrees;
                }
                Some(_) => {
                    return Err("a list whose items differ in pronouns or candidates".to_owned());
                }
            }
        }
        common.ok_or_else(|| "a list that has nothing for one of the answers".to_owned())
    }
}

impl Contents {
    fn add(&mut self, other: &Self) {
        self.n_pronouns += other.n_pronouns;
        self.slots.iter_mut().zip(&other.slots).for_each(|(sum, n)| *sum += n);
        self.pronoun_agrees |= other.pronoun_agrees;
    }
}
