//! The programs with a recurrent model: they do what needs no attention, and say what does.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use crate::programs::{QUICK, contents, run, run_with};
use serde_json::Value;

const TEXT: &str = "El robot dejó caer la pelota porque él estaba dañado.";

#[test]
fn a_recurrent_model_is_trained_evaluated_and_asked_and_shows_no_attention() {
    let directory = tempfile::tempdir().unwrap();
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/lstm.toml");
    let mut arguments = vec!["--config", config.to_str().unwrap(), "--run", "lstm"];
    for assignment in QUICK.iter().chain(&["encoder.d_model=32", "encoder.d_hidden=16"]) {
        arguments.extend(["--set", assignment]);
    }
    let ran = run(directory.path(), "train", &arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let advice = ran.stdout.split_once("\nNext:\n").unwrap().1;
    assert!(advice.contains("dañado.\"\n") && !advice.contains("--attention"), "{advice}");
    assert!(advice.contains("sick.\"\n") && !advice.contains("--svg"), "{advice}");

    let ran = run(directory.path(), "evaluate", &["lstm", "--json", "--split", "in-distribution"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["slices"][0]["n"], 4000);

    let ran = run(directory.path(), "resolve", &["lstm", TEXT, "--json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["words"].as_array().unwrap().len(), 11);

    let before = contents(directory.path());
    for argument in [&["--attention"][..], &["--svg", "robot.svg"]] {
        let message = format!(
            "{} shows attention, and the run's model has none: it is recurrent (encoder.shape = \
             \"lstm\")\nhint: ",
            argument[0]
        );
        let all = [&["lstm", TEXT], argument].concat();
        run(directory.path(), "resolve", &all).refuses(2, &[&message]);
    }
    // Before a single line is read.
    let ran = run_with(directory.path(), "resolve", &["lstm", "--attention"], TEXT.as_bytes());
    ran.refuses(2, &["--attention shows attention"]);
    let ran = run(directory.path(), "evaluate", &["lstm", "--heads"]);
    ran.refuses(2, &["--heads: the run's model has no attention, expected a Transformer"]);
    assert!(before == contents(directory.path()));
}

#[test]
fn keys_of_the_other_body_are_refused_and_those_of_its_own_are_asked_for() {
    let cases = [
        ("lstm", "n_heads=4", "unknown field `n_heads`: encoder.shape = \"lstm\" has no such key"),
        ("lstm", "d_ff=256", "unknown field `d_ff`: encoder.shape = \"lstm\" has no such key"),
        ("lstm", "rotary_theta=100.0", "unknown field `rotary_theta`: encoder.shape = \"lstm\""),
        ("lstm", "shape=bert", "unknown field `d_hidden`: encoder.shape = \"bert\" has no such"),
        ("lstm", "d_hiden=84", "unknown field `d_hiden`, expected one of `shape`, "),
        ("lstm", "d_hidden=0", "encoder.d_hidden is 0, expected 1 to 16384"),
        ("base", "d_hidden=84", "unknown field `d_hidden`: encoder.shape = \"base\" has no such"),
        ("base", "shape=lstm", "unknown field `n_heads`: encoder.shape = \"lstm\" has no such"),
    ];
    let directory = tempfile::tempdir().unwrap();
    for (name, assignment, expected) in cases {
        let config =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../configs/{name}.toml"));
        let assignment = format!("encoder.{assignment}");
        let arguments = ["--config", config.to_str().unwrap(), "--set", &assignment];
        let message = format!("error: --set {assignment}: ");
        run(directory.path(), "train", &arguments).refuses(2, &[&message, expected]);
    }
    for (name, key) in [("lstm", "d_hidden"), ("base", "n_heads"), ("bert", "d_ff")] {
        let config =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../configs/{name}.toml"));
        let text = std::fs::read_to_string(config).unwrap();
        let rest: Vec<&str> = text.lines().filter(|line| !line.starts_with(key)).collect();
        std::fs::write(directory.path().join("my.toml"), rest.join("\n")).unwrap();
        let message = format!("missing field `{key}` of encoder.shape = \"{name}\"");
        let line = rest.iter().position(|line| *line == "[encoder]").unwrap() + 1;
        run(directory.path(), "train", &["--config", "my.toml"])
            .refuses(2, &[&format!("my.toml:{line}: "), &message]);
    }
}
