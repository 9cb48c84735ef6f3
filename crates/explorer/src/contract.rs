//! What model and page say to each other, as types: `CONTRACT.md` says what the fields mean.

use serde::Serialize;

pub mod failure;
pub mod reading;
pub mod request;
pub mod run;
pub mod search;

/// The name of the format, at the beginning of every answer.
pub const FORMAT: &str = "anafora-explorer";
/// Of the format.
pub const VERSION: u32 = 1;

/// An answer with the head that each one has.
#[derive(Debug, Clone, Serialize)]
pub struct Answer<T> {
    format: &'static str,
    version: u32,
    #[serde(flatten)]
    content: T,
}

impl<T: Serialize> Answer<T> {
    /// `content` as JSON.
    pub fn json(content: T) -> String {
        let answer = Self { format: FORMAT, version: VERSION, content };
        serde_json::to_string(&answer).expect("an answer is plain data")
    }
}
