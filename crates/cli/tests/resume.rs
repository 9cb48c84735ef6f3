//! A run that was stopped and went on is the run that was never stopped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use programs::{contents, copy_directory, losses, run, tiny_config, train};

mod programs;

/// Lines that do not fall together with checkpoints.
const RECORD: [&str; 3] =
    ["record.metrics_every=7", "record.checkpoint_every=10", "record.keep_checkpoints=20"];

fn remove_after(run: &Path, step: usize) {
    for entry in fs::read_dir(run.join("checkpoints")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.strip_prefix("step-").is_some_and(|n| n.parse::<usize>().unwrap() > step) {
            fs::remove_dir_all(&path).unwrap();
        }
    }
}

#[test]
fn a_run_goes_on_from_any_checkpoint_with_the_same_losses() {
    let directory = tempfile::tempdir().unwrap();
    let overrides = [&RECORD[..], &["training.steps=40"]].concat();
    let ran = train(directory.path(), &overrides, &["--run", "whole"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let whole = directory.path().join("whole");
    for step in [10, 30] {
        let part = directory.path().join(format!("from-{step}"));
        copy_directory(&whole, &part);
        remove_after(&part, step);
        let ran = run(directory.path(), "train", &["--resume", part.to_str().unwrap()]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("going on after step {step}\n")), "{}", ran.stderr);
        assert_eq!(losses(&part), losses(&whole));
        let weights = "checkpoints/step-00000040/model.bpk";
        assert!(fs::read(part.join(weights)).unwrap() == fs::read(whole.join(weights)).unwrap());
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_everything_and_the_run_goes_on_with_the_same_losses() {
    let directory = tempfile::tempdir().unwrap();
    let overrides = [&RECORD[..], &["training.steps=200"]].concat();
    let ran = train(directory.path(), &overrides, &["--run", "whole"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);

    let config = tiny_config();
    let mut arguments = vec!["--config", config.to_str().unwrap(), "--run", "part"];
    for assignment in programs::QUICK.iter().chain(&overrides) {
        arguments.extend(["--set", assignment]);
    }
    let child = programs::command(directory.path(), "train", &arguments).spawn().unwrap();
    let part = directory.path().join("part");
    wait_for(|| {
        let metrics = fs::read_to_string(part.join("metrics.jsonl")).unwrap_or_default();
        metrics.lines().count() > 3
    });
    let killed =
        std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("stopping after this step"), "{stderr}");
    assert!(stderr.contains("interrupted: everything is saved"), "{stderr}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("part: "));

    let ran = run(directory.path(), "train", &["--resume", "part"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("going on after step "), "{}", ran.stderr);
    assert_eq!(losses(&part), losses(&directory.path().join("whole")));
}

fn wait_for(condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never came");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_finished_run_is_left_as_it_is() {
    let parent = tempfile::tempdir().unwrap();
    let copy = programs::copy_of_trained(parent.path());
    let before = contents(&copy);
    let ran = run(parent.path(), "train", &["--resume", "copy"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.stderr.contains("all 20 steps are done\nhint: a greater training.steps in copy"));
    assert!(before == contents(&copy));
}

#[test]
fn a_run_without_a_checkpoint_begins_again() {
    let parent = tempfile::tempdir().unwrap();
    let copy = programs::copy_of_trained(parent.path());
    let expected = losses(&copy);
    fs::remove_dir_all(copy.join("checkpoints")).unwrap();
    let ran = run(parent.path(), "train", &["--resume", "copy"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(losses(&copy), expected);
}
