//! Answers what a pronoun stands for: `cargo run --bin resolve -- "Ana llamó a Luis porque …"`.

use std::{
    ffi::OsString,
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anafora::{
    free_text::{self, FreeTextError},
    model::TrainedModel,
};
use anyhow::Context;
use clap::Parser;
use cli::{
    arguments, attention,
    device::DeviceArgument,
    exit::{Usage, exit_with, message},
    lines, runs,
    stderr::print_line,
    svg, terminal,
};
use files::atomic::write_output;
use serde_json::json;
use snapshot::content::Probe;

/// The same caching allocator as in `train`, which avoids page faults.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Resolve the pronouns of a text, or of each line of stdin.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The run directory [default: the newest in runs/], then the text [default: the lines of
    /// stdin]; braces choose the pronoun, as in "Ana llamó a Luis porque {él} estaba enfermo."
    #[arg(value_name = "RUN] [TEXT", num_args = 0..)]
    run_and_text: Vec<OsString>,
    /// last, best or step-N
    #[arg(long, value_name = "NAME", default_value = "best")]
    checkpoint: String,
    /// Show what the pronoun reads in each head
    #[arg(long, conflicts_with = "json")]
    attention: bool,
    /// Draw the pronoun's attention into FILE; the text must have one pronoun
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Print one JSON object for each pronoun
    #[arg(long)]
    json: bool,
    /// Print the text with the answer in brackets behind each pronoun
    #[arg(long, conflicts_with_all = ["json", "attention"])]
    rewrite: bool,
    #[command(flatten)]
    device: DeviceArgument,
}

fn main() -> ExitCode {
    let words = arguments::texts_last(std::env::args_os());
    let arguments = arguments::parse_from("resolve", words);
    exit_with(|| resolve(arguments))
}

fn resolve(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let (device, _) = arguments.device.open("resolve")?;
    let (run, text) = split_positional(&arguments.run_and_text)?;
    let run = runs::open(run.as_ref())?;
    let model = TrainedModel::load(&run, &arguments.checkpoint, &device)?;
    check_attention(&model, &arguments)?;
    let Some(text) = text else {
        return resolve_lines(&model, &arguments);
    };
    let probes = probes(&model, &text, &arguments)?;
    if let Some(path) = &arguments.svg {
        let [probe] = probes.as_slice() else {
            let n = probes.len();
            let hint = "hint: mark one, as in \"… porque {él} estaba enfermo.\"";
            return Err(Usage(format!("--svg draws one pronoun, the text has {n}\n{hint}")).into());
        };
        write_output(path, svg::draw(probe).as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    print(&probes, None, &arguments)?;
    Ok(ExitCode::SUCCESS)
}

/// The answers to `text`. Attention is computed only if it is asked for, because that is slower.
fn probes(
    model: &TrainedModel,
    text: &str,
    arguments: &Arguments,
) -> Result<Vec<Probe>, FreeTextError> {
    match arguments.attention || arguments.svg.is_some() {
        true => free_text::resolve_with_attention(model, text),
        false => free_text::resolve(model, text),
    }
}

/// Refuses an argument that shows attention if the model is recurrent.
fn check_attention(model: &TrainedModel, arguments: &Arguments) -> anyhow::Result<()> {
    let asked = [(arguments.attention, "--attention"), (arguments.svg.is_some(), "--svg")];
    let encoder = &model.config.encoder;
    match asked.into_iter().find(|(is_asked, _)| *is_asked && !encoder.has_attention()) {
        Some((_, argument)) => Err(Usage(format!(
            "{argument} shows attention, and the run's model has none: it is recurrent \
             (encoder.shape = \"{}\")\nhint: leave {argument} out, or name the run of another model",
            encoder.name()
        ))
        .into()),
        None => Ok(()),
    }
}

/// Splits the arguments into run and text. The first is a run if it is a directory, or if a text in
/// quotes follows it; all others are the text, the words of which may have come without quotes.
fn split_positional(arguments: &[OsString]) -> Result<(Option<PathBuf>, Option<String>), Usage> {
    let has_slash = |argument: &OsString| argument.to_string_lossy().contains('/');
    let is_one_word =
        |argument: &OsString| !argument.to_string_lossy().contains(char::is_whitespace);
    let (run, words) = match arguments {
        [first, rest @ ..] if Path::new(first).is_dir() => (Some(first), rest),
        [first, text] if (is_one_word(first) || has_slash(first)) && !is_one_word(text) => {
            (Some(first), std::slice::from_ref(text))
        }
        all => (None, all),
    };
    let text = |word: &OsString| {
        word.to_str().map(str::to_owned).ok_or_else(|| {
            Usage(format!("{:?} is neither a run nor a text in UTF-8", word.to_string_lossy()))
        })
    };
    let words = words.iter().map(text).collect::<Result<Vec<String>, Usage>>()?;
    Ok((run.map(PathBuf::from), (!words.is_empty()).then(|| words.join(" "))))
}

/// Resolves every line of stdin. A line that fails is reported, and the others are still resolved.
fn resolve_lines(model: &TrainedModel, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if arguments.svg.is_some() {
        return Err(Usage("--svg draws one pronoun, expected a text".to_owned()).into());
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        print_line("type a sentence with a pronoun on each line; Ctrl-D ends");
    }
    let mut code = ExitCode::SUCCESS;
    for line in lines::lines(stdin.lock()).context("cannot read stdin")? {
        let (number, text) = line.context("cannot read stdin")?;
        if let Ok(text) = &text
            && text.trim().is_empty()
        {
            if arguments.rewrite {
                print_rewritten(text)?;
            }
            continue;
        }
        let answered = match &text {
            Ok(text) => probes(model, text, arguments).map_err(|error| message(&error)),
            Err(error) => Err(error.to_string()),
        };
        match answered {
            Ok(probes) => print(&probes, Some(number), arguments)?,
            Err(error) => {
                // What cannot be rewritten stands as it is, so that no line is lost.
                if let (Ok(text), true) = (&text, arguments.rewrite) {
                    print_rewritten(text)?;
                }
                if arguments.json {
                    let object = json!({"line": number, "text": text.ok(), "error": error});
                    writeln!(std::io::stdout(), "{object}")?;
                }
                print_line(format_args!("error: line {number} of stdin: {error}"));
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

/// Prints a line of `--rewrite`: a text for another program, in which only a terminal changes anything.
fn print_rewritten(text: &str) -> anyhow::Result<()> {
    let line = format!("{text}\n");
    match std::io::stdout().is_terminal() {
        true => terminal::print(&line)?,
        false => std::io::stdout().write_all(line.as_bytes())?,
    }
    Ok(())
}

/// Prints the answers to a text, of stdin the one in this line.
fn print(probes: &[Probe], line: Option<usize>, arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.rewrite {
        return print_rewritten(&attention::rewritten(probes));
    }
    for (probe, chain) in probes.iter().zip(attention::chains(probes)) {
        if arguments.json {
            let mut object = attention::to_json(probe, chain);
            if let Some(line) = line {
                object["line"] = line.into();
            }
            writeln!(std::io::stdout(), "{object}")?;
            continue;
        }
        terminal::print(&(attention::answer_line(probe) + "\n"))?;
        if arguments.attention {
            terminal::print(&attention::to_text(probe))?;
        }
    }
    Ok(())
}
