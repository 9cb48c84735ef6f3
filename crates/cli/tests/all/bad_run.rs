//! Runs that exist already, are wrong or damaged: each is refused with one message that says what to
//! do, and nothing is overwritten.

#[cfg(target_os = "linux")]
use std::{
    ffi::OsStr,
    os::unix::{
        ffi::OsStrExt,
        fs::{MetadataExt, PermissionsExt},
    },
    process::Command,
};
use std::{fs, path::Path};

#[cfg(target_os = "linux")]
use crate::programs::{command, copy_directory, path_of, trained};
use crate::programs::{contents, copy_of_trained, run, train};

const TEXT: &str = "Ana vio a Luis porque él vino.";

/// Checks that every program that reads the run in `copy` refuses it with exit code 1 and changes
/// nothing.
#[track_caller]
fn unusable(parent: &Path, parts: &[&str]) {
    let before = contents(parent);
    run(parent, "evaluate", &["copy", "--checkpoint", "last"]).refuses(1, parts);
    run(parent, "resolve", &["copy", TEXT, "--checkpoint", "last"]).refuses(1, parts);
    run(parent, "train", &["--no-test", "--resume", "copy"]).refuses(1, parts);
    assert!(before == contents(parent));
}

#[test]
fn a_run_that_exists_is_refused_unless_forced() {
    let parent = tempfile::tempdir().unwrap();
    copy_of_trained(parent.path());
    let before = contents(parent.path());
    let ran = train(parent.path(), &[], &["--run", "copy"]);
    ran.refuses(2, &["copy exists already", "--resume copy", "--force"]);
    assert!(before == contents(parent.path()));
    let ran = train(parent.path(), &["training.steps=3"], &["--run", "copy", "--force"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(parent.path().join("copy/checkpoints/step-00000003").exists());
    assert!(!parent.path().join("copy/checkpoints/step-00000020").exists());
}

#[test]
fn what_is_no_run_is_never_replaced() {
    let parent = tempfile::tempdir().unwrap();
    fs::create_dir(parent.path().join("thesis")).unwrap();
    fs::write(parent.path().join("thesis/thesis.tex"), "precious").unwrap();
    let before = contents(parent.path());
    for path in ["thesis", "thesis/thesis.tex"] {
        for force in [&[][..], &["--force"]] {
            let ran = train(parent.path(), &[], &[&["--run", path], force].concat());
            ran.refuses(2, &[path, "not a run", "hint: another --run"]);
        }
    }
    assert!(before == contents(parent.path()));
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let parent = tempfile::tempdir().unwrap();
    fs::write(parent.path().join("file.txt"), "precious").unwrap();
    let ran = train(parent.path(), &[], &["--run", "file.txt/run"]);
    ran.refuses(1, &["file.txt/run: ", "hint: "]);
    fs::write(parent.path().join("runs"), "precious").unwrap();
    train(parent.path(), &[], &[]).refuses(1, &["directory runs: "]);
    let names: Vec<_> = contents(parent.path()).into_iter().map(|(_, content)| content).collect();
    assert_eq!(names, [b"precious", b"precious"]);
}

#[test]
fn a_directory_that_is_no_run_is_answered_with_the_runs_beside_it() {
    let parent = tempfile::tempdir().unwrap();
    copy_of_trained(parent.path());
    fs::create_dir(parent.path().join("empty")).unwrap();
    for path in ["empty", "nowhere"] {
        let message = format!("{path} is not a run");
        let parts = [message.as_str(), "hint: ", "copy"];
        run(parent.path(), "evaluate", &[path]).refuses(2, &parts);
        run(parent.path(), "resolve", &[path, TEXT]).refuses(2, &parts);
        run(parent.path(), "train", &["--no-test", "--resume", path]).refuses(2, &parts);
    }
}

#[test]
fn without_any_run_the_way_to_one_is_said() {
    let parent = tempfile::tempdir().unwrap();
    let parts = ["no run in runs", "cargo run --bin train"];
    run(parent.path(), "evaluate", &[]).refuses(2, &parts);
    run(parent.path(), "resolve", &[TEXT]).refuses(2, &parts);
    assert!(contents(parent.path()).is_empty());
}

#[test]
fn an_unknown_checkpoint_is_answered_with_those_that_exist() {
    let parent = tempfile::tempdir().unwrap();
    copy_of_trained(parent.path());
    for name in ["step-7", "newest", "../last", "step-"] {
        let message = format!("no checkpoint {name}");
        let parts = [message.as_str(), "last, best, step-00000010, step-00000020"];
        run(parent.path(), "evaluate", &["copy", "--checkpoint", name]).refuses(2, &parts);
        run(parent.path(), "resolve", &["copy", TEXT, "--checkpoint", name]).refuses(2, &parts);
    }
}

#[test]
fn a_checkpoint_of_another_shape_is_refused_with_the_key() {
    let parent = tempfile::tempdir().unwrap();
    let config = copy_of_trained(parent.path()).join("config.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("d_model = 32", "d_model = 64")).unwrap();
    let parts = ["step-00000020", "encoder.d_model = 64", "encoder.d_model = 32", "hint: "];
    unusable(parent.path(), &parts);
}

#[test]
fn a_checkpoint_of_another_vocabulary_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let copy = copy_of_trained(parent.path());
    let overrides = ["training.steps=3", "tokenizer.vocab_size=600"];
    let ran = train(parent.path(), &overrides, &["--run", "other"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    fs::copy(parent.path().join("other/tokenizer.json"), copy.join("tokenizer.json")).unwrap();
    let parts = ["does not fit", "tokenizer.json has 600 tokens", "hint: "];
    unusable(parent.path(), &parts);
}

#[test]
fn a_vocabulary_of_the_same_size_and_other_words_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let copy = copy_of_trained(parent.path());
    let overrides = ["training.steps=3", "data.languages=[\"en\"]"];
    let ran = train(parent.path(), &overrides, &["--run", "other"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    fs::copy(parent.path().join("other/tokenizer.json"), copy.join("tokenizer.json")).unwrap();
    unusable(parent.path(), &["does not fit", "tokenizer.json"]);
}

#[test]
fn a_damaged_checkpoint_is_named_with_the_file_and_the_way_on() {
    let hint = "hint: --checkpoint ";
    for file in ["model.bpk", "optimizer.bpk", "state.json"] {
        let parent = tempfile::tempdir().unwrap();
        let path = copy_of_trained(parent.path()).join("checkpoints/step-00000020").join(file);
        let whole = fs::read(&path).unwrap();
        let damaged = format!("{file} is damaged");

        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        fs::write(&path, flipped).unwrap();
        unusable(parent.path(), &[&damaged, "SHA-256", hint]);

        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        unusable(parent.path(), &[&damaged, " bytes", hint]);

        fs::remove_file(&path).unwrap();
        unusable(parent.path(), &[&format!("{file}: No such file"), hint]);

        let text = "Ana sabe que ella gana.";
        let ran = run(parent.path(), "resolve", &["copy", text, "--checkpoint", "step-10"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
        let ran = run(parent.path(), "train", &["--no-test", "--resume", "copy"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains("after step 10"), "{}", ran.stderr);
    }
}

#[test]
fn a_run_whose_other_files_are_damaged_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let copy = copy_of_trained(parent.path());
    let damage = |name: &str, content: &str| {
        let path = copy.join(name);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, content).unwrap();
        (path, whole)
    };
    let cases = [
        ("tokenizer.json", "{}", "copy/tokenizer.json"),
        ("checkpoints/step-00000020/MANIFEST.json", "[", "MANIFEST.json"),
    ];
    for (name, content, expected) in cases {
        let (path, whole) = damage(name, content);
        unusable(parent.path(), &[expected]);
        fs::write(path, whole).unwrap();
    }
    damage("config.toml", "seed = [");
    run(parent.path(), "evaluate", &["copy"]).refuses(2, &["copy/config.toml:1: "]);
}

#[test]
fn a_picture_that_cannot_be_written_is_named() {
    let parent = tempfile::tempdir().unwrap();
    copy_of_trained(parent.path());
    let ran = run(parent.path(), "resolve", &["copy", TEXT, "--svg", "nowhere/p.svg"]);
    ran.refuses(1, &["nowhere/p.svg: "]);
}

#[test]
fn a_run_without_a_checkpoint_is_told_when_the_first_one_comes() {
    let parent = tempfile::tempdir().unwrap();
    let run_ = copy_of_trained(parent.path());
    fs::remove_dir_all(run_.join("checkpoints")).unwrap();
    fs::create_dir(run_.join("checkpoints")).unwrap();
    let ran = run(parent.path(), "resolve", &["copy", "Ana vio a Luis porque él vino."]);
    ran.refuses(2, &["has no checkpoint yet", "record.checkpoint_every", "train --resume"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_may_have_a_name_that_is_not_utf_8_and_a_text_may_not() {
    let parent = tempfile::tempdir().unwrap();
    let name = OsStr::from_bytes(b"b\xffad");
    copy_directory(trained(), &parent.path().join(name));
    let resolve = |first: &OsStr, text: &str| {
        let output = command(parent.path(), "resolve", &[]).args([first]).arg(text).output();
        let output = output.unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(resolve(name, "Ana vio a Luis porque él vino."), (Some(0), String::new()));
    let (code, stderr) = resolve(OsStr::from_bytes(b"\xe9l vino ayer"), "a casa");
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("neither a run nor a text in UTF-8"), "{stderr}");
}

/// A user who may have one process, which is the program itself.
#[cfg(target_os = "linux")]
#[test]
fn a_system_that_refuses_threads_is_said() {
    let parent = tempfile::tempdir().unwrap();
    fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::copy(path_of("resolve"), parent.path().join("resolve")).unwrap();
    copy_of_trained(parent.path());
    // The limit does not hold for root, who can become somebody else.
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let user = if is_root { "setpriv --reuid=54321 --regid=54321 --clear-groups" } else { "" };
    let line = format!("ulimit -u 1; exec {user} ./resolve copy 'Ana vio a Luis y él lloró.'");
    let output = Command::new("bash").current_dir(parent.path()).args(["-c", &line]).output();
    let output = output.unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("error: cannot start a thread: "), "{stderr}");
    assert!(stderr.contains("\nhint: raise the limit on processes and threads"), "{stderr}");
}
