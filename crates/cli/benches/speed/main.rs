//! Anáfora's side of the comparison with PyTorch: `experiments/speed/compare` builds this program,
//! starts it and sends it commands, see `experiments/speed/README.md`.
//!
//! `cargo build --bench speed` builds it as the programs are built, and says nothing about where it
//! is; with `--message-format=json`, the field `executable` does.
//!
//! ```text
//! speed export DIR     writes the parameters and batches of DIR/case.json
//! speed work DIR       answers commands on stdin, one JSON line each
//! speed growth N…      streams N examples of the grammar
//! ```

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use cli::{device::DeviceArgument, exit::exit_with};

mod arrays;
mod batches;
mod case;
mod export;
mod growth;
mod memory;
mod parameters;
mod work;

/// The same allocator as in the programs, so that what is timed is what users run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The files of a case, which all programs of the comparison read.
const CASE: &str = "case.json";
const MODEL: &str = "model.safetensors";
const BATCHES: &str = "batches.safetensors";

/// Time the training of one model, as one side of experiments/speed/compare.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Passed by `cargo bench` to every bench target
    #[arg(long, hide = true, global = true)]
    bench: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the parameters and batches of DIR/case.json beside it
    Export {
        /// Where case.json is
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
    /// Read commands from stdin: check N, train N, forward N, optimizer N, quit
    Work {
        /// Where `export` was
        #[arg(value_name = "DIR")]
        directory: PathBuf,
        /// The set of instructions of the kernels, in the place of the best one: AVX2
        #[arg(long)]
        level: Option<String>,
        /// How the model is computed
        #[arg(long, default_value = "fused")]
        path: work::Path,
        #[command(flatten)]
        device: DeviceArgument,
    },
    /// Stream examples of the grammar and print time and peak memory of each number of them
    Growth {
        /// How many
        #[arg(value_name = "N", required = true)]
        counts: Vec<u64>,
    },
}

fn main() -> ExitCode {
    let Arguments { command, bench: _ } = Arguments::parse();
    exit_with(|| {
        match command {
            Some(Command::Export { directory }) => export::export(&directory)?,
            Some(Command::Work { directory, level, path, device }) => {
                level.as_deref().map_or(Ok(()), work::choose_level)?;
                work::work(&directory, path, device)?;
            }
            Some(Command::Growth { counts }) => growth::growth(&counts)?,
            // A plain `cargo bench` runs every bench target, and this one times nothing by itself.
            None => {}
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Prints one line of JSON and flushes it, because the reader waits for each line.
fn print_json(line: &serde_json::Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
