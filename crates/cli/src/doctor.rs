//! Whether everything that a training needs is there: a line for each thing, with what to do.
//!
//! Only [`place`] writes, a file that it removes again.

pub mod backend;
pub mod memory;
pub mod place;
pub mod toolchain;

use serde::{Deserialize, Serialize};

/// What somebody is to think of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be, or as good as can be known here.
    Ok,
    /// A training may work, or not as well as it could.
    Warning,
    /// A training will not work.
    Failed,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The thing, in a word or two.
    pub name: String,
    /// How it is.
    pub status: Status,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// Of a trial training, its updates a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps_per_second: Option<f64>,
}

impl Check {
    /// Nothing to do.
    pub fn ok(name: impl Into<String>, found: impl Into<String>) -> Self {
        let (name, found) = (name.into(), found.into());
        Self { name, status: Status::Ok, found, advice: None, steps_per_second: None }
    }

    /// The same thing in a worse state.
    #[must_use]
    pub fn but(self, status: Status, advice: impl Into<String>) -> Self {
        Self { status, advice: Some(advice.into()), ..self }
    }

    /// For a terminal, advice on a second line.
    pub fn text(&self) -> String {
        let Self { name, status, found, advice, .. } = self;
        let status = match status {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Failed => "failed",
        };
        let advice = advice.iter().map(|advice| format!("  hint: {advice}\n"));
        format!("{status:<7}  {name}: {found}\n{}", advice.collect::<String>())
    }
}
