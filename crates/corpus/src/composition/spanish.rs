//! Spanish clauses: the order of words, clitics and the forms of the verb.

use super::agreement::Agreement;
use super::clause::{Clause, Part, Role};
use super::draft::{Piece, words};
use super::filler::{Filler, How};
use super::lexicon::Lexicon;
use super::rng::Random;
use super::spanish_verbs::{Person, SpanishVerb, Tense, attach};
use super::verb_form::{Auxiliary, VerbForm};

const TONIC: [&str; 4] = ["él", "ella", "ellos", "ellas"];
const ACCUSATIVE: [&str; 4] = ["lo", "la", "los", "las"];
const HAVE_PRESENT: [&str; 5] = ["he", "has", "ha", "hemos", "han"];
const HAVE_PAST: [&str; 5] = ["había", "habías", "había", "habíamos", "habían"];

/// A pronoun before or behind a verb.
struct Clitic {
    /// *se*, then *me, te, nos*, then *le, lo*.
    rank: u8,
    text: &'static str,
    anaphor: Option<usize>,
}

/// The clause as words, or `None` if Spanish has no such clitics.
pub(super) fn clause(
    lexicon: &Lexicon,
    clause: &Clause,
    fillers: &[Filler],
    how: &How,
    rng: &mut Random,
) -> Option<Vec<Piece>> {
    let verb = lexicon.spanish.get(&clause.verb)?;
    let person = person(&fillers[0]);
    let mut clitics = Vec::new();
    if clause.is_pronominal {
        let text = match person {
            Person::I => "me",
            Person::You => "te",
            Person::We => "nos",
            Person::He | Person::They => "se",
        };
        clitics.push(Clitic { rank: 0, text, anaphor: how.reflexive });
    }
    let rest = behind_verb(clause, fillers, how, &mut clitics)?;
    let clitics = in_order(clitics)?;
    let group = verb_group(clause, verb, lexicon, person, how, &clitics, rng)?;
    let subject = match &fillers[0] {
        _ if how.has_null_subject => Vec::new(),
        Filler::Phrase { pieces, .. } => pieces.clone(),
        Filler::Anaphor { anaphor, form, .. } => marked(*anaphor, TONIC[form.index()]),
        Filler::I if how.is_stressed => vec![Piece::word("yo")],
        Filler::You if how.is_stressed => vec![Piece::word("tú")],
        Filler::We if how.is_stressed => vec![Piece::word("nosotros")],
        Filler::I | Filler::You | Filler::We | Filler::None => Vec::new(),
        Filler::Indefinite(text) => words(text).collect(),
    };
    Some(match how.is_inverted {
        _ if how.has_subject_last => [group, rest, subject].concat(),
        true => [group, subject, rest].concat(),
        false => [subject, group, rest].concat(),
    })
}

/// The person that a verb with this subject has.
fn person(subject: &Filler) -> Person {
    match subject {
        Filler::I => Person::I,
        Filler::You => Person::You,
        Filler::We => Person::We,
        Filler::Phrase { is_plural: true, .. } => Person::They,
        Filler::Anaphor { form, .. } if form.meets(Agreement::ES_PLURAL) => Person::They,
        _ => Person::He,
    }
}

/// An anaphor of one word.
fn marked(anaphor: usize, text: &str) -> Vec<Piece> {
    vec![Piece::Anaphor(anaphor), Piece::word(text), Piece::AnaphorEnd(anaphor)]
}

fn behind_verb(
    clause: &Clause,
    fillers: &[Filler],
    how: &How,
    clitics: &mut Vec<Clitic>,
) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut fixed = how.fixed.iter();
    for part in &clause.parts {
        match part {
            Part::Word(word) => match how.reflexive {
                Some(anaphor) if word == "sí" && !clause.is_pronominal => {
                    pieces.extend(marked(anaphor, word));
                }
                _ => pieces.push(Piece::word(word.clone())),
            },
            Part::Agreeing(forms) => {
                let at = how.subject_form.index().min(3);
                pieces.extend(words(&forms[at]));
            }
            Part::Fixed(_) => pieces.extend(fixed.next()?.iter().cloned()),
            Part::Reflexive | Part::Possessive => return None,
            Part::Slot(number) => {
                slot(clause.roles[*number], &fillers[*number], clitics, &mut pieces)?;
            }
        }
    }
    Some(pieces)
}

/// Writes what is in a slot, or the clitic for it.
fn slot(
    role: Role,
    filler: &Filler,
    clitics: &mut Vec<Clitic>,
    pieces: &mut Vec<Piece>,
) -> Option<()> {
    // Of a person, *a* before the slot goes where a clitic stands for it.
    let without_a = |pieces: &mut Vec<Piece>| {
        if matches!(pieces.last(), Some(Piece::Word(word)) if word == "a") {
            pieces.pop();
        }
    };
    let own = |filler: &Filler| match filler {
        Filler::I => Some(("me", "mí")),
        Filler::You => Some(("te", "ti")),
        Filler::We => Some(("nos", "nosotros")),
        _ => None,
    };
    if let Some((clitic, tonic)) = own(filler) {
        if role == Role::Preposition {
            let before = match pieces.last() {
                Some(Piece::Word(word)) => word.clone(),
                _ => return None,
            };
            if before == "con" && tonic != "nosotros" {
                pieces.pop();
                pieces.push(Piece::word(if tonic == "mí" { "conmigo" } else { "contigo" }));
            } else {
                pieces.push(Piece::word(tonic));
            }
            return Some(());
        }
        without_a(pieces);
        clitics.push(Clitic { rank: 1, text: clitic, anaphor: None });
        return Some(());
    }
    match (role, filler) {
        (Role::Object, Filler::Anaphor { anaphor, form, .. }) => {
            without_a(pieces);
            let text = ACCUSATIVE[form.index()];
            clitics.push(Clitic { rank: 3, text, anaphor: Some(*anaphor) });
        }
        (Role::Dative, Filler::Anaphor { anaphor, form, .. }) => {
            without_a(pieces);
            let text = if form.meets(Agreement::ES_PLURAL) { "les" } else { "le" };
            clitics.push(Clitic { rank: 2, text, anaphor: Some(*anaphor) });
        }
        (Role::Preposition, Filler::Anaphor { anaphor, form, .. }) => {
            pieces.extend(marked(*anaphor, TONIC[form.index()]));
        }
        (_, Filler::Phrase { pieces: phrase, is_plural, .. }) => {
            if role == Role::Dative {
                let text = if *is_plural { "les" } else { "le" };
                clitics.push(Clitic { rank: 2, text, anaphor: None });
            }
            // *a Ana y a Luis*
            let repeats = role != Role::Preposition
                && matches!(pieces.last(), Some(Piece::Word(word)) if word == "a");
            for piece in phrase {
                pieces.push(piece.clone());
                if repeats && matches!(piece, Piece::Word(word) if word == "y") {
                    pieces.push(Piece::word("a"));
                }
            }
        }
        (_, Filler::Indefinite(text)) => {
            if role == Role::Dative {
                clitics.push(Clitic { rank: 2, text: "le", anaphor: None });
            }
            pieces.extend(words(text));
        }
        _ => return None,
    }
    Some(())
}

/// The clitics in their order, with *le lo* as *se lo*; `None` for those that cannot be together.
fn in_order(mut clitics: Vec<Clitic>) -> Option<Vec<Clitic>> {
    clitics.sort_by_key(|clitic| clitic.rank);
    if clitics.windows(2).any(|pair| pair[0].rank == pair[1].rank) || clitics.len() > 2 {
        return None;
    }
    match &mut clitics[..] {
        [first, second] if first.rank == 2 && second.rank == 3 => first.text = "se",
        // *me le*: not said in most countries.
        [first, second] if first.rank == 1 && second.rank == 2 => return None,
        [first, second] if first.rank == 0 && second.rank == 1 => return None,
        _ => {}
    }
    Some(clitics)
}

fn verb_group(
    clause: &Clause,
    verb: &SpanishVerb,
    lexicon: &Lexicon,
    person: Person,
    how: &How,
    clitics: &[Clitic],
    rng: &mut Random,
) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    pieces.extend(clause.adverbs.iter().map(|adverb| Piece::word(adverb.clone())));
    let negated = clause.is_negated != how.is_negated;
    if how.form == VerbForm::Infinitive {
        if negated {
            pieces.push(Piece::word("no"));
        }
        pieces.extend(attached(&verb.infinitive, clitics));
        return Some(pieces);
    }
    if how.form == VerbForm::Imperative {
        if negated {
            pieces.push(Piece::word("no"));
            pieces.extend(proclitic(clitics));
            pieces.push(Piece::word(verb.form(Tense::Subjunctive, Person::You)));
        } else {
            pieces.extend(attached(&verb.imperative, clitics));
        }
        return Some(pieces);
    }
    if negated {
        pieces.push(Piece::word("no"));
    }
    let null = how.null_anaphor;
    let finite = |text: &str| match null {
        Some(anaphor) => marked(anaphor, text),
        None => vec![Piece::word(text)],
    };
    if let Some(auxiliary) = how.auxiliary {
        let (name, link) = spanish_auxiliary(auxiliary);
        let tense = if how.form == VerbForm::Imperfect { Tense::Imperfect } else { Tense::Present };
        let form = lexicon.spanish.get(name)?.form(tense, person);
        let main = match auxiliary {
            Auxiliary::Progressive => &verb.gerund,
            _ => &verb.infinitive,
        };
        let can_climb = !matches!(auxiliary, Auxiliary::Need | Auxiliary::Try);
        if can_climb && rng.chance(0.4) && !clitics.is_empty() {
            pieces.extend(proclitic(clitics));
            pieces.extend(finite(form));
            pieces.extend(link.map(Piece::word));
            pieces.push(Piece::word(main.clone()));
        } else {
            pieces.extend(finite(form));
            pieces.extend(link.map(Piece::word));
            pieces.extend(attached(main, clitics));
        }
        return Some(pieces);
    }
    pieces.extend(proclitic(clitics));
    let at = person as usize;
    let tense = match how.form {
        VerbForm::PresentPerfect => {
            pieces.extend(finite(HAVE_PRESENT[at]));
            pieces.push(Piece::word(verb.participle.clone()));
            return Some(pieces);
        }
        VerbForm::PastPerfect => {
            pieces.extend(finite(HAVE_PAST[at]));
            pieces.push(Piece::word(verb.participle.clone()));
            return Some(pieces);
        }
        VerbForm::Present | VerbForm::Infinitive | VerbForm::Imperative => Tense::Present,
        VerbForm::Past => Tense::Preterite,
        VerbForm::Imperfect => Tense::Imperfect,
        VerbForm::Future => Tense::Future,
        VerbForm::Conditional => Tense::Conditional,
        VerbForm::Subjunctive => Tense::Subjunctive,
        VerbForm::PastSubjunctive => Tense::PastSubjunctive,
    };
    pieces.extend(finite(verb.form(tense, person)));
    Some(pieces)
}

fn spanish_auxiliary(auxiliary: Auxiliary) -> (&'static str, Option<&'static str>) {
    match auxiliary {
        Auxiliary::Want => ("querer", None),
        Auxiliary::Going => ("ir", Some("a")),
        Auxiliary::Must => ("tener", Some("que")),
        Auxiliary::Can => ("poder", None),
        Auxiliary::Need => ("necesitar", None),
        Auxiliary::Try => ("intentar", None),
        Auxiliary::Progressive => ("estar", None),
    }
}

fn proclitic(clitics: &[Clitic]) -> impl Iterator<Item = Piece> + '_ {
    clitics.iter().flat_map(|clitic| match clitic.anaphor {
        Some(anaphor) => marked(anaphor, clitic.text),
        None => vec![Piece::word(clitic.text)],
    })
}

/// A verb with clitics behind it. A single anaphor is the whole word, of two each its letters.
fn attached(form: &str, clitics: &[Clitic]) -> Vec<Piece> {
    let texts: Vec<&str> = clitics.iter().map(|clitic| clitic.text).collect();
    let whole = attach(form, &texts);
    match clitics {
        [Clitic { anaphor: Some(anaphor), .. }] => marked(*anaphor, &whole),
        _ if clitics.iter().all(|clitic| clitic.anaphor.is_none()) => vec![Piece::word(whole)],
        _ => {
            let end: usize = texts.iter().map(|text| text.len()).sum();
            let mut pieces = vec![Piece::word(&whole[..whole.len() - end])];
            for clitic in clitics {
                let suffix = format!("+{}", clitic.text);
                match clitic.anaphor {
                    Some(anaphor) => pieces.extend(marked(anaphor, &suffix)),
                    None => pieces.push(Piece::word(suffix)),
                }
            }
            pieces
        }
    }
}
