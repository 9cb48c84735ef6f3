//! Who and what a text is about, and the pronouns that stand for them.

use super::agreement::Agreement;
use super::class::Classes;

/// Somebody or something in a text.
#[derive(Debug, Clone)]
pub(super) struct Referent {
    /// The pronouns that a text may use for it.
    pub(super) agreement: Agreement,
    /// The pronouns that could be meant for it.
    pub(super) possible: Agreement,
    /// Its class; of a fixed noun, every class that it may be of.
    pub(super) class: Classes,
    pub(super) is_plural: bool,
    /// The referent in whose phrase it stands (*the friend of Ana*: Ana in the friend's).
    pub(super) host: Option<usize>,
    /// The members of a coordination.
    pub(super) parts: Option<[usize; 2]>,
    /// Whether a text may take it up: not what is only mentioned in an idiom.
    pub(super) can_be_meant: bool,
}

/// What an anaphor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AnaphorKind {
    /// A subject pronoun.
    Subject,
    /// *him, her, it, them* as an object.
    Object,
    /// A pronoun behind a preposition.
    Preposition,
    /// *lo, la, le* before or behind a verb.
    Clitic,
    /// A verb without subject.
    Null,
    /// *su, his, her, its, their*
    Possessive,
    /// *se, himself*
    Reflexive,
    /// *it* and verbs that stand for nothing: weather, time.
    Pleonastic,
}

/// What makes an antecedent certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Decision {
    /// Gender, number, person or animacy leaves one.
    Agreement,
    /// Of several that agree, the clause can be true of one.
    Selection,
    /// Of several that agree, grammar allows one.
    Syntax,
    /// Of several that agree and are allowed, sense leaves one.
    Meaning,
    /// Nothing in the text is meant.
    Nothing,
}

impl Decision {
    /// The name in the field `phenomenon`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agreement => "agreement",
            Self::Selection => "selection",
            Self::Syntax => "syntax",
            Self::Meaning => "meaning",
            Self::Nothing => "none",
        }
    }
}

/// An anaphor of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Anaphor {
    pub(super) kind: AnaphorKind,
    /// `None` where nothing in the text is meant.
    pub(super) target: Option<usize>,
    pub(super) decision: Decision,
}

/// What an anaphor shows, and what is known of its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The pronouns that it could be a form of.
    pub(super) visible: Agreement,
    /// The classes of which its clause can be true.
    pub(super) possible: Classes,
    /// Those that grammar excludes.
    pub(super) excluded: &'a [usize],
}

/// Whether `target` is the only one that can be meant, and why.
///
/// Everybody and everything mentioned is asked, fillers and modifiers, too. One that stands within
/// the phrase of the target is not meant where the target could be: of *el abuelo de Nico*, people
/// take up the grandfather.
pub(super) fn decide(referents: &[Referent], target: usize, place: Place<'_>) -> Option<Decision> {
    let meant = &referents[target];
    if !meant.agreement.meets(place.visible) || !meant.class.meets(place.possible) {
        return None;
    }
    let own_parts = meant.parts.unwrap_or([target; 2]);
    let mut decision = Decision::Agreement;
    for (idx, other) in referents.iter().enumerate() {
        let is_own = idx == target || own_parts.contains(&idx);
        if is_own || !other.possible.meets(place.visible) {
            continue;
        }
        if !other.class.meets(place.possible) {
            // A person against a thing is agreement in animacy.
            let same_kind =
                other.class.meets(Classes::ANIMATE) == meant.class.meets(Classes::ANIMATE);
            if same_kind && decision == Decision::Agreement {
                decision = Decision::Selection;
            }
            continue;
        }
        let contains = |whole: usize| {
            referents[whole].parts.is_some_and(|parts| parts.contains(&idx))
                || other.parts.is_some_and(|parts| parts.contains(&whole))
        };
        let is_excluded = place.excluded.iter().any(|&out| out == idx || contains(out));
        if !is_excluded && other.host != Some(target) {
            return None;
        }
        decision = Decision::Syntax;
    }
    let is_related = |out: usize| {
        out == target
            || referents[out].parts.is_some_and(|parts| parts.contains(&target))
            || meant.parts.is_some_and(|parts| parts.contains(&out))
    };
    let excluded_target = place.excluded.iter().any(|&out| is_related(out))
        || meant.host.is_some_and(|host| referents[host].possible.meets(place.visible));
    (!excluded_target && !could_be_a_sum(referents, target, place)).then_some(decision)
}

/// Whether a plural could also be two single ones together.
fn could_be_a_sum(referents: &[Referent], target: usize, place: Place<'_>) -> bool {
    let meant = &referents[target];
    if !meant.is_plural {
        return false;
    }
    let own = meant.parts.unwrap_or([target; 2]);
    let n_single = referents
        .iter()
        .enumerate()
        .filter(|(idx, other)| {
            !own.contains(idx)
                && !place.excluded.contains(idx)
                && !other.is_plural
                && other.host.is_none()
                && other.class.meets(place.possible)
                && (place.visible != Agreement::ELLAS || other.possible.meets(Agreement::ELLA))
        })
        .count();
    n_single >= 2
}
