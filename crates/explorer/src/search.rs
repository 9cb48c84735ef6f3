//! Finds tokens with similar vectors, by the cosine of a vector with each one of a corpus.
//!
//! A hundred thousand vectors are few enough for a linear search. Quantised to bytes, they nearly
//! fit into a processor's cache.

use corpus::{example::Example, span::CharSpan};

use crate::contract::{
    reading::Token,
    search::{Bar, Histograms, Match, SearchResult},
};

/// Vectors of one kind, quantised to 8 bits: each is scaled so that its greatest absolute value is
/// 127, which keeps its direction.
#[derive(Debug, Clone, Default)]
pub struct QuantisedVectors {
    width: usize,
    bytes: Vec<i8>,
    norms: Vec<f32>,
}

/// The word that a token attends to most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reads {
    /// Index of the word, or `None` if the token only attends to special tokens.
    pub word: Option<u32>,
    /// The sum of the attention weights on the word's tokens.
    pub weight: f32,
}

/// A text of the corpus.
#[derive(Debug, Clone)]
pub struct Text {
    /// The text with its pronoun, candidates and antecedent.
    pub example: Example,
    /// The spans of its words.
    pub words: Vec<CharSpan>,
    /// The word class of each word.
    pub classes: Vec<&'static str>,
}

/// The position of a token in the corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Index of its text.
    pub text: u32,
    /// Its characters.
    pub span: CharSpan,
    /// Index of its word.
    pub word: u32,
}

/// A corpus with the vectors and the attention of each token, for each layer and head.
#[derive(Debug, Clone, Default)]
pub struct Index {
    /// The texts.
    pub texts: Vec<Text>,
    /// The tokens of all texts without special ones.
    pub places: Vec<Place>,
    /// `[kind][token]`: for each kind of vector (layer or head) the vector of each token.
    pub vectors: Vec<QuantisedVectors>,
    /// `[kind][token]`: for each layer or head the word that each token attends to most.
    pub reads: Vec<Vec<Reads>>,
}

impl QuantisedVectors {
    /// Appends a vector. All must have the same width.
    pub fn push(&mut self, vector: &[f32]) {
        self.width = vector.len();
        let (bytes, norm) = quantise(vector);
        self.bytes.extend(bytes);
        self.norms.push(norm);
    }

    /// The `limit` most similar vectors, the most similar first: the index and the cosine of each.
    pub fn nearest(&self, vector: &[f32], limit: usize) -> Vec<(usize, f32)> {
        let (wanted, norm) = quantise(vector);
        if norm == 0.0 || limit == 0 || self.width != wanted.len() {
            return Vec::new();
        }
        let cosine = |(bytes, &other): (&[i8], &f32)| {
            if other == 0.0 { 0.0 } else { dot(&wanted, bytes) as f32 / (norm * other) }
        };
        let rows = self.bytes.chunks_exact(self.width).zip(&self.norms);
        let mut found: Vec<(usize, f32)> = rows.map(cosine).enumerate().collect();
        let by_cosine =
            |a: &(usize, f32), b: &(usize, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if limit < found.len() {
            found.select_nth_unstable_by(limit, by_cosine);
            found.truncate(limit);
        }
        found.sort_by(by_cosine);
        found
    }
}

/// The vector scaled to bytes, and the norm of the bytes.
fn quantise(vector: &[f32]) -> (Vec<i8>, f32) {
    let max_abs = vector.iter().fold(0.0_f32, |max_abs, value| max_abs.max(value.abs()));
    let scale = if max_abs > 0.0 { 127.0 / max_abs } else { 0.0 };
    let bytes: Vec<i8> = vector.iter().map(|value| (value * scale).round() as i8).collect();
    let norm = (dot(&bytes, &bytes) as f32).sqrt();
    (bytes, norm)
}

fn dot(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(i16::from(a) * i16::from(b))).sum()
}

impl Index {
    /// The `limit` tokens whose vectors of one kind are most similar to `vector`, and the words
    /// that they attend to. The kinds are indices into [`Index::vectors`] and [`Index::reads`].
    pub fn search(
        &self,
        vector_kind: usize,
        reads_kind: usize,
        vector: &[f32],
        limit: usize,
    ) -> SearchResult {
        let began = std::time::Instant::now();
        let nearest = self.vectors[vector_kind].nearest(vector, limit);
        let milliseconds = began.elapsed().as_secs_f64() * 1e3;
        let mut matches = Vec::with_capacity(nearest.len());
        let mut counts = Counts::default();
        for (token, similarity) in nearest {
            let (place, reads) = (self.places[token], self.reads[reads_kind][token]);
            let text = &self.texts[place.text as usize];
            counts.add(text, place, reads);
            matches.push(Match {
                text: text.example.text.clone(),
                lang: text.example.lang,
                phenomenon: text.example.phenomenon.clone(),
                token: place.span,
                similarity,
                reads: reads.word.map(|word| text.words[word as usize]),
                reads_weight: reads.weight,
            });
        }
        let n_tokens = self.places.len();
        SearchResult { n_tokens, milliseconds, matches, histograms: counts.histograms() }
    }
}

/// The word that a token attends to most, special tokens left out. `row` is `[key]`: the token's
/// attention weights.
pub fn most_read(row: &[f32], tokens: &[Token]) -> Reads {
    let mut words: Vec<f32> = Vec::new();
    for (weight, token) in row.iter().zip(tokens) {
        if let Some(word) = token.word {
            words.resize(words.len().max(word + 1), 0.0);
            words[word] += weight;
        }
    }
    let best = (0..words.len()).max_by(|&a, &b| words[a].total_cmp(&words[b]).then(b.cmp(&a)));
    let best = best.filter(|&word| words[word] > 0.0);
    Reads { word: best.map(|word| word as u32), weight: best.map_or(0.0, |word| words[word]) }
}

/// Counts of the three histograms.
#[derive(Default)]
struct Counts {
    word_class: Vec<Bar>,
    kind: Vec<Bar>,
    distance: std::collections::BTreeMap<i64, usize>,
}

impl Counts {
    fn add(&mut self, text: &Text, place: Place, reads: Reads) {
        let Some(word) = reads.word else { return };
        let span = text.words[word as usize];
        count(&mut self.word_class, text.classes[word as usize]);
        *self.distance.entry(i64::from(word) - i64::from(place.word)).or_default() += 1;
        let Example { candidates, antecedent, pronoun, .. } = &text.example;
        let candidate = candidates.iter().position(|candidate| candidate.overlaps(span));
        let kind = match candidate {
            _ if word == place.word => "itself",
            Some(index) if *antecedent == Some(index) => "antecedent",
            Some(_) => "candidate",
            None if pronoun.overlaps(span) => "pronoun",
            None => "other",
        };
        count(&mut self.kind, kind);
    }

    fn histograms(self) -> Histograms {
        let sorted = |mut bars: Vec<Bar>| {
            bars.sort_by(|a, b| b.n.cmp(&a.n).then(a.label.cmp(&b.label)));
            bars
        };
        let distance = self.distance.into_iter();
        Histograms {
            word_class: sorted(self.word_class),
            distance: distance.map(|(words, n)| Bar { label: words.to_string(), n }).collect(),
            kind: sorted(self.kind),
        }
    }
}

fn count(bars: &mut Vec<Bar>, label: &str) {
    match bars.iter_mut().find(|bar| bar.label == label) {
        Some(bar) => bar.n += 1,
        None => bars.push(Bar { label: label.to_owned(), n: 1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_is_by_angle_and_not_by_length() {
        let mut vectors = QuantisedVectors::default();
        for vector in [[0.0, 1.0], [100.0, 1.0], [0.0, 0.0], [-1.0, 0.0], [0.5, 0.5]] {
            vectors.push(&vector);
        }
        let found = vectors.nearest(&[0.01, 0.0], 3);
        let indices: Vec<usize> = found.iter().map(|(index, _)| *index).collect();
        assert_eq!(indices, [1, 4, 0]);
        assert!((found[0].1 - 1.0).abs() < 1e-3 && (found[1].1 - 0.5_f32.sqrt()).abs() < 1e-2);
        assert!(vectors.nearest(&[0.0, 0.0], 3).is_empty());
        assert_eq!(vectors.nearest(&[0.0, 1.0], 99).len(), 5);
    }

    #[test]
    fn bytes_are_close_to_the_cosine() {
        let vector = |seed: u32| -> Vec<f32> {
            (0..128).map(|i| ((seed * 7919 + i * 104_729) % 1000) as f32 / 500.0 - 1.0).collect()
        };
        let cosine = |a: &[f32], b: &[f32]| {
            let dot = |a: &[f32], b: &[f32]| -> f32 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
            dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
        };
        let mut vectors = QuantisedVectors::default();
        (0..50).for_each(|seed| vectors.push(&vector(seed)));
        for (index, found) in vectors.nearest(&vector(77), 50) {
            assert!((found - cosine(&vector(index as u32), &vector(77))).abs() < 0.01);
        }
    }

    #[test]
    fn the_weights_of_a_words_tokens_are_summed() {
        let token = |word| Token { text: String::new(), span: None, word };
        let tokens = [token(None), token(Some(0)), token(Some(1)), token(Some(1)), token(None)];
        let reads = most_read(&[0.4, 0.2, 0.15, 0.15, 0.1], &tokens);
        assert_eq!(reads.word, Some(1));
        assert!((reads.weight - 0.3).abs() < 1e-6);
        assert_eq!(most_read(&[1.0, 0.0, 0.0, 0.0, 0.0], &tokens).word, None);
    }
}
