//! Lists the runs in a directory: `cargo run --bin runs`.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use cli::{
    arguments,
    exit::exit_with,
    quantity::{ago, bytes},
    runs::RUNS,
    stderr::print_line,
    table::align,
    terminal,
};
use run::{
    directory::RunError,
    overview::{Overview, overviews},
};
use serde::Serialize;

/// List runs: how far each one is, how good, how large, and whether it is running, finished,
/// interrupted (by somebody) or failed (also where its program died: the step is then that of its
/// last checkpoint). What is wrong with a run is said below the list.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The directory of the runs, or of one run
    #[arg(value_name = "DIR", default_value = RUNS)]
    directory: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The output of `--json`.
#[derive(Serialize)]
struct List<'a> {
    format: &'static str,
    version: u32,
    runs: &'a [Overview],
}

fn main() -> ExitCode {
    let arguments = arguments::parse("runs");
    exit_with(|| list(&arguments))
}

fn list(Arguments { directory, json }: &Arguments) -> anyhow::Result<ExitCode> {
    let path = || directory.clone();
    let runs = overviews(directory).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => RunError::None { path: path() },
        _ => files::error::FileError::at("access", &path())(source).into(),
    })?;
    if *json {
        let list = List { format: "anafora-runs", version: 1, runs: &runs };
        writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&list)?)?;
    } else if runs.is_empty() {
        print_line(RunError::None { path: path() });
    } else {
        terminal::print(&text(&runs))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A table with a row for each run, then a line for each problem.
fn text(runs: &[Overview]) -> String {
    let header = ["name", "config", "state", "step", "best", "size", "begun"];
    let rows: Vec<Vec<String>> =
        [header.map(str::to_owned).to_vec()].into_iter().chain(runs.iter().map(row)).collect();
    let problems: String =
        runs.iter().flat_map(|run| &run.problems).map(|problem| format!("{problem}\n")).collect();
    let separator = if problems.is_empty() { "" } else { "\n" };
    align(&rows, 3) + separator + &problems
}

fn row(run: &Overview) -> Vec<String> {
    let steps = run.steps.map_or_else(|| "?".to_owned(), |steps| steps.to_string());
    let best = run.best.map(|best| format!("{:.2} %", 100.0 * best.accuracy));
    vec![
        run.name.clone(),
        run.config.clone(),
        run.state.name().to_owned(),
        format!("{}/{steps}", run.step),
        best.unwrap_or_else(|| "–".to_owned()),
        bytes(run.bytes),
        run.begun.map_or_else(|| "?".to_owned(), ago),
    ]
}
