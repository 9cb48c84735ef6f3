//! Composes one text from a form: chooses clauses and who takes part in them, and keeps the text only
//! if every anaphor in it is certain.

use super::agreement::Agreement;
use super::class::Classes;
use super::clause::{Clause, FixedNoun, Part, Role, Slot};
use super::draft::{Piece, words};
use super::filler::{Filler, How};
use super::form::{Form, Segment};
use super::lexicon::Lexicon;
use super::reason::Link;
use super::referent::{Anaphor, AnaphorKind, Decision, Place, Referent, decide};
use super::rng::Random;
use super::verb_form::{self, Auxiliary, VerbForm};
use super::{english, spanish};
use crate::example::Language;

mod cataphora;
mod english_phrase;
mod name;
mod nobody;
mod opening;
mod pair;
mod phrase;
mod spanish_phrase;
mod speech;
mod symbols;
mod taking_up;

/// How often a clause with an anaphor is tried before the text is given up.
const TRIES: usize = 5;

/// A text that is being composed.
pub(super) struct Composer<'l> {
    lexicon: &'l Lexicon,
    rng: Random,
    pieces: Vec<Piece>,
    referents: Vec<Referent>,
    anaphors: Vec<Anaphor>,
    is_past: bool,
    /// The nouns and names that occur.
    used: Vec<&'l str>,
    /// The subject of the last clause.
    topic: Option<usize>,
    /// Who speaks and who is spoken to in a quotation, and so is no third person there.
    speakers: Vec<usize>,
    /// Whether *yo* takes part, so that *tenía* could be about him.
    has_first_person: bool,
    /// The referent of an anaphor that has come before it, until the clause that names it.
    announced: Option<usize>,
    /// Whether the subject's anaphor comes before its antecedent: in Spanish it is left out then.
    is_cataphoric: bool,
    /// The forms of pronouns that stand for nobody in the text: nobody in it may agree with them.
    absent: Vec<Agreement>,
    /// How events are told in a text about the present.
    present: VerbForm,
    /// Whether *everybody* or the like takes part, whom *they* could mean.
    has_indefinite: bool,
    /// Whether *own* is said after a possessive, where it could else be another's.
    stresses_own: bool,
    /// The verbs that occur, so that no clause comes twice.
    verbs: Vec<&'l str>,
}

/// A text, as pieces with marks.
pub(super) struct Composed {
    pub(super) pieces: Vec<Piece>,
    pub(super) referents: Vec<Referent>,
    pub(super) anaphors: Vec<Anaphor>,
}

/// Composes a text of this form, or `None` if it did not become certain.
pub(super) fn compose(lexicon: &Lexicon, form: &Form, mut rng: Random) -> Option<Composed> {
    let is_past = form.is_past.unwrap_or_else(|| rng.chance(0.75));
    let mut composer = Composer {
        lexicon,
        rng,
        pieces: Vec::new(),
        referents: Vec::new(),
        anaphors: Vec::new(),
        is_past,
        used: Vec::new(),
        topic: None,
        speakers: Vec::new(),
        has_first_person: false,
        announced: None,
        is_cataphoric: false,
        absent: Vec::new(),
        present: VerbForm::Present,
        has_indefinite: false,
        stresses_own: false,
        verbs: Vec::new(),
    };
    composer.present = [VerbForm::PresentPerfect, VerbForm::Future, VerbForm::Present]
        [composer.rng.weighted(&[55, 20, 25])];
    for segment in &form.segments {
        match segment {
            Segment::Literal(word) => composer.as_it_stands(|composer| {
                composer.pieces.push(Piece::word(word.clone()));
            }),
            Segment::List(name) => {
                let item = composer.rng.item(&lexicon.lists[name])?;
                composer.as_it_stands(|composer| composer.list_item(item));
            }
            Segment::Symbol(symbol, link) => composer.symbol(*symbol, *link)?,
        }
    }
    let stands_for_nobody = composer.absent.iter().all(|form| {
        let agrees = |referent: &Referent| {
            referent.possible.meets(*form) && referent.class.meets(Classes::ANIMATE)
        };
        !composer.referents.iter().any(agrees)
    });
    (!composer.anaphors.is_empty() && stands_for_nobody).then_some(Composed {
        pieces: composer.pieces,
        referents: composer.referents,
        anaphors: composer.anaphors,
    })
}

/// What has to be undone if a clause does not become certain.
struct Snapshot {
    n_referents: usize,
    n_anaphors: usize,
    n_used: usize,
    agreements: Vec<Agreement>,
    topic: Option<usize>,
    has_first_person: bool,
    n_verbs: usize,
}

impl<'l> Composer<'l> {
    fn language(&self) -> Language {
        self.lexicon.language
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            n_referents: self.referents.len(),
            n_anaphors: self.anaphors.len(),
            n_used: self.used.len(),
            agreements: self.referents.iter().map(|referent| referent.agreement).collect(),
            topic: self.topic,
            has_first_person: self.has_first_person,
            n_verbs: self.verbs.len(),
        }
    }

    fn restore(&mut self, snapshot: Snapshot) {
        self.referents.truncate(snapshot.n_referents);
        self.anaphors.truncate(snapshot.n_anaphors);
        self.used.truncate(snapshot.n_used);
        for (referent, agreement) in self.referents.iter_mut().zip(snapshot.agreements) {
            referent.agreement = agreement;
        }
        self.topic = snapshot.topic;
        self.has_first_person = snapshot.has_first_person;
        self.verbs.truncate(snapshot.n_verbs);
    }

    /// Tries to make a clause several times, and undoes what did not work.
    fn attempt(
        &mut self,
        mut make: impl FnMut(&mut Self) -> Option<Vec<Piece>>,
    ) -> Option<Vec<Piece>> {
        for _ in 0..TRIES {
            let snapshot = self.snapshot();
            if let Some(pieces) = make(self) {
                return Some(pieces);
            }
            self.restore(snapshot);
        }
        None
    }

    /// Writes words of which not every anaphor is marked.
    fn as_it_stands(&mut self, write: impl FnOnce(&mut Self)) {
        self.pieces.push(Piece::Unclear);
        write(self);
        self.pieces.push(Piece::UnclearEnd);
    }

    /// Writes an item of a list; a word in braces stands for nothing: *What time is {it}?*
    fn list_item(&mut self, item: &str) {
        for word in item.split(' ') {
            let Some((before, rest)) = word.split_once('{') else {
                self.pieces.push(Piece::word(word));
                continue;
            };
            let Some((inside, after)) = rest.split_once('}') else { continue };
            if !before.is_empty() {
                self.pieces.push(Piece::word(before));
            }
            let id = self.add_anaphor(AnaphorKind::Pleonastic, None, Decision::Nothing);
            self.pieces.extend([Piece::Anaphor(id), Piece::word(inside), Piece::AnaphorEnd(id)]);
            if !after.is_empty() {
                self.pieces.push(Piece::word(format!("+{after}")));
            }
        }
    }

    /// Writes a clause with these fillers.
    fn realise(&mut self, clause: &'l Clause, fillers: &[Filler], how: &How) -> Option<Vec<Piece>> {
        let is_light = matches!(clause.verb.as_str(), "be" | "have" | "ser" | "estar" | "tener");
        if self.verbs.contains(&clause.verb.as_str()) && !is_light {
            return None;
        }
        self.verbs.push(&clause.verb);
        match self.language() {
            Language::Es => spanish::clause(self.lexicon, clause, fillers, how, &mut self.rng),
            Language::En => english::clause(self.lexicon, clause, fillers, how),
        }
    }

    /// The form of the verb, and everything else that does not depend on the fillers.
    fn how(&mut self, link: Link, clause: &Clause) -> How {
        let is_past = self.is_past && link != Link::Quote;
        let (form, auxiliary) =
            verb_form::choose(link, is_past, clause.is_state, clause.is_before, &mut self.rng);
        let is_plain_event = !is_past
            && auxiliary.is_none()
            && !clause.is_state
            && !clause.is_before
            && !matches!(link, Link::Quote | Link::Purpose | Link::If | Link::When);
        let form = if is_plain_event { self.present } else { form };
        // Only persons want, try and need.
        let is_about_person = !clause.has_subject || Self::is_for_persons(&clause.slots[0]);
        let auxiliary =
            auxiliary.map(|chosen| if is_about_person { chosen } else { Auxiliary::Going });
        How::new(form, auxiliary)
    }

    /// Adds an anaphor for `target` if it is certain, and says in which form.
    fn anaphor(
        &mut self,
        target: usize,
        kind: AnaphorKind,
        shows: Shows,
        possible: Classes,
        excluded: &[usize],
    ) -> Option<(usize, Agreement)> {
        let form = self.form_of(target)?;
        let visible = self.visible(form, shows);
        let decision = decide(&self.referents, target, Place { visible, possible, excluded })?;
        Some((self.add_anaphor(kind, Some(target), decision), form))
    }

    /// The pronouns that an anaphor of this form could be one of, by what it shows.
    fn visible(&self, form: Agreement, shows: Shows) -> Agreement {
        match (self.language(), shows) {
            (Language::En, _) | (_, Shows::GenderAndNumber) => form,
            (_, Shows::Number) if form.meets(Agreement::ES_PLURAL) => Agreement::ES_PLURAL,
            (_, Shows::Number) => Agreement::ES_SINGULAR,
        }
    }

    /// Adds an anaphor to the text's, and returns its number.
    fn add_anaphor(
        &mut self,
        kind: AnaphorKind,
        target: Option<usize>,
        decision: Decision,
    ) -> usize {
        self.anaphors.push(Anaphor { kind, target, decision });
        self.anaphors.len() - 1
    }

    /// The pronoun that stands for a referent. Whoever can be *he* or *she* is one of them from then
    /// on.
    fn form_of(&mut self, target: usize) -> Option<Agreement> {
        let agreement = self.referents[target].agreement;
        if agreement.is_single() {
            return Some(agreement);
        }
        let forms: Vec<Agreement> =
            (0..4).map(|bit| Agreement(1 << bit)).filter(|form| form.meets(agreement)).collect();
        let form = *self.rng.item(&forms)?;
        self.referents[target].agreement = form;
        Some(form)
    }

    /// The fixed nouns of a clause, and the possessives in them, spelled out.
    fn spell_fixed(
        &mut self,
        clause: &'l Clause,
        subject: &Filler,
        subject_id: Option<usize>,
        how: &mut How,
    ) {
        for part in &clause.parts {
            match part {
                Part::Fixed(fixed) => {
                    let pieces = self.fixed(fixed, subject, subject_id);
                    how.fixed.push(pieces);
                }
                Part::Possessive => how.possessive = self.possessive(subject, subject_id, None),
                _ => {}
            }
        }
    }

    fn fixed(
        &mut self,
        fixed: &'l FixedNoun,
        subject: &Filler,
        subject_id: Option<usize>,
    ) -> Vec<Piece> {
        let id = self.referents.len();
        let (agreement, is_plural) = match self.language() {
            Language::Es => {
                let feminine = fixed.is_feminine.unwrap_or(false);
                (Agreement::es(feminine, fixed.is_plural), fixed.is_plural)
            }
            Language::En if fixed.is_plural => (Agreement::THEY, true),
            Language::En => (Agreement::IT, false),
        };
        let mut pieces = vec![Piece::Phrase(id)];
        match &fixed.determiner {
            Some(determiner) if !determiner.is_empty() => {
                pieces.push(Piece::word(determiner.clone()))
            }
            Some(_) => {}
            None => pieces.extend(self.possessive(subject, subject_id, Some(fixed))),
        }
        self.referents.push(Referent {
            agreement,
            possible: agreement,
            class: fixed.class,
            is_plural,
            host: None,
            parts: None,
            can_be_meant: false,
        });
        let mut noun = words(&fixed.noun);
        pieces.push(Piece::Head(id));
        match self.language() {
            // The head is the first word in Spanish and the last in English, which takes several.
            Language::Es => {
                pieces.extend(noun.next());
                pieces.push(Piece::HeadEnd(id));
                pieces.extend(noun);
            }
            Language::En => {
                pieces.extend(noun);
                pieces.push(Piece::HeadEnd(id));
            }
        }
        pieces.push(Piece::PhraseEnd(id));
        pieces
    }

    /// The possessive of a clause's subject. It is an anaphor if the subject is somebody of the text.
    fn possessive(
        &mut self,
        subject: &Filler,
        subject_id: Option<usize>,
        noun: Option<&FixedNoun>,
    ) -> Vec<Piece> {
        let mut pieces = self.bare_possessive(subject, subject_id, noun);
        if self.stresses_own || self.rng.chance(0.12) {
            let own = match (self.language(), noun) {
                (Language::En, _) => "own",
                (Language::Es, None) => return pieces,
                (Language::Es, Some(noun)) => {
                    let form = usize::from(noun.is_feminine == Some(true));
                    ["propio", "propia", "propios", "propias"]
                        [form + 2 * usize::from(noun.is_plural)]
                }
            };
            pieces.push(Piece::word(own));
        }
        pieces
    }

    fn bare_possessive(
        &mut self,
        subject: &Filler,
        subject_id: Option<usize>,
        noun: Option<&FixedNoun>,
    ) -> Vec<Piece> {
        const ENGLISH: [&str; 4] = ["his", "her", "its", "their"];
        let is_plural = noun.is_some_and(|noun| noun.is_plural);
        let (own, theirs) = match (self.language(), is_plural) {
            (Language::Es, false) => (["mi", "tu", "nuestro"], "su"),
            (Language::Es, true) => (["mis", "tus", "nuestros"], "sus"),
            (Language::En, _) => (["my", "your", "our"], "their"),
        };
        match subject {
            Filler::I => return vec![Piece::word(own[0])],
            Filler::You => return vec![Piece::word(own[1])],
            Filler::We => return vec![Piece::word(own[2])],
            _ => {}
        }
        let Some(target) = subject_id else { return vec![Piece::word(theirs)] };
        let Some(form) = self.form_of(target) else { return vec![Piece::word(theirs)] };
        let text = match self.language() {
            Language::Es => theirs,
            Language::En => ENGLISH[form.index()],
        };
        let id = self.add_anaphor(AnaphorKind::Possessive, Some(target), Decision::Syntax);
        vec![Piece::Anaphor(id), Piece::word(text), Piece::AnaphorEnd(id)]
    }

    /// Whether a person is natural in a slot.
    fn is_for_persons(slot: &Slot) -> bool {
        slot.natural.meets(Classes::PERSON)
    }

    /// What a pronoun in a slot of this role is.
    fn kind_of(&self, role: Role) -> AnaphorKind {
        match (role, self.language()) {
            (Role::Subject, _) => AnaphorKind::Subject,
            (Role::Object | Role::Dative, Language::Es) => AnaphorKind::Clitic,
            (Role::Object, Language::En) => AnaphorKind::Object,
            (Role::Dative, Language::En) | (Role::Preposition, _) => AnaphorKind::Preposition,
        }
    }
}

/// What an anaphor shows of its antecedent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    GenderAndNumber,
    Number,
}

/// How a clause is joined.
fn is_subordinate(link: Link) -> bool {
    !matches!(link, Link::Main | Link::And | Link::But | Link::So | Link::Quote)
}

/// Whether the imperfect and its like have one form for *yo* and *él*.
fn is_like_first_person(form: VerbForm) -> bool {
    matches!(
        form,
        VerbForm::Imperfect
            | VerbForm::Conditional
            | VerbForm::PastPerfect
            | VerbForm::Subjunctive
            | VerbForm::PastSubjunctive
    )
}
