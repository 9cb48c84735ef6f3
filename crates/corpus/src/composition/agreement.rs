//! Agreement: which third-person pronouns can stand for a word.
//!
//! A set of pronouns fits the bits of a byte. In Spanish they are *él, ella, ellos, ellas*, in
//! English *he, she, it, they*.

/// A set of third-person pronouns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub(super) struct Agreement(pub(super) u8);

impl Agreement {
    pub(super) const NONE: Self = Self(0);

    // Spanish.
    pub(super) const EL: Self = Self(1);
    pub(super) const ELLA: Self = Self(2);
    pub(super) const ELLOS: Self = Self(4);
    pub(super) const ELLAS: Self = Self(8);
    pub(super) const ES_SINGULAR: Self = Self(0b0011);
    pub(super) const ES_PLURAL: Self = Self(0b1100);

    // English.
    pub(super) const HE: Self = Self(1);
    pub(super) const SHE: Self = Self(2);
    pub(super) const IT: Self = Self(4);
    pub(super) const THEY: Self = Self(8);
    pub(super) const HE_OR_SHE: Self = Self(0b0011);

    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// The index of the only pronoun of the set, or of the first.
    pub(super) fn index(self) -> usize {
        self.0.trailing_zeros() as usize
    }

    pub(super) fn is_single(self) -> bool {
        self.0.is_power_of_two()
    }

    /// Spanish: the singular pronoun and its plural.
    pub(super) fn es(feminine: bool, plural: bool) -> Self {
        Self(1 << (usize::from(feminine) + 2 * usize::from(plural)))
    }
}
