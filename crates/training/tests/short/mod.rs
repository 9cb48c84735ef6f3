//! Whole runs of a tiny model, in seconds.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use anafora::model::TrainedModel;
use anafora_training::{
    error::TrainError,
    experiment::{Destination, Experiment},
    guard::OnNan,
    progress::Silent,
    training_loop::Outcome,
};
use burn::{module::Module, tensor::Device, train::Interrupter};
use config::overrides::{ResolvedConfig, resolve};
use run::{directory::Run, metrics::Line};
use tempfile::TempDir;

const TINY: &str = include_str!("../../../../configs/tiny.toml");

/// Dropout, a checkpoint every other step, and as little work as possible.
const SHORT: [&str; 9] = [
    "training.steps=12",
    "training.warmup_steps=3",
    "training.batch_size=8",
    "training.length_bucket_batches=4",
    "encoder.dropout=0.2",
    "tokenizer.examples=500",
    "data.validation_examples=40",
    "record.metrics_every=1",
    "record.checkpoint_every=2",
];

pub(crate) fn config(overrides: &[&str]) -> ResolvedConfig {
    let all: Vec<String> =
        SHORT.iter().chain(overrides).map(|&assignment| assignment.to_owned()).collect();
    resolve("configs/tiny.toml", TINY, &all).unwrap()
}

pub(crate) fn begin(path: &Path, overrides: &[&str]) -> Result<Experiment, TrainError> {
    let destination = Destination::Path { path: path.to_owned(), force: false };
    Experiment::begin(config(overrides), &destination, &Device::flex())
}

pub(crate) fn finish(experiment: Experiment) -> Outcome {
    train(experiment, OnNan::Stop).unwrap()
}

pub(crate) fn train(experiment: Experiment, on_nan: OnNan) -> Result<Outcome, TrainError> {
    experiment.train(&mut Silent, &Interrupter::new(), on_nan)
}

pub(crate) fn resume(path: &Path, overrides: &[&str]) -> Result<Experiment, TrainError> {
    let overrides: Vec<String> = overrides.iter().map(|&o| o.to_owned()).collect();
    Experiment::resume(path, &overrides, &Device::flex())
}

/// Trains a whole run in a directory that is removed when the guard is dropped.
pub(crate) fn run(overrides: &[&str]) -> (TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("run");
    finish(begin(&path, overrides).unwrap());
    (parent, path)
}

pub(crate) fn lines(path: &Path) -> Vec<Line> {
    let text = std::fs::read_to_string(path.join("metrics.jsonl")).unwrap();
    text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// All values of the metrics, except times and speeds, in full precision.
pub(crate) fn numbers(path: &Path) -> Vec<String> {
    let without_times = |line: Line| match line {
        Line::Train {
            step,
            loss,
            accuracy,
            learning_rate,
            gradient_norm,
            padded_share,
            flop,
            ..
        } => {
            let numbers = (loss, accuracy, learning_rate, gradient_norm, padded_share, flop);
            Some(format!("{step} {numbers:?}"))
        }
        Line::Validation { step, loss, accuracy, .. } => Some(format!("{step} {loss} {accuracy}")),
        Line::End { .. } => None,
        other => Some(format!("{other:?}")),
    };
    lines(path).into_iter().filter_map(without_times).collect()
}

pub(crate) fn losses(path: &Path) -> Vec<f64> {
    let loss = |line: &Line| match line {
        Line::Train { loss, .. } => Some(*loss),
        _ => None,
    };
    lines(path).iter().filter_map(loss).collect()
}

/// The bytes of all weights.
pub(crate) fn weights(path: &Path) -> Vec<Vec<u8>> {
    let model = TrainedModel::load(&Run::open(path).unwrap(), "last", &Device::flex()).unwrap();
    let mut all = Vec::new();
    model.resolver.visit(&mut Weights(&mut all));
    all
}

struct Weights<'a>(&'a mut Vec<Vec<u8>>);

impl burn::module::ModuleVisitor for Weights<'_> {
    fn visit_float<const D: usize>(
        &mut self,
        param: &burn::module::Param<burn::tensor::Tensor<D>>,
    ) {
        self.0.push(param.val().into_data().bytes().to_vec());
    }
}

/// Removes the checkpoints after `step`, as if the power had failed then.
pub(crate) fn forget_after(path: &Path, step: usize) {
    for entry in fs::read_dir(path.join("checkpoints")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.strip_prefix("step-").unwrap().parse::<usize>().unwrap() > step {
            fs::remove_dir_all(&path).unwrap();
        }
    }
}

/// The names of the checkpoints, in order.
pub(crate) fn checkpoints(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path.join("checkpoints")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A copy of a run in `parent`.
pub(crate) fn copy(run: &Path, parent: &Path, name: &str) -> PathBuf {
    let to = parent.join(name);
    fs::create_dir(&to).unwrap();
    for entry in fs::read_dir(run).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to, &name);
        } else {
            fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
    to
}
