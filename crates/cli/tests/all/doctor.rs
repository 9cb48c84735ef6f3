//! The checks of the program `doctor`.

use std::fs;

use crate::programs::{Ran, command, run};
use cli::device::Backend;
use serde_json::Value;

fn report(ran: &Ran) -> Value {
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&report["format"], &report["version"]), (&"anafora-doctor".into(), &1.into()));
    report
}

fn check<'r>(report: &'r Value, name: &str) -> &'r Value {
    let checks = report["checks"].as_array().unwrap();
    checks
        .iter()
        .find(|check| check["name"] == name)
        .unwrap_or_else(|| panic!("{name}: {checks:?}"))
}

#[test]
fn a_place_where_trainings_work_is_healthy_and_left_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let ran = run(directory.path(), "doctor", &["--json", "--seconds", "1"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    let report = report(&ran);
    assert_eq!(report["healthy"], true);
    assert!(check(&report, "built with")["found"].as_str().unwrap().starts_with("rustc 1."));
    for name in ["on PATH", "disk", "memory"] {
        assert_ne!(check(&report, name)["status"], "failed", "{ran:?}");
    }
    for name in ["write", "lock", "backends"] {
        assert_eq!(check(&report, name)["status"], "ok", "{ran:?}");
    }
    let names: Vec<&str> = Backend::compiled().map(Backend::name).collect();
    let found = check(&report, "backends")["found"].as_str().unwrap();
    assert!(found.starts_with(&format!("{};", names.join(", "))), "{found}");
    for backend in Backend::compiled().map(Backend::name) {
        check(&report, &format!("devices of {backend}"));
        let training = check(&report, &format!("training on {backend}"));
        assert_eq!(training["status"], "ok", "{training}");
        assert!(training["steps_per_second"].as_f64().unwrap() > 0.1, "{training}");
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_where_nothing_can_be_written_fails_and_says_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    // Not even root can create a file there.
    let ran = run(directory.path(), "doctor", &["/proc/self", "--seconds", "1"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""), "{}", ran.stdout);
    let line = |start: &str| ran.stdout.lines().position(|line| line.starts_with(start));
    let failed = line("failed   write: ");
    let failed = failed.unwrap_or_else(|| panic!("{}", ran.stdout));
    let advice = ran.stdout.lines().nth(failed + 1).unwrap();
    assert!(advice.contains("hint: ") && advice.contains("train --run DIR"), "{advice}");
    assert!(line("ok       training on flex: ").is_some(), "{}", ran.stdout);
}

#[test]
fn without_a_compiler_there_is_a_warning() {
    let directory = tempfile::tempdir().unwrap();
    let mut doctor = command(directory.path(), "doctor", &["--json", "--seconds", "1"]);
    let output = doctor.env("PATH", directory.path()).output().unwrap();
    let ran = Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let report = report(&ran);
    let compiler = check(&report, "on PATH");
    assert_eq!(compiler["found"], "no rustc, no cargo");
    assert!(compiler["advice"].as_str().unwrap().contains("https://rustup.rs"), "{compiler}");
}

#[test]
fn wrong_arguments_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    for seconds in ["0", "601", "x"] {
        let ran = run(directory.path(), "doctor", &["--seconds", seconds]);
        ran.refuses(2, &["invalid value", "--seconds"]);
    }
}

#[test]
fn a_file_in_the_place_of_the_directory_is_named() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("afile"), "").unwrap();
    for place in ["afile", "afile/sub"] {
        let ran = run(directory.path(), "doctor", &["--seconds", "1", place]);
        assert_eq!(ran.code, Some(1), "{}", ran.stdout);
        assert!(ran.stdout.contains("afile is a file, expected a directory"), "{}", ran.stdout);
    }
}
