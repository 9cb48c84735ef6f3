//! Anáfora's side of the comparison with PyTorch: `experiments/speed/compare` builds it, starts it
//! and talks to it, see `experiments/speed/README.md`.
//!
//! ```text
//! cargo run --example speed -- export DIR     writes the parameters and batches of DIR/case.json
//! cargo run --example speed -- work DIR       answers commands on stdin, one JSON line each
//! cargo run --example speed -- growth N…      streams N examples of the grammar
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

/// The one of the programs: the comparison is between what people run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The files of a case, which all sides of the comparison read.
const CASE: &str = "case.json";
const MODEL: &str = "model.safetensors";
const BATCHES: &str = "batches.safetensors";

/// Time the training of one model, as one side of experiments/speed/compare.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
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
    let Arguments { command } = Arguments::parse();
    exit_with(|| {
        match command {
            Command::Export { directory } => export::export(&directory)?,
            Command::Work { directory, path, device } => work::work(&directory, path, device)?,
            Command::Growth { counts } => growth::growth(&counts)?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Prints one line of JSON and does not wait for more of them.
fn tell(line: &serde_json::Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
