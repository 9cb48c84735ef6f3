//! Which form a verb takes: by how its clause is joined, when the text is told, and whether it is a
//! state.

use super::reason::Link;
use super::rng::Random;

/// A form of a verb, in either language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VerbForm {
    Present,
    /// *compró, bought*
    Past,
    /// *compraba, tenía*; in English as the simple past.
    Imperfect,
    PresentPerfect,
    PastPerfect,
    Future,
    Conditional,
    Subjunctive,
    PastSubjunctive,
    Infinitive,
    Imperative,
}

/// A verb before the verb: *quería comprar, was going to buy*.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Auxiliary {
    Want,
    Going,
    Must,
    Can,
    Need,
    Try,
    Progressive,
}

impl Auxiliary {
    const ALL: [Self; 7] =
        [Self::Want, Self::Going, Self::Must, Self::Can, Self::Need, Self::Try, Self::Progressive];
}

/// Chooses a form.
pub(super) fn choose(
    link: Link,
    is_past: bool,
    is_state: bool,
    is_before: bool,
    rng: &mut Random,
) -> (VerbForm, Option<Auxiliary>) {
    use VerbForm as F;
    let any = |rng: &mut Random, forms: &[VerbForm]| forms[rng.below(forms.len())];
    let plain = |form| (form, None);
    let with_auxiliary = |rng: &mut Random, form| (form, Some(Auxiliary::ALL[rng.below(7)]));
    match (link, is_past) {
        (Link::Purpose, true) => plain(F::PastSubjunctive),
        (Link::Purpose, false) => plain(F::Subjunctive),
        (Link::Because | Link::Although | Link::That | Link::Relative, true) => {
            match (is_state, is_before) {
                (true, _) => plain(F::Imperfect),
                (_, true) => plain(F::PastPerfect),
                _ if link == Link::That && rng.chance(0.3) => plain(F::Conditional),
                _ if rng.chance(0.5) => with_auxiliary(rng, F::Imperfect),
                _ => plain(F::PastPerfect),
            }
        }
        (Link::Because | Link::Although | Link::That | Link::Relative, false) => {
            match (is_state, is_before) {
                (true, _) => plain(F::Present),
                (_, true) => plain(F::PresentPerfect),
                _ if rng.chance(0.4) => with_auxiliary(rng, F::Present),
                _ => plain(any(rng, &[F::PresentPerfect, F::PresentPerfect, F::Future])),
            }
        }
        (Link::While, true) => match is_state {
            true => plain(F::Imperfect),
            false => (F::Imperfect, Some(Auxiliary::Progressive)),
        },
        (Link::While, false) => match is_state {
            true => plain(F::Present),
            false => (F::Present, Some(Auxiliary::Progressive)),
        },
        (Link::If | Link::When, false) => plain(F::Present),
        (Link::If, true) => plain(F::Imperfect),
        (Link::So, false) => match is_state {
            true => plain(F::Present),
            false => plain(any(rng, &[F::Future, F::Present, F::Future])),
        },
        (Link::Quote, _) => match is_state {
            true => plain(any(rng, &[F::Present, F::Present, F::Imperfect])),
            false if rng.chance(0.35) => with_auxiliary(rng, F::Present),
            false => plain(any(rng, &[F::PresentPerfect, F::Future, F::Past])),
        },
        (_, true) => match is_state {
            true => plain(F::Imperfect),
            false if rng.chance(0.15) => with_auxiliary(rng, F::Imperfect),
            false => plain(F::Past),
        },
        (_, false) => match is_state {
            true => plain(F::Present),
            false if rng.chance(0.25) => with_auxiliary(rng, F::Present),
            false => plain(any(rng, &[F::PresentPerfect, F::PresentPerfect, F::Future])),
        },
    }
}
