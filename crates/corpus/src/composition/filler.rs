//! What is put into the slots of a clause, and how the clause is said.

use super::agreement::Agreement;
use super::draft::Piece;
use super::verb_form::{Auxiliary, VerbForm};

/// What is in a slot.
#[derive(Debug, Clone)]
pub(super) enum Filler {
    /// A noun phrase.
    Phrase {
        pieces: Vec<Piece>,
        is_plural: bool,
    },
    /// A pronoun, of this form, that has this number among the text's anaphors.
    Anaphor {
        anaphor: usize,
        form: Agreement,
    },
    I,
    You,
    We,
    /// *nobody, everyone*
    Indefinite(String),
    /// Nothing: the clause has no subject.
    None,
}

/// How a clause is said.
#[derive(Debug, Clone)]
pub(super) struct How {
    pub(super) form: VerbForm,
    pub(super) auxiliary: Option<Auxiliary>,
    pub(super) is_negated: bool,
    /// Spanish: the subject is left out.
    pub(super) has_null_subject: bool,
    /// Spanish: the anaphor that the verb carries.
    pub(super) null_anaphor: Option<usize>,
    /// Spanish: *yo, tú* are said.
    pub(super) is_stressed: bool,
    /// Spanish: the subject comes behind the verb.
    pub(super) is_inverted: bool,
    /// Spanish: the subject comes behind everything.
    pub(super) has_subject_last: bool,
    /// Spanish *se*, English *herself*: its anaphor.
    pub(super) reflexive: Option<usize>,
    /// What agrees with the subject takes this form.
    pub(super) subject_form: Agreement,
    /// The fixed nouns of the clause in their order, spelled out.
    pub(super) fixed: Vec<Vec<Piece>>,
    /// English: *his* of *lose their keys*, spelled out.
    pub(super) possessive: Vec<Piece>,
}

impl How {
    pub(super) fn new(form: VerbForm, auxiliary: Option<Auxiliary>) -> Self {
        Self {
            form,
            auxiliary,
            is_negated: false,
            has_null_subject: false,
            null_anaphor: None,
            is_stressed: false,
            is_inverted: false,
            has_subject_last: false,
            reflexive: None,
            subject_form: Agreement(1),
            fixed: Vec::new(),
            possessive: Vec::new(),
        }
    }
}
