//! Helpers that run the programs in temporary directories.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use tempfile::TempDir;

/// Overrides of the tiny config for a training of a few seconds.
pub(crate) const QUICK: [&str; 8] = [
    "encoder.max_seq=128",
    "training.steps=20",
    "training.warmup_steps=2",
    "training.batch_size=16",
    "tokenizer.examples=500",
    "data.validation_examples=32",
    "record.validation_every=10",
    "record.checkpoint_every=10",
];

/// Exit code and output of a program.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; `None` if a signal ended the program.
    pub(crate) code: Option<i32>,
    /// Standard output, which has results only.
    pub(crate) stdout: String,
    /// Standard error, which has all messages.
    pub(crate) stderr: String,
}

/// Runs a program in `directory` with the given standard input.
pub(crate) fn run_with(directory: &Path, program: &str, arguments: &[&str], stdin: &[u8]) -> Ran {
    let mut child = command(directory, program, arguments).spawn().unwrap();
    // Writing fails if the program ends without reading all of it, which is no error of the test.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs a program in `directory` with empty standard input.
pub(crate) fn run(directory: &Path, program: &str, arguments: &[&str]) -> Ran {
    run_with(directory, program, arguments, b"")
}

/// The command of a program, with all streams piped.
pub(crate) fn command(directory: &Path, program: &str, arguments: &[&str]) -> Command {
    let path = path_of(program);
    // A program does not heed a signal that is ignored when it starts, as in the background of a script.
    let mut command = match cli::signal::any_is_ignored() {
        true => {
            let mut command = Command::new("/usr/bin/env");
            command.args(["--default-signal=HUP,INT,TERM", path]);
            command
        }
        false => Command::new(path),
    };
    command.current_dir(directory).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The path of a program.
pub(crate) fn path_of(program: &str) -> &'static str {
    match program {
        "train" => env!("CARGO_BIN_EXE_train"),
        "evaluate" => env!("CARGO_BIN_EXE_evaluate"),
        "resolve" => env!("CARGO_BIN_EXE_resolve"),
        "corpus" => env!("CARGO_BIN_EXE_corpus"),
        "runs" => env!("CARGO_BIN_EXE_runs"),
        "doctor" => env!("CARGO_BIN_EXE_doctor"),
        "explore" => env!("CARGO_BIN_EXE_explore"),
        _ => panic!("there is no program {program}"),
    }
}

/// Runs `train` with the tiny config, the overrides of [`QUICK`] and `more`, and `arguments`.
pub(crate) fn train(directory: &Path, more: &[&str], arguments: &[&str]) -> Ran {
    let config = tiny_config();
    let mut all = vec!["--config", config.to_str().unwrap(), "--no-test"];
    for assignment in QUICK.iter().chain(more) {
        all.extend(["--set", assignment]);
    }
    all.extend(arguments);
    run(directory, "train", &all)
}

/// Path of `configs/tiny.toml`.
pub(crate) fn tiny_config() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/tiny.toml")
}

/// A trained run that all tests of the test program share and must not change.
pub(crate) fn trained() -> &'static Path {
    static RUN: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = RUN.get_or_init(|| {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("trained");
        let ran = train(parent.path(), &[], &["--run", path.to_str().unwrap()]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        (parent, path)
    });
    path
}

/// A copy of the trained run in `parent`, which a test may change.
pub(crate) fn copy_of_trained(parent: &Path) -> PathBuf {
    let copy = parent.join("copy");
    copy_directory(trained(), &copy);
    copy
}

/// Copies a directory recursively.
pub(crate) fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The names and contents of all files below `directory`.
pub(crate) fn contents(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut entries: Vec<PathBuf> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files.push((path.clone(), Vec::new()));
            files.extend(contents(&path));
        } else {
            let content = fs::read(&path).unwrap();
            files.push((path, content));
        }
    }
    files
}

/// The training and validation lines of a run's metrics.jsonl, without times.
pub(crate) fn losses(run: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    let mut lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.retain(|line| line["kind"] == "train" || line["kind"] == "validation");
    for line in &mut lines {
        let line = line.as_object_mut().unwrap();
        line.remove("seconds");
        line.remove("tokens_per_second");
    }
    lines
}

impl Ran {
    /// Checks that the program failed with `code`, printed nothing to stdout and exactly one error to
    /// stderr, and that the message contains each of `parts`.
    #[track_caller]
    pub(crate) fn refuses(&self, code: i32, parts: &[&str]) {
        let Self { stdout, stderr, .. } = self;
        assert_eq!(self.code, Some(code), "{stderr}");
        assert_eq!(stdout, "");
        assert_eq!(stderr.matches("error: ").count(), 1, "{stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
        for part in parts {
            assert!(stderr.contains(part), "expected `{part}` in: {stderr}");
        }
    }
}
