//! Looking for tokens that the model sees alike: the index of one checkpoint, made when it is first
//! wanted, on a thread beside the questions.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use corpus::{grammar::Grammar, split::Split, word_class::WordClasses};
use encoder::config::EncoderConfig;
use explorer::{
    contract::{
        failure::{Code, Failure},
        reading::Token,
        request::{By, SearchRequest},
        search::SearchResult,
    },
    search::{Directions, Index, Place, Text, most_read},
};
use training::{
    batch::EncodedExample,
    loader::group_by_length,
    reading::Change,
    splits::test_split,
    states::{States, states},
};

use super::{loaded::Loaded, lock};

/// The most tokens that are compared.
const MOST_TOKENS: usize = 100_000;
/// Texts that go through the model together.
const BATCH: usize = 64;

/// The index of the checkpoint that was asked for last.
#[derive(Default)]
pub(super) struct Searching(Mutex<Option<Arc<Work>>>);

/// An index that is being made, or is there.
struct Work {
    step: usize,
    n_texts: AtomicUsize,
    n_done: AtomicUsize,
    index: Mutex<Option<Arc<Index>>>,
}

impl Searching {
    /// The tokens that are like one of `example`.
    pub(super) fn search(
        &self,
        loaded: &Arc<Loaded>,
        example: &EncodedExample,
        change: &Change,
        request: &SearchRequest,
    ) -> Result<SearchResult, Failure> {
        let &EncoderConfig { n_layers, n_heads, .. } = loaded.encoder();
        let SearchRequest { token, by, layer, head, limit, .. } = *request;
        let n_tokens = example.n_tokens();
        if token >= n_tokens {
            let what = format!("token {token}, expected one of the text's {n_tokens}");
            return Err(Failure::new(Code::NoSuchToken, what));
        }
        match (by, head) {
            (By::Attention, Some(head)) => loaded.check_head(layer, head)?,
            _ if layer > n_layers => {
                let what = format!("layer {layer}, expected 0 to {n_layers} blocks");
                return Err(Failure::new(Code::BadRequest, what));
            }
            _ => {}
        }
        let index = self.index(loaded)?;
        let States { streams, heads, .. } =
            states(&loaded.model, std::slice::from_ref(example), change).remove(0);
        let width = |numbers: &[f32], rows: usize| numbers.len() / rows;
        let (kind, reads, vector) = match head {
            Some(head) => {
                let width = width(&heads[layer], n_heads * n_tokens);
                let vector = &heads[layer][(head * n_tokens + token) * width..][..width];
                let kind = n_layers + 1 + layer * n_heads + head;
                (kind, n_layers + layer * n_heads + head, vector)
            }
            None => {
                let width = width(&streams[layer], n_tokens);
                let vector = &streams[layer][token * width..][..width];
                // Before the first block nothing was read; the first block reads next.
                (layer, layer.saturating_sub(1), vector)
            }
        };
        Ok(index.search(kind, reads, vector, limit))
    }

    fn index(&self, loaded: &Arc<Loaded>) -> Result<Arc<Index>, Failure> {
        let mut work = lock(&self.0);
        let step = loaded.model.step;
        let current = match &*work {
            Some(current) if current.step == step => current.clone(),
            _ => {
                let begun = Arc::new(Work {
                    step,
                    n_texts: AtomicUsize::new(0),
                    n_done: AtomicUsize::new(0),
                    index: Mutex::default(),
                });
                let (working, loaded) = (begun.clone(), loaded.clone());
                thread::spawn(move || working.make(&loaded));
                work.insert(begun).clone()
            }
        };
        drop(work);
        let index = lock(&current.index).clone();
        index.ok_or_else(|| {
            let (done, all) = (&current.n_done, &current.n_texts);
            let share = done.load(Ordering::Relaxed) * 100 / all.load(Ordering::Relaxed).max(1);
            let what = format!("the texts are being read: {share} % of them so far");
            Failure::new(Code::NotReady, what)
        })
    }
}

impl Work {
    fn make(&self, loaded: &Loaded) {
        let Ok(split) = test_split(&loaded.model, Split::InDistribution) else { return };
        let classes = WordClasses::of(&Grammar::embedded().expect("a test of corpus loads it"));
        let wanted = spread(split.examples);
        self.n_texts.store(wanted.len(), Ordering::Relaxed);
        let &EncoderConfig { n_layers, n_heads, .. } = loaded.encoder();
        let mut index = Index {
            directions: vec![Directions::default(); n_layers + 1 + n_layers * n_heads],
            reads: vec![Vec::new(); n_layers + n_layers * n_heads],
            ..Index::default()
        };
        for group in group_by_length(wanted, BATCH) {
            let all = states(&loaded.model, &group, &Change::default());
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
    let share = (MOST_TOKENS as f64 / n_tokens.max(1) as f64).min(1.0);
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
    let (text, n_layers) = (index.texts.len() as u32, states.heads.len());
    let tokens: Vec<Token> = (example.encoding.tokens.iter())
        .map(|token| Token { text: String::new(), span: token.span, word: token.word })
        .collect();
    for (token, place) in tokens.iter().enumerate() {
        let (Some(span), Some(word)) = (place.span, place.word) else { continue };
        index.places.push(Place { text, span, word: word as u32 });
        for (layer, stream) in states.streams.iter().enumerate() {
            let width = stream.len() / n_tokens;
            index.directions[layer].push(&stream[token * width..][..width]);
        }
        for layer in 0..n_layers {
            let (heads, weights) = (&states.heads[layer], &states.weights[layer]);
            let width = heads.len() / (n_heads * n_tokens);
            let mut mean = vec![0.0; n_tokens];
            for head in 0..n_heads {
                let row = head * n_tokens + token;
                let of_head = layer * n_heads + head;
                index.directions[n_layers + 1 + of_head].push(&heads[row * width..][..width]);
                let read = &weights[row * n_tokens..][..n_tokens];
                index.reads[n_layers + of_head].push(most_read(read, &tokens));
                mean.iter_mut().zip(read).for_each(|(sum, weight)| *sum += weight / n_heads as f32);
            }
            index.reads[layer].push(most_read(&mean, &tokens));
        }
    }
    let EncodedExample { example, encoding, .. } = example;
    let words: Vec<_> = encoding.words.iter().map(|word| word.span).collect();
    let class = |span: &corpus::span::CharSpan| {
        let word = span.slice(&example.text).expect("a word lies within its text");
        classes.class(example.lang, word).name()
    };
    let classes = words.iter().map(class).collect();
    index.texts.push(Text { example, words, classes });
}
