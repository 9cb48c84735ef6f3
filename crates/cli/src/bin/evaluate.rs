//! Says what a checkpoint gets right: `cargo run --bin evaluate`.

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::Parser;
use cli::{
    device::DeviceArgument,
    exit::{Usage, exit_with},
    runs,
};
use training::{
    model::TrainedModel,
    report::Report,
    splits::{embedded_test, read_split},
};

/// A caching allocator, as for training.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Evaluate a checkpoint on the test files, or on your own; writes report.md and report.json into
/// the run.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The run directory [default: the newest in runs/]
    run: Option<PathBuf>,
    /// last, best or step-N
    #[arg(long, value_name = "NAME", default_value = "best")]
    checkpoint: String,
    /// Examples in JSONL, instead of the test files; may be repeated
    #[arg(long, value_name = "FILE")]
    data: Vec<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    device: DeviceArgument,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    exit_with(|| evaluate(&arguments))
}

fn evaluate(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (device, _) = arguments.device.open("evaluate")?;
    let run = runs::open(arguments.run.as_ref())?;
    let model = TrainedModel::load(&run, &arguments.checkpoint, &device)?;
    let splits = if arguments.data.is_empty() {
        embedded_test(&model)?
    } else {
        arguments.data.iter().map(|path| read_split(&model, path)).collect::<Result<_, _>>()?
    };
    for (index, split) in splits.iter().enumerate() {
        if splits[..index].iter().any(|other| other.name == split.name) {
            let name = &split.name;
            let what = "expected files of different names, which name the report's parts";
            return Err(Usage(format!("--data: two files are called {name}, {what}")).into());
        }
    }
    let report = Report::new(&run, &model, splits);
    let (markdown, json) = (report.to_markdown(), serde_json::to_string_pretty(&report)? + "\n");
    run.write(&run.path().join("report.md"), &markdown)?;
    run.write(&run.path().join("report.json"), &json)?;
    std::io::stdout().write_all(if arguments.json { &json } else { &markdown }.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
