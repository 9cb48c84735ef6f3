//! Says whether a training would work here, and what to do: `cargo run --bin doctor`.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use cli::{
    arguments,
    device::Backend,
    doctor::{Check, Status, backend, memory, run_directory, toolchain},
    exit::exit_with,
    runs::RUNS,
    terminal,
};
use serde::Serialize;

/// The same caching allocator as in `train`, because the speed of training is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Say whether a training would work here: compiler, backends, devices, disk, memory, the right to
/// write, and some seconds of training on each backend. Nothing is left on the disk.
///
/// Exits with 1 if something failed, and with 0 otherwise, warnings or not.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where runs would be written
    #[arg(value_name = "DIR", default_value = RUNS)]
    directory: PathBuf,
    /// How long to train on each backend
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Examine one backend in this very program
    #[arg(long, value_name = "NAME", hide = true)]
    examine: Option<Backend>,
}

/// The output of `--json`.
#[derive(Serialize)]
struct Report<'a> {
    format: &'static str,
    version: u32,
    healthy: bool,
    checks: &'a [Check],
}

fn main() -> ExitCode {
    let arguments = arguments::parse("doctor");
    exit_with(|| examine(&arguments))
}

fn examine(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { directory, seconds, json, examine } = arguments;
    if let Some(backend) = examine {
        let checks = backend::examine(*backend, *seconds)?;
        writeln!(io::stdout(), "{}", serde_json::to_string(&checks)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut checks = Vec::new();
    // Each check is printed at once, because the trial training takes seconds, on a GPU longer.
    let mut note = |found: Vec<Check>| -> io::Result<()> {
        if !json {
            found.iter().try_for_each(|check| terminal::print(&check.text()))?;
        }
        checks.extend(found);
        Ok(())
    };
    note(vec![toolchain::built_with(), toolchain::on_path()])?;
    note(run_directory::check(directory))?;
    note(vec![memory::memory(), backend::compiled()])?;
    for backend in Backend::compiled() {
        note(backend::examine_in_child(backend, *seconds))?;
    }
    let is_healthy = checks.iter().all(|check| check.status < Status::Failed);
    if *json {
        let report =
            Report { format: "anafora-doctor", version: 1, healthy: is_healthy, checks: &checks };
        writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&report)?)?;
    }
    Ok(if is_healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
