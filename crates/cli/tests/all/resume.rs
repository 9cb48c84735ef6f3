//! A run that was stopped and resumed is bit for bit the run that was never stopped.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
    time::{Duration, Instant},
};

use crate::programs::{contents, copy_directory, losses, run, tiny_config, train};

/// Metrics are recorded at other steps than checkpoints, so that a run resumes between two lines.
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
        let ran =
            run(directory.path(), "train", &["--no-test", "--resume", part.to_str().unwrap()]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("after step {step}\n")), "{}", ran.stderr);
        assert_same(&part, &whole, 40);
    }
}

/// Starts a training and waits until it has written a few lines.
#[cfg(unix)]
fn start(directory: &Path, overrides: &[&str], name: &str) -> Child {
    let config = tiny_config();
    let mut arguments = vec!["--config", config.to_str().unwrap(), "--run", name];
    for assignment in crate::programs::QUICK.iter().chain(overrides) {
        arguments.extend(["--set", assignment]);
    }
    let child = crate::programs::command(directory, "train", &arguments).spawn().unwrap();
    let metrics = directory.join(name).join("metrics.jsonl");
    wait_for(|| fs::read_to_string(&metrics).unwrap_or_default().lines().count() > 3);
    child
}

#[cfg(unix)]
fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

#[cfg(unix)]
#[test]
fn signals_save_everything_and_the_run_goes_on_as_if_there_had_been_none() {
    let directory = tempfile::tempdir().unwrap();
    let overrides = [&RECORD[..], &["training.steps=200"]].concat();
    let ran = train(directory.path(), &overrides, &["--run", "whole"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for (name, code, label) in
        [("-INT", 130, "Ctrl-C"), ("-TERM", 143, "SIGTERM"), ("-HUP", 129, "SIGHUP")]
    {
        let part = directory.path().join(name);
        let child = start(directory.path(), &overrides, part.to_str().unwrap());
        let sent = Instant::now();
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert!(sent.elapsed() < Duration::from_secs(5), "{name}: {:?}", sent.elapsed());
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        assert!(stderr.contains(&format!("{label}: ")), "{stderr}");
        assert!(stderr.contains("interrupted: "), "{stderr}");
        assert!(String::from_utf8(output.stdout).unwrap().contains(&format!("{name}: ")));

        let ran =
            run(directory.path(), "train", &["--no-test", "--resume", part.to_str().unwrap()]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains("after step "), "{}", ran.stderr);
        assert_same(&part, &directory.path().join("whole"), 200);
    }
}

#[cfg(unix)]
#[test]
fn a_second_signal_ends_the_program_at_once() {
    let directory = tempfile::tempdir().unwrap();
    // Steps take seconds, so that the second signal arrives during one.
    let slow =
        ["training.steps=200", "training.batch_size=2000", "training.length_bucket_batches=1"];
    let mut child =
        start(directory.path(), &[&slow[..], &["record.metrics_every=1"]].concat(), "part");
    signal(&child, "-INT");
    std::thread::sleep(Duration::from_millis(100));
    let sent = Instant::now();
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(sent.elapsed() < Duration::from_secs(1), "{:?}", sent.elapsed());
}

#[cfg(unix)]
#[test]
fn the_exit_code_of_a_signal_does_not_depend_on_who_reads() {
    let directory = tempfile::tempdir().unwrap();
    let overrides = [&RECORD[..], &["training.steps=2000"]].concat();
    for (name, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let mut child = start(directory.path(), &overrides, name.trim_start_matches('-'));
        drop((child.stdout.take(), child.stderr.take()));
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(code), "{name}");
    }
}

/// In a terminal of its own the dashboard reads keys, of which Ctrl-C is one.
#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_stops_a_training_under_the_dashboard() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::io::{Read, Write};

    let directory = tempfile::tempdir().unwrap();
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&controller).unwrap();
    unlockpt(&controller).unwrap();
    let size = rustix::termios::Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&controller, size).unwrap();
    let path = ptsname(&controller, Vec::new()).unwrap().into_string().unwrap();
    let terminal = || fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
    let config = tiny_config();
    let program = crate::programs::path_of("train");
    // An ignored signal would stay ignored; see `programs::command`.
    let mut arguments = vec!["--ctty", "env", "--default-signal=HUP,INT,TERM", program, "--tui"];
    arguments.extend(["--no-test", "--run", "r", "--config", config.to_str().unwrap()]);
    for assignment in crate::programs::QUICK.iter().chain(&["training.steps=5000"]) {
        arguments.extend(["--set", assignment]);
    }
    let mut child = Command::new("setsid")
        .args(arguments)
        .current_dir(directory.path())
        .stdin(terminal())
        .stdout(terminal())
        .stderr(terminal())
        .spawn()
        .unwrap();
    let mut controller = fs::File::from(controller);
    let mut screen = controller.try_clone().unwrap();
    // What is shown has to be read, or the program waits; reading ends with the last that has it open.
    let shown = std::thread::spawn(move || {
        let (mut all, mut buffer) = (Vec::new(), [0; 4096]);
        while let Ok(n @ 1..) = screen.read(&mut buffer) {
            all.extend(&buffer[..n]);
        }
        String::from_utf8_lossy(&all).into_owned()
    });
    let metrics = directory.path().join("r/metrics.jsonl");
    wait_for(|| fs::read_to_string(&metrics).unwrap_or_default().lines().count() > 3);
    controller.write_all(&[3]).unwrap();
    let code = child.wait().unwrap().code();
    drop(controller);
    let shown = shown.join().unwrap();
    assert_eq!(code, Some(130), "{shown}");
    assert!(shown.contains("--resume r"), "{shown}");
}

#[cfg(unix)]
#[test]
fn a_file_above_the_limit_of_the_shell_is_an_error_and_the_run_goes_on_without_the_limit() {
    let directory = tempfile::tempdir().unwrap();
    let config = tiny_config();
    let program = crate::programs::path_of("train");
    let mut arguments = vec!["-c", "ulimit -f 200; exec \"$0\" \"$@\"", program, "--no-test"];
    arguments.extend(["--run", "r", "--config", config.to_str().unwrap()]);
    for assignment in crate::programs::QUICK {
        arguments.extend(["--set", assignment]);
    }
    let ran = Command::new("sh").args(arguments).current_dir(directory.path()).output().unwrap();
    let stderr = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("error: cannot write the snapshot r/"), "{stderr}");
    assert!(stderr.contains("File too large"), "{stderr}");
    let ran = run(directory.path(), "train", &["--no-test", "--resume", "r"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn another_number_of_threads_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let ran = |threads: &str, arguments: &[&str]| {
        let mut command = crate::programs::command(directory.path(), "train", arguments);
        let output = command.env("RAYON_NUM_THREADS", threads).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        stderr
    };
    let config = tiny_config();
    let mut arguments = vec!["--no-test", "--run", "r", "--config", config.to_str().unwrap()];
    for assignment in crate::programs::QUICK {
        arguments.extend(["--set", assignment]);
    }
    ran("1", &arguments);
    let more = ["--no-test", "--resume", "r", "--set", "training.steps=22"];
    let same = ran("1", &more);
    assert!(!same.contains("threads"), "{same}");
    let other = ran("2", &["--no-test", "--resume", "r", "--set", "training.steps=24"]);
    assert!(other.contains("the run began with 1 threads and goes on with 2"), "{other}");
}

/// As under `nohup`, or in the background of a script.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_is_ignored_when_the_program_starts_stays_ignored() {
    let directory = tempfile::tempdir().unwrap();
    let overrides = [&RECORD[..], &["training.steps=150"]].concat();
    let config = tiny_config();
    let mut arguments = vec!["--config", config.to_str().unwrap(), "--no-test", "--run", "r"];
    for assignment in crate::programs::QUICK.iter().chain(&overrides) {
        arguments.extend(["--set", assignment]);
    }
    let mut child = Command::new("sh")
        .args(["-c", "trap '' HUP INT; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_train")])
        .args(&arguments)
        .current_dir(directory.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let metrics = directory.path().join("r/metrics.jsonl");
    wait_for(|| fs::read_to_string(&metrics).unwrap_or_default().lines().count() > 3);
    signal(&child, "-HUP");
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(directory.path().join("r/checkpoints/step-00000150").exists());
}

/// A short form of `experiments/durability/run.py kills`, which kills two hundred times.
#[cfg(unix)]
#[test]
fn a_run_that_is_killed_again_and_again_becomes_the_run_that_was_not() {
    let directory = tempfile::tempdir().unwrap();
    let overrides = [&RECORD[..], &["training.steps=200"]].concat();
    let ran = train(directory.path(), &overrides, &["--run", "whole"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let part = directory.path().join("part");
    let mut child = start(directory.path(), &overrides, "part");
    for milliseconds in [0, 70, 190, 310] {
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
        child =
            crate::programs::command(directory.path(), "train", &["--no-test", "--resume", "part"])
                .spawn()
                .unwrap();
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_same(&part, &directory.path().join("whole"), 200);
}

/// Checks that two runs have the same losses, and the same weights to the last bit.
#[track_caller]
fn assert_same(run: &Path, other: &Path, steps: usize) {
    assert_eq!(losses(run), losses(other));
    let weights = format!("checkpoints/step-{steps:08}/model.bpk");
    assert!(fs::read(run.join(&weights)).unwrap() == fs::read(other.join(&weights)).unwrap());
}

fn wait_for(condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "the condition did not hold within 60 s"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_finished_run_is_left_as_it_is() {
    let parent = tempfile::tempdir().unwrap();
    let copy = crate::programs::copy_of_trained(parent.path());
    let before = contents(&copy);
    let ran = run(parent.path(), "train", &["--no-test", "--resume", "copy"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.stderr.contains("all 20 steps") && ran.stderr.contains("--set training.steps="));
    assert!(before == contents(&copy));
}

#[test]
fn a_run_that_ended_early_is_left_as_it_is_unless_it_may_wait_longer() {
    let parent = tempfile::tempdir().unwrap();
    let hopeless = [
        "training.patience=2",
        "training.peak_learning_rate=1e-12",
        "training.final_learning_rate=0",
        "training.steps=100",
        "record.validation_every=5",
    ];
    let ran = train(parent.path(), &hopeless, &["--run", "r"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let copy = parent.path().join("r");
    let before = contents(&copy);
    let resume = |more: &[&str]| {
        run(parent.path(), "train", &[&["--no-test", "--resume", "r"], more].concat())
    };
    let ran = resume(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("no higher accuracy in 2 validations"), "{}", ran.stderr);
    assert!(before == contents(&copy));
    let ran = resume(&["--set", "training.patience=3"]);
    assert!(ran.stderr.contains("going on after step"), "{}", ran.stderr);
}

#[test]
fn a_run_without_a_checkpoint_begins_again() {
    let parent = tempfile::tempdir().unwrap();
    let copy = crate::programs::copy_of_trained(parent.path());
    let expected = losses(&copy);
    fs::remove_dir_all(copy.join("checkpoints")).unwrap();
    let ran = run(parent.path(), "train", &["--no-test", "--resume", "copy"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(losses(&copy), expected);
    // What the tokenizer and the order of examples depend on is as fixed as later.
    fs::remove_dir_all(copy.join("checkpoints")).unwrap();
    let set = ["--no-test", "--resume", "copy", "--set", "tokenizer.vocab_size=600"];
    run(parent.path(), "train", &set).refuses(2, &["tokenizer.vocab_size is 600", "not allowed"]);
}

#[test]
fn a_run_goes_on_for_longer_but_not_with_another_batch_size() {
    let parent = tempfile::tempdir().unwrap();
    let copy = crate::programs::copy_of_trained(parent.path());
    let before = contents(&copy);
    let set = |assignment| {
        run(parent.path(), "train", &["--no-test", "--resume", "copy", "--set", assignment])
    };
    let refused = set("training.batch_size=4");
    refused.refuses(2, &["training.batch_size is 4, was 16", "hint: "]);
    assert!(before == contents(&copy));
    let ran = set("training.steps=30");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("training.steps is 30, was 20"), "{}", ran.stderr);
    assert!(ran.stderr.contains("the learning rate jumps from"), "{}", ran.stderr);
    assert!(ran.stderr.contains("after step 20"), "{}", ran.stderr);
    assert!(copy.join("checkpoints/step-00000030").exists());
}

#[test]
fn sanity_says_what_passed_and_fails_with_what_did_not() {
    let parent = tempfile::tempdir().unwrap();
    let ran = train(parent.path(), &[], &["--sanity"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    for name in ["initial loss", "gradients", "determinism", "one batch by heart"] {
        assert!(ran.stdout.contains(&format!("ok  {name}")), "{}", ran.stdout);
    }
    let ran = train(parent.path(), &["training.peak_learning_rate=1e30"], &["--sanity"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("failed  one batch by heart"), "{}", ran.stdout);
    assert!(contents(parent.path()).is_empty());
}

#[test]
fn a_run_that_leaves_the_numbers_says_when_and_what_to_do() {
    let parent = tempfile::tempdir().unwrap();
    let ran = train(parent.path(), &["training.peak_learning_rate=1e30"], &["--run", "far"]);
    ran.refuses(1, &["not finite", "step 1", "hint: "]);
}

#[test]
fn a_run_whose_best_checkpoint_is_gone_goes_on_to_another_best() {
    let directory = tempfile::tempdir().unwrap();
    // Weights that hardly change, so that no later validation is better than the first.
    let more = [
        "training.peak_learning_rate=1e-12",
        "training.final_learning_rate=0.0",
        "record.validation_every=5",
        "record.checkpoint_every=5",
    ];
    let ran = train(directory.path(), &more, &["--run", "r"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let path = directory.path().join("r");
    let state = fs::read_to_string(path.join("checkpoints/step-00000020/state.json")).unwrap();
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    let best = state["best"]["step"].as_u64().unwrap();
    assert!(best < 20, "the last checkpoint is what the run goes on from");
    fs::remove_dir_all(path.join(format!("checkpoints/step-{best:08}"))).unwrap();
    let ran = run(
        directory.path(),
        "train",
        &["--no-test", "--resume", "r", "--set", "training.steps=25"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("the best checkpoint, of step {best}, is gone")));
    let ran = run(directory.path(), "resolve", &["r", "Ana vio a Luis y él lloró."]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}
