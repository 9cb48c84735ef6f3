//! Buckets of the distance between pronoun and antecedent ([`corpus::distance`]) and of the number of
//! candidates.

use serde::{Deserialize, Serialize};

/// A range of numbers, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Bucket {
    /// The smallest number in the bucket.
    pub from: usize,
    /// The greatest number in the bucket; `null`: unbounded.
    pub to: Option<usize>,
}

/// Buckets of distances in words, each about twice as wide as the one before, because most examples
/// have small distances.
pub const DISTANCES: [Bucket; 9] = [
    Bucket { from: 0, to: Some(2) },
    Bucket { from: 3, to: Some(5) },
    Bucket { from: 6, to: Some(10) },
    Bucket { from: 11, to: Some(20) },
    Bucket { from: 21, to: Some(40) },
    Bucket { from: 41, to: Some(80) },
    Bucket { from: 81, to: Some(160) },
    Bucket { from: 161, to: Some(320) },
    Bucket { from: 321, to: None },
];

/// Buckets of numbers of candidates: our corpus has two to six, imported texts may have many more.
pub const CANDIDATES: [Bucket; 6] = [
    Bucket { from: 0, to: Some(1) },
    Bucket { from: 2, to: Some(2) },
    Bucket { from: 3, to: Some(3) },
    Bucket { from: 4, to: Some(4) },
    Bucket { from: 5, to: Some(6) },
    Bucket { from: 7, to: None },
];

impl Bucket {
    /// The bucket that contains `value`. The last of `buckets` must be unbounded.
    pub fn of(value: usize, buckets: &[Self]) -> Self {
        *(buckets.iter().find(|bucket| bucket.to.is_none_or(|to| value <= to)))
            .expect("the last bucket has no end")
    }

    /// The bucket as text: `3–5`, `2` or `321+`.
    pub fn label(self) -> String {
        match self.to {
            None => format!("{}+", self.from),
            Some(to) if to == self.from => to.to_string(),
            Some(to) => format!("{}–{to}", self.from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_hold_every_number_once() {
        for buckets in [&DISTANCES[..], &CANDIDATES] {
            let mut next = 0;
            for &bucket in buckets {
                assert_eq!(bucket.from, next);
                assert_eq!(Bucket::of(bucket.from, buckets), bucket);
                if let Some(to) = bucket.to {
                    assert_eq!(Bucket::of(to, buckets), bucket);
                    next = to + 1;
                }
            }
            assert_eq!(Bucket::of(1000, buckets).to, None);
        }
        assert_eq!([0, 8].map(|index| DISTANCES[index].label()), ["0–2", "321+"]);
        assert_eq!(CANDIDATES[1].label(), "2");
    }
}
