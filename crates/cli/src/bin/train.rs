//! Trains a pronoun resolver: `cargo run --bin train`.

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anafora::model::TrainedModel;
use burn::train::{Interrupter, renderer::tui::TuiMetricsRendererWrapper};
use clap::Parser;
use cli::{
    arguments,
    device::DeviceArgument,
    exit::{Usage, exit_with},
    renderer::ProgressRenderer,
    runs::RUNS,
    signal::Signals,
    stderr::print_line,
    summary, table, terminal,
};
use config::{experiment::Origin, overrides};
use corpus::{bundled::NaturalHalf, split::Split};
use evaluation::{
    report::Report,
    splits::{Part, bundled_part, read_split},
    temperature,
};
use run::{metrics::Ending, temperature::Temperature};
use training::{
    experiment::{Destination, Experiment},
    guard::OnNan,
    progress::{Dashboard, Progress},
    sanity,
    training_loop::Outcome,
};

/// A caching allocator: without it, a third of the time of a training step goes into page faults.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The default configuration, embedded so that the program needs no other file.
const BASE: &str = include_str!("../../../../configs/base.toml");

/// Train a Transformer encoder that resolves pronouns, into a new directory runs/NAME-001.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The experiment [default: configs/base.toml, as it was when the program was built]
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    config: Option<PathBuf>,
    /// Change one value of it, as training.steps=500; may be repeated. With --resume only training.steps,
    /// training.patience and the keys of record
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// The run directory [default: the first free runs/NAME-001, with the config's name]
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    run: Option<PathBuf>,
    /// Replace the run that is in --run
    #[arg(long, requires = "run", conflicts_with = "resume")]
    force: bool,
    /// Go on with the run in DIR from its last checkpoint
    #[arg(long, value_name = "DIR")]
    resume: Option<PathBuf>,
    /// What to do about a step whose loss or gradients are not finite
    #[arg(long, value_name = "WHAT", default_value = "stop")]
    on_nan: OnNanArgument,
    /// Train nothing: check in half a minute that an untrained model guesses, that every parameter gets
    /// a gradient, that the same seed gives the same numbers, and that one batch can be learned by heart
    #[arg(long, conflicts_with_all = ["resume", "run", "tui"])]
    sanity: bool,
    /// Leave out the 4,000 test examples that are answered at the end
    #[arg(long)]
    no_test: bool,
    /// Show burn-train's dashboard instead of a progress bar
    #[arg(long)]
    tui: bool,
    #[command(flatten)]
    device: DeviceArgument,
}

/// The choices of [`OnNan`] on the command line.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum OnNanArgument {
    /// Save everything as it was before and end the training
    Stop,
    /// Make no update of it and go on
    Skip,
}

impl From<OnNanArgument> for OnNan {
    fn from(argument: OnNanArgument) -> Self {
        match argument {
            OnNanArgument::Stop => Self::Stop,
            OnNanArgument::Skip => Self::Skip,
        }
    }
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
    if arguments.sanity {
        return check_sanity(&arguments, &device);
    }
    let experiment = match &arguments.resume {
        Some(path) => Experiment::resume(path, &arguments.overrides, &device)?,
        None => begin(&arguments, &device, device_name)?,
    };
    let run = experiment.run().clone();
    let steps = experiment.config().training.steps;
    let has_attention = experiment.config().encoder.has_attention();
    print_line(format_args!(
        "{}: {} parameters, {steps} steps on {device_name}",
        run.path().display(),
        experiment.n_parameters(),
    ));
    report_old_names(experiment.old_names());
    for change in experiment.changes() {
        print_line(format_args!("{change}"));
    }
    for notice in experiment.notices() {
        print_line(notice);
    }
    // A training of no steps would overwrite the last line of metrics.jsonl, which sums up the real one.
    let is_over = if experiment.step() >= steps {
        Some(format!(
            "all {steps} steps are done\nhint: --set training.steps=N with a greater N makes it go on"
        ))
    } else {
        experiment.patience_used_up().map(|patience| {
            format!(
                "the run ended after step {}: no higher accuracy in {patience} validations\nhint: \
                 --set training.patience=N with a greater N makes it go on",
                experiment.step()
            )
        })
    };
    if let Some(why) = is_over {
        print_line(why);
        write!(std::io::stdout(), "{}", summary::next_commands(run.path(), has_attention))?;
        return Ok(ExitCode::SUCCESS);
    }
    if experiment.step() > 0 {
        print_line(format_args!("going on after step {}", experiment.step()));
    }
    let is_tested =
        matches!(experiment.config().data.train, Origin::Grammar(_)) && !arguments.no_test;
    let interrupter = Interrupter::new();
    let signals = Signals::stop(interrupter.clone())?;
    let mut progress: Box<dyn Progress> = if arguments.tui {
        let renderer = TuiMetricsRendererWrapper::new(interrupter.clone(), None);
        #[cfg(unix)]
        anyhow::Context::context(cli::terminal::keep_ctrl_c(), "cannot set the terminal up")?;
        let validation_every = experiment.config().record.validation_every;
        Box::new(Dashboard::new(Box::new(renderer), validation_every))
    } else {
        let terminal = std::io::stderr().is_terminal();
        Box::new(ProgressRenderer::new(terminal, experiment.step()))
    };
    let first = experiment.step();
    let outcome = experiment.train(&mut *progress, &interrupter, arguments.on_nan.into())?;
    drop(progress); // the dashboard gives the terminal back
    if let Some(reason) = summary::ending(&outcome.ending, run.path()) {
        print_line(reason);
    }
    let show = |is_tested| -> anyhow::Result<()> {
        print_result(&run, &outcome, first, is_tested, &device)?;
        Ok(write!(std::io::stdout(), "{}", summary::next_commands(run.path(), has_attention))?)
    };
    if outcome.ending == Ending::Interrupted {
        // The user waits for the program to end, so nothing is measured. Why it ends does not depend on
        // whether somebody still reads stdout.
        let _ = show(false);
        return Ok(signals.exit_code().unwrap_or(ExitCode::from(130))); // or by a key of the dashboard
    }
    signals.end_at_once(); // all is saved
    calibrate(&run, &device)?;
    show(is_tested)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the results of [`sanity::check`] as a table.
fn check_sanity(arguments: &Arguments, device: &burn::tensor::Device) -> anyhow::Result<ExitCode> {
    let checks = sanity::check(&resolved(arguments)?.1.config, device)?;
    let verdict = |passed: bool| if passed { "ok" } else { "failed" }.to_owned();
    let row = |check: &sanity::Check| {
        vec![verdict(check.passed), check.name.to_owned(), check.found.clone()]
    };
    let rows: Vec<Vec<String>> = checks.iter().map(row).collect();
    write!(std::io::stdout(), "{}", table::align(&rows, 3))?;
    let passed = checks.iter().all(|check| check.passed);
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The name of the configuration, with its content.
fn resolved(arguments: &Arguments) -> anyhow::Result<(String, overrides::ResolvedConfig)> {
    Ok(match &arguments.config {
        Some(path) => {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            (stem, overrides::load(path, &arguments.overrides)?)
        }
        None => (
            "base".to_owned(),
            overrides::resolve("configs/base.toml", BASE, &arguments.overrides)?,
        ),
    })
}

/// Prints a notice for each key of a config that has been renamed.
fn report_old_names(old_names: &[(&str, &str)]) {
    for (old, new) in old_names {
        print_line(format_args!("the config says {old}, which is called {new} now"));
    }
}

fn begin(
    arguments: &Arguments,
    device: &burn::tensor::Device,
    device_name: &str,
) -> anyhow::Result<Experiment> {
    let (name, resolved) = resolved(arguments)?;
    let destination = match &arguments.run {
        Some(path) => Destination::Path { path: path.clone(), force: arguments.force },
        None => Destination::Numbered { parent: Path::new(RUNS).to_owned(), name },
    };
    Ok(Experiment::begin(resolved.on(device_name), &destination, device)?)
}

/// The most examples that a temperature is found on: it is one number, and more would say the same.
const N_CALIBRATION: usize = 2_000;

/// Finds the temperature of the best checkpoint on texts that it was not trained on: those that people
/// wrote for looking at or, where the validation examples are files, these.
fn calibrate(run: &run::directory::Run, device: &burn::tensor::Device) -> anyhow::Result<()> {
    let model = TrainedModel::load(run, "best", device)?;
    let splits: Result<Vec<_>, _> = match &model.config.data.validation {
        Origin::Grammar(_) => {
            bundled_part(&model, Part::Natural(NaturalHalf::Dev)).map(|part| vec![part])
        }
        Origin::Files(files) => files.iter().map(|file| read_split(&model, file)).collect(),
    };
    let splits = match splits {
        Ok(splits) => splits,
        Err(error) => {
            // The file has gone since the training began. Its results are none the worse.
            print_line(format_args!("the probabilities are left as they are: {error}"));
            return Ok(());
        }
    };
    let names: Vec<&str> = splits.iter().map(|split| split.name.as_str()).collect();
    let names = names.join(", ");
    let examples = splits.into_iter().flat_map(|split| split.examples);
    let examples: Vec<_> = examples.take(N_CALIBRATION).collect();
    if let Some(fit) = temperature::fit(&model, &examples) {
        let total = model.temperature * fit.temperature;
        let (n, errors) = (examples.len(), fit.calibration_error);
        Temperature::new(total, model.checkpoint_name(), names, n, errors).write(run)?;
    }
    Ok(())
}

/// How much was computed, and on the CPU how near that came to what its threads can do.
fn arithmetic(outcome: &Outcome, device: &burn::tensor::Device) -> Option<String> {
    let (flop, rate) = outcome.flop.zip(outcome.flop_per_second)?;
    let (n, unit) = if flop < 1e12 { (flop / 1e9, "GFLOP") } else { (flop / 1e12, "TFLOP") };
    let share = if kernels::burn_ops::is_flex(device) {
        let peak = kernels::multiplications_per_second();
        let (share, peak, threads) = (100.0 * rate / peak, peak / 1e9, kernels::n_threads());
        format!(", {share:.0} % of the {peak:.0} GFLOP/s that {threads} threads can do")
    } else {
        String::new()
    };
    Some(format!("arithmetic: {n:.1} {unit} in matrix products{share}\n"))
}

/// Prints what came out; `first` is the number of steps that were done before.
fn print_result(
    run: &run::directory::Run,
    outcome: &Outcome,
    first: usize,
    test: bool,
    device: &burn::tensor::Device,
) -> anyhow::Result<()> {
    let (n_steps, seconds) = (outcome.state.step - first, outcome.clock.seconds());
    let mut out = std::io::stdout();
    writeln!(out, "\n{}: {n_steps} steps in {seconds:.0} s", run.path().display())?;
    writeln!(out, "padding: {:.1} % of all positions", 100.0 * outcome.padded_share)?;
    if let Some(line) = arithmetic(outcome, device) {
        terminal::print(&line)?;
    }
    if let Some(best) = outcome.state.best {
        let accuracy = 100.0 * best.accuracy;
        writeln!(out, "validation: {accuracy:.2} % right at step {}", best.step)?;
    }
    if test {
        let model = TrainedModel::load(run, "best", device)?;
        for part in [Part::DEFAULT[0], Part::Grammar(Split::InDistribution)] {
            let split = bundled_part(&model, part)?;
            if split.examples.is_empty() {
                continue;
            }
            let report = Report::new(run, &model, vec![split]);
            if let Some(line) = summary::accuracy(&report, &part.name()) {
                terminal::print(&format!("test: {line}\n"))?;
            }
        }
    }
    Ok(())
}
