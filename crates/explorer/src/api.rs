//! Answers a request, given by its path and body. The server and the export both use it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{
    contract::{
        Answer,
        failure::{Code, Failed, Failure},
        request::{
            ActivationsRequest, Body, ReadRequest, SearchRequest, SnapshotRequest, VariantsRequest,
            VectorsRequest,
        },
    },
    model::Model,
};

/// The methods and paths of all requests.
pub const PATHS: [(&str, &str); 8] = [
    ("GET", "/api/run"),
    ("GET", "/api/heads"),
    ("POST", "/api/read"),
    ("POST", "/api/vectors"),
    ("POST", "/api/activations"),
    ("POST", "/api/snapshot"),
    ("POST", "/api/variants"),
    ("POST", "/api/search"),
];

/// The answer to a request, as JSON.
///
/// # Errors
/// If the path is unknown, the body is refused, or the model cannot answer. A panic of the model is
/// an error with [`Code::Internal`].
pub fn answer(model: &dyn Model, path: &str, body: &[u8]) -> Result<String, Failure> {
    let ask = || match path {
        "/api/run" => Ok(Answer::json(model.run()?)),
        "/api/heads" => Ok(Answer::json(model.heads()?)),
        "/api/read" => Ok(Answer::json(model.read(&ReadRequest::parse(body)?)?)),
        "/api/vectors" => Ok(Answer::json(model.vectors(&VectorsRequest::parse(body)?)?)),
        "/api/activations" => {
            Ok(Answer::json(model.activations(&ActivationsRequest::parse(body)?)?))
        }
        "/api/snapshot" => Ok(Answer::json(model.snapshot(SnapshotRequest::parse(body)?.step)?)),
        "/api/variants" => Ok(Answer::json(model.variants(&VariantsRequest::parse(body)?)?)),
        "/api/search" => Ok(Answer::json(model.search(&SearchRequest::parse(body)?)?)),
        _ => Err(Failure::new(Code::NotFound, format!("{path:?}, expected one of {}", paths()))),
    };
    // A bug that one request triggers must not end the server.
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|_| {
        let what = "a bug in the program; the terminal of `explore` shows more";
        Err(Failure::new(Code::Internal, what))
    })
}

/// The JSON that is sent in place of an answer.
pub fn failed(failure: &Failure) -> String {
    Answer::json(Failed { error: failure })
}

fn paths() -> String {
    PATHS.map(|(_, path)| path).join(", ")
}
