//! Answers the requests of the explorer's page from a run: [`Explorer`] implements the page's trait
//! [`Model`] with the checkpoints and snapshots of a run directory.
//!
//! ```
//! use anafora_explorer_model::Explorer;
//! use burn::tensor::Device;
//! use explorer::{contract::request::ReadRequest, model::Model};
//! use run::directory::Run;
//!
//! # let directory = tempfile::tempdir()?;
//! # anafora::sample::write_run(directory.path())?;
//! # let path = directory.path();
//! let explorer = Explorer::open(Run::open(path)?, Device::flex(), None)?;
//! let request = ReadRequest::new("Ana sabe que ella gana.".to_owned(), None);
//! let answer = explorer.read(&request).map_err(|failure| failure.message)?;
//! assert_eq!(answer.readings.len(), 1); // one pronoun
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The types of requests and answers are in [`explorer::contract`]; the computations are in
//! `anafora`. This crate checks requests against the model and converts between the two.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anafora::{
    activations,
    intervene::{self, InterventionSettings},
    model::{ModelError, TrainedModel},
};
use burn::tensor::Device;
use corpus::{example::Example, variants::variants};
use explorer::{
    contract::{
        failure::{Code, Failure},
        reading::{Activations, Readings, Vectors},
        request::{
            ActivationsRequest, ReadRequest, SearchRequest, VariantsRequest, VectorsRequest,
        },
        run::{Heads, Recurrent, Run as RunAnswer},
        search::{SearchResult, Variant, Variants},
    },
    model::Model,
    numbers,
};
use run::{checkpoint::CheckpointError, directory::Run};
use snapshot::content::Probe;

mod loaded;
pub mod recurrent;
mod run_info;
mod to_contract;
mod token_search;

use loaded::LoadedCheckpoint;
use to_contract::{readings, to_failure};
use token_search::TokenSearch;

/// A run whose checkpoints answer the page's requests. Checkpoints are loaded on request, and the
/// most recently used `MAX_LOADED` stay in memory.
pub struct Explorer {
    run: Run,
    device: Device,
    /// The answer to a request for the run.
    info: RunAnswer,
    /// The checkpoints in memory, the most recently used one last.
    loaded: Mutex<Vec<Arc<LoadedCheckpoint>>>,
    token_search: TokenSearch,
}

/// Maximum number of checkpoints in memory.
const MAX_LOADED: usize = 3;

/// Why a run cannot be explored.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The model is recurrent and has no attention to show.
    #[error(
        "explore shows attention, and the model of {} has none: it is recurrent\nhint: name the run \
         of another model",
        .run.display()
    )]
    NoAttention {
        /// Directory of the run.
        run: PathBuf,
    },
    /// The best checkpoint cannot be loaded.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The directory of checkpoints cannot be listed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl Explorer {
    /// Reads the run and loads its best checkpoint. `recurrent` is the comparison with a recurrent
    /// network that the page shows.
    ///
    /// # Errors
    ///
    /// If the run cannot be read, or its model has no attention.
    pub fn open(run: Run, device: Device, recurrent: Option<Recurrent>) -> Result<Self, OpenError> {
        let model = TrainedModel::load(&run, "best", &device)?;
        let info = run_info::gather(&run, &model, recurrent)?;
        let loaded = Mutex::new(vec![Arc::new(LoadedCheckpoint::new(model))]);
        Ok(Self { run, device, info, loaded, token_search: TokenSearch::default() })
    }

    /// The best checkpoint's attention and answer for `text`, or for the first probe if there is none.
    ///
    /// # Errors
    ///
    /// If there is neither a text nor a probe, or the text does not have exactly one pronoun.
    pub fn probe(&self, text: Option<&str>) -> Result<Probe, Failure> {
        let first = self.probes().first().map(|probe| (probe.text.as_str(), Some(probe.pronoun)));
        let (text, pronoun) = match text {
            Some(text) => (text, None),
            None => first.ok_or_else(|| {
                Failure::new(Code::BadRequest, "the run has no probes: --text names one")
            })?,
        };
        let request = ReadRequest::new(text.to_owned(), pronoun);
        let loaded = self.load(None)?;
        let example = loaded.encode_one(&request, self.probes())?;
        Ok(intervene::resolve(&loaded.model, &[example], &InterventionSettings::default())
            .remove(0))
    }

    /// The probes of the run's snapshots, or the bundled ones if there are no snapshots.
    fn probes(&self) -> &[Example] {
        &self.info.probes
    }

    fn best(&self) -> usize {
        let best = self.info.checkpoints.iter().find(|checkpoint| checkpoint.is_best);
        best.expect("a run without a checkpoint is refused when it is opened").step
    }

    /// The checkpoint of `step`, or the best one; loads it if it is not in memory.
    fn load(&self, step: Option<usize>) -> Result<Arc<LoadedCheckpoint>, Failure> {
        let step = step.unwrap_or_else(|| self.best());
        if !self.info.checkpoints.iter().any(|checkpoint| checkpoint.step == step) {
            let steps: Vec<String> =
                self.info.checkpoints.iter().map(|c| c.step.to_string()).collect();
            let what =
                format!("there is no checkpoint {step}, expected one of {}", steps.join(", "));
            return Err(Failure::new(Code::NoSuchCheckpoint, what));
        }
        // The lock is held while a checkpoint is read, because reading two at once is no faster.
        let mut loaded = lock(&self.loaded);
        let known = loaded.iter().position(|loaded| loaded.model.step == step);
        let found = match known {
            Some(index) => loaded.remove(index),
            None => {
                let read = LoadedCheckpoint::read(&self.run, step, &self.device);
                let broken =
                    |error| Failure::new(Code::Internal, files::message::message(&error, |_| None));
                Arc::new(read.map_err(broken)?)
            }
        };
        loaded.push(found.clone());
        if loaded.len() > MAX_LOADED {
            loaded.remove(0);
        }
        Ok(found)
    }
}

impl Model for Explorer {
    fn run(&self) -> Result<RunAnswer, Failure> {
        Ok(self.info.clone())
    }

    fn heads(&self) -> Result<Heads, Failure> {
        Ok(Heads { heads: run_info::heads(&self.run)? })
    }

    fn read(&self, request: &ReadRequest) -> Result<Readings, Failure> {
        let loaded = self.load(request.checkpoint)?;
        let examples = loaded.encode(request, self.probes())?;
        let change = loaded.change(request, &examples[0], self.probes())?;
        let probes = intervene::resolve(&loaded.model, &examples, &change);
        Ok(readings(loaded.model.step, probes))
    }

    fn vectors(&self, request: &VectorsRequest) -> Result<Vectors, Failure> {
        let &VectorsRequest { ref read, layer, head } = request;
        let loaded = self.load(read.checkpoint)?;
        let example = loaded.encode_one(read, self.probes())?;
        loaded.check_head(layer, head)?;
        let change = loaded.change(read, &example, self.probes())?;
        let vectors = intervene::vectors(&loaded.model, &example, &change, layer, head);
        Ok(Vectors {
            step: loaded.model.step,
            layer,
            head,
            seq: example.n_tokens(),
            d_head: vectors.d_head,
            queries: numbers::floats(&vectors.queries),
            keys: numbers::floats(&vectors.keys),
            values: numbers::floats(&vectors.values),
        })
    }

    fn activations(&self, request: &ActivationsRequest) -> Result<Activations, Failure> {
        let &ActivationsRequest { ref read, token } = request;
        let loaded = self.load(read.checkpoint)?;
        let example = loaded.encode_one(read, self.probes())?;
        let n_tokens = example.n_tokens();
        if token >= n_tokens {
            let what = format!("token {token}, expected one of the text's {n_tokens}");
            return Err(Failure::new(Code::NoSuchToken, what));
        }
        let change = loaded.change(read, &example, self.probes())?;
        let seen = activations::activations(&loaded.model, &example, &change, token);
        let place = (loaded.model.step, token);
        Ok(to_contract::activations(place, &example, loaded.encoder(), &seen))
    }

    fn snapshot(&self, step: usize) -> Result<Readings, Failure> {
        if !self.info.snapshots.iter().any(|snapshot| snapshot.step == step) {
            let what =
                format!("there is no snapshot of step {step}, expected one of run.snapshots");
            return Err(Failure::new(Code::NoSuchSnapshot, what));
        }
        let snapshot = snapshot::file::read(&self.run.snapshot(step)).map_err(to_failure)?;
        let recorded: Vec<&str> =
            snapshot.probes.iter().map(|probe| probe.example.id.as_str()).collect();
        if !recorded.iter().copied().eq(self.probes().iter().map(|probe| probe.id.as_str())) {
            let what = format!("the snapshot of step {step} has other probes than the last one");
            return Err(Failure::new(Code::Internal, what));
        }
        Ok(readings(step, snapshot.probes))
    }

    fn variants(&self, request: &VariantsRequest) -> Result<Variants, Failure> {
        let variants = variants(&request.text, request.pronoun).into_iter();
        let variants = variants.map(|variant| Variant {
            kind: variant.kind.name(),
            text: variant.text,
            pronoun: variant.pronoun,
            changed: variant.changed,
        });
        Ok(Variants { variants: variants.collect() })
    }

    fn search(&self, request: &SearchRequest) -> Result<SearchResult, Failure> {
        let loaded = self.load(request.read.checkpoint)?;
        let example = loaded.encode_one(&request.read, self.probes())?;
        let change = loaded.change(&request.read, &example, self.probes())?;
        self.token_search.search(&loaded, &example, &change, request)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock can be used: no panic can happen halfway through a change of the value.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
