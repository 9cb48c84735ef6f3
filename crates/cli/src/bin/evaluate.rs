//! Says what checkpoints get right, and how they differ: `cargo run --bin evaluate`.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anafora::model::TrainedModel;
use burn::tensor::Device;
use clap::Parser;
use cli::{
    arguments,
    device::DeviceArgument,
    exit::{Usage, exit_with, message},
    report::{self, comparison, markdown, seeds},
    runs,
    split::part_argument,
    stderr::print_line,
    terminal,
};
use evaluation::{
    analysis::{HeadReport, HeadsError},
    answers::AnsweredSplit,
    answers_file::Answers,
    comparison::Comparison,
    free_text,
    report::Report,
    seeds::{Seeds, SeedsError},
    splits::{EncodedSplit, Part, bundled_part, read_split},
};
use files::{atomic::write_output, error::FileError};
use run::directory::Run;
use serde::Serialize;

/// The same caching allocator as in `train`, which avoids page faults.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Say what a checkpoint gets right, on the test files or on your own; compare two; or put the seeds
/// of one experiment together.
///
/// evaluate RUN writes into the run: report.md with plots (report-*.svg), report.json with all
/// numbers, and answers.jsonl with the answer to each example.
///
/// evaluate RUN --heads says what each attention head looks at, and whether it is why the model
/// answers as it does: hits, what is lost without a head, answers that follow it, growth.
///
/// evaluate A B evaluates both and prints how B differs from A on the same examples: the difference
/// with a bootstrap interval, and McNemar's exact test.
///
/// evaluate --seeds A B C … evaluates all and prints mean, standard deviation and the worst.
///
/// In place of a run, a report.json from before is taken as it is; A B needs answers.jsonl beside it.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The run directory, two to compare [default: the newest in runs/]
    #[arg(value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// Put the runs together, two or more that differ in their seed
    #[arg(long)]
    seeds: bool,
    /// last, best or step-N
    #[arg(long, value_name = "NAME", default_value = "best")]
    checkpoint: String,
    /// Natural text or a part of the test files, as natural-dev, new-words; may be repeated
    /// [default: all but natural-dev]
    #[arg(long = "split", value_name = "SPLIT", value_parser = part_argument)]
    splits: Vec<Part>,
    /// Examples in JSONL, instead of the test files; may be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "splits")]
    data: Vec<PathBuf>,
    /// Ask what the attention heads look at, and what is lost without each: on the first part or
    /// file; writes more into report.md and report.json, and takes a minute or two
    #[arg(long, conflicts_with = "seeds")]
    heads: bool,
    /// Examples for --heads, as many of each language and phenomenon
    #[arg(long, value_name = "N", default_value_t = 1000, requires = "heads", conflicts_with = "seeds",
        value_parser = clap::value_parser!(u32).range(1..))]
    heads_examples: u32,
    /// Write report, plots and answers into this directory instead of the run
    #[arg(long, value_name = "DIR", conflicts_with = "seeds")]
    out: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    device: DeviceArgument,
}

fn main() -> ExitCode {
    let arguments = arguments::parse("evaluate");
    exit_with(|| evaluate(&arguments))
}

fn evaluate(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (device, _) = arguments.device.open("evaluate")?;
    let only_files = !arguments.runs.is_empty() && arguments.runs.iter().all(|run| run.is_file());
    if only_files && !arguments.data.is_empty() {
        let what = "--data: a report is taken as it is, expected a run directory".to_owned();
        return Err(Usage(what).into());
    }
    if arguments.heads && (only_files || arguments.runs.len() > 1) {
        let what = "--heads: expected one run directory".to_owned();
        return Err(Usage(what).into());
    }
    if arguments.out.is_some() && (only_files || arguments.runs.len() > 1) {
        let what = "--out: expected one run directory".to_owned();
        return Err(Usage(what).into());
    }
    let mut are_written = true;
    match (arguments.runs.as_slice(), arguments.seeds) {
        (runs, true) => put_together(runs, arguments, &device)?,
        ([], false) => are_written = report(&runs::open(None)?, arguments, &device)?,
        ([file], false) if file.is_file() => {
            let report = Report::read(file)?;
            print(arguments, &report, &report::terminal::text(&report))?;
        }
        ([run], false) => are_written = report(&Run::open(run)?, arguments, &device)?,
        ([a, b], false) => compare(a, b, arguments, &device)?,
        (runs, false) => {
            let n = runs.len();
            let hint = "hint: --seeds puts more than two together";
            let what = format!("found {n} runs, expected one, or two to compare\n{hint}");
            return Err(Usage(what).into());
        }
    }
    Ok(if are_written { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints the report of one run. Returns whether its files could be written, too.
fn report(run: &Run, arguments: &Arguments, device: &Device) -> anyhow::Result<bool> {
    let Evaluated { report, written, .. } = evaluate_run(run, arguments, device)?;
    let mut text = report::terminal::text(&report);
    if let Ok(path) = &written {
        text += &format!("\nplots and all tables: {}\n", path.display());
    }
    print(arguments, &report, &text)?;
    if let Err(error) = &written {
        let hint = "hint: --out DIR writes report, plots and answers elsewhere";
        print_line(format_args!("error: {}\n{hint}", message(error)));
    }
    Ok(written.is_ok())
}

/// Prints the difference of two runs.
fn compare(a: &Path, b: &Path, arguments: &Arguments, device: &Device) -> anyhow::Result<()> {
    let answers = |path: &Path| -> anyhow::Result<Answers> {
        if path.is_file() {
            return Ok(Answers::read(&path.with_file_name("answers.jsonl"))?);
        }
        Ok(evaluate_run(&Run::open(path)?, arguments, device)?.answers)
    };
    let comparison = Comparison::new(&answers(a)?, &answers(b)?)
        .map_err(|different| Usage(different.to_string()))?;
    print(arguments, &comparison, &comparison::text(&comparison))
}

/// Prints mean, standard deviation and worst of several runs.
fn put_together(runs: &[PathBuf], arguments: &Arguments, device: &Device) -> anyhow::Result<()> {
    for (index, run) in runs.iter().enumerate() {
        if runs[..index].contains(run) {
            let what =
                format!("--seeds: {} is named twice, expected different runs", run.display());
            return Err(Usage(what).into());
        }
    }
    if runs.len() < 2 {
        return Err(Usage(format!("--seeds: {}", SeedsError::TooFew(runs.len()))).into());
    }
    let report = |path: &PathBuf| -> anyhow::Result<Report> {
        if path.is_file() {
            return Ok(Report::read(path)?);
        }
        Ok(evaluate_run(&Run::open(path)?, arguments, device)?.report)
    };
    let reports = runs.iter().map(report).collect::<anyhow::Result<Vec<Report>>>()?;
    let seeds = Seeds::new(&reports).map_err(|different| Usage(different.to_string()))?;
    print(arguments, &seeds, &seeds::text(&seeds))
}

/// What was found of a run.
struct Evaluated {
    report: Report,
    answers: Answers,
    /// The path of the page, or why the files could not be written: what was computed for minutes is
    /// printed all the same.
    written: Result<PathBuf, FileError>,
}

/// Evaluates the run's model and writes report, plots and answers.
fn evaluate_run(run: &Run, arguments: &Arguments, device: &Device) -> anyhow::Result<Evaluated> {
    let model = TrainedModel::load(run, &arguments.checkpoint, device)?;
    if arguments.heads && !model.config.encoder.has_attention() {
        return Err(Usage(format!("--heads: {}", HeadsError::NoAttention)).into());
    }
    let splits = read_splits(arguments, &model)?;
    // Of all parts, heads are asked on the first of the grammar: natural text has no minimal pairs
    // for each phenomenon.
    let natural = Part::DEFAULT[0].name();
    let first = splits.iter().find(|split| split.name != natural || splits.len() == 1);
    let heads = first.filter(|_| arguments.heads);
    let n = arguments.heads_examples as usize;
    let heads = heads.map(|split| HeadReport::new(run, &model, split, n)).transpose()?;
    let answered: Vec<AnsweredSplit> =
        (splits.into_iter()).map(|split| AnsweredSplit::new(&model, split)).collect();
    let (path, checkpoint) = (run.path().display().to_string(), model.checkpoint_name());
    let has_natural = answered.iter().any(|split| Part::is_natural(&split.name));
    let texts = if has_natural { free_text::evaluate(&model) } else { Vec::new() };
    let report = Report { heads, texts, ..Report::of(&path, &checkpoint, model.step, &answered) };
    let answers = Answers::new(&path, &checkpoint, model.step, &answered);
    let directory = arguments.out.as_deref().unwrap_or(run.path());
    let written = write_files(directory, &report, &answers, &to_json(&report)?);
    Ok(Evaluated { report, answers, written })
}

/// Writes the files of a report, and returns the path of the page.
fn write_files(
    directory: &Path,
    report: &Report,
    answers: &Answers,
    json: &str,
) -> Result<PathBuf, FileError> {
    std::fs::create_dir_all(directory).map_err(FileError::at("write", directory))?;
    let write = |name: &str, text: &str| {
        let path = directory.join(name);
        write_output(&path, text.as_bytes()).map_err(FileError::at("write", &path)).map(|()| path)
    };
    for markdown::Plot { name, svg } in markdown::plots(report) {
        write(&name, &svg)?;
    }
    write("answers.jsonl", &answers.to_jsonl())?;
    write("report.json", json)?;
    write("report.md", &markdown::page(report))
}

fn read_splits(arguments: &Arguments, model: &TrainedModel) -> anyhow::Result<Vec<EncodedSplit>> {
    if arguments.data.is_empty() {
        return test_splits(arguments, model);
    }
    let splits: Vec<EncodedSplit> =
        arguments.data.iter().map(|path| read_split(model, path)).collect::<Result<_, _>>()?;
    for notice in splits.iter().flat_map(|split| &split.notices) {
        print_line(format_args!("{notice}"));
    }
    for (index, split) in splits.iter().enumerate() {
        if splits[..index].iter().any(|other| other.name == split.name) {
            let name = &split.name;
            let what = "expected files of different names, which name the report's parts";
            return Err(Usage(format!("--data: two files are called {name}, {what}")).into());
        }
    }
    Ok(splits)
}

/// The test splits, except those whose texts are all too long for the model.
fn test_splits(arguments: &Arguments, model: &TrainedModel) -> anyhow::Result<Vec<EncodedSplit>> {
    let wanted =
        if arguments.splits.is_empty() { &Part::DEFAULT[..] } else { &arguments.splits[..] };
    let mut splits = Vec::new();
    for &part in wanted {
        let split = bundled_part(model, part)?;
        if split.n_too_long > 0 {
            let EncodedSplit { name, examples, n_too_long, .. } = &split;
            let (n, max_seq) = (examples.len() + n_too_long, model.config.encoder.max_seq());
            print_line(format_args!(
                "{name}: left out {n_too_long} of {n} texts, which have more than \
                 encoder.max_seq = {max_seq} tokens"
            ));
        }
        if !split.examples.is_empty() {
            splits.push(split);
        }
    }
    Ok(splits)
}

fn print(arguments: &Arguments, value: &impl Serialize, text: &str) -> anyhow::Result<()> {
    if arguments.json {
        std::io::stdout().write_all(to_json(value)?.as_bytes())?;
    } else {
        terminal::print(text)?;
    }
    Ok(())
}

fn to_json(value: &impl Serialize) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}
