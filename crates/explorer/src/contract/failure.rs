//! Why there is no answer, for a program (a code and a status) and for a person (a message).

use serde::Serialize;

/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Which kind of reason.
    pub code: Code,
    /// What was found, and what was expected.
    pub message: String,
}

/// The kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the contract, and say it")]
pub enum Code {
    BadJson,
    BadRequest,
    Empty,
    NoPronoun,
    BadMark,
    TooLong,
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
    /// The status of HTTP.
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
    /// A failure of the kind `code`.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// What is sent of a failure.
#[derive(Debug, Serialize)]
pub struct Failed<'f> {
    /// The failure.
    pub error: &'f Failure,
}
