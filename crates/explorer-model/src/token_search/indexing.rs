//! Builds the index of one checkpoint: its hidden states, head outputs and attention at each token of
//! the test texts.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use anafora::{
    batch::{EncodedExample, EncodedText, group_by_length},
    intervene::InterventionSettings,
    states::{States, states},
};
use config::encoder::EncoderConfig;
use corpus::{grammar::Grammar, span::CharSpan, split::Split, word_class::WordClasses};
use evaluation::splits::{Part, bundled_part};
use explorer::{
    contract::reading::Token,
    search::{Index, Place, QuantisedVectors, Text, most_read},
};

use crate::{loaded::LoadedCheckpoint, lock};

/// Maximum number of tokens in the index.
const MAX_INDEXED_TOKENS: usize = 100_000;
/// Number of texts in one forward pass.
const BATCH_SIZE: usize = 64;

/// The state of building an index: progress, then the finished index.
#[derive(Default)]
pub(super) struct Indexing {
    pub(super) step: usize,
    n_texts: AtomicUsize,
    n_done: AtomicUsize,
    index: Mutex<Option<Arc<Index>>>,
}

impl Indexing {
    /// An index of the checkpoint `step` that has not been started.
    pub(super) fn new(step: usize) -> Self {
        Self { step, ..Self::default() }
    }

    /// The index, once it is finished.
    pub(super) fn index(&self) -> Option<Arc<Index>> {
        lock(&self.index).clone()
    }

    /// Whether the index is finished and belongs to the checkpoint `step`.
    pub(super) fn is_of(&self, step: usize) -> bool {
        self.step == step && lock(&self.index).is_some()
    }

    /// Progress in percent of the texts.
    pub(super) fn percent(&self) -> usize {
        let all = self.n_texts.load(Ordering::Relaxed).max(1);
        self.n_done.load(Ordering::Relaxed) * 100 / all
    }

    /// Builds the index; blocks until it is finished.
    pub(super) fn build(&self, loaded: &LoadedCheckpoint) {
        let Ok(split) = bundled_part(&loaded.model, Part::Grammar(Split::InDistribution)) else {
            return;
        };
        let classes = WordClasses::of(&Grammar::embedded().expect("a test of corpus loads it"));
        let texts = evenly_spaced(split.examples);
        self.n_texts.store(texts.len(), Ordering::Relaxed);
        let &EncoderConfig { n_layers, n_heads, .. } = loaded.encoder();
        let mut index = Index {
            vectors: vec![QuantisedVectors::default(); n_layers + 1 + n_layers * n_heads],
            reads: vec![Vec::new(); n_layers + n_layers * n_heads],
            ..Index::default()
        };
        let texts = texts.into_iter().map(EncodedText::from).collect();
        for group in group_by_length(texts, BATCH_SIZE) {
            let group: Vec<EncodedExample> =
                group.into_iter().flat_map(|text| text.examples).collect();
            let all = states(&loaded.model, &group, &InterventionSettings::default());
            for (example, states) in group.into_iter().zip(all) {
                add_text(&mut index, example, &states, n_heads, &classes);
                self.n_done.fetch_add(1, Ordering::Relaxed);
            }
        }
        *lock(&self.index) = Some(Arc::new(index));
    }
}

/// At most [`MAX_INDEXED_TOKENS`] tokens of `examples`, at equal distances in the file, so that all
/// languages and phenomena are represented.
fn evenly_spaced(examples: Vec<EncodedExample>) -> Vec<EncodedExample> {
    let n_tokens: usize = examples.iter().map(|example| example.n_tokens() - 2).sum();
    let share = (MAX_INDEXED_TOKENS as f64 / n_tokens.max(1) as f64).min(1.0);
    let n_until = |index: usize| (index as f64 * share) as usize;
    let indexed = examples.into_iter().enumerate();
    indexed.filter(|(index, _)| n_until(index + 1) > n_until(*index)).map(|(_, e)| e).collect()
}

/// Appends the tokens of one text to the index, except special tokens.
fn add_text(
    index: &mut Index,
    example: EncodedExample,
    states: &States,
    n_heads: usize,
    classes: &WordClasses,
) {
    let n_tokens = example.n_tokens();
    let text = index.texts.len() as u32;
    let tokens: Vec<Token> = (example.encoding.tokens.iter())
        .map(|token| Token { text: String::new(), span: token.span, word: token.word })
        .collect();
    for (token, place) in tokens.iter().enumerate() {
        let (Some(span), Some(word)) = (place.span, place.word) else { continue };
        index.places.push(Place { text, span, word: word as u32 });
        for (layer, stream) in states.residual_stream.iter().enumerate() {
            let width = stream.len() / n_tokens;
            index.vectors[layer].push(&stream[token * width..][..width]);
        }
        for layer in 0..states.heads.len() {
            add_heads(index, states, layer, n_heads, token, &tokens);
        }
    }
    let EncodedExample { example, encoding, .. } = example;
    let words: Vec<_> = encoding.words.iter().map(|word| word.span).collect();
    let class = |span: &CharSpan| {
        let word = span.slice(&example.text).expect("a word lies within its text");
        classes.class(example.lang, word).name()
    };
    let classes = words.iter().map(class).collect();
    index.texts.push(Text { example, words, classes });
}

/// Appends the outputs and the attention of a layer's heads at one token, and the mean attention of
/// the layer.
fn add_heads(
    index: &mut Index,
    states: &States,
    layer: usize,
    n_heads: usize,
    token: usize,
    tokens: &[Token],
) {
    let (n_tokens, n_layers) = (tokens.len(), states.heads.len());
    let (heads, weights) = (&states.heads[layer], &states.weights[layer]);
    let width = heads.len() / (n_heads * n_tokens);
    let mut mean = vec![0.0; n_tokens];
    for head in 0..n_heads {
        let row = head * n_tokens + token;
        let of_head = layer * n_heads + head;
        index.vectors[n_layers + 1 + of_head].push(&heads[row * width..][..width]);
        let read = &weights[row * n_tokens..][..n_tokens];
        index.reads[n_layers + of_head].push(most_read(read, tokens));
        mean.iter_mut().zip(read).for_each(|(sum, weight)| *sum += weight / n_heads as f32);
    }
    index.reads[layer].push(most_read(&mean, tokens));
}
