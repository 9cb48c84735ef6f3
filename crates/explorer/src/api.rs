//! From a path and a body to an answer: what the server and the exported page both say.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{
    contract::{
        Answer,
        failure::{Code, Failed, Failure},
        request::{
            Body, ReadRequest, SearchRequest, SnapshotRequest, VariantsRequest, VectorsRequest,
        },
    },
    model::Model,
};

/// Where requests go, with the method of each.
pub const PATHS: [(&str, &str); 6] = [
    ("GET", "/api/run"),
    ("POST", "/api/read"),
    ("POST", "/api/vectors"),
    ("POST", "/api/snapshot"),
    ("POST", "/api/variants"),
    ("POST", "/api/search"),
];

/// The answer to a request, as JSON.
pub fn answer(model: &dyn Model, path: &str, body: &[u8]) -> Result<String, Failure> {
    let ask = || match path {
        "/api/run" => Ok(Answer::json(model.run()?)),
        "/api/read" => Ok(Answer::json(model.read(&ReadRequest::parse(body)?)?)),
        "/api/vectors" => Ok(Answer::json(model.vectors(&VectorsRequest::parse(body)?)?)),
        "/api/snapshot" => Ok(Answer::json(model.snapshot(SnapshotRequest::parse(body)?.step)?)),
        "/api/variants" => Ok(Answer::json(model.variants(&VariantsRequest::parse(body)?)?)),
        "/api/search" => Ok(Answer::json(model.search(&SearchRequest::parse(body)?)?)),
        _ => Err(Failure::new(Code::NotFound, format!("{path:?}, expected one of {}", paths()))),
    };
    // A mistake in one answer is no reason to refuse the next.
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|_| {
        let what = "a mistake in the program, which its terminal tells more about";
        Err(Failure::new(Code::Internal, what))
    })
}

/// What is sent instead of an answer.
pub fn failed(failure: &Failure) -> String {
    Answer::json(Failed { error: failure })
}

fn paths() -> String {
    PATHS.map(|(_, path)| path).join(", ")
}
