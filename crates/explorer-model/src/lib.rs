//! Answers the questions of the explorer's page with the model of a run: the adapter between the types
//! of the page's contract and `anafora`.
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

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anafora::{
    intervene::{self, InterventionSettings},
    model::{ModelError, TrainedModel},
};
use burn::tensor::Device;
use corpus::{example::Example, variants::variants};
use explorer::{
    contract::{
        failure::{Code, Failure},
        reading::{Readings, Vectors},
        request::{ReadRequest, SearchRequest, VariantsRequest, VectorsRequest},
        run::{Recurrent, Run as RunAnswer},
        search::{SearchResult, Variant, Variants},
    },
    model::Model,
    numbers,
};
use run::{checkpoint::CheckpointError, directory::Run};
use snapshot::content::Probe;

mod facts;
mod loaded;
mod readings;
pub mod recurrent;
mod searching;

use loaded::Loaded;
use readings::{readings, to_failure};
use searching::Searching;

/// A run that is asked.
pub struct Explorer {
    run: Run,
    device: Device,
    answer: RunAnswer,
    /// The checkpoints that were asked last, the very last one at the end.
    loaded: Mutex<Vec<Arc<Loaded>>>,
    searching: Searching,
}

/// Checkpoints that stay in memory.
const MAX_LOADED: usize = 3;

/// Why a run cannot be explored.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The model is recurrent.
    #[error(
        "explore shows attention, and the model of {} has none: it is recurrent\nhint: name the run \
         of another model",
        .run.display()
    )]
    NoAttention {
        /// The directory of the run.
        run: PathBuf,
    },
    /// The model cannot be read.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The checkpoints cannot be listed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl Explorer {
    /// Reads the run and its best checkpoint; `recurrent` is the comparison with a recurrent network
    /// that the page shows beside it.
    ///
    /// # Errors
    ///
    /// If the run cannot be read, or its model has no attention to look at.
    pub fn open(run: Run, device: Device, recurrent: Option<Recurrent>) -> Result<Self, OpenError> {
        let model = TrainedModel::load(&run, "best", &device)?;
        let answer = facts::gather(&run, &model, recurrent)?;
        let loaded = Mutex::new(vec![Arc::new(Loaded::new(model))]);
        Ok(Self { run, device, answer, loaded, searching: Searching::default() })
    }

    /// What the best checkpoint makes of a text with one pronoun, or of the first probe.
    ///
    /// # Errors
    ///
    /// If there is no text, or not one pronoun in it.
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

    /// The probes that the run has recorded, or those that come with the program.
    fn probes(&self) -> &[Example] {
        &self.answer.probes
    }

    fn best(&self) -> usize {
        let best = self.answer.checkpoints.iter().find(|checkpoint| checkpoint.is_best);
        best.expect("a run without a checkpoint is refused when it is opened").step
    }

    /// The checkpoint of that step, or the best one.
    fn load(&self, step: Option<usize>) -> Result<Arc<Loaded>, Failure> {
        let step = step.unwrap_or_else(|| self.best());
        if !self.answer.checkpoints.iter().any(|checkpoint| checkpoint.step == step) {
            let steps: Vec<String> =
                self.answer.checkpoints.iter().map(|c| c.step.to_string()).collect();
            let what =
                format!("there is no checkpoint {step}, expected one of {}", steps.join(", "));
            return Err(Failure::new(Code::NoSuchCheckpoint, what));
        }
        // Who asks for another checkpoint meanwhile waits: reading two at once would be no faster.
        let mut loaded = lock(&self.loaded);
        let known = loaded.iter().position(|loaded| loaded.model.step == step);
        let found = match known {
            Some(index) => loaded.remove(index),
            None => {
                let read = Loaded::read(&self.run, step, &self.device);
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
        let heads = facts::heads(&self.run)?;
        Ok(RunAnswer { heads, ..self.answer.clone() })
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

    fn snapshot(&self, step: usize) -> Result<Readings, Failure> {
        if !self.answer.snapshots.iter().any(|snapshot| snapshot.step == step) {
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
        self.searching.search(&loaded, &example, &change, request)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind it is whole between two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
