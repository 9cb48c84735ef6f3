//! How a program ends: one error message on stderr, and an exit code that tells a failed run from a
//! wrong invocation.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | the run failed: a file is wrong or cannot be written, a loss is not finite |
//! | 2 | the invocation or the configuration is wrong |
//! | 101 | a bug in the program (a panic); what could be saved is saved |
//! | 129, 130, 143 | stopped by SIGHUP, Ctrl-C or SIGTERM, with everything saved |
//!
//! `explore`, which answers until it is stopped, is done at the first of these signals.

use std::{error::Error, io, process::ExitCode};

use anafora::model::ModelError;
use config::file::ConfigError;
use corpus::jsonl::ReadError;
use evaluation::splits::SplitError;
use run::{
    change::ChangeError, checkpoint::CheckpointError, directory::RunError, lock::LockError,
    manifest::ManifestError, source::SourceError,
};
use training::error::TrainError;

use crate::{device::NotCompiled, signal, stderr::print_line};

/// Runs a program and turns its error into a message and an exit code.
pub fn exit_with(program: impl FnOnce() -> anyhow::Result<ExitCode>) -> ExitCode {
    signal::limits_are_errors();
    match program() {
        Ok(code) => code,
        // A reader that closes the pipe early (`| head`) is no failure.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            print_line(format_args!("error: {}", message(error.as_ref())));
            ExitCode::from(if is_usage(&error) { 2 } else { 1 })
        }
    }
}

/// A wrong invocation that clap cannot detect.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// The messages of an error and its causes, each once, and a hint if there is one.
pub fn message(error: &(dyn Error + 'static)) -> String {
    files::message::message(error, |cause| remedy(peel(cause)))
}

/// A hint that names command-line options, for errors of libraries that do not know them.
fn remedy(error: &(dyn Error + 'static)) -> Option<&'static str> {
    if let Some(error) = error.downcast_ref::<ReadError>() {
        return match error {
            ReadError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => Some(
                "file names are relative to the working directory; those of a run that have moved \
                     are named anew with train --resume RUN --set 'data.train=[\"FILE\"]'",
            ),
            ReadError::Json { source, .. } if source.is_eof() => {
                Some("the line is cut off; every line is one whole object")
            }
            _ => None,
        };
    }
    match error.downcast_ref::<ManifestError>()? {
        ManifestError::Damaged { .. } | ManifestError::Malformed { .. } => Some(DAMAGED),
        ManifestError::File(file) if file.source.kind() == io::ErrorKind::NotFound => Some(DAMAGED),
        _ => None,
    }
}

const DAMAGED: &str = "--checkpoint takes another one; where the damaged one is removed, --resume \
                       goes on from the one before";

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    (error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()))
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn is_usage(error: &anyhow::Error) -> bool {
    error.chain().map(peel).any(|cause| {
        cause.is::<Usage>()
            || cause.is::<NotCompiled>()
            || matches!(cause.downcast_ref(), Some(explorer_model::OpenError::NoAttention { .. }))
            || cause.is::<ConfigError>()
            || cause.is::<ChangeError>()
            || matches!(cause.downcast_ref(), Some(LockError::Held { .. }))
            || cause.downcast_ref().is_some_and(is_usage_of_run)
            || cause.downcast_ref().is_some_and(is_usage_of_checkpoint)
    })
}

fn is_usage_of_run(error: &RunError) -> bool {
    !matches!(
        error,
        RunError::File(_) | RunError::Create { .. } | RunError::Lock(LockError::File(_))
    )
}

fn is_usage_of_checkpoint(error: &CheckpointError) -> bool {
    matches!(error, CheckpointError::Unknown { .. } | CheckpointError::None { .. })
}

/// The error inside a wrapper with `#[error(transparent)]`. The source of such a wrapper is the source
/// of its content, so the content itself is never in the chain of causes.
fn peel<'e>(error: &'e (dyn Error + 'static)) -> &'e (dyn Error + 'static) {
    let content: Option<&'e (dyn Error + 'static)> =
        if let Some(error) = error.downcast_ref::<TrainError>() {
            match error {
                TrainError::Config(content) => Some(content),
                TrainError::Run(content) => Some(content),
                TrainError::Source(content) => Some(content),
                TrainError::Checkpoint(content) => Some(content),
                TrainError::Change(content) => Some(content),
                TrainError::Lock(content) => Some(content),
                _ => None,
            }
        } else if let Some(error) = error.downcast_ref::<ModelError>() {
            match error {
                ModelError::Config(content) => Some(content),
                ModelError::Checkpoint(content) => Some(content),
                _ => None,
            }
        } else if let Some(explorer_model::OpenError::Model(content)) = error.downcast_ref() {
            Some(content)
        } else if let Some(SourceError::Read(content)) = error.downcast_ref() {
            Some(content)
        } else if let Some(SplitError::Read(content)) = error.downcast_ref() {
            Some(content)
        } else if let Some(CheckpointError::Manifest(content)) = error.downcast_ref() {
            Some(content)
        } else {
            None
        };
    content.map_or(error, peel)
}
