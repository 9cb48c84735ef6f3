//! Search for tokens with similar hidden states or head outputs.
//!
//! The index of a checkpoint is built at the first search, on a thread of its own, so that requests
//! are answered meanwhile.

use std::{
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use anafora::{batch::EncodedExample, intervene::InterventionSettings, states::states};
use config::encoder::EncoderConfig;
use explorer::{
    contract::{
        failure::{Code, Failure},
        request::{By, SearchRequest},
        search::SearchResult,
    },
    search::Index,
};

use super::{loaded::LoadedCheckpoint, lock};

mod indexing;

use indexing::Indexing;

/// The index of the checkpoint that was searched last, and the thread that builds it.
#[derive(Default)]
pub(super) struct TokenSearch(Mutex<Option<(Arc<Indexing>, JoinHandle<()>)>>);

impl TokenSearch {
    /// The indexed tokens most similar to the requested token of `example`.
    pub(super) fn search(
        &self,
        loaded: &Arc<LoadedCheckpoint>,
        example: &EncodedExample,
        change: &InterventionSettings,
        request: &SearchRequest,
    ) -> Result<SearchResult, Failure> {
        check(loaded, example, request)?;
        let index = self.index(loaded)?;
        let &EncoderConfig { n_layers, n_heads, .. } = loaded.encoder();
        let (n_tokens, layer) = (example.n_tokens(), request.layer);
        let seen = states(&loaded.model, std::slice::from_ref(example), change).remove(0);
        // The vectors to compare, their number, the row of the requested token, and the positions in
        // the index of such vectors and of the attention that belongs to them.
        let (numbers, n_rows, row, kind, reads) = match request.head {
            Some(head) => {
                let of_head = layer * n_heads + head;
                let row = head * n_tokens + request.token;
                (
                    &seen.heads[layer],
                    n_heads * n_tokens,
                    row,
                    n_layers + 1 + of_head,
                    n_layers + of_head,
                )
            }
            // Layer 0 is the embedding, which no block has attended yet: the attention shown with it
            // is that of the first block.
            None => (
                &seen.residual_stream[layer],
                n_tokens,
                request.token,
                layer,
                layer.saturating_sub(1),
            ),
        };
        let width = numbers.len() / n_rows;
        Ok(index.search(kind, reads, &numbers[row * width..][..width], request.limit))
    }

    fn index(&self, loaded: &Arc<LoadedCheckpoint>) -> Result<Arc<Index>, Failure> {
        let mut latest = lock(&self.0);
        let step = loaded.model.step;
        // Only one index is built at a time, even if another checkpoint is searched meanwhile.
        let current = match &*latest {
            Some((current, thread)) if !thread.is_finished() || current.is_of(step) => {
                current.clone()
            }
            _ => {
                let begun = Arc::new(Indexing::new(step));
                let (working, loaded) = (begun.clone(), loaded.clone());
                let thread = std::thread::spawn(move || working.build(&loaded));
                latest.insert((begun, thread)).0.clone()
            }
        };
        let index = current.index().filter(|_| current.is_of(step));
        index.ok_or_else(|| {
            let (percent, of) = (current.percent(), current.step);
            let what = format!("the texts are being read by checkpoint {of}: {percent} % so far");
            Failure::new(Code::NotReady, what)
        })
    }
}

/// Checks that the requested token, layer and head exist.
fn check(
    loaded: &LoadedCheckpoint,
    example: &EncodedExample,
    request: &SearchRequest,
) -> Result<(), Failure> {
    let (n_layers, n_tokens) = (loaded.encoder().n_layers, example.n_tokens());
    let &SearchRequest { token, by, layer, head, .. } = request;
    if token >= n_tokens {
        let what = format!("token {token}, expected one of the text's {n_tokens}");
        return Err(Failure::new(Code::NoSuchToken, what));
    }
    match (by, head) {
        (By::Attention, Some(head)) => loaded.check_head(layer, head),
        _ if layer > n_layers => {
            let what = format!("layer {layer}, expected 0 to {n_layers} blocks");
            Err(Failure::new(Code::BadRequest, what))
        }
        _ => Ok(()),
    }
}
