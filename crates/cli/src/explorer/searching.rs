//! Looking for tokens that the model sees alike.

use explorer::contract::{
    failure::{Code, Failure},
    request::SearchRequest,
    search::SearchResult,
};
use training::{batch::EncodedExample, reading::Change};

use super::loaded::Loaded;

/// The index, once it is there.
#[derive(Default)]
pub(super) struct Searching;

impl Searching {
    pub(super) fn search(
        &self,
        _: &Loaded,
        _: &EncodedExample,
        _: &Change,
        _: &SearchRequest,
    ) -> Result<SearchResult, Failure> {
        Err(Failure::new(Code::NotReady, "the index is not there"))
    }
}
