//! Wrong configurations and invocations: exit code 2, the place, what was expected, and no run.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, path::Path};

use crate::programs::{contents, run, tiny_config, train};
use cli::device::Backend;

/// `train` with a config of this text is refused, and makes nothing.
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
    ran.refuses(2, &["cannot read the config my.toml: No such file"]);
    assert!(contents(directory.path()).is_empty());
}

#[test]
fn a_config_that_is_no_toml_is_named() {
    refused_config(b"", &["my.toml:1: missing field "]);
    refused_config(b"seed = \xe9", &["cannot read the config my.toml: ", "UTF-8"]);
    let (text, line) = changed("seed = 1", "seed 1");
    refused_config(&text, &[&format!("my.toml:{line}: "), "in `seed 1`"]);
}

#[test]
fn wrong_lines_of_a_config_are_named_with_what_was_expected() {
    let cases = [
        ("batch_size = 32", "batchsize = 32", "unknown field `batchsize`, expected one of `steps`"),
        ("steps = 500", "steps = \"many\"", "invalid type: string \"many\", expected "),
        ("batch_size = 32", "batch_size = 0", "training.batch_size is 0, expected at least 1"),
        (
            "n_heads = 2",
            "n_heads = 5",
            "encoder.n_heads is 5, expected a divisor of encoder.d_model",
        ),
        ("languages = [\"es\", \"en\"]", "languages = [\"fr\"]", "unknown variant `fr`, expected"),
        ("train = \"grammar\"", "train = []", "data.train is [], expected \"grammar\" or at least"),
    ];
    for (old, new, expected) in cases {
        let (text, line) = changed(old, new);
        refused_config(&text, &[&format!("error: my.toml:{line}: "), expected]);
    }
}

#[test]
fn wrong_overrides_are_named_as_typed() {
    let cases = [
        ("training.step=3", "unknown field `step`, expected one of `steps`"),
        ("trainig.steps=3", "there is no section `trainig`"),
        ("training.steps=many", "invalid type: string \"many\", expected "),
        ("training.steps=-1", "invalid value: integer `-1`, expected "),
        ("training.steps=0", "training.steps is 0, expected at least 1"),
        (
            "training.peak_learning_rate=nan",
            "training.peak_learning_rate is NaN, expected a positive",
        ),
        ("encoder.shape=gpt", "unknown variant `gpt`, expected one of `base`"),
        ("data.train=my.jsonl", "expected \"grammar\" or a list of JSONL files, as [\"my.jsonl\"]"),
        ("training.steps", "expected section.key=value"),
    ];
    let directory = tempfile::tempdir().unwrap();
    for (assignment, expected) in cases {
        let ran = train(directory.path(), &[assignment], &["--run", "mine"]);
        ran.refuses(2, &[&format!("error: --set {assignment}: "), expected]);
    }
    assert!(contents(directory.path()).is_empty());
}

#[test]
fn a_vocabulary_that_is_too_small_for_the_probes_of_a_short_model_is_refused_before_a_run_is_made()
{
    let directory = tempfile::tempdir().unwrap();
    let ran = train(directory.path(), &["encoder.max_seq=4"], &["--run", "mine"]);
    ran.refuses(1, &["example ", " tokens, expected at most encoder.max_seq = 4\nhint: "]);
    assert!(contents(directory.path()).is_empty());
}

#[test]
fn a_device_that_is_not_compiled_in_is_answered_with_the_feature() {
    let compiled: Vec<&str> = Backend::compiled().map(Backend::name).collect();
    let directory = tempfile::tempdir().unwrap();
    for name in ["cuda", "rocm"].into_iter().filter(|name| !compiled.contains(name)) {
        for program in ["train", "evaluate", "resolve"] {
            let ran = run(directory.path(), program, &["--device", name]);
            let what = format!("--device {name} is not compiled in, expected one of: ");
            let hint =
                format!("hint: cargo run --bin {program} --features {name} -- --device {name}");
            ran.refuses(2, &[&what, compiled[0], &hint]);
        }
    }
    assert!(contents(directory.path()).is_empty());
}

#[test]
fn arguments_that_contradict_each_other_are_refused() {
    let cases: [(&str, &[&str]); 5] = [
        ("train", &["--force"]),
        ("train", &["--resume", "a", "--config", "b.toml"]),
        ("train", &["--device", "abacus"]),
        ("resolve", &["a", "b", "c"]),
        ("resolve", &["a", "b", "--json", "--attention"]),
    ];
    for (program, arguments) in cases {
        run(Path::new("."), program, arguments).refuses(2, &["--help"]);
    }
}

#[test]
fn the_dashboard_needs_a_terminal() {
    let directory = tempfile::tempdir().unwrap();
    train(directory.path(), &[], &["--tui"]).refuses(2, &["--tui needs a terminal"]);
    assert!(contents(directory.path()).is_empty());
}
