//! The programs with a recurrent model: everything works that needs no attention, and the rest is
//! refused.

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
        let all = [&["lstm", TEXT], argument].concat();
        run(directory.path(), "resolve", &all).refuses(2, &[argument[0], "recurrent", "hint: "]);
    }
    // It is refused before any line of stdin is read.
    let ran = run_with(directory.path(), "resolve", &["lstm", "--attention"], TEXT.as_bytes());
    ran.refuses(2, &["--attention"]);
    let ran = run(directory.path(), "evaluate", &["lstm", "--heads"]);
    ran.refuses(2, &["--heads: ", "no attention"]);
    assert!(before == contents(directory.path()));
}

#[test]
fn keys_of_the_other_body_are_refused_and_those_of_its_own_are_asked_for() {
    let cases = [
        ("lstm", "n_heads=4", "`n_heads`"),
        ("lstm", "d_ff=256", "`d_ff`"),
        ("lstm", "rotary_theta=100.0", "`rotary_theta`"),
        ("lstm", "shape=bert", "`d_hidden`"),
        ("lstm", "d_hiden=84", "`d_hiden`"),
        ("lstm", "d_hidden=0", "encoder.d_hidden is 0"),
        ("base", "d_hidden=84", "`d_hidden`"),
        ("base", "shape=lstm", "`n_heads`"),
    ];
    let directory = tempfile::tempdir().unwrap();
    for (name, assignment, expected) in cases {
        let config =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../configs/{name}.toml"));
        let assignment = format!("encoder.{assignment}");
        let arguments = ["--config", config.to_str().unwrap(), "--set", &assignment];
        let message = format!("--set {assignment}: ");
        run(directory.path(), "train", &arguments).refuses(2, &[&message, expected]);
    }
    for (name, key) in [("lstm", "d_hidden"), ("base", "n_heads"), ("bert", "d_ff")] {
        let config =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../configs/{name}.toml"));
        let text = std::fs::read_to_string(config).unwrap();
        let rest: Vec<&str> = text.lines().filter(|line| !line.starts_with(key)).collect();
        std::fs::write(directory.path().join("my.toml"), rest.join("\n")).unwrap();
        let message = format!("`{key}`");
        let line = rest.iter().position(|line| *line == "[encoder]").unwrap() + 1;
        run(directory.path(), "train", &["--config", "my.toml"])
            .refuses(2, &[&format!("my.toml:{line}: "), &message]);
    }
}
