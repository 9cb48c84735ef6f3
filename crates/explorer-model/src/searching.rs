//! Looking for tokens that the model sees alike: the index of one checkpoint, made when it is first
//! wanted, on a thread beside the questions.

use std::{
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
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

use super::{loaded::Loaded, lock};

mod work;

use work::Work;

/// The index of the checkpoint that was asked for last, and the thread that makes it.
#[derive(Default)]
pub(super) struct Searching(Mutex<Option<(Arc<Work>, JoinHandle<()>)>>);

impl Searching {
    /// The tokens that are like one of `example`.
    pub(super) fn search(
        &self,
        loaded: &Arc<Loaded>,
        example: &EncodedExample,
        change: &InterventionSettings,
        request: &SearchRequest,
    ) -> Result<SearchResult, Failure> {
        check(loaded, example, request)?;
        let index = self.index(loaded)?;
        let &EncoderConfig { n_layers, n_heads, .. } = loaded.encoder();
        let (n_tokens, layer) = (example.n_tokens(), request.layer);
        let seen = states(&loaded.model, std::slice::from_ref(example), change).remove(0);
        // What is compared, which row of it, and where the index has it and what is read with it.
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
            // Before the first block nothing was read; the first block reads next.
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

    fn index(&self, loaded: &Arc<Loaded>) -> Result<Arc<Index>, Failure> {
        let mut work = lock(&self.0);
        let step = loaded.model.step;
        // One index is made at a time, whatever is asked meanwhile.
        let current = match &*work {
            Some((current, maker)) if !maker.is_finished() || current.is_of(step) => {
                current.clone()
            }
            _ => {
                let begun = Arc::new(Work::new(step));
                let (working, loaded) = (begun.clone(), loaded.clone());
                let maker = thread::spawn(move || working.make(&loaded));
                work.insert((begun, maker)).0.clone()
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

/// Whether there is what is to be compared.
fn check(
    loaded: &Loaded,
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
