//! Trains a pronoun resolver: `cargo run --bin train`.

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
};

use burn::train::{
    Interrupter,
    renderer::{MetricsRenderer, tui::TuiMetricsRendererWrapper},
};
use clap::Parser;
use cli::{
    arguments,
    device::DeviceArgument,
    exit::{Usage, exit_with},
    renderer::ProgressRenderer,
    runs::RUNS,
    summary,
    tell::tell,
    terminal,
};
use corpus::split::Split;
use training::{
    config::Origin,
    experiment::{Destination, Experiment},
    model::TrainedModel,
    overrides,
    report::Report,
    splits::test_split,
    strategy::{Ending, Outcome},
};

/// A caching allocator: a third of a training step is page faults without it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `configs/base.toml`, so that the program needs no file beside it.
const BASE: &str = include_str!("../../../../configs/base.toml");

/// Train a Transformer encoder that resolves pronouns, into a new directory runs/NAME-001.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The experiment [default: configs/base.toml, as it was when the program was built]
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    config: Option<PathBuf>,
    /// Change one value of it, as training.steps=500; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", conflicts_with = "resume")]
    overrides: Vec<String>,
    /// The run directory [default: the first free runs/NAME-001, with the config's name]
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    run: Option<PathBuf>,
    /// Replace the run that is in --run
    #[arg(long, requires = "run")]
    force: bool,
    /// Go on with the run in DIR from its last checkpoint
    #[arg(long, value_name = "DIR")]
    resume: Option<PathBuf>,
    /// Show burn-train's dashboard instead of a progress bar
    #[arg(long)]
    tui: bool,
    #[command(flatten)]
    device: DeviceArgument,
}

fn main() -> ExitCode {
    let arguments = arguments::parse("train");
    exit_with(|| train(arguments))
}

fn train(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let (device, device_name) = arguments.device.open("train")?;
    if arguments.tui && !std::io::stdout().is_terminal() {
        return Err(Usage("--tui needs a terminal, and stdout is none".to_owned()).into());
    }
    let experiment = match &arguments.resume {
        Some(path) => Experiment::resume(path, &device)?,
        None => begin(&arguments, &device, device_name)?,
    };
    let run = experiment.run().clone();
    let steps = experiment.config().training.steps;
    let has_attention = experiment.config().encoder.has_attention();
    tell(format_args!(
        "{}: {} parameters, {steps} steps on {device_name}",
        run.path().display(),
        experiment.n_parameters(),
    ));
    if experiment.step() >= steps {
        // Going through the motions would replace the account of the training at the end of
        // metrics.jsonl by that of no training.
        tell(format_args!(
            "all {steps} steps are done\nhint: a greater training.steps in {} makes it go on",
            run.config().display()
        ));
        write!(std::io::stdout(), "{}", summary::next_commands(run.path(), has_attention))?;
        return Ok(ExitCode::SUCCESS);
    }
    if experiment.step() > 0 {
        tell(format_args!("going on after step {}", experiment.step()));
    }
    let from_grammar = matches!(experiment.config().data.train, Origin::Grammar(_));
    let interrupter = Interrupter::new();
    stop_on_ctrl_c(interrupter.clone())?;
    let renderer: Box<dyn MetricsRenderer> = if arguments.tui {
        Box::new(TuiMetricsRendererWrapper::new(interrupter.clone(), None))
    } else {
        let terminal = std::io::stderr().is_terminal();
        Box::new(ProgressRenderer::new(terminal, experiment.step()))
    };
    let outcome = experiment.train(renderer, interrupter)?;
    if let Some(reason) = summary::ending(&outcome.ending, run.path()) {
        tell(reason);
    }
    print_result(&run, &outcome, from_grammar, &device)?;
    write!(std::io::stdout(), "{}", summary::next_commands(run.path(), has_attention))?;
    let interrupted = outcome.ending == Ending::Interrupted;
    Ok(if interrupted { ExitCode::from(130) } else { ExitCode::SUCCESS })
}

fn begin(
    arguments: &Arguments,
    device: &burn::tensor::Device,
    device_name: &str,
) -> anyhow::Result<Experiment> {
    let (name, resolved) = match &arguments.config {
        Some(path) => {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            (stem, overrides::load(path, &arguments.overrides)?)
        }
        None => (
            "base".to_owned(),
            overrides::resolve("configs/base.toml", BASE, &arguments.overrides)?,
        ),
    };
    let destination = match &arguments.run {
        Some(path) => Destination::Path { path: path.clone(), force: arguments.force },
        None => Destination::Numbered { parent: Path::new(RUNS).to_owned(), name },
    };
    Ok(Experiment::begin(resolved.on(device_name), &destination, device)?)
}

/// The first Ctrl-C ends the training after its step and saves it, the second ends the program.
fn stop_on_ctrl_c(interrupter: Interrupter) -> anyhow::Result<()> {
    let again = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if again.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        tell("\nstopping after this step; Ctrl-C again gives up at once");
        interrupter.stop(Some("Ctrl-C"));
    })?;
    Ok(())
}

fn print_result(
    run: &training::run::Run,
    outcome: &Outcome,
    from_grammar: bool,
    device: &burn::tensor::Device,
) -> anyhow::Result<()> {
    let (step, seconds) = (outcome.state.step, outcome.clock.seconds());
    let mut out = std::io::stdout();
    writeln!(out, "\n{}: {step} steps in {seconds:.0} s", run.path().display())?;
    writeln!(out, "padding: {:.1} % of all positions", 100.0 * outcome.padded_share)?;
    if let Some(best) = outcome.state.best {
        let accuracy = 100.0 * best.accuracy;
        writeln!(out, "validation: {accuracy:.2} % right at step {}", best.step)?;
    }
    if from_grammar {
        let model = TrainedModel::load(run, "best", device)?;
        let split = test_split(&model, Split::InDistribution)?;
        let report = Report::new(run, &model, vec![split]);
        if let Some(line) = summary::accuracy(&report, &Split::InDistribution.slug()) {
            terminal::print(&format!("test: {line}\n"))?;
        }
    }
    Ok(())
}
