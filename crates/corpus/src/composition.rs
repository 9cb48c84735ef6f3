//! Texts that are composed: nobody writes an answer down.
//!
//! The input is `data/composition`: lists of nouns, names, verbs, clauses with slots, and the forms of
//! texts. A text is put together from clauses; each says something of somebody new, or takes up
//! somebody who was mentioned, with a pronoun, a clitic, a possessive or a verb without subject.
//!
//! ```text
//! "{new} {because} {more:because}."
//! Marta le regaló un reloj a su sobrino porque él había aprobado el examen.
//! ```
//!
//! A text is kept only if every anaphor in it is certain (`referent.rs`): of everybody and everything
//! that is mentioned, exactly one agrees with it in gender and number, is of a class that the clause
//! can be true of, and is not excluded by grammar. Where sense decides, the lists say so
//! (`reasons.toml`).

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::example::{Example, Language};
use crate::generator::noise::NoisyText;
use crate::grammar::{Grammar, GrammarError, located, parse_document};
use crate::jsonl::validate;
use crate::mention::{AnaphorForm, attached_pronouns};
use crate::span::CharSpan;
use crate::split::Split;
use crate::text::{MarkedAnaphor, Marks, Text};
use crate::word::{TextWord, words};

mod agreement;
mod balance;
mod class;
mod clause;
mod compose;
mod draft;
mod english;
mod english_words;
mod exchangeable;
mod filler;
mod form;
mod lexicon;
mod noun;
mod reason;
mod referent;
pub(crate) mod rng;
mod spanish;
mod spanish_verbs;
mod spanish_words;
mod verb_form;

use balance::Balance;
use class::Classes;
use lexicon::Lexicon;
pub use referent::{AnaphorKind, Decision};
use rng::Random;

/// After this many texts that did not become certain, the lists are taken to make none.
const TRIES: u64 = 4096;

/// The lists of every language.
#[derive(Debug, Clone)]
pub struct Composition {
    lexicons: Arc<[Lexicon]>,
    /// For each language, found when its first example is asked for.
    balances: Arc<[OnceLock<Balance>; 2]>,
    /// Share of the examples that look typed in a hurry.
    noise: f64,
}

/// The seed of the sample that the balance is found from, and its size.
const BALANCE_SEED: u64 = 0xba1a_ce00;
const N_SAMPLE: u64 = 6_000;

/// A text with everything that is mentioned in it, and its anaphors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposedText {
    /// Its language.
    pub lang: Language,
    /// One or more sentences.
    pub text: String,
    /// What is mentioned, in the order of the text.
    pub mentions: Vec<Mention>,
    /// The anaphors, in the order of the text.
    pub anaphors: Vec<TextAnaphor>,
    /// What is written as it stands in a list, in which not every anaphor is marked.
    pub unclear: Vec<CharSpan>,
}

/// Somebody or something that a text mentions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// The head noun or the name; of a coordination, all of it.
    pub head: CharSpan,
    /// The whole phrase.
    pub phrase: CharSpan,
    /// Whether it is a coordination, whose members are mentions, too.
    pub is_coordination: bool,
    /// Whether it is a person, an animal or a group of them.
    pub is_animate: bool,
}

/// An anaphor of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextAnaphor {
    /// Its characters.
    pub span: CharSpan,
    /// What it is.
    pub kind: AnaphorKind,
    /// What makes its antecedent certain.
    pub decision: Decision,
    /// The index of its antecedent among the mentions, or `None` if it stands for none.
    pub antecedent: Option<usize>,
}

impl Composition {
    /// The lists that are compiled into the program.
    ///
    /// # Errors
    /// If a list has a mistake, which a test of this crate looks for.
    pub fn embedded() -> Result<Self, GrammarError> {
        macro_rules! files {
            ($language:literal) => {
                [
                    include_str!(concat!("../data/composition/", $language, "/nouns.toml")),
                    include_str!(concat!("../data/composition/", $language, "/names.toml")),
                    include_str!(concat!("../data/composition/", $language, "/adjectives.toml")),
                    include_str!(concat!("../data/composition/", $language, "/verbs.toml")),
                    include_str!(concat!("../data/composition/", $language, "/clauses.toml")),
                    include_str!(concat!("../data/composition/", $language, "/reasons.toml")),
                    include_str!(concat!("../data/composition/", $language, "/texts.toml")),
                ]
            };
        }
        let grammar = Grammar::embedded()?;
        let lexicons = [files!("es"), files!("en")].into_iter().zip(Language::ALL);
        let lexicons = lexicons.map(|(files, language)| {
            let folder = Path::new("data/composition").join(language.code());
            let held_out = held_out(&grammar, language);
            read(language, &folder, &files, held_out)
        });
        let lexicons = lexicons.collect::<Result<Vec<_>, _>>()?.into();
        Ok(Self { lexicons, balances: Arc::default(), noise: 0.0 })
    }

    /// Makes this share of the examples look typed in a hurry, as
    /// [`Generator::with_noise`](crate::generator::Generator::with_noise) does.
    pub fn with_noise(self, share: f64) -> Self {
        Self { noise: share, ..self }
    }

    /// The words of a language that could stand in place of one another: for each first name and each
    /// noun, those of its gender, number and class.
    pub(crate) fn exchangeable(&self, language: Language) -> HashMap<String, Arc<[String]>> {
        exchangeable::words(self.lexicon(language))
    }

    /// English first names of one word: of women, of men.
    pub(crate) fn english_names(&self) -> [Vec<String>; 2] {
        self.lexicon(Language::En).names_of_one_word()
    }

    /// The English nouns that only *he* or only *she* stands for.
    pub(crate) fn english_nouns_of_one_sex(&self) -> HashSet<String> {
        self.lexicon(Language::En).nouns_of_one_sex()
    }

    fn lexicon(&self, language: Language) -> &Lexicon {
        &self.lexicons[language as usize]
    }

    /// The text at `index` of the stream of a seed that belongs to `split`, a pure function of all of
    /// them.
    ///
    /// # Panics
    /// If the lists make no certain text, which a test of this crate looks for.
    pub fn text(&self, language: Language, seed: u64, split: Split, index: u64) -> ComposedText {
        let lexicon = self.lexicon(language);
        (0..TRIES)
            .find_map(|attempt| {
                let mut rng = Random::new(seed, index * TRIES + attempt);
                let form = &lexicon.forms[rng.weighted(&lexicon.form_weights)];
                let composed = compose::compose(lexicon, form, rng)?;
                let text = finish(language, composed)?;
                split.contains(&text.text).then_some(text)
            })
            .expect("the lists make certain texts, as a test finds")
    }

    /// The text at `index` with an example for each of its anaphors that is asked for: chosen so that
    /// no place of the answer is much more frequent than others.
    pub fn examples(&self, language: Language, seed: u64, split: Split, index: u64) -> Text {
        let balance = self.balances[language as usize].get_or_init(|| {
            let text = |index| self.text(language, BALANCE_SEED, Split::Train, index);
            Balance::of((0..N_SAMPLE).flat_map(|index| {
                let mut rng = Random::new(BALANCE_SEED, index);
                choose_examples(&text(index), "", &mut rng)
            }))
        });
        let id = format!("{}-composed-{index:07}", language.code());
        (0..TRIES)
            .find_map(|attempt| {
                let number = index * 64 + attempt % 64 + (attempt / 64) * (1 << 40);
                let text = self.text(language, seed, split, number);
                let mut rng = Random::new(seed ^ 0xba1a, number);
                let text = match rng.chance(self.noise) {
                    true => with_noise(text, rng.seed()),
                    false => text,
                };
                let mut examples = choose_examples(&text, &id, &mut rng);
                examples.retain(|example| rng.chance(balance.share(example)));
                let marks = Some(marks(&text));
                (!examples.is_empty()).then_some(Text { examples, marks })
            })
            .expect("some text has an anaphor with two candidates")
    }
}

fn held_out(grammar: &Grammar, language: Language) -> HashSet<String> {
    let words = grammar.words(language).filter(|word| word.held_out);
    words
        .flat_map(|word| [Some(word.singular), word.plural])
        .flatten()
        .map(str::to_lowercase)
        .collect()
}

/// Reads the files of a language, without what has a word that is held out for the test on new words.
fn read(
    language: Language,
    folder: &Path,
    files: &[&str],
    held_out: HashSet<String>,
) -> Result<Lexicon, GrammarError> {
    let nodes = lexicon::FILES.iter().zip(files);
    let nodes = nodes.map(|(name, text)| parse_document(text, &folder.join(name)));
    let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
    Lexicon::read(language, &nodes, held_out)
        .map_err(|(file, fault)| located(fault, &folder.join(lexicon::FILES[file])))
}

/// The characters and spans of a text.
fn finish(language: Language, composed: compose::Composed) -> Option<ComposedText> {
    let (text, marks) = draft::write(language, &composed.pieces);
    let mut heads = marks.heads;
    heads.sort_by_key(|(_, span)| *span);
    let mentions: Vec<(usize, Mention)> = heads
        .iter()
        .map(|&(id, head)| {
            let phrase = marks.phrases.iter().find(|(other, _)| *other == id).map_or(head, |p| p.1);
            let is_coordination = composed.referents[id].parts.is_some();
            let is_animate = composed.referents[id].class.meets(Classes::ANIMATE)
                && composed.referents[id].class.is_within(Classes::ANIMATE);
            (id, Mention { head, phrase, is_coordination, is_animate })
        })
        .collect();
    let mut anaphors = Vec::new();
    for &(id, span) in &marks.anaphors {
        let anaphor = composed.anaphors[id];
        let antecedent = match anaphor.target {
            None => None,
            Some(target) => Some(mentions.iter().position(|(id, _)| *id == target)?),
        };
        let (kind, decision) = (anaphor.kind, anaphor.decision);
        anaphors.push(TextAnaphor { span, kind, decision, antecedent });
    }
    anaphors.sort_by_key(|anaphor| anaphor.span);
    let mentions = mentions.into_iter().map(|(_, mention)| mention).collect();
    Some(ComposedText { lang: language, text, mentions, anaphors, unclear: marks.unclear })
}

/// The share of the anaphors of a kind that are asked for: the others are rarer, and harder.
fn share_of(kind: AnaphorKind) -> f64 {
    match kind {
        AnaphorKind::Reflexive => 0.4,
        AnaphorKind::Possessive => 0.7,
        _ => 1.0,
    }
}

/// How many of the anaphors for whom nobody else is of the right kind are asked for.
const SHARE_WITHOUT_RIVAL: f64 = 0.7;

/// An example for each anaphor of a text that is asked for.
fn choose_examples(text: &ComposedText, id: &str, rng: &mut Random) -> Vec<Example> {
    let mut examples = Vec::new();
    for (place, anaphor) in text.anaphors.iter().enumerate() {
        let share = if has_rival(text, anaphor) { 1.0 } else { SHARE_WITHOUT_RIVAL }
            * share_of(anaphor.kind);
        if !rng.chance(share) {
            continue;
        }
        let example = as_example(text, anaphor, format!("{id}-{place}"));
        let enough = if anaphor.antecedent.is_some() { 2 } else { 1 };
        if example.candidates.len() >= enough && validate(&example).is_ok() {
            examples.push(example);
        }
    }
    examples
}

/// The text with noise; mentions and anaphors get no typing error.
fn with_noise(text: ComposedText, seed: u64) -> ComposedText {
    let heads = text.mentions.iter().map(|mention| mention.head);
    let fixed: Vec<CharSpan> = heads.chain(text.anaphors.iter().map(|a| a.span)).collect();
    let noisy = NoisyText::new(&text.text, &fixed, seed);
    let mention = |mention: &Mention| Mention {
        head: noisy.moved(mention.head),
        phrase: noisy.moved(mention.phrase),
        ..*mention
    };
    let anaphor =
        |anaphor: &TextAnaphor| TextAnaphor { span: noisy.moved(anaphor.span), ..*anaphor };
    ComposedText {
        lang: text.lang,
        mentions: text.mentions.iter().map(mention).collect(),
        anaphors: text.anaphors.iter().map(anaphor).collect(),
        unclear: text.unclear.iter().map(|&span| noisy.moved(span)).collect(),
        text: noisy.text,
    }
}

/// What is known of the anaphors of a text: those that are asked for, and that other words are none but
/// for pronouns that nothing is asked about (the *se* of *se escapó*) and words of lists.
fn marks(text: &ComposedText) -> Marks {
    let is_null = |anaphor: &TextAnaphor| match anaphor.kind {
        AnaphorKind::Null => true,
        AnaphorKind::Pleonastic => {
            let written = anaphor.span.slice(&text.text).unwrap_or_default();
            AnaphorForm::of_word(written, text.lang).is_none()
        }
        _ => false,
    };
    let anaphor =
        |anaphor: &TextAnaphor| MarkedAnaphor { span: anaphor.span, is_null: is_null(anaphor) };
    let could_be_anaphor = |word: &TextWord<'_>| {
        AnaphorForm::of_word(word.text, text.lang).is_some()
            || text.lang == Language::Es && !attached_pronouns(word.text).is_empty()
    };
    let pronouns = words(&text.text).filter(could_be_anaphor).map(|word| word.span);
    Marks {
        anaphors: text.anaphors.iter().map(anaphor).collect(),
        mentions: None,
        unclear: text.unclear.iter().copied().chain(pronouns).collect(),
    }
}

/// Whether somebody else of its kind, a person or a thing, is mentioned.
fn has_rival(text: &ComposedText, anaphor: &TextAnaphor) -> bool {
    let Some(antecedent) = anaphor.antecedent else { return true };
    let meant = text.mentions[antecedent];
    text.mentions.iter().any(|other| {
        other.is_animate == meant.is_animate
            && !other.head.overlaps(meant.head)
            && !other.is_coordination
    })
}

/// An anaphor as an example: a coordination is a candidate instead of its members where it is the
/// answer, and they instead of it elsewhere.
pub fn as_example(text: &ComposedText, anaphor: &TextAnaphor, id: String) -> Example {
    let answer = anaphor.antecedent.map(|idx| text.mentions[idx]);
    let overlaps_answer = |mention: &Mention| {
        answer
            .is_some_and(|answer| answer.head != mention.head && answer.head.overlaps(mention.head))
    };
    let mut candidates: Vec<CharSpan> = text
        .mentions
        .iter()
        .filter(|mention| !mention.is_coordination || Some(mention.head) == answer.map(|a| a.head))
        .filter(|mention| !overlaps_answer(mention) && !mention.head.overlaps(anaphor.span))
        .map(|mention| mention.head)
        .collect();
    candidates.sort();
    candidates.dedup();
    let antecedent =
        answer.and_then(|answer| candidates.iter().position(|span| *span == answer.head));
    Example {
        id,
        lang: text.lang,
        text: text.text.clone(),
        pronoun: anaphor.span,
        candidates,
        antecedent,
        phenomenon: anaphor.decision.name().to_owned(),
        pair: None,
        form: None,
        agreeing: None,
    }
}
