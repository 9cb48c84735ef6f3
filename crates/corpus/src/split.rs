//! Splits: which texts are for training, which for testing, and what each test measures.
//!
//! ```text
//! bucket(text) = FNV-1a₆₄(text's bytes), finalised, mod 100
//! in distribution, rough text: 0..5    validation: 5..10    train: 10..100
//! ```
//!
//! The hash alone decides, so that an endless stream of training examples cannot contain a text of
//! a test file, and no list of forbidden texts is needed. A minimal pair whose two texts belong to
//! different splits is in neither.
//!
//! The other tests have words and patterns that training does not have: a fifth of the words of
//! every list (`held_out` in the lexicon), and patterns with `split = "…"` in the grammar.
//!
//! Reference: Fowler, Noll and Vo's hash, <https://datatracker.ietf.org/doc/html/rfc9923>. The
//! standard library's hasher is not used: it may change with the compiler.

/// A part of the texts that a grammar can make. Training shares no text with any other split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Split {
    /// Training: 90 % of the texts of training's words and patterns.
    Train,
    /// For choosing hyperparameters and checkpoints: 5 % of these texts.
    Validation,
    /// The test with training's words and patterns: 5 % of these texts.
    InDistribution,
    /// Training's patterns, with one candidate that is a held-out word.
    NewWords,
    /// Training's words in held-out patterns.
    NewPatterns,
    /// Patterns with greater distances between pronoun and antecedent than any in training.
    Longer,
    /// Patterns with more candidates than any in training.
    MoreCandidates,
    /// The texts of [`Split::InDistribution`] with noise: no capitals, accents or punctuation, and
    /// typing errors. In files and on the command line it is called *rough text*.
    Noisy,
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
        Self::Noisy,
    ];

    /// The test splits, which have files in `data/test`.
    pub const TESTS: [Self; 6] = [
        Self::InDistribution,
        Self::NewWords,
        Self::NewPatterns,
        Self::Longer,
        Self::MoreCandidates,
        Self::Noisy,
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
            Self::Noisy => "rough text",
        }
    }

    /// The name with hyphens, as on the command line, in reports and in `data/test`.
    pub fn slug(self) -> String {
        self.name().replace(' ', "-")
    }

    /// Whether it has its own patterns, which no other split uses.
    pub(crate) fn has_own_patterns(self) -> bool {
        matches!(self, Self::NewPatterns | Self::Longer | Self::MoreCandidates)
    }

    /// Whether one candidate of each text is a held-out word.
    pub(crate) fn has_held_out_words(self) -> bool {
        self == Self::NewWords
    }

    /// Whether a text, before noise is added, may be in this split.
    pub fn contains(self, text: &str) -> bool {
        let bucket = hash(text) % 100;
        match self {
            Self::InDistribution | Self::Noisy => bucket < 5,
            Self::Validation => (5..10).contains(&bucket),
            Self::Train => bucket >= 10,
            Self::NewWords | Self::NewPatterns | Self::Longer | Self::MoreCandidates => true,
        }
    }
}

/// A hash of the text that is the same on every machine and with every compiler.
pub(crate) fn hash(text: &str) -> u64 {
    finalise(fnv1a(text.as_bytes()))
}

/// FNV-1a with 64 bits.
fn fnv1a(bytes: &[u8]) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    bytes.iter().fold(OFFSET_BASIS, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

/// MurmurHash3's finaliser. It is needed because in FNV-1a the last bytes of a text hardly affect
/// the high bits.
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
            texts.filter(|text| split.contains(text)).count() as f64 / f64::from(n_texts)
        };
        assert!((share(Split::Train) - 0.90).abs() < 0.005);
        assert!((share(Split::Validation) - 0.05).abs() < 0.005);
        assert!((share(Split::InDistribution) - 0.05).abs() < 0.005);
    }

    #[test]
    fn a_text_of_training_is_in_no_test_of_the_same_words_and_patterns() {
        for text in (0..1_000).map(|number| number.to_string()) {
            let sides = [Split::Train, Split::Validation, Split::InDistribution];
            assert_eq!(sides.iter().filter(|split| split.contains(&text)).count(), 1);
            assert_eq!(Split::Noisy.contains(&text), Split::InDistribution.contains(&text));
        }
    }
}
