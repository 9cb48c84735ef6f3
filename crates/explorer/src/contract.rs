//! The messages between page and model as types. `CONTRACT.md` documents their fields.

use serde::Serialize;

pub mod failure;
pub mod reading;
pub mod request;
pub mod run;
pub mod search;

/// The name of the format, at the beginning of every answer.
pub const FORMAT: &str = "anafora-explorer";
/// The version of the format, after its name.
pub const VERSION: u32 = 1;

/// An answer, preceded by the name and the version of the format.
#[derive(Debug, Clone, Serialize)]
pub struct Answer<T> {
    format: &'static str,
    version: u32,
    #[serde(flatten)]
    content: T,
}

impl<T: Serialize> Answer<T> {
    /// The answer with this content, as JSON.
    pub fn json(content: T) -> String {
        let answer = Self { format: FORMAT, version: VERSION, content };
        serde_json::to_string(&answer).expect("an answer is plain data")
    }
}
