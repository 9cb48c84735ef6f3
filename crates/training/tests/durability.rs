//! The guarantees of a run in the README of this crate: exact resume, and detection of damaged
//! files.

#![expect(clippy::unwrap_used, reason = "in a test file, helpers are tests too")]

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use anafora::model::TrainedModel;
use anafora_training::{error::TrainError, experiment::Experiment, guard::OnNan};
use burn::tensor::Device;
use run::{
    checkpoint::{Checkpoint, CheckpointError},
    directory::Run,
    lock::{Lock, LockError},
    metrics::{Ending, Line},
};
use short::{begin, checkpoints, copy, finish, forget_after, lines, numbers, resume, run, train};

mod short;

/// Metrics, validations and checkpoints at different steps, and a checkpoint after every step.
const EVERY_STEP: [&str; 4] = [
    "record.metrics_every=5",
    "record.validation_every=7",
    "record.checkpoint_every=1",
    "record.keep_checkpoints=20",
];

const FILES: [&str; 4] = ["model.bpk", "optimizer.bpk", "state.json", "MANIFEST.json"];

/// The bytes of weights and state at the end. Moments are left out, since Burn writes them in any
/// order; wrong moments would show in the weights of later steps.
fn end(path: &Path) -> Vec<Vec<u8>> {
    ["model.bpk", "state.json"]
        .map(|name| fs::read(path.join("checkpoints/step-00000012").join(name)).unwrap())
        .to_vec()
}

#[track_caller]
fn refusal<T>(result: Result<T, TrainError>) -> TrainError {
    result.err().expect("it is refused")
}

#[test]
fn from_any_step_a_resumed_run_becomes_the_run_that_was_never_stopped() {
    for accumulation in
        ["training.gradient_accumulation_steps=1", "training.gradient_accumulation_steps=3"]
    {
        let (_guard, whole) = run(&[&EVERY_STEP[..], &[accumulation]].concat());
        for step in 1..12 {
            let parent = tempfile::tempdir().unwrap();
            let part = copy(&whole, parent.path(), "part");
            forget_after(&part, step);
            let resumed = resume(&part, &[]).unwrap();
            assert_eq!(resumed.step(), step);
            finish(resumed);
            assert_eq!(numbers(&part), numbers(&whole), "{accumulation}, from step {step}");
            assert!(end(&part) == end(&whole), "{accumulation}, from step {step}");
        }
    }
}

/// A run may be moved, renamed, or copied from a machine with another clock.
#[test]
fn a_resume_depends_neither_on_the_path_nor_on_file_times() {
    let (_guard, whole) = run(&EVERY_STEP);
    let parent = tempfile::tempdir().unwrap();
    let moved = copy(&whole, parent.path(), "días de otoño, 2");
    forget_after(&moved, 8);
    // Older checkpoints get later times.
    for (age, name) in checkpoints(&moved).iter().rev().enumerate() {
        let future = SystemTime::now() + Duration::from_secs(86_400 * age as u64);
        let directory = moved.join("checkpoints").join(name);
        fs::File::open(directory).unwrap().set_modified(future).unwrap();
    }
    let resumed = resume(&moved, &[]).unwrap();
    assert_eq!(resumed.step(), 8);
    finish(resumed);
    assert!(end(&moved) == end(&whole));
}

#[test]
fn a_run_can_be_made_longer_and_lists_the_changes() {
    let (_guard, path) = run(&[]);
    let longer = ["training.steps=15", "record.metrics_every=3"];
    let resumed = resume(&path, &longer).unwrap();
    let shown: Vec<String> = resumed.changes().iter().map(ToString::to_string).collect();
    let expected =
        ["record.metrics_every is 3, was 1 (allowed)", "training.steps is 15, was 12 (allowed)"];
    assert_eq!(shown, expected);
    assert_eq!(finish(resumed).state.step, 15);
    // The config in the run directory is now the longer one.
    assert_eq!(resume(&path, &[]).unwrap().config().training.steps, 15);
}

#[test]
fn a_run_does_not_go_on_with_another_configuration_and_stays_as_it_is() {
    let (_guard, path) = run(&[]);
    let config = fs::read_to_string(path.join("config.toml")).unwrap();
    let error = refusal(resume(&path, &["training.batch_size=4", "training.steps=15"]));
    assert!(matches!(error, TrainError::Change(_)), "{error}");
    let message = error.to_string();
    assert!(message.contains("training.batch_size is 4, was 8 (not allowed)"), "{message}");
    assert!(message.contains("training.steps is 15, was 12 (allowed)"), "{message}");
    assert_eq!(fs::read_to_string(path.join("config.toml")).unwrap(), config);
}

#[test]
fn a_run_does_not_go_on_with_other_examples() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("mine.jsonl");
    let split = corpus::split::Split::InDistribution;
    let examples = corpus::bundled::test_examples(split, corpus::example::Language::Es);
    corpus::jsonl::write(&data, &examples[..40]).unwrap();
    let (_guard, path) = run(&[&format!("data.train=[{:?}]", data.display().to_string())]);
    resume(&path, &[]).unwrap();
    corpus::jsonl::write(&data, &examples[1..41]).unwrap();
    let error = refusal(resume(&path, &[]));
    assert!(matches!(error, TrainError::OtherExamples { what: "training", .. }), "{error}");
}

#[test]
fn files_that_have_moved_are_named_anew_and_those_for_validation_are_compared_too() {
    let parent = tempfile::tempdir().unwrap();
    let [old, new] = ["old.jsonl", "new.jsonl"].map(|name| parent.path().join(name));
    let split = corpus::split::Split::InDistribution;
    let examples = corpus::bundled::test_examples(split, corpus::example::Language::Es);
    corpus::jsonl::write(&old, &examples[..40]).unwrap();
    let set = |key: &str, path: &Path| format!("data.{key}=[{:?}]", path.display().to_string());
    let [train, validation] = ["train", "validation"].map(|key| set(key, &old));
    let (_guard, path) = run(&[&train, &validation]);
    fs::rename(&old, &new).unwrap();
    assert!(matches!(refusal(resume(&path, &[])), TrainError::Source(_)));
    let [train, validation] = ["train", "validation"].map(|key| set(key, &new));
    let resumed = resume(&path, &[&train, &validation, "training.steps=13"]).unwrap();
    assert!(resumed.changes().iter().any(|change| change.key == "data.train"));
    finish(resumed);
    // Other examples under the same name: the best validation would be of others.
    corpus::jsonl::write(&old, &examples[1..41]).unwrap();
    let error = refusal(resume(&path, &[&set("validation", &old)]));
    assert!(matches!(error, TrainError::OtherExamples { what: "validation", .. }), "{error}");
}

#[test]
fn two_processes_never_train_the_same_run() {
    let (_guard, path) = run(&[]);
    let lock = Lock::take(&path).unwrap();
    assert!(matches!(refusal(resume(&path, &[])), TrainError::Lock(LockError::Held { .. })));
    drop(lock);
    let first = resume(&path, &["training.steps=14"]).unwrap();
    assert!(matches!(refusal(resume(&path, &[])), TrainError::Lock(LockError::Held { .. })));
    finish(first);
    resume(&path, &[]).unwrap();
}

#[test]
fn the_newest_the_best_and_the_milestones_are_kept() {
    let (_guard, path) = run(&[
        "record.keep_checkpoints=1",
        "record.checkpoint_every=5",
        "record.milestones_per_doubling=1",
        "record.validation_every=3",
        "training.peak_learning_rate=1e-12", // so that the first validation stays the best or equal
    ]);
    let best = TrainedModel::load(&Run::open(&path).unwrap(), "best", &Device::flex()).unwrap();
    let mut expected: Vec<usize> = vec![1, 2, 4, 8, 12, best.step];
    expected.sort_unstable();
    expected.dedup();
    let expected: Vec<String> = expected.iter().map(|step| format!("step-{step:08}")).collect();
    assert_eq!(checkpoints(&path), expected);
}

#[test]
fn a_checkpoint_is_also_due_after_some_minutes() {
    let (_guard, path) = run(&[
        "record.checkpoint_minutes=1e-9",
        "record.checkpoint_every=100",
        "record.validation_every=100",
        "record.keep_checkpoints=20",
    ]);
    assert_eq!(checkpoints(&path).len(), 12);
}

#[test]
fn answers_that_are_not_finite_end_the_run() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("run");
    let far = ["training.peak_learning_rate=1e30", "training.steps=40"];
    let error = refusal(train(begin(&path, &far).unwrap(), OnNan::Stop));
    assert!(error.to_string().contains("step 1"), "{error}");
    assert!(matches!(error, TrainError::NoAnswer { .. }), "{error}");
    let lines = lines(&path);
    assert!(matches!(lines[..], [.., Line::End { ending: Some(Ending::Failed), .. }]), "{lines:?}");
}

/// Changes a bit of every byte, and cuts at every length, of a small checkpoint.
#[test]
fn every_damage_of_a_checkpoint_is_detected() {
    let (_guard, path) = run(&[
        "encoder.d_model=4",
        "encoder.d_ff=4",
        "encoder.n_heads=1",
        "encoder.n_layers=1",
        "tokenizer.vocab_size=500",
        "training.steps=4",
    ]);
    let directory = path.join("checkpoints/step-00000004");
    Checkpoint::read(&directory).unwrap();
    for name in FILES {
        let file = directory.join(name);
        let whole = fs::read(&file).unwrap();
        let assert_named = |what: &str, index: usize| {
            let error = Checkpoint::read(&directory).err().map(|error| error.to_string());
            let error = error.unwrap_or_else(|| panic!("{name}: {what} {index} went unnoticed"));
            assert!(error.contains(&directory.display().to_string()), "{error}");
        };
        for index in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[index] ^= 1 << (index % 8);
            fs::write(&file, damaged).unwrap();
            assert_named("byte", index);
            fs::write(&file, &whole[..index]).unwrap();
            assert_named("length", index);
        }
        fs::write(&file, whole).unwrap();
    }
    Checkpoint::read(&directory).unwrap();
}

/// A run with version 1 of checkpoints and snapshots, whose states contain no config.
#[test]
fn a_run_of_an_older_format_can_be_read_and_resumed() {
    let parent = tempfile::tempdir().unwrap();
    let old = copy(Path::new("tests/version-1"), parent.path(), "old");
    let open = |name| TrainedModel::load(&Run::open(&old).unwrap(), name, &Device::flex()).unwrap();
    assert_eq!((open("last").step, open("best").step), (2, 2));
    let resumed = Experiment::resume(&old, &[], &Device::flex()).unwrap();
    assert_eq!(resumed.step(), 2);
    assert_eq!(resumed.changes(), []);
    assert_eq!(finish(resumed).state.step, 4);
    assert_eq!(open("last").step, 4);
    let state = fs::read_to_string(old.join("checkpoints/step-00000004/state.json")).unwrap();
    assert!(state.contains("\"version\": 2"), "{state}");
}

#[test]
fn a_checkpoint_of_a_newer_format_is_refused_by_name() {
    let newer = r#"{"format":"anafora-state","version":3,"spin":"up"}"#;
    let path = Path::new("state.json");
    let error = run::state::State::parse(path, newer.as_bytes()).unwrap_err();
    let CheckpointError::Version { source, .. } = error else { panic!("{error}") };
    assert_eq!(source.found, "anafora-state version 3");
}
