//! The program `runs`: each state of a run, and runs with problems.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use crate::programs::{copy_directory, run, train, trained};
use serde_json::{Value, json};

const HEADER: &str = r#"{"format":"anafora-metrics","version":1}"#;

/// A copy of the trained run, of 20 steps with checkpoints at 10 and 20, whose metrics are replaced by
/// training lines at the steps `read` and the line `end`.
fn make(parent: &Path, name: &str, read: &[usize], end: Option<Value>) -> PathBuf {
    let path = parent.join(name);
    copy_directory(trained(), &path);
    let line = |&step: &usize| {
        json!({"kind": "train", "step": step, "loss": 1.0, "accuracy": 0.5, "learning_rate": 0.001,
            "gradient_norm": 1.0, "tokens_per_second": 9.0, "padded_share": 0.1, "seconds": 2.0})
    };
    let lines = read.iter().map(line).chain(end).map(|line| format!("{line}\n"));
    fs::write(path.join("metrics.jsonl"), format!("{HEADER}\n") + &lines.collect::<String>())
        .unwrap();
    path
}

/// The last line of a training's metrics; those of older versions do not say how it ended.
fn end(step: usize, ending: Option<&str>) -> Option<Value> {
    let mut line = json!({"kind": "end", "step": step, "seconds": 1.0, "validation_seconds": 0.1,
        "checkpoint_seconds": 0.1, "snapshot_seconds": 0.1, "padded_share": 0.1});
    if let Some(ending) = ending {
        line["ending"] = ending.into();
    }
    Some(line)
}

fn remove_checkpoint(run: &Path, step: usize) {
    fs::remove_dir_all(run.join(format!("checkpoints/step-{step:08}"))).unwrap();
}

/// The runs that `runs --json` lists.
fn listed(directory: &Path) -> Vec<Value> {
    let ran = run(directory, "runs", &["--json", "."]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    let list: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&list["format"], &list["version"]), (&"anafora-runs".into(), &1.into()));
    list["runs"].as_array().unwrap().clone()
}

fn named<'r>(runs: &'r [Value], name: &str) -> &'r Value {
    runs.iter().find(|run| run["name"] == name).unwrap_or_else(|| panic!("no {name}: {runs:?}"))
}

#[test]
fn every_state_is_told_from_the_lock_and_the_newest_line() {
    let parent = tempfile::tempdir().unwrap();
    let parent = parent.path();
    make(parent, "finished", &[10, 20], end(20, Some("finished")));
    make(parent, "patient", &[10], end(10, Some("no_progress")));
    make(parent, "stopped", &[10], end(10, Some("interrupted")));
    make(parent, "diverged", &[10, 14], end(14, Some("failed")));
    make(parent, "older", &[10, 20], end(20, None));
    let older = make(parent, "older-stopped", &[10], end(10, None));
    remove_checkpoint(&older, 20);
    // Killed while it wrote a line; its lock file is left, but no process holds the lock.
    let died = make(parent, "died", &[10, 15], None);
    remove_checkpoint(&died, 20);
    let metrics = fs::read_to_string(died.join("metrics.jsonl")).unwrap();
    fs::write(died.join("metrics.jsonl"), metrics + r#"{"kind":"tr"#).unwrap();
    let lock = json!({"format": "anafora-lock", "version": 1, "pid": 4321, "host": "here",
        "since": 1_764_000_000});
    fs::write(died.join("lock"), lock.to_string()).unwrap();
    let at_once = make(parent, "died-at-once", &[], None);
    fs::remove_dir_all(at_once.join("checkpoints")).unwrap();
    fs::remove_file(at_once.join("metrics.jsonl")).unwrap();
    // Resumed after an interruption, and running: the lock is held.
    let going = make(parent, "going", &[10, 15], None);
    remove_checkpoint(&going, 20);
    fs::write(going.join("lock"), lock.to_string()).unwrap();
    let held = File::open(going.join("lock")).unwrap();
    held.lock().unwrap();

    let runs = listed(parent);
    let expected = [
        ("finished", "finished", 20),
        ("patient", "finished", 10),
        ("stopped", "interrupted", 10),
        ("diverged", "failed", 14),
        ("older", "finished", 20),
        ("older-stopped", "interrupted", 10),
        ("died", "failed", 10),
        ("died-at-once", "failed", 0),
        ("going", "running", 15),
    ];
    assert_eq!(runs.len(), expected.len(), "{runs:?}");
    for (name, state, step) in expected {
        let run = named(&runs, name);
        assert_eq!((&run["state"], &run["step"]), (&state.into(), &step.into()), "{run}");
        assert_eq!((&run["steps"], &run["problems"]), (&20.into(), &json!([])), "{run}");
    }
    let holder = &named(&runs, "going")["holder"];
    let expected = [json!(4321), json!("here"), json!(1_764_000_000)];
    assert_eq!(["pid", "host", "since"].map(|key| holder[key].clone()), expected);
    assert!(named(&runs, "died")["holder"].is_null());

    let ran = run(parent, "runs", &["."]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let line = |name| ran.stdout.lines().find(|line| line.starts_with(name)).unwrap();
    for part in [" running ", " 15/20 ", " %  ", " MiB  ", " ago"] {
        assert!(line("going ").contains(part), "{part}: {}", ran.stdout);
    }
    drop(held);
    assert_eq!(named(&listed(parent), "going")["state"], "failed");
}

#[test]
fn a_finished_run_without_metrics_is_finished_and_says_what_is_missing() {
    let parent = tempfile::tempdir().unwrap();
    let lost = make(parent.path(), "lost", &[10, 20], end(20, Some("finished")));
    fs::remove_file(lost.join("metrics.jsonl")).unwrap();
    let runs = listed(parent.path());
    let lost = named(&runs, "lost");
    assert_eq!((&lost["state"], &lost["step"]), (&"finished".into(), &20.into()));
    assert_eq!(lost["problems"], json!(["./lost/metrics.jsonl is missing"]));
}

#[test]
fn a_training_records_where_it_comes_from() {
    let directory = tempfile::tempdir().unwrap();
    let ran = train(directory.path(), &["training.steps=3"], &["--run", "runs/mine"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let ran = run(directory.path(), "runs", &["--json"]);
    let list: Value = serde_json::from_str(&ran.stdout).unwrap();
    let run = &list["runs"][0];
    assert_eq!((&run["name"], &run["config"]), (&"mine".into(), &"tiny".into()));
    assert_eq!((&run["state"], &run["step"]), (&"finished".into(), &3.into()));
    assert_eq!(run["device"], "flex");
    let overrides = run["overrides"].as_array().unwrap();
    assert_eq!(overrides.len(), crate::programs::QUICK.len() + 1);
    assert_eq!(overrides.last().unwrap(), "training.steps=3");
    assert!(run["begun"].as_u64().unwrap() > 1_764_000_000, "{run}");
    let path = directory.path().join("runs/mine");
    let files = crate::programs::contents(&path);
    let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
    assert_eq!(run["bytes"], bytes);
    let state = path.join("checkpoints/step-00000003/state.json");
    let state: Value = serde_json::from_str(&fs::read_to_string(state).unwrap()).unwrap();
    assert!(run["best"]["accuracy"].is_f64());
    assert_eq!(run["best"], state["best"]);
}

#[test]
fn older_runs_have_the_name_of_their_directory_and_come_in_the_order_of_their_beginning() {
    let parent = tempfile::tempdir().unwrap();
    for (name, begun) in [("b-002", Some(2_000)), ("bert-tuned-011", None), ("a", Some(1_000))] {
        let path = make(parent.path(), name, &[20], end(20, Some("finished")));
        let file = path.join("run.json");
        match begun {
            Some(begun) => {
                let text = json!({"format": "anafora-run", "version": 1, "config": "mine",
                    "overrides": [], "device": null, "program": "0.1.0", "begun": begun});
                fs::write(file, text.to_string()).unwrap();
            }
            None => fs::remove_file(file).unwrap(),
        }
    }
    fs::create_dir(parent.path().join("notes")).unwrap();
    fs::write(parent.path().join("table.csv"), "not a run").unwrap();
    let runs = listed(parent.path());
    let found: Vec<[&str; 2]> =
        runs.iter().map(|run| ["name", "config"].map(|key| run[key].as_str().unwrap())).collect();
    assert_eq!(found, [["a", "mine"], ["b-002", "mine"], ["bert-tuned-011", "bert-tuned"]]);
    let ran = run(&parent.path().join("b-002"), "runs", &["."]);
    assert!(ran.stdout.contains("\nb-002  mine"), "{}", ran.stdout);
    assert_eq!(ran.stdout.lines().count(), 2);
}

#[test]
fn what_is_wrong_with_a_run_is_said_and_hides_no_other() {
    let parent = tempfile::tempdir().unwrap();
    let cases = [
        ("config.toml", Some("seed = ["), "config.toml:1: "),
        ("config.toml", None, "config.toml: "),
        ("tokenizer.json", None, "tokenizer.json"),
        ("metrics.jsonl", Some("step,loss\n1,2\n"), "metrics.jsonl:1: "),
        (
            "metrics.jsonl",
            Some("{\"format\":\"anafora-metrics\",\"version\":1}\n[\n"),
            "metrics.jsonl:2: ",
        ),
        (
            "metrics.jsonl",
            Some(
                "{\"format\":\"anafora-metrics\",\"version\":1}\n{\"kind\":\"end\",\"step\":1,\"ending\":\"bored\"}\n",
            ),
            "`bored`",
        ),
        ("run.json", Some("{}"), "run.json"),
        ("checkpoints/step-00000020/state.json", Some("{"), "state.json:1: "),
        ("checkpoints/step-00000020/MANIFEST.json", None, "step-00000020/MANIFEST.json"),
    ];
    for (index, (name, content, _)) in cases.iter().enumerate() {
        let path =
            make(parent.path(), &format!("damaged-{index}"), &[20], end(20, Some("finished")));
        match content {
            Some(content) => fs::write(path.join(name), content).unwrap(),
            None => fs::remove_file(path.join(name)).unwrap(),
        }
    }
    make(parent.path(), "whole", &[20], end(20, Some("finished")));
    let runs = listed(parent.path());
    assert_eq!(runs.len(), cases.len() + 1);
    let ran = run(parent.path(), "runs", &["."]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    for (index, (name, _, expected)) in cases.iter().enumerate() {
        let run = named(&runs, &format!("damaged-{index}"));
        let problems = run["problems"].as_array().unwrap();
        assert_eq!(problems.len(), 1, "{name}: {problems:?}");
        let problem = problems[0].as_str().unwrap();
        assert!(problem.contains(expected), "expected `{expected}` in: {problem}");
        assert!(ran.stdout.contains(&format!("{problem}\n")), "{}", ran.stdout);
    }
    assert_eq!(named(&runs, "whole")["problems"], json!([]));
    assert!(named(&runs, "damaged-0")["steps"].is_null());
    // The checkpoint before the damaged one is whole.
    assert_eq!(named(&runs, "damaged-8")["best"]["step"], 10);
    assert_eq!(named(&runs, "whole")["best"]["step"], 20);
}

#[test]
fn no_run_and_no_directory_are_said() {
    let parent = tempfile::tempdir().unwrap();
    let ran = run(parent.path(), "runs", &[]);
    ran.refuses(2, &["no run in runs", "cargo run --bin train"]);
    fs::write(parent.path().join("file"), "").unwrap();
    run(parent.path(), "runs", &["file"]).refuses(1, &["file"]);
    fs::create_dir(parent.path().join("runs")).unwrap();
    let ran = run(parent.path(), "runs", &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""));
    assert!(ran.stderr.contains("no run in runs"), "{}", ran.stderr);
    assert_eq!(listed(&parent.path().join("runs")), [] as [Value; 0]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_whose_name_is_not_utf_8_is_listed_with_the_others() {
    use std::os::unix::ffi::OsStrExt;

    let directory = tempfile::tempdir().unwrap();
    crate::programs::copy_of_trained(directory.path());
    let name = std::ffi::OsStr::from_bytes(b"b\xffad");
    crate::programs::copy_directory(trained(), &directory.path().join(name));
    let ran = run(directory.path(), "runs", &[".", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let list: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(list["runs"].as_array().unwrap().len(), 2, "{list}");
}
