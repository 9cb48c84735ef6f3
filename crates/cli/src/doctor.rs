//! The checks of `doctor`: whether everything that a training needs is available.
//!
//! Only [`run_directory`] writes to the disk: a file that it removes again.

pub mod backend;
pub mod memory;
pub mod run_directory;
pub mod toolchain;

use serde::{Deserialize, Serialize};

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// No problem was found.
    Ok,
    /// Training may not work, or be slower than it could be.
    Warning,
    /// Training will not work.
    Failed,
}

/// One check and its result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Name of the check, one or two words.
    pub name: String,
    /// Result of the check.
    pub status: Status,
    /// What was found, in words.
    pub found: String,
    /// What the user can do about a problem.
    pub advice: Option<String>,
    /// Steps per second, for a trial training.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps_per_second: Option<f64>,
}

impl Check {
    /// A check that found no problem.
    pub fn ok(name: impl Into<String>, found: impl Into<String>) -> Self {
        let (name, found) = (name.into(), found.into());
        Self { name, status: Status::Ok, found, advice: None, steps_per_second: None }
    }

    /// The same check with a problem and advice.
    #[must_use]
    pub fn with_problem(self, status: Status, advice: impl Into<String>) -> Self {
        Self { status, advice: Some(advice.into()), ..self }
    }

    /// The check as text, with the advice on a second line.
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
