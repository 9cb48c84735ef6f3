//! Wrong configurations and invocations: each exits with code 2 and a message that names the place,
//! and no run is made. Messages are checked for what a user needs to find the mistake, not word by word.

use std::{fs, path::Path};

use crate::programs::{contents, run, tiny_config, train};
use cli::device::Backend;

/// Checks that `train` refuses a config with this text and creates no file.
#[track_caller]
fn refused_config(text: &[u8], parts: &[&str]) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("my.toml"), text).unwrap();
    let before = contents(directory.path());
    run(directory.path(), "train", &["--config", "my.toml"]).refuses(2, parts);
    assert!(before == contents(directory.path()));
}

/// The tiny config with one line changed, and the number of that line.
fn changed(old: &str, new: &str) -> (Vec<u8>, usize) {
    let text = fs::read_to_string(tiny_config()).unwrap();
    let line = text.lines().position(|line| line.starts_with(old)).unwrap() + 1;
    (text.replace(old, new).into_bytes(), line)
}

#[test]
fn a_missing_config_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let ran = run(directory.path(), "train", &["--config", "my.toml"]);
    ran.refuses(2, &["my.toml", "No such file"]);
    assert!(contents(directory.path()).is_empty());
}

#[test]
fn a_config_that_is_no_toml_is_named() {
    refused_config(b"", &["my.toml:1: "]);
    refused_config(b"seed = \xe9", &["my.toml", "UTF-8"]);
    let (text, line) = changed("seed = 1", "seed 1");
    refused_config(&text, &[&format!("my.toml:{line}: "), "seed 1"]);
}

#[test]
fn wrong_lines_of_a_config_are_named_with_what_was_expected() {
    let cases = [
        ("batch_size = 32", "batchsize = 32", "`batchsize`"),
        ("steps = 500", "steps = \"many\"", "\"many\""),
        ("batch_size = 32", "batch_size = 0", "training.batch_size is 0"),
        ("n_heads = 2", "n_heads = 5", "encoder.n_heads is 5"),
        ("languages = [\"es\", \"en\"]", "languages = [\"fr\"]", "`fr`"),
        ("train = \"grammar\"", "train = []", "data.train is []"),
    ];
    for (old, new, expected) in cases {
        let (text, line) = changed(old, new);
        refused_config(&text, &[&format!("my.toml:{line}: "), expected]);
    }
}

#[test]
fn wrong_overrides_are_named_as_typed() {
    let cases = [
        ("training.step=3", "`step`"),
        ("trainig.steps=3", "`trainig`"),
        ("training.steps=many", "\"many\""),
        ("training.steps=-1", "`-1`"),
        ("training.steps=0", "training.steps is 0"),
        ("training.peak_learning_rate=nan", "training.peak_learning_rate is NaN"),
        ("encoder.shape=gpt", "`gpt`"),
        // What would overflow, or be 0 or infinite in the 32 bits that a step computes in.
        ("record.checkpoint_minutes=1e18", "record.checkpoint_minutes is 1000000000000000000"),
        ("record.milestones_per_doubling=2147483647", "milestones_per_doubling is 2147483647"),
        ("training.epsilon=1e-46", "training.epsilon is 0.00000000"),
        ("training.max_gradient_norm=1e300", "training.max_gradient_norm is 1000000"),
        ("objective.masked_words=1e39", "objective.masked_words is 1000000"),
        ("data.train=my.jsonl", "[\"my.jsonl\"]"),
        ("training.steps", "section.key=value"),
    ];
    let directory = tempfile::tempdir().unwrap();
    for (assignment, expected) in cases {
        let ran = train(directory.path(), &[assignment], &["--run", "mine"]);
        ran.refuses(2, &[&format!("--set {assignment}: "), expected]);
    }
    assert!(contents(directory.path()).is_empty());
}

#[test]
fn a_vocabulary_that_is_too_small_for_the_probes_of_a_short_model_is_refused_before_a_run_is_made()
{
    let directory = tempfile::tempdir().unwrap();
    let ran = train(directory.path(), &["encoder.max_seq=4"], &["--run", "mine"]);
    ran.refuses(1, &["encoder.max_seq = 4", "hint: "]);
    assert!(contents(directory.path()).is_empty());
}

#[test]
fn a_device_that_is_not_compiled_in_is_answered_with_the_feature() {
    let compiled: Vec<&str> = Backend::compiled().map(Backend::name).collect();
    let directory = tempfile::tempdir().unwrap();
    for name in ["cuda", "rocm"].into_iter().filter(|name| !compiled.contains(name)) {
        for program in ["train", "evaluate", "resolve"] {
            let ran = run(directory.path(), program, &["--device", name]);
            let command = format!("cargo run --bin {program} --features {name} -- --device {name}");
            ran.refuses(2, &["not compiled in", compiled[0], &command]);
        }
    }
    assert!(contents(directory.path()).is_empty());
}

#[test]
fn arguments_that_contradict_each_other_are_refused() {
    let cases: [(&str, &[&str]); 4] = [
        ("train", &["--force"]),
        ("train", &["--resume", "a", "--config", "b.toml"]),
        ("train", &["--device", "abacus"]),
        ("resolve", &["a", "b", "--json", "--attention"]),
    ];
    for (program, arguments) in cases {
        run(Path::new("."), program, arguments).refuses(2, &["--help"]);
    }
}

#[test]
fn the_dashboard_needs_a_terminal() {
    let directory = tempfile::tempdir().unwrap();
    train(directory.path(), &[], &["--tui"]).refuses(2, &["--tui", "terminal"]);
    assert!(contents(directory.path()).is_empty());
}

#[test]
fn a_key_under_its_old_name_is_read_and_told_of() {
    let directory = tempfile::tempdir().unwrap();
    let config = std::fs::read_to_string(crate::programs::tiny_config()).unwrap();
    let old = config.replace("gradient_accumulation_steps", "accumulation");
    std::fs::write(directory.path().join("old.toml"), old).unwrap();
    let mut arguments = vec!["--config", "old.toml", "--run", "r", "--no-test"];
    arguments.extend(crate::programs::QUICK.iter().flat_map(|set| ["--set", *set]));
    let ran = run(directory.path(), "train", &arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let told = "training.accumulation, which is called training.gradient_accumulation_steps now";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    let kept = std::fs::read_to_string(directory.path().join("r/config.toml")).unwrap();
    assert!(kept.contains("\ngradient_accumulation_steps = 1"), "{kept}");

    // A run that was begun before the key was renamed.
    let old = kept.replace("gradient_accumulation_steps = 1", "accumulation = 1");
    std::fs::write(directory.path().join("r/config.toml"), old).unwrap();
    let ran = run(directory.path(), "train", &["--resume", "r", "--no-test"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}
