//! The error that is sent in place of an answer: a code for the page, and a message for the user.

use serde::Serialize;

/// The reason why a request is not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The kind of the reason.
    pub code: Code,
    /// What was found, and what was expected.
    pub message: String,
}

/// The kinds of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "CONTRACT.md lists the codes, and their names explain them")]
pub enum Code {
    BadJson,
    BadRequest,
    Empty,
    NoPronoun,
    BadMark,
    TooLong,
    TooManyPronouns,
    TooLarge,
    NoSuchCheckpoint,
    NoSuchSnapshot,
    NoSuchToken,
    NoSuchHead,
    NoAttention,
    Forbidden,
    NotFound,
    Method,
    NotReady,
    Internal,
}

impl Code {
    /// The HTTP status of the response.
    pub fn status(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            Self::NotFound | Self::NoSuchCheckpoint | Self::NoSuchSnapshot => 404,
            Self::Method => 405,
            Self::TooLarge => 413,
            Self::Internal => 500,
            Self::NotReady => 503,
            _ => 400,
        }
    }
}

impl Failure {
    /// A failure with this code and message.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// The body of a response that is not an answer: `{"error": …}`.
#[derive(Debug, Serialize)]
pub struct Failed<'f> {
    /// The reason.
    pub error: &'f Failure,
}
