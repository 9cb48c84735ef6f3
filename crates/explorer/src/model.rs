//! Who answers: a trained model, or in tests something that pretends to be one.

use crate::contract::{
    failure::Failure,
    reading::{Readings, Vectors},
    request::{ReadRequest, SearchRequest, VariantsRequest, VectorsRequest},
    run::Run,
    search::{SearchResult, Variants},
};

/// Answers the questions of the contract; several threads ask at once.
pub trait Model: Send + Sync {
    /// What there is to look at.
    fn run(&self) -> Result<Run, Failure>;

    /// What the model makes of a text.
    fn read(&self, request: &ReadRequest) -> Result<Readings, Failure>;

    /// What one head works with.
    fn vectors(&self, request: &VectorsRequest) -> Result<Vectors, Failure>;

    /// All probes at a step of the training.
    fn snapshot(&self, step: usize) -> Result<Readings, Failure>;

    /// The text with something changed.
    fn variants(&self, request: &VariantsRequest) -> Result<Variants, Failure>;

    /// Tokens that the model sees alike.
    fn search(&self, request: &SearchRequest) -> Result<SearchResult, Failure>;
}
