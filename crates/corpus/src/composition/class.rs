//! What kinds of things nouns stand for, and which kinds a clause can be true of.

/// The names of the classes in the files, in the order of their bits.
const NAMES: [&str; 19] = [
    "person",
    "kin",
    "group",
    "animal",
    "object",
    "device",
    "clothing",
    "food",
    "drink",
    "document",
    "vehicle",
    "furniture",
    "plant",
    "place",
    "building",
    "room",
    "event",
    "abstract",
    "body",
];

/// A set of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub(super) struct Classes(u32);

impl Classes {
    pub(super) const NONE: Self = Self(0);
    pub(super) const PERSON: Self = Self(0b11);
    pub(super) const KIN: Self = Self(0b10);
    pub(super) const GROUP: Self = Self(0b100);
    pub(super) const ANIMAL: Self = Self(0b1000);
    /// Persons, animals and groups of them.
    pub(super) const ANIMATE: Self = Self(0b1111);
    /// Things that can be touched: from `object` to `plant`.
    pub(super) const THING: Self = Self(0b1_1111_1111 << 4);
    pub(super) const PLACE: Self = Self(1 << 13);
    pub(super) const BUILDING: Self = Self(1 << 14);
    pub(super) const ROOM: Self = Self(1 << 15);
    pub(super) const EVENT: Self = Self(1 << 16);
    pub(super) const BODY: Self = Self(1 << 18);
    pub(super) const ANY: Self = Self((1 << NAMES.len()) - 1);

    /// The class, or the set of classes, of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "person" => Some(Self::PERSON),
            "thing" => Some(Self::THING),
            "any" => Some(Self::ANY),
            _ => Some(Self(1 << NAMES.iter().position(|&known| known == name)?)),
        }
    }

    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.into_iter()
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each class of the set alone. `person` and `kin` are two.
    pub(super) fn each(self) -> impl Iterator<Item = Self> {
        (0..NAMES.len()).map(|bit| Self(1 << bit)).filter(move |class| class.meets(self))
    }

    /// The index of the first class of the set.
    pub(super) fn index(self) -> usize {
        self.0.trailing_zeros() as usize
    }

    /// How many classes there are.
    pub(super) const COUNT: usize = NAMES.len();
}
