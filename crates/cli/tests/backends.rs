//! Compares one model on all backends that were compiled in, with `cargo test --features ndarray,wgpu
//! --test backends`. With only one backend, it is compared with itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, path::Path};

use anafora::{batch::Batch, model::TrainedModel};
use cli::{
    device::{Backend, DeviceArgument},
    stderr::print_line,
};
use corpus::bundled;
use programs::{copy_directory, run, tiny_config};
use run::directory::Run;

#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "all/programs.rs"]
mod programs;

/// Absolute tolerance of logits: each backend adds some hundred products in another order.
const LOGIT_TOLERANCE: f32 = 1e-4;
/// Absolute tolerance of the logits of a run that was resumed on a GPU.
const RESUMED_TOLERANCE: f32 = 1e-3;
/// Relative tolerance of the mean loss of the last ten of fifty steps.
const LOSS_TOLERANCE: f64 = 0.01;

/// Those of flex, ndarray and wgpu that were compiled in.
fn backends() -> Vec<Backend> {
    let compared = [Backend::Flex, Backend::Ndarray, Backend::Wgpu];
    let backends: Vec<Backend> =
        Backend::compiled().filter(|backend| compared.contains(backend)).collect();
    if let [backend] = backends.as_slice() {
        print_line(format_args!(
            "only {} is compiled in, so it is compared with itself",
            backend.name()
        ));
    }
    backends
}

/// Trains a run of 51 steps with a checkpoint after each. It learns from files, so that the test files
/// are not evaluated at its end.
fn first_run(directory: &Path, backend: Backend) {
    for (name, split) in [("train.jsonl", "train"), ("held-out.jsonl", "validation")] {
        let count = if split == "train" { "400" } else { "16" };
        let arguments = ["generate", "--split", split, "--count", count, "--out", name];
        assert_eq!(run(directory, "corpus", &arguments).code, Some(0));
    }
    let config = tiny_config();
    let mut arguments = vec!["--config", config.to_str().unwrap(), "--run", "first"];
    let overrides = [
        "data.train=[\"train.jsonl\"]",
        "data.validation=[\"held-out.jsonl\"]",
        "training.steps=51",
        "training.warmup_steps=5",
        "training.batch_size=8",
        "record.checkpoint_every=1",
        "record.keep_checkpoints=100",
        "record.metrics_every=10",
    ];
    arguments.extend(overrides.iter().flat_map(|assignment| ["--set", *assignment]));
    arguments.extend(["--device", backend.name()]);
    let ran = run(directory, "train", &arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

/// The logits of the checkpoint `step-51` of `run` for the probes.
fn logits(run: &Path, backend: Backend) -> Vec<f32> {
    let (device, _) = DeviceArgument { device: Some(backend) }.open("evaluate").unwrap();
    let model = TrainedModel::load(&Run::open(run).unwrap(), "step-51", &device).unwrap();
    let probes = bundled::probes().into_iter().map(|probe| model.encode(probe).unwrap()).collect();
    let batch = Batch::new(probes, &device);
    model.resolver.forward(&batch.input).logits.into_data().iter::<f32>().collect()
}

/// The mean loss of steps 41 to 50 when the run is resumed after its first step.
fn loss(directory: &Path, backend: Backend) -> f64 {
    let path = directory.join(backend.name());
    copy_directory(&directory.join("first"), &path);
    for step in 2..=51 {
        fs::remove_dir_all(path.join(format!("checkpoints/step-{step:08}"))).unwrap();
    }
    let arguments = ["--resume", backend.name(), "--device", backend.name()];
    let ran = run(directory, "train", &arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("after step 1\n"), "{}", ran.stderr);
    let lines = programs::losses(&path);
    let line = lines.iter().find(|line| line["kind"] == "train" && line["step"] == 50).unwrap();
    line["loss"].as_f64().unwrap()
}

#[test]
fn a_checkpoint_means_the_same_and_learns_the_same_on_every_backend() {
    let backends = backends();
    let directory = tempfile::tempdir().unwrap();
    first_run(directory.path(), backends[0]);
    let first = directory.path().join("first");
    let expected = logits(&first, backends[0]);
    assert!(expected.iter().any(|logit| logit.abs() > 0.1), "all logits are nearly 0");
    let expected_loss = loss(directory.path(), backends[0]);
    for &backend in &backends[1..] {
        let logits = logits(&first, backend);
        assert_eq!(logits.len(), expected.len());
        let max_difference =
            (logits.iter().zip(&expected)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        print_line(format_args!("{}: logits differ by at most {max_difference:e}", backend.name()));
        assert!(max_difference < LOGIT_TOLERANCE, "{}: {max_difference:e}", backend.name());
        let loss = loss(directory.path(), backend);
        let relative = (loss / expected_loss - 1.0).abs();
        print_line(format_args!("{}: loss {loss}, expected {expected_loss}", backend.name()));
        assert!(relative < LOSS_TOLERANCE, "{}: {loss}, {expected_loss}", backend.name());
    }
    assert_eq!(loss_again(directory.path(), backends[0]), expected_loss);
    for backend in backends {
        resumes_as_itself(directory.path(), backend);
    }
}

/// Checks that a run of `backend` that is resumed after step 40 equals the uninterrupted one: on a CPU
/// in every bit, on a GPU within a tolerance, because it may add in any order.
fn resumes_as_itself(directory: &Path, backend: Backend) {
    let whole = directory.join(backend.name());
    let part = directory.join(format!("{}-part", backend.name()));
    copy_directory(&whole, &part);
    for step in 41..=51 {
        fs::remove_dir_all(part.join(format!("checkpoints/step-{step:08}"))).unwrap();
    }
    let arguments = ["--resume", part.to_str().unwrap(), "--device", backend.name()];
    let ran = run(directory, "train", &arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    if backend == Backend::Wgpu {
        let (whole, part) = (logits(&whole, backend), logits(&part, backend));
        let max_difference =
            whole.iter().zip(&part).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        print_line(format_args!(
            "{}: logits after going on differ by {max_difference:e}",
            backend.name()
        ));
        assert!(max_difference < RESUMED_TOLERANCE, "{}: {max_difference:e}", backend.name());
    } else {
        let weights = "checkpoints/step-00000051/model.bpk";
        let [whole, part] = [&whole, &part].map(|run| fs::read(run.join(weights)).unwrap());
        assert!(whole == part, "{}", backend.name());
    }
}

/// The same backend twice gives the same loss to the last bit.
fn loss_again(directory: &Path, backend: Backend) -> f64 {
    fs::remove_dir_all(directory.join(backend.name())).unwrap();
    loss(directory, backend)
}
