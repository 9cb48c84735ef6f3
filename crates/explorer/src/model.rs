//! The interface of a model to the explorer.

use crate::contract::{
    failure::Failure,
    reading::{Activations, Readings, Vectors},
    request::{ActivationsRequest, ReadRequest, SearchRequest, VariantsRequest, VectorsRequest},
    run::{Heads, Run},
    search::{SearchResult, Variants},
};

/// A model that answers the requests of `CONTRACT.md`. Several threads call it at once.
///
/// Every method returns a [`Failure`] if the request cannot be answered, with the code that the
/// contract gives for the reason.
pub trait Model: Send + Sync {
    /// The run, its checkpoints, snapshots and probes.
    fn run(&self) -> Result<Run, Failure>;

    /// What was measured of each head over a test set.
    fn heads(&self) -> Result<Heads, Failure>;

    /// The answer and the attention for a text.
    fn read(&self, request: &ReadRequest) -> Result<Readings, Failure>;

    /// The queries, keys and values of one head for a text.
    fn vectors(&self, request: &VectorsRequest) -> Result<Vectors, Failure>;

    /// What one token's vector becomes on its way through the model.
    fn activations(&self, request: &ActivationsRequest) -> Result<Activations, Failure>;

    /// The readings of all probes that were recorded at a training step.
    fn snapshot(&self, step: usize) -> Result<Readings, Failure>;

    /// The variants of a text.
    fn variants(&self, request: &VariantsRequest) -> Result<Variants, Failure>;

    /// The tokens of a corpus whose vectors are most similar to that of a token.
    fn search(&self, request: &SearchRequest) -> Result<SearchResult, Failure>;
}
