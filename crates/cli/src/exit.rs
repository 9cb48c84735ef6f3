//! How a program ends: results on stdout, one message on stderr, and an exit code that says whose
//! turn it is.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | the run failed: a file is wrong or cannot be written, a loss left the numbers |
//! | 2 | the invocation or the configuration is wrong |
//! | 130 | stopped by Ctrl-C, everything saved |

use std::{io, process::ExitCode};

use training::{
    checkpoint::CheckpointError, experiment::TrainError, model::ModelError, overrides::ConfigError,
    run::RunError,
};

use crate::device::NotCompiled;

/// Runs a program and turns its error into a message and an exit code.
pub fn exit_with(program: impl FnOnce() -> anyhow::Result<ExitCode>) -> ExitCode {
    match program() {
        Ok(code) => code,
        // Somebody who reads only the first lines (`| head`) has got what they wanted.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", message(&error));
            ExitCode::from(if is_usage(&error) { 2 } else { 1 })
        }
    }
}

/// A wrong invocation that clap cannot see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// The error and its causes, each once: a transparent wrapper repeats its cause.
fn message(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
    }
    // A hint comes last, whatever its cause.
    let hints: Vec<String> = (parts.iter_mut())
        .filter_map(|part| {
            let at = part.find("\nhint:")?;
            Some(part.split_off(at))
        })
        .collect();
    parts.join(": ") + &hints.concat()
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    (error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()))
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn is_usage(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<Usage>()
            || cause.is::<NotCompiled>()
            || cause.downcast_ref().is_some_and(is_usage_of_config)
            || cause.downcast_ref().is_some_and(is_usage_of_run)
            || cause.downcast_ref().is_some_and(is_usage_of_checkpoint)
            || match cause.downcast_ref::<TrainError>() {
                Some(TrainError::Config(error)) => is_usage_of_config(error),
                Some(TrainError::Run(error)) => is_usage_of_run(error),
                Some(TrainError::Checkpoint(error)) => is_usage_of_checkpoint(error),
                _ => false,
            }
            || match cause.downcast_ref::<ModelError>() {
                Some(ModelError::Config(error)) => is_usage_of_config(error),
                Some(ModelError::Checkpoint(error)) => is_usage_of_checkpoint(error),
                _ => false,
            }
    })
}

fn is_usage_of_config(_: &ConfigError) -> bool {
    true
}

fn is_usage_of_run(error: &RunError) -> bool {
    !matches!(error, RunError::Io { .. })
}

fn is_usage_of_checkpoint(error: &CheckpointError) -> bool {
    matches!(error, CheckpointError::Unknown { .. } | CheckpointError::None { .. })
}
