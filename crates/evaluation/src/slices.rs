//! Accuracy by language, phenomenon, distance and number of candidates.

use corpus::{distance::distance, example::Language};
use serde::{Deserialize, Serialize};

use crate::{
    answers::{Answered, AnsweredSplit, Share, shares, slice_keys},
    distance::{Bucket, CANDIDATES, DISTANCES},
};

/// The accuracy on one slice: a language, a phenomenon, or both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// Name of the file that the examples are from.
    pub split: String,
    /// `null`: all languages.
    pub lang: Option<Language>,
    /// `null`: all phenomena.
    pub phenomenon: Option<String>,
    /// The counts, as fields of this object in JSON.
    #[serde(flatten)]
    pub share: Share,
}

/// The accuracy on the finest partition of the examples; all coarser counts are sums of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Name of the file that the examples are from.
    pub split: String,
    /// Language of the examples.
    pub lang: Language,
    /// Phenomenon of the examples.
    pub phenomenon: String,
    /// Number of words between pronoun and antecedent, see [`distance`].
    pub distance: Bucket,
    /// Number of candidates.
    pub candidates: Bucket,
    /// The counts, as fields of this object in JSON.
    #[serde(flatten)]
    pub share: Share,
}

/// The accuracy in one bucket of the distance or of the number of candidates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BucketShare {
    /// Name of the file that the examples are from.
    pub split: String,
    /// `null`: all languages.
    pub lang: Option<Language>,
    /// The bucket of the distance or of the number of candidates.
    pub bucket: Bucket,
    /// The counts, as fields of this object in JSON.
    #[serde(flatten)]
    pub share: Share,
}

impl AnsweredSplit {
    /// The accuracy on all examples, each language, each phenomenon, and each combination of both.
    pub fn slices(&self) -> Vec<Slice> {
        let items = self.answers.iter().flat_map(|answered| {
            slice_keys(answered.example.lang, &answered.example.phenomenon)
                .map(|kind| (kind, answered.is_right()))
        });
        let slice = |((lang, phenomenon), share): ((_, Option<&str>), _)| Slice {
            split: self.name.clone(),
            lang,
            phenomenon: phenomenon.map(str::to_owned),
            share,
        };
        shares(items).into_iter().map(slice).collect()
    }

    /// The accuracy for each language × phenomenon × distance × number of candidates that occurs.
    pub fn cells(&self) -> Vec<Cell> {
        let items = self.answers.iter().filter_map(|answered| {
            let example = &answered.example;
            let distance = Bucket::of(distance(example)?, &DISTANCES);
            let candidates = Bucket::of(example.candidates.len(), &CANDIDATES);
            let key = (example.lang, example.phenomenon.as_str(), distance, candidates);
            Some((key, answered.is_right()))
        });
        (shares(items).into_iter())
            .map(|((lang, phenomenon, distance, candidates), share)| Cell {
                split: self.name.clone(),
                lang,
                phenomenon: phenomenon.to_owned(),
                distance,
                candidates,
                share,
            })
            .collect()
    }

    /// The accuracy for each bucket of distance, over all languages and for each.
    pub fn by_distance(&self) -> Vec<BucketShare> {
        self.by_bucket(|answered| Some(Bucket::of(distance(&answered.example)?, &DISTANCES)))
    }

    /// The accuracy for each bucket of candidates, over all languages and for each.
    pub fn by_candidates(&self) -> Vec<BucketShare> {
        self.by_bucket(|answered| Some(Bucket::of(answered.example.candidates.len(), &CANDIDATES)))
    }

    fn by_bucket(&self, bucket: impl Fn(&Answered) -> Option<Bucket>) -> Vec<BucketShare> {
        let items = self.answers.iter().filter_map(|answered| {
            let bucket = bucket(answered)?;
            let lang = Some(answered.example.lang);
            Some([None, lang].map(|lang| ((lang, bucket), answered.is_right())))
        });
        (shares(items.flatten()).into_iter())
            .map(|((lang, bucket), share)| BucketShare {
                split: self.name.clone(),
                lang,
                bucket,
                share,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::tests::split;

    #[test]
    fn every_language_and_phenomenon_has_its_slice() {
        let slices = split().slices();
        let counts: Vec<_> = slices
            .iter()
            .map(|s| (s.lang, s.phenomenon.as_deref(), s.share.n, s.share.correct))
            .collect();
        assert_eq!(
            counts,
            [
                (None, None, 4, 3),
                (None, Some("gender"), 4, 3),
                (Some(Language::Es), None, 2, 2),
                (Some(Language::Es), Some("gender"), 2, 2),
                (Some(Language::En), None, 2, 1),
                (Some(Language::En), Some("gender"), 2, 1),
            ]
        );
    }

    /// `a b c`: the antecedent `a` is one word away, `b` none; both are in the first bucket.
    #[test]
    fn cells_and_buckets_count_the_same_answers() {
        let cells: Vec<_> = (split().cells().iter())
            .map(|c| (c.lang, c.distance, c.candidates, c.share.n, c.share.correct))
            .collect();
        let (near, two) = (DISTANCES[0], CANDIDATES[1]);
        assert_eq!(cells, [(Language::Es, near, two, 2, 2), (Language::En, near, two, 2, 1)]);
        for (steps, bucket) in [(split().by_distance(), near), (split().by_candidates(), two)] {
            let steps: Vec<_> =
                steps.iter().map(|s| (s.lang, s.bucket, s.share.n, s.share.correct)).collect();
            let [es, en] = Language::ALL.map(Some);
            assert_eq!(steps, [(None, bucket, 4, 3), (es, bucket, 2, 2), (en, bucket, 2, 1)]);
        }
    }

    #[test]
    fn a_far_antecedent_is_in_a_bucket_of_its_own() {
        let mut split = split();
        let example = &mut split.answers[1].example;
        example.text = format!("a b {}c", "x ".repeat(12));
        example.pronoun = corpus::span::CharSpan::new(28, 29);
        let buckets: Vec<_> = (split.by_distance().iter())
            .filter(|step| step.lang.is_none())
            .map(|step| (step.bucket.from, step.share.n))
            .collect();
        assert_eq!(buckets, [(0, 3), (11, 1)]);
    }

    /// Programs that read version 1 of the format expect the counts as fields of the slice itself.
    #[test]
    fn the_counts_of_a_slice_are_its_own_fields_in_json() {
        let json = serde_json::to_value(&split().slices()[0]).unwrap();
        let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = ["accuracy", "correct", "high", "lang", "low", "n", "phenomenon", "split"];
        assert_eq!(keys, expected);
        let slice: Slice = serde_json::from_value(json).unwrap();
        assert_eq!(slice, split().slices()[0]);
    }
}
