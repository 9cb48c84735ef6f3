//! Renders a pattern and its words as a text with spans.

use super::draft::Draft;
use crate::example::{Example, Language};
use crate::grammar::LanguageGrammar;
use crate::grammar::lexicon::PronounId;
use crate::grammar::template::{Choice, Segment, SlotId, Template};
use crate::span::CharSpan;

/// What the pronoun stands for in one text of a pair.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resolution {
    /// The slot of the antecedent, or `None` where the text has none.
    pub(super) answer: Option<SlotId>,
    /// The pronoun that the text uses.
    pub(super) pronoun: PronounId,
    /// The classes of the antecedent, a bit for each, for lists that depend on them.
    pub(super) classes: u128,
}

/// A rendered text.
pub(super) struct Rendered {
    pub(super) text: String,
    pronoun: CharSpan,
    /// The slots and the spans of their words, in the order of the text.
    candidates: Vec<(SlotId, CharSpan)>,
}

impl Rendered {
    /// The text as an example, whose id, phenomenon and pair are still empty.
    pub(super) fn into_example(self, language: Language, answer: Option<SlotId>) -> Example {
        let antecedent =
            answer.and_then(|answer| self.candidates.iter().position(|&(slot, _)| slot == answer));
        Example {
            id: String::new(),
            lang: language,
            text: self.text,
            pronoun: self.pronoun,
            candidates: self.candidates.into_iter().map(|(_, span)| span).collect(),
            antecedent,
            phenomenon: String::new(),
            pair: None,
            form: None,
            agreeing: None,
        }
    }
}

/// Renders one text of a pair.
pub(super) fn render(
    grammar: &LanguageGrammar,
    template: &Template,
    draft: &Draft,
    resolution: Resolution,
) -> Rendered {
    let mut writer = Writer {
        grammar,
        draft,
        resolution,
        text: String::with_capacity(160),
        n_chars: 0,
        last_pronoun: 0,
        pronoun_start: 0,
        pronoun: CharSpan::new(0, 0),
        candidates: Vec::with_capacity(draft.words.len()),
        uses: Vec::new(),
    };
    writer.template(template);
    if writer.text.ends_with(' ') {
        writer.pop();
    }
    Rendered { text: writer.text, pronoun: writer.pronoun, candidates: writer.candidates }
}

struct Writer<'a> {
    grammar: &'a LanguageGrammar,
    draft: &'a Draft,
    resolution: Resolution,
    text: String,
    n_chars: usize,
    /// The pronoun that agrees with the last mention, which `[…]` agrees with.
    last_pronoun: PronounId,
    pronoun_start: usize,
    pronoun: CharSpan,
    candidates: Vec<(SlotId, CharSpan)>,
    /// How often each list has been used in this text.
    uses: Vec<(usize, u32)>,
}

impl Writer<'_> {
    fn template(&mut self, template: &Template) {
        for segment in &template.segments {
            match segment {
                Segment::Text(text) => self.push(text),
                Segment::Candidate { slot, determiner } => self.candidate(*slot, *determiner),
                Segment::Agree { target, by_pronoun } => {
                    let pronoun = target.map_or(self.last_pronoun, |slot| self.draft.words[slot].1);
                    self.push(&by_pronoun[usize::from(pronoun)]);
                }
                Segment::Choice(choice) => self.choice(choice),
                Segment::PronounStart => {
                    self.pronoun_start = self.n_chars;
                    self.last_pronoun = self.resolution.pronoun;
                }
                Segment::PronounEnd => {
                    self.pronoun = CharSpan::new(self.pronoun_start, self.n_chars);
                }
            }
        }
    }

    /// Writes the word of a slot, with its determiner if it takes one, and notes its span.
    fn candidate(&mut self, slot: SlotId, determiner: Option<usize>) {
        let (word, pronoun) = self.draft.words[slot];
        let word = &self.grammar.lexicon.words[word as usize];
        let plural = self.grammar.pronouns.is_plural(pronoun);
        let noun = word.text(plural);
        match determiner.filter(|_| word.takes_determiner) {
            Some(determiner) => {
                let determiner = &self.grammar.determiners[determiner];
                let text = match &determiner.before_onset {
                    Some(text) if word.special_onset && !plural => text,
                    _ => &determiner.by_pronoun[usize::from(pronoun)],
                };
                self.determiner(text);
            }
            None => self.euphony(noun),
        }
        let start = self.n_chars;
        self.push(noun);
        self.candidates.push((slot, CharSpan::new(start, self.n_chars)));
        self.last_pronoun = pronoun;
    }

    /// Writes a determiner and a space. It merges with the word before it where the language
    /// contracts the two (*a el* to *al*).
    fn determiner(&mut self, determiner: &str) {
        let grammar = self.grammar;
        for [word, second, joined] in &grammar.sandhi.contractions {
            if second == determiner && self.ends_with_word(word) {
                self.replace_last_word(word, joined);
                return;
            }
        }
        if !determiner.is_empty() {
            self.push(determiner);
            self.push(" ");
        }
    }

    /// Changes the last word where the sound of the next one asks for it (*y* before *i* to *e*).
    fn euphony(&mut self, next: &str) {
        let grammar = self.grammar;
        for [word, becomes, beginning] in &grammar.sandhi.euphony {
            let begins = next.to_lowercase().starts_with(beginning.as_str());
            if begins && self.ends_with_word(word) {
                self.replace_last_word(word, becomes);
                return;
            }
        }
    }

    /// Whether the text ends with this word and a space, in lower case or capitalised.
    fn ends_with_word(&self, word: &str) -> bool {
        let Some(before) = self.text.strip_suffix(' ') else { return false };
        let start = before.rfind(' ').map_or(0, |space| space + 1);
        before[start..].to_lowercase() == word
    }

    fn replace_last_word(&mut self, word: &str, by: &str) {
        for _ in 0..=word.chars().count() {
            self.pop();
        }
        self.push(by);
        self.push(" ");
    }

    /// Writes one item of a list.
    fn choice(&mut self, choice: &Choice) {
        let branch = choice.branch(self.resolution.answer, self.resolution.classes);
        let options = &branch.expect("checked when the grammar was loaded").options;
        let mut used = 0;
        match self.uses.iter_mut().find(|(list, _)| *list == choice.list) {
            Some((_, n_uses)) => {
                *n_uses += 1;
                used = *n_uses;
            }
            None => self.uses.push((choice.list, 0)),
        }
        let random = mix(self.draft.seed ^ choice.list as u64);
        self.template(&options[pick(random, options.len(), used as usize)]);
    }

    /// Appends a text. Its first letter is capitalised at the beginning of a sentence. There is one
    /// space between words and none before punctuation, even where an item of a list is empty.
    fn push(&mut self, text: &str) {
        let mut text = text;
        if self.text.is_empty() || self.text.ends_with(' ') {
            text = text.trim_start_matches(' ');
            if text.starts_with([',', '.', ';', ':', '?', '!']) && !self.text.is_empty() {
                self.pop();
            }
        }
        let mut chars = text.chars();
        let Some(first) = chars.next() else { return };
        if self.at_sentence_start() && first.is_lowercase() {
            self.text.extend(first.to_uppercase());
            self.text.push_str(chars.as_str());
        } else {
            self.text.push_str(text);
        }
        self.n_chars += text.chars().count();
    }

    fn pop(&mut self) {
        if self.text.pop().is_some() {
            self.n_chars -= 1;
        }
    }

    fn at_sentence_start(&self) -> bool {
        let ends = [". ", "? ", "! ", "¿", "¡"];
        self.text.is_empty() || ends.iter().any(|end| self.text.ends_with(end))
    }
}

/// The item for use number `n_used` of a list in a text. It steps through the list by a stride that
/// is coprime to its length, so that no item is repeated before all were used.
fn pick(random: u64, n_options: usize, n_used: usize) -> usize {
    let first = (((random & 0xffff_ffff) * n_options as u64) >> 32) as usize;
    if n_used == 0 {
        return first;
    }
    let stride = (random >> 32) as usize % n_options;
    let stride = (stride..).find(|&stride| gcd(stride, n_options) == 1).unwrap_or(1);
    (first + n_used * stride) % n_options
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// SplitMix64's finaliser. It turns seeds that differ in a few bits into independent numbers.
pub(super) fn mix(seed: u64) -> u64 {
    let seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let seed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let seed = (seed ^ (seed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    seed ^ (seed >> 31)
}
