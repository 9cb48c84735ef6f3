//! The source of texts and their examples: an endless stream of the grammar, or files that are repeated each epoch.
//!
//! In both cases the text at a position is a pure function of the seed and the position. A
//! resumed run therefore trains on the same examples as a run that was never stopped.

use std::ops::Range;

use corpus::{
    composition::Composition,
    example::{Example, Language},
    generator::{Generator, TooFewTexts},
    grammar::{Grammar, GrammarError},
    jsonl::{self, ReadError},
    split::Split,
    text::Text,
    written::WrittenTexts,
};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use config::experiment::{DataConfig, GrammarWord, Origin};
use files::checksum::sha256;

/// An endless sequence of texts, each with an example or more.
pub enum Source {
    /// Examples that the grammar generates and composed ones, without repetition.
    Grammar(Box<Stream>),
    /// Examples that are read from files once and visited in a different order in each epoch.
    Files {
        /// All texts, in the order of the files.
        texts: Vec<Text>,
        /// The place of each text, `FILE:LINE`.
        places: Vec<String>,
        /// What is odd about the files.
        notices: Vec<String>,
        /// Seed of the orders.
        seed: u64,
    },
}

/// The stream of the grammar's examples, with a share of written texts and one of composed ones.
///
/// ```text
/// pair n of the stream is written  if ⌊(n + 1) · written⌋ > ⌊n · written⌋
/// pair m of the others is composed if ⌊(m + 1) · share⌋   > ⌊m · share⌋      share = composed / (1 − written)
/// ```
pub struct Stream {
    generator: Generator,
    /// There if anything is composed.
    composition: Option<Composition>,
    /// There if anything was written by people.
    written_texts: Option<WrittenTexts>,
    /// Share of the pairs that were written.
    written: f64,
    /// Share of the other pairs that are composed.
    share: f64,
    languages: Vec<Language>,
    split: Split,
    seed: u64,
}

impl Stream {
    /// The texts at `positions`; two neighbours are a pair of the grammar, or two written or composed
    /// texts.
    fn texts(&self, positions: Range<u64>) -> Vec<Text> {
        let mut texts = Vec::new();
        let mut position = positions.start;
        while position < positions.end {
            let pair = position / 2;
            let n_written = share_of(pair, self.written);
            if share_of(pair + 1, self.written) > n_written {
                texts.push(self.written(2 * n_written + position % 2));
                position += 1;
                continue;
            }
            let pair = pair - n_written;
            let n_composed = share_of(pair, self.share);
            if share_of(pair + 1, self.share) > n_composed {
                texts.push(self.composed(2 * n_composed + position % 2));
            } else {
                let [first, second] = self.generator.pair(pair - n_composed);
                if position.is_multiple_of(2) {
                    texts.push(first.into());
                    position += 1;
                }
                if position < positions.end {
                    texts.push(second.into());
                }
            }
            position += 1;
        }
        texts
    }

    /// The composed text with this number; languages take turns.
    fn composed(&self, number: u64) -> Text {
        let language = self.languages[(number % self.languages.len() as u64) as usize];
        let composition = self.composition.as_ref().expect("a share of the stream is composed");
        composition.examples(language, self.seed, self.split, number)
    }

    /// The written text with this number; languages take turns.
    fn written(&self, number: u64) -> Text {
        let n = self.languages.len() as u64;
        let texts = self.written_texts.as_ref().expect("a share of the stream was written");
        texts.text(self.languages[(number % n) as usize], self.seed, number / n)
    }
}

/// How many of the first pairs belong to a share.
fn share_of(n_pairs: u64, share: f64) -> u64 {
    (n_pairs as f64 * share) as u64
}

/// A source cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The grammar is invalid.
    #[error(transparent)]
    Grammar(#[from] GrammarError),
    /// The grammar cannot generate enough different texts.
    #[error(transparent)]
    TooFewTexts(#[from] TooFewTexts),
    /// A file cannot be read or parsed.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Source {
    /// Opens `origin` for `split`. The splits of the grammar share no sentence; of files, all
    /// examples are used for any split.
    ///
    /// # Errors
    ///
    /// If the grammar or a file is invalid.
    pub fn open(
        origin: &Origin,
        data: &DataConfig,
        split: Split,
        seed: u64,
    ) -> Result<Self, SourceError> {
        match origin {
            Origin::Grammar(GrammarWord::Grammar) => {
                let grammar = Grammar::embedded()?;
                let generator = Generator::new(grammar, &data.languages, seed, split)?;
                let generator = match split {
                    Split::Train => {
                        generator.with_nonce_words(data.nonce_words).with_noise(data.noise)
                    }
                    _ => generator,
                };
                let noise = if split == Split::Train { data.noise } else { 0.0 };
                let composition = match data.composed + data.written > 0.0 {
                    true => Some(Composition::embedded()?.with_noise(noise)),
                    false => None,
                };
                let written = if split == Split::Train { data.written } else { 0.0 };
                let written_texts = match &composition {
                    Some(composition) if written > 0.0 => {
                        Some(WrittenTexts::embedded(composition, noise))
                    }
                    _ => None,
                };
                Ok(Self::Grammar(Box::new(Stream {
                    generator,
                    composition,
                    written_texts,
                    written,
                    share: if written < 1.0 { data.composed / (1.0 - written) } else { 0.0 },
                    languages: data.languages.clone(),
                    split,
                    seed,
                })))
            }
            Origin::Files(files) => {
                let (mut texts, mut places, mut notices) = (Vec::new(), Vec::new(), Vec::new());
                for file in files {
                    let contents = jsonl::read_contents(file)?;
                    for (line, text) in contents.texts {
                        places.push(format!("{}:{line}", file.display()));
                        texts.push(text);
                    }
                    notices.extend(contents.notices);
                }
                Ok(Self::Files { texts, places, notices, seed })
            }
        }
    }

    /// Number of texts before the first repetition; `None` for the grammar, which is endless.
    pub fn n_texts(&self) -> Option<usize> {
        match self {
            Self::Grammar(_) => None,
            Self::Files { texts, .. } => Some(texts.len()),
        }
    }

    /// SHA-256 checksum of the examples: of all examples of files, in their order; of the first
    /// thousand of the grammar, among which any change of the grammar shows.
    pub fn fingerprint(&self) -> String {
        const N_EXAMPLES: u64 = 1_000;
        let examples = match self {
            Self::Grammar(_) => self.examples(0..N_EXAMPLES),
            Self::Files { texts, .. } => {
                texts.iter().flat_map(|text| text.examples.clone()).collect()
            }
        };
        sha256(&serde_json::to_vec(&examples).expect("an example is plain data"))
    }

    /// Every text of the files with its place, `FILE:LINE`; nothing for the grammar.
    pub fn in_files(&self) -> impl Iterator<Item = (&str, &Text)> {
        let (places, texts) = match self {
            Self::Grammar(_) => (&[][..], &[][..]),
            Self::Files { places, texts, .. } => (places.as_slice(), texts.as_slice()),
        };
        places.iter().map(String::as_str).zip(texts)
    }

    /// What is odd about the files although they can be read.
    pub fn notices(&self) -> &[String] {
        match self {
            Self::Grammar(_) => &[],
            Self::Files { notices, .. } => notices,
        }
    }

    /// The examples of the texts at `positions` of the sequence.
    pub fn examples(&self, positions: Range<u64>) -> Vec<Example> {
        self.texts(positions).into_iter().flat_map(|text| text.examples).collect()
    }

    /// The texts at `positions` of the sequence.
    pub fn texts(&self, positions: Range<u64>) -> Vec<Text> {
        match self {
            Self::Grammar(stream) => stream.texts(positions),
            Self::Files { texts, seed, .. } => {
                let mut epoch = None;
                let mut order = Vec::new();
                let n = texts.len() as u64;
                positions
                    .map(|position| {
                        if epoch != Some(position / n) {
                            epoch = Some(position / n);
                            order = epoch_order(texts.len(), *seed, position / n);
                        }
                        texts[order[(position % n) as usize]].clone()
                    })
                    .collect()
            }
        }
    }
}

/// The order in which the epoch number `epoch` visits `n` examples.
fn epoch_order(n: usize, seed: u64, epoch: u64) -> Vec<usize> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(epoch);
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(&mut generator);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(composed: f64, written: f64) -> Source {
        let data = DataConfig {
            languages: Language::ALL.to_vec(),
            train: Origin::Grammar(GrammarWord::Grammar),
            validation: Origin::Grammar(GrammarWord::Grammar),
            validation_examples: 10,
            nonce_words: 0.25,
            noise: 0.1,
            subword_regularisation: 0.0,
            composed,
            written,
        };
        Source::open(&data.train, &data, Split::Train, 7).unwrap()
    }

    fn is_composed(example: &Example) -> bool {
        example.id.contains("-composed-")
    }

    #[test]
    fn a_share_of_the_stream_is_composed_and_the_rest_is_the_grammars_in_its_order() {
        let plain = source(0.0, 0.0).examples(0..200);
        assert!(!plain.iter().any(is_composed));
        let mixed = source(0.4, 0.0).examples(0..200);
        let n_composed = mixed.iter().filter(|example| is_composed(example)).count();
        assert!(n_composed > 80, "{n_composed}: some texts have more than one anaphor");
        let of_grammar: Vec<&Example> = mixed.iter().filter(|e| !is_composed(e)).collect();
        assert_eq!(of_grammar, plain[..120].iter().collect::<Vec<_>>());
        let texts = source(0.4, 0.0).texts(0..200);
        let languages: Vec<Language> = (texts.iter().map(|text| &text.examples[0]))
            .filter(|example| is_composed(example))
            .map(|example| example.lang)
            .collect();
        assert_eq!(languages.len(), 80);
        assert_eq!(languages.iter().filter(|&&lang| lang == Language::Es).count(), 40);
    }

    #[test]
    fn written_texts_are_a_share_of_all_and_the_others_keep_their_order() {
        let without = source(0.5, 0.0).texts(0..180);
        let mixed = source(0.45, 0.1).texts(0..200);
        let is_written = |text: &Text| text.examples[0].id.contains("-written-");
        let others: Vec<Text> = mixed.iter().filter(|text| !is_written(text)).cloned().collect();
        assert_eq!(others, without);
        let languages = mixed.iter().filter(|text| is_written(text)).map(|t| t.examples[0].lang);
        assert_eq!(languages.filter(|&lang| lang == Language::En).count(), 10);
    }

    #[test]
    fn a_text_is_a_function_of_its_position() {
        let source = source(0.4, 0.2);
        let whole = source.texts(0..60);
        for start in [1, 2, 7, 31] {
            assert_eq!(source.texts(start as u64..60), whole[start..], "from {start}");
        }
    }
}
