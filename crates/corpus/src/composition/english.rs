//! English clauses: the order of words and the forms of the verb.

use super::agreement::Agreement;
use super::clause::{Clause, Part};
use super::draft::{Piece, words};
use super::english_words::EnglishVerb;
use super::filler::{Filler, How};
use super::lexicon::Lexicon;
use super::verb_form::{Auxiliary, VerbForm};

const SUBJECT: [&str; 4] = ["he", "she", "it", "they"];
const OBJECT: [&str; 4] = ["him", "her", "it", "them"];
const REFLEXIVE: [&str; 4] = ["himself", "herself", "itself", "themselves"];

/// Which form of *be* a subject takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    I,
    One,
    Many,
}

/// The clause as words.
pub(super) fn clause(
    lexicon: &Lexicon,
    clause: &Clause,
    fillers: &[Filler],
    how: &How,
) -> Option<Vec<Piece>> {
    let verb = lexicon.english.get(&clause.verb)?;
    let number = number(&fillers[0], clause);
    let mut pieces = match &fillers[0] {
        _ if matches!(how.form, VerbForm::Infinitive | VerbForm::Imperative) => Vec::new(),
        Filler::Phrase { pieces, .. } => pieces.clone(),
        Filler::Anaphor { anaphor, form } => marked(*anaphor, SUBJECT[form.index()]),
        Filler::I => vec![Piece::word("I")],
        Filler::You => vec![Piece::word("you")],
        Filler::We => vec![Piece::word("we")],
        Filler::Indefinite(text) => words(text).collect(),
        Filler::None => Vec::new(),
    };
    if clause.has_it {
        pieces = match how.null_anaphor {
            Some(anaphor) => marked(anaphor, "it"),
            None => vec![Piece::word("it")],
        };
    }
    pieces.extend(verb_group(clause, verb, number, how)?);
    pieces.extend(behind_verb(clause, fillers, how)?);
    Some(pieces)
}

fn marked(anaphor: usize, text: &str) -> Vec<Piece> {
    vec![Piece::Anaphor(anaphor), Piece::word(text), Piece::AnaphorEnd(anaphor)]
}

fn number(subject: &Filler, clause: &Clause) -> Number {
    match subject {
        _ if clause.has_it => Number::One,
        Filler::I => Number::I,
        Filler::You | Filler::We => Number::Many,
        Filler::Phrase { is_plural: true, .. } => Number::Many,
        Filler::Anaphor { form, .. } if *form == Agreement::THEY => Number::Many,
        _ => Number::One,
    }
}

fn behind_verb(clause: &Clause, fillers: &[Filler], how: &How) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut fixed = how.fixed.iter();
    for part in &clause.parts {
        match part {
            Part::Word(word) => pieces.push(Piece::word(word.clone())),
            Part::Agreeing(_) => return None,
            Part::Fixed(_) => pieces.extend(fixed.next()?.iter().cloned()),
            Part::Possessive => pieces.extend(how.possessive.iter().cloned()),
            Part::Reflexive => match &fillers[0] {
                Filler::I => pieces.push(Piece::word("myself")),
                Filler::You => pieces.push(Piece::word("yourself")),
                Filler::We => pieces.push(Piece::word("ourselves")),
                _ => {
                    let form = REFLEXIVE[how.subject_form.index().min(3)];
                    pieces.extend(marked(how.reflexive?, form));
                }
            },
            Part::Slot(number) => match &fillers[*number] {
                Filler::Phrase { pieces: phrase, .. } => pieces.extend(phrase.iter().cloned()),
                Filler::Anaphor { anaphor, form } => {
                    pieces.extend(marked(*anaphor, OBJECT[form.index()]));
                }
                Filler::I => pieces.push(Piece::word("me")),
                Filler::You => pieces.push(Piece::word("you")),
                Filler::We => pieces.push(Piece::word("us")),
                Filler::Indefinite(text) => pieces.extend(words(text)),
                Filler::None => return None,
            },
        }
    }
    Some(pieces)
}

/// The words of the verb, with negation and adverbs behind the first auxiliary.
fn verb_group(
    clause: &Clause,
    verb: &EnglishVerb,
    number: Number,
    how: &How,
) -> Option<Vec<Piece>> {
    let negated = clause.is_negated != how.is_negated;
    let (first, rest) = match how.auxiliary {
        Some(auxiliary) => with_auxiliary(auxiliary, verb, number, how.form),
        None => plain(verb, number, how.form)?,
    };
    let mut pieces: Vec<Piece> = Vec::new();
    let adverbs = clause.adverbs.iter().map(|adverb| Piece::word(adverb.clone()));
    if matches!(how.form, VerbForm::Infinitive | VerbForm::Imperative) {
        match (negated, how.form) {
            (true, VerbForm::Imperative) => pieces.push(Piece::word("don't")),
            (true, _) => pieces.push(Piece::word("not")),
            _ => {}
        }
        pieces.extend(adverbs);
        pieces.push(Piece::word(verb.base.clone()));
        return Some(pieces);
    }
    let is_auxiliary = !rest.is_empty() || matches!(verb.base.as_str(), "be" | "can");
    if is_auxiliary {
        pieces.push(match negated {
            true => Piece::word(contracted(&first)),
            false => Piece::word(first),
        });
        pieces.extend(adverbs);
        pieces.extend(rest.into_iter().map(Piece::word));
    } else if negated {
        let helper = match (how.form, number) {
            (VerbForm::Present | VerbForm::Subjunctive, Number::One) => "doesn't",
            (VerbForm::Present | VerbForm::Subjunctive, _) => "don't",
            _ => "didn't",
        };
        pieces.push(Piece::word(helper));
        pieces.extend(adverbs);
        pieces.push(Piece::word(verb.base.clone()));
    } else {
        pieces.extend(adverbs);
        pieces.push(Piece::word(first));
    }
    Some(pieces)
}

fn contracted(auxiliary: &str) -> String {
    match auxiliary {
        "will" => "won't".to_owned(),
        "can" => "can't".to_owned(),
        "am" => "am not".to_owned(),
        other => format!("{other}n't"),
    }
}

fn be(number: Number, is_past: bool) -> &'static str {
    match (number, is_past) {
        (Number::Many, false) => "are",
        (Number::Many, true) => "were",
        (Number::I, false) => "am",
        (Number::One, false) => "is",
        (_, true) => "was",
    }
}

/// The first word of the verb, and the others.
fn plain(verb: &EnglishVerb, number: Number, form: VerbForm) -> Option<(String, Vec<String>)> {
    let have = |is_past: bool| match (is_past, number) {
        (true, _) => "had",
        (false, Number::One) => "has",
        (false, _) => "have",
    };
    let simple = |text: &str| (text.to_owned(), Vec::new());
    let is_be = verb.base == "be";
    Some(match form {
        VerbForm::Present if is_be => simple(be(number, false)),
        VerbForm::Past | VerbForm::Imperfect if is_be => simple(be(number, true)),
        VerbForm::Present if verb.base == "can" => simple("can"),
        VerbForm::Present if number == Number::One => simple(&verb.third),
        VerbForm::Present => simple(&verb.base),
        VerbForm::Past | VerbForm::Imperfect => simple(&verb.past),
        VerbForm::PresentPerfect => (have(false).to_owned(), vec![verb.participle.clone()]),
        VerbForm::PastPerfect => (have(true).to_owned(), vec![verb.participle.clone()]),
        VerbForm::Future
        | VerbForm::Conditional
        | VerbForm::Subjunctive
        | VerbForm::PastSubjunctive
            if verb.base == "can" =>
        {
            return None;
        }
        VerbForm::Future => ("will".to_owned(), vec![verb.base.clone()]),
        VerbForm::Conditional | VerbForm::PastSubjunctive => {
            ("would".to_owned(), vec![verb.base.clone()])
        }
        VerbForm::Subjunctive => ("can".to_owned(), vec![verb.base.clone()]),
        VerbForm::Infinitive | VerbForm::Imperative => (verb.base.clone(), Vec::new()),
    })
}

fn with_auxiliary(
    auxiliary: Auxiliary,
    verb: &EnglishVerb,
    number: Number,
    form: VerbForm,
) -> (String, Vec<String>) {
    let is_past = form == VerbForm::Imperfect;
    let be = be(number, is_past).to_owned();
    let base = verb.base.clone();
    match auxiliary {
        Auxiliary::Going => (be, vec!["going".into(), "to".into(), base]),
        Auxiliary::Progressive => (be, vec![verb.ing.clone()]),
        Auxiliary::Can => ((if is_past { "could" } else { "can" }).to_owned(), vec![base]),
        Auxiliary::Must => (be, vec!["supposed".into(), "to".into(), base]),
        Auxiliary::Want => (be, vec!["hoping".into(), "to".into(), base]),
        Auxiliary::Need => (be, vec!["about".into(), "to".into(), base]),
        Auxiliary::Try => (be, vec!["trying".into(), "to".into(), base]),
    }
}
