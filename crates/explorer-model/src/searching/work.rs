//! The index of one checkpoint: what it computes at each token of the test texts.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use anafora::batch::group_by_length;
use anafora::{
    batch::EncodedExample,
    intervene::InterventionSettings,
    states::{States, states},
};
use config::encoder::EncoderConfig;
use corpus::{grammar::Grammar, span::CharSpan, split::Split, word_class::WordClasses};
use evaluation::splits::test_split;
use explorer::{
    contract::reading::Token,
    search::{Index, Place, QuantisedVectors, Text, most_read},
};

use crate::{loaded::Loaded, lock};

/// The most tokens that are compared.
const MAX_INDEXED_TOKENS: usize = 100_000;
/// Texts that go through the model together.
const BATCH: usize = 64;

/// An index that is being made, or is there.
#[derive(Default)]
pub(super) struct Work {
    pub(super) step: usize,
    n_texts: AtomicUsize,
    n_done: AtomicUsize,
    index: Mutex<Option<Arc<Index>>>,
}

impl Work {
    /// Nothing of the checkpoint `step` yet.
    pub(super) fn new(step: usize) -> Self {
        Self { step, ..Self::default() }
    }

    /// The index, once it is there.
    pub(super) fn index(&self) -> Option<Arc<Index>> {
        lock(&self.index).clone()
    }

    /// Whether the index is there, and that of the checkpoint `step`.
    pub(super) fn is_of(&self, step: usize) -> bool {
        self.step == step && lock(&self.index).is_some()
    }

    /// How much of the work is done, in percent.
    pub(super) fn percent(&self) -> usize {
        let all = self.n_texts.load(Ordering::Relaxed).max(1);
        self.n_done.load(Ordering::Relaxed) * 100 / all
    }

    /// Makes the index.
    pub(super) fn make(&self, loaded: &Loaded) {
        let Ok(split) = test_split(&loaded.model, Split::InDistribution) else { return };
        let classes = WordClasses::of(&Grammar::embedded().expect("a test of corpus loads it"));
        let wanted = spread(split.examples);
        self.n_texts.store(wanted.len(), Ordering::Relaxed);
        let &EncoderConfig { n_layers, n_heads, .. } = loaded.encoder();
        let mut index = Index {
            vectors: vec![QuantisedVectors::default(); n_layers + 1 + n_layers * n_heads],
            reads: vec![Vec::new(); n_layers + n_layers * n_heads],
            ..Index::default()
        };
        for group in group_by_length(wanted, BATCH) {
            let all = states(&loaded.model, &group, &InterventionSettings::default());
            for (example, states) in group.into_iter().zip(all) {
                add(&mut index, example, &states, n_heads, &classes);
                self.n_done.fetch_add(1, Ordering::Relaxed);
            }
        }
        *lock(&self.index) = Some(Arc::new(index));
    }
}

/// As many of `examples` as there is room for, of all languages and phenomena alike.
fn spread(examples: Vec<EncodedExample>) -> Vec<EncodedExample> {
    let n_tokens: usize = examples.iter().map(|example| example.n_tokens() - 2).sum();
    let share = (MAX_INDEXED_TOKENS as f64 / n_tokens.max(1) as f64).min(1.0);
    let n_until = |index: usize| (index as f64 * share) as usize;
    let indexed = examples.into_iter().enumerate();
    indexed.filter(|(index, _)| n_until(index + 1) > n_until(*index)).map(|(_, e)| e).collect()
}

/// Puts a text's tokens at the end, special ones left out.
fn add(
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

/// What the heads of a layer hand on and read at a token; the layer reads their mean.
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
