//! candle's side of the comparison: `speed-candle DIR`, with the protocol of
//! `crates/cli/benches/speed/work.rs`. BERT's shape alone, and no dropout.
//!
//! candle's fused softmax and layer norm have no backward pass, so its composed ones are used.

use std::{
    fs,
    io::{self, BufRead, Write},
    path::Path,
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};
use serde_json::{Value, json};

mod batches;
mod model;

use batches::Batch;
use model::Model;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Worker {
    model: Model,
    optimizer: AdamW,
    batches: Vec<Batch>,
    directory: std::path::PathBuf,
    case: Value,
}

fn main() -> Result<()> {
    let directory =
        std::env::args().nth(1).context("no argument, expected the directory of a case")?;
    let mut worker = Worker::new(Path::new(&directory))?;
    let n_threads = std::thread::available_parallelism()?.get();
    let versions = json!({ "candle": "0.11.1" });
    let resident_mib = memory_mib("VmRSS:");
    tell(&json!({ "ready": {
        "versions": versions, "threads": n_threads, "resident_mib": resident_mib,
    } }))?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        if line.trim() == "quit" {
            break;
        }
        tell(&worker.answer(&line)?)?;
    }
    Ok(())
}

impl Worker {
    fn new(directory: &Path) -> Result<Self> {
        let case: Value = serde_json::from_slice(&fs::read(directory.join("case.json"))?)?;
        let (shape, dropout) = (&case["encoder"]["shape"], &case["encoder"]["dropout"]);
        ensure!(shape == "bert", "encoder.shape is {shape}, expected \"bert\"");
        ensure!(dropout == 0.0, "encoder.dropout is {dropout}, expected 0");
        let model = Model::load(&case["encoder"], directory)?;
        Ok(Self {
            optimizer: optimizer(&model)?,
            model,
            batches: batches::load(&case, directory)?,
            directory: directory.to_owned(),
            case,
        })
    }

    fn answer(&mut self, line: &str) -> Result<Value> {
        let expected = || format!("{line:?}, expected check, train, forward or optimizer N");
        let (command, n) = line.trim().split_once(' ').with_context(expected)?;
        let n: usize = n.parse().with_context(expected)?;
        if command == "check" {
            return Ok(json!({ "losses": self.check(n)? }));
        }
        let gradients = self.model.loss(&self.batches[0])?.backward()?;
        let mut ms = Vec::with_capacity(n);
        for batch in self.batches.iter().cycle().take(n) {
            let start = Instant::now();
            match command {
                "train" => self.optimizer.backward_step(&self.model.loss(batch)?)?,
                "forward" => drop(self.model.logits(batch)?),
                "optimizer" => self.optimizer.step(&gradients)?,
                _ => bail!(expected()),
            }
            ms.push(1000.0 * start.elapsed().as_secs_f64());
        }
        Ok(json!({ "ms": ms, "peak_mib": memory_mib("VmHWM:") }))
    }

    fn check(&self, n: usize) -> Result<Vec<f32>> {
        let model = Model::load(&self.case["encoder"], &self.directory)?;
        let mut optimizer = optimizer(&model)?;
        let mut losses = Vec::with_capacity(n);
        for batch in self.batches.iter().cycle().take(n) {
            let loss = model.loss(batch)?;
            optimizer.backward_step(&loss)?;
            losses.push(loss.to_scalar()?);
        }
        Ok(losses)
    }
}

fn optimizer(model: &Model) -> Result<AdamW> {
    let parameters =
        ParamsAdamW { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.01 };
    Ok(AdamW::new(model.parameters(), parameters)?)
}

fn tell(line: &Value) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn memory_mib(field: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
