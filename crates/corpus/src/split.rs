//! Which texts are for training and which are for testing, decided by the text alone.
//!
//! ```text
//! bucket(text) = FNV-1a₆₄(text's bytes), finalised, mod 100
//! test: 0..5    validation: 5..10    train: 10..100
//! ```
//!
//! So an endless stream of training examples cannot contain a text of a test file, and there is no
//! list of forbidden texts to keep. A minimal pair of which the members fall on different sides is
//! in neither split: [`Split::of_pair`] says so.
//!
//! Reference: Fowler, Noll and Vo's hash, <https://datatracker.ietf.org/doc/html/rfc9923>. The
//! standard library's hasher is not used: it may change with the compiler.

/// A disjoint part of all texts that a grammar can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Split {
    /// 90 % of all texts: what a model learns from.
    Train,
    /// 5 % of all texts: what a person looks at while deciding on a model.
    Validation,
    /// 5 % of all texts: what a finished model is measured on.
    Test,
}

impl Split {
    /// Every split.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// The split's name, as in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }

    /// The split of a text.
    pub fn of(text: &str) -> Self {
        match finalise(fnv1a(text.as_bytes())) % 100 {
            0..5 => Self::Test,
            5..10 => Self::Validation,
            _ => Self::Train,
        }
    }

    /// The split of a minimal pair: that of both its texts, or `None` where they disagree.
    pub fn of_pair(texts: [&str; 2]) -> Option<Self> {
        let [first, second] = texts.map(Self::of);
        (first == second).then_some(first)
    }
}

/// FNV-1a with 64 bits: xor a byte, multiply by the prime.
fn fnv1a(bytes: &[u8]) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    bytes.iter().fold(OFFSET_BASIS, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

/// Spreads the hash over all bits (the last step of MurmurHash3): in FNV-1a the last bytes of a
/// text hardly reach the high bits.
fn finalise(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn ninety_five_and_five_of_a_hundred_texts_fall_into_the_splits() {
        let n_texts = 100_000;
        let share = |split| {
            let texts = (0..n_texts).map(|number| format!("Ana vio {number} casas."));
            texts.filter(|text| Split::of(text) == split).count() as f64 / f64::from(n_texts)
        };
        assert!((share(Split::Train) - 0.90).abs() < 0.005);
        assert!((share(Split::Validation) - 0.05).abs() < 0.005);
        assert!((share(Split::Test) - 0.05).abs() < 0.005);
    }

    #[test]
    fn a_pair_that_straddles_two_splits_is_in_none() {
        let text_in = |split| {
            (0..).map(|number: u32| number.to_string()).find(|text| Split::of(text) == split)
        };
        let (train, test) = (text_in(Split::Train).unwrap(), text_in(Split::Test).unwrap());
        assert_eq!(Split::of_pair([&train, &test]), None);
        assert_eq!(Split::of_pair([&test, &test]), Some(Split::Test));
    }
}
