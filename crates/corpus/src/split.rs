//! Which texts are for training and which are for testing, and what a test is about.
//!
//! ```text
//! bucket(text) = FNV-1a₆₄(text's bytes), finalised, mod 100
//! in-distribution, rough text: 0..5    validation: 5..10    train: 10..100
//! ```
//!
//! So an endless stream of training examples cannot contain a text of a test file, and there is no
//! list of forbidden texts to keep. A minimal pair of which the members fall on different sides is
//! in neither split.
//!
//! The other tests are about what training never saw: a fifth of the words of every list
//! (`held_out` in the lexicon), and patterns that say `split = "…"` in the grammar.
//!
//! Reference: Fowler, Noll and Vo's hash, <https://datatracker.ietf.org/doc/html/rfc9923>. The
//! standard library's hasher is not used: it may change with the compiler.

/// A part of all texts that a grammar can make. Training shares no text with any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Split {
    /// What a model learns from: 90 % of all texts of the seen words and patterns.
    Train,
    /// What a person looks at while deciding on a model: 5 %.
    Validation,
    /// What a finished model is measured on, the same words and patterns: 5 %.
    InDistribution,
    /// The patterns of training with a candidate that it never has, among others that it has.
    NewWords,
    /// The words of training in patterns that it never has.
    NewPatterns,
    /// Patterns whose distances are greater than any in training.
    Longer,
    /// Patterns with more candidates than any in training.
    MoreCandidates,
    /// Texts as of [`Split::InDistribution`], written as people type: see `generator/rough.rs`.
    Rough,
}

impl Split {
    /// Every split.
    pub const ALL: [Self; 8] = [
        Self::Train,
        Self::Validation,
        Self::InDistribution,
        Self::NewWords,
        Self::NewPatterns,
        Self::Longer,
        Self::MoreCandidates,
        Self::Rough,
    ];

    /// The splits of which `data/test` has files.
    pub const TESTS: [Self; 6] = [
        Self::InDistribution,
        Self::NewWords,
        Self::NewPatterns,
        Self::Longer,
        Self::MoreCandidates,
        Self::Rough,
    ];

    /// The split's name, as in grammar files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::InDistribution => "in distribution",
            Self::NewWords => "new words",
            Self::NewPatterns => "new patterns",
            Self::Longer => "longer",
            Self::MoreCandidates => "more candidates",
            Self::Rough => "rough text",
        }
    }

    /// The same in one word, as on the command line, in reports and in `data/test`.
    pub fn slug(self) -> String {
        self.name().replace(' ', "-")
    }

    /// Whether it has patterns of its own, which no other split has.
    pub(crate) fn has_own_patterns(self) -> bool {
        matches!(self, Self::NewPatterns | Self::Longer | Self::MoreCandidates)
    }

    /// Whether one of its candidates is a word that training never has.
    pub(crate) fn has_new_words(self) -> bool {
        self == Self::NewWords
    }

    /// Whether a text, before it is made rough, may be in this split.
    pub fn takes(self, text: &str) -> bool {
        let bucket = hash(text) % 100;
        match self {
            Self::InDistribution | Self::Rough => bucket < 5,
            Self::Validation => (5..10).contains(&bucket),
            Self::Train => bucket >= 10,
            Self::NewWords | Self::NewPatterns | Self::Longer | Self::MoreCandidates => true,
        }
    }
}

/// A number that depends on nothing but the text.
pub(crate) fn hash(text: &str) -> u64 {
    finalise(fnv1a(text.as_bytes()))
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
        let share = |split: Split| {
            let texts = (0..n_texts).map(|number| format!("Ana vio {number} casas."));
            texts.filter(|text| split.takes(text)).count() as f64 / f64::from(n_texts)
        };
        assert!((share(Split::Train) - 0.90).abs() < 0.005);
        assert!((share(Split::Validation) - 0.05).abs() < 0.005);
        assert!((share(Split::InDistribution) - 0.05).abs() < 0.005);
    }

    #[test]
    fn a_text_of_training_is_in_no_test_of_the_same_words_and_patterns() {
        for text in (0..1_000).map(|number| number.to_string()) {
            let sides = [Split::Train, Split::Validation, Split::InDistribution];
            assert_eq!(sides.iter().filter(|split| split.takes(&text)).count(), 1);
            assert_eq!(Split::Rough.takes(&text), Split::InDistribution.takes(&text));
        }
    }
}
