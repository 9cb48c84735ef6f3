//! Behaviour on terminals and in pipes: colours and NO_COLOR, wrapping on narrow terminals, shell
//! completions and manual pages.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::programs::{QUICK, copy_of_trained, run, run_with, tiny_config};

const PROGRAMS: [&str; 7] = ["train", "evaluate", "resolve", "corpus", "runs", "doctor", "explore"];
const TEXT: &str = "El robot dejó caer la pelota porque él estaba dañado.";
const COLUMNS: usize = 40;

/// The output of a program on a terminal of 40 columns, which the program `script` makes.
fn on_terminal(directory: &Path, program: &str, arguments: &[&str], no_color: bool) -> String {
    let path = crate::programs::path_of(program);
    let words = [path].into_iter().chain(arguments.iter().copied());
    let words: Vec<String> =
        words.map(|word| format!("'{}'", word.replace('\'', r"'\''"))).collect();
    let line = format!("stty cols {COLUMNS} rows 24; {}", words.join(" "));
    let mut script = Command::new("script");
    script.current_dir(directory).args(["-qec", &line, "/dev/null"]).env("TERM", "xterm");
    script.env_remove("NO_COLOR").env("SHELL", "/bin/sh");
    if no_color {
        script.env("NO_COLOR", "1");
    }
    let output = script.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {text}");
    text
}

/// The lines of the output without escape sequences.
fn lines(text: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut parts = text.split('\x1b');
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |end| end + 1);
        plain.push_str(&part[end..]);
    }
    plain.split(['\n', '\r']).map(str::to_owned).collect()
}

#[track_caller]
fn fits(text: &str) {
    for line in lines(text) {
        let is_command = line.contains("cargo run"); // commands are not broken, so that they can be copied
        assert!(is_command || line.chars().count() <= COLUMNS, "too long: {line:?} in\n{text}");
    }
}

#[test]
fn in_a_pipe_there_is_no_escape_and_no_narrow_table() {
    let parent = tempfile::tempdir().unwrap();
    copy_of_trained(parent.path());
    run(parent.path(), "corpus", &["generate", "--count", "40", "--out", "mine.jsonl"]);
    let commands: [(&str, &[&str], bool); 8] = [
        ("evaluate", &["copy", "--data", "mine.jsonl"], false),
        ("resolve", &["copy", TEXT, "--attention"], true),
        ("corpus", &["check", "mine.jsonl", "nothing.jsonl"], false),
        ("runs", &["."], true),
        ("doctor", &["--seconds", "1"], false),
        ("train", &["--no-such-argument"], true),
        ("train", &["--no-such-argument"], false),
        ("train", &["--no-test", "--resume", "copy"], true),
    ];
    let helps = PROGRAMS.map(|program| (program, &["--help"][..], false));
    for (program, arguments, no_color) in commands.into_iter().chain(helps) {
        let mut command = crate::programs::command(parent.path(), program, arguments);
        command.env_remove("NO_COLOR").env("TERM", "xterm").env("COLUMNS", "40");
        if no_color {
            command.env("NO_COLOR", "1");
        }
        let output = command.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!said.is_empty() && !said.contains('\x1b'), "{program} {arguments:?}: {said:?}");
        if program == "evaluate" && arguments != ["--help"] {
            let header = said.lines().find(|line| line.starts_with("mine ")).unwrap();
            assert!(header.ends_with("  both of a pair") && header.len() > COLUMNS, "{header}");
        }
    }
}

#[test]
#[ignore = "needs the program `script` of util-linux"]
fn no_color_is_heeded_on_a_terminal() {
    let directory = tempfile::tempdir().unwrap();
    for program in PROGRAMS {
        let text = on_terminal(directory.path(), program, &["--help"], false);
        assert!(text.contains("\x1b["), "without NO_COLOR {program} has colours: {text:?}");
        let text = on_terminal(directory.path(), program, &["--help"], true);
        assert!(!text.contains('\x1b'), "{program}: {text:?}");
        fits(&text);
    }
}

#[test]
#[ignore = "needs the program `script` of util-linux"]
fn results_fit_on_a_narrow_terminal() {
    let parent = tempfile::tempdir().unwrap();
    copy_of_trained(parent.path());
    run(parent.path(), "corpus", &["generate", "--count", "40", "--out", "mine.jsonl"]);
    let commands: [(&str, &[&str], &str); 6] = [
        ("evaluate", &["copy", "--data", "mine.jsonl"], "\r\n  both of a pair  "),
        ("evaluate", &["--seeds", "copy/report.json", "copy/../copy/report.json"], "\r\n  mean   "),
        ("resolve", &["copy", TEXT, "--attention"], "layer 1 head 1"),
        ("corpus", &["stats", "mine.jsonl"], "\r\n  nearest   "),
        ("runs", &["."], "\r\n  best   "),
        ("doctor", &["--seconds", "1"], "training on flex: "),
    ];
    for (program, arguments, expected) in commands {
        let text = on_terminal(parent.path(), program, arguments, true);
        assert!(text.contains(expected), "{expected:?} in {program}: {text}");
        assert!(!text.contains('\x1b'), "{program}: {text:?}");
        fits(&text);
    }
}

#[test]
#[ignore = "needs the program `script` of util-linux"]
fn progress_fits_on_a_narrow_terminal() {
    let directory = tempfile::tempdir().unwrap();
    let config = tiny_config();
    let mut arguments = vec!["--config", config.to_str().unwrap(), "--run", "r"];
    arguments.extend(QUICK.iter().flat_map(|assignment| ["--set", *assignment]));
    let text = on_terminal(directory.path(), "train", &arguments, true);
    let lines = lines(&text);
    let bar =
        lines.iter().find(|line| line.starts_with("20/20 · ")).unwrap_or_else(|| panic!("{text}"));
    assert!(bar.contains(" left · accuracy "), "{bar}");
    assert!(lines.iter().any(|line| line.starts_with("step 20/20  validation loss ")), "{text}");
    let is_colour =
        |part: &str| part.trim_start_matches(|c: char| "[0123456789;".contains(c)).starts_with('m');
    assert!(!text.split('\x1b').skip(1).any(is_colour), "{text:?}");
    fits(&text);
}

/// Checks that `program`, called with a file that contains `text`, succeeds and prints nothing.
#[track_caller]
fn accepts(program: &str, arguments: &[&str], text: &str) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("text");
    fs::write(&file, text).unwrap();
    let output = Command::new(program).args(arguments).arg(&file).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.is_empty(), "{program}: {said}");
}

#[test]
fn every_program_completes_itself_in_every_shell() {
    let directory = tempfile::tempdir().unwrap();
    for program in PROGRAMS {
        for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
            let ran = run(directory.path(), program, &["--completions", shell]);
            assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{program} {shell}");
            assert!(ran.stdout.contains(program), "{program} {shell}");
            assert!(ran.stdout.contains("completions"), "{program} {shell}");
        }
    }
    run(directory.path(), "corpus", &["--completions", "tcsh"]).refuses(2, &["tcsh", "bash"]);
    let both = ["--completions", "bash", "--json"];
    run(directory.path(), "runs", &both).refuses(2, &["cannot be used with"]);
}

#[test]
#[ignore = "needs bash, zsh and fish"]
fn shells_accept_the_completions() {
    let directory = tempfile::tempdir().unwrap();
    for program in PROGRAMS {
        for (shell, check) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
            let completions = run(directory.path(), program, &["--completions", shell]).stdout;
            accepts(shell, &[check], &completions);
        }
    }
}

#[test]
#[ignore = "needs groff"]
fn groff_accepts_the_manual_pages() {
    let directory = tempfile::tempdir().unwrap();
    for program in PROGRAMS {
        let page = run(directory.path(), program, &["--man"]).stdout;
        accepts("groff", &["-k", "-man", "-ww", "-Tutf8", "-z"], &page);
    }
}

#[test]
#[ignore = "needs bash"]
fn bash_completes_arguments_and_their_values() {
    let directory = tempfile::tempdir().unwrap();
    let completions = run(directory.path(), "train", &["--completions", "bash"]).stdout;
    let ask = |words: &str, n: usize| {
        let script = format!(
            "{completions}\nCOMP_WORDS=({words}); COMP_CWORD={n}; _train train \"${{COMP_WORDS[{n}]}}\" \
             \"${{COMP_WORDS[{}]}}\"; echo \"${{COMPREPLY[@]}}\"",
            n - 1
        );
        let output = Command::new("bash").args(["--norc", "-c", &script]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let answer = ask("train --res", 1);
    assert_eq!(answer.trim(), "--resume");
    let answer = ask("train --device v", 2);
    assert_eq!(answer.trim(), "vulkan");
}

#[test]
fn every_program_has_a_manual_page() {
    let directory = tempfile::tempdir().unwrap();
    for program in PROGRAMS {
        let ran = run(directory.path(), program, &["--man"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{program}");
        let page = ran.stdout;
        let headings: Vec<&str> = page
            .lines()
            .filter(|line| line.starts_with(".TH ") || line.starts_with(".SH "))
            .collect();
        assert!(headings[0].starts_with(&format!(".TH {program} 1 ")), "{headings:?}");
        for (index, heading) in
            [".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS"].iter().enumerate()
        {
            assert_eq!(headings[index + 1], *heading, "{program}");
        }
    }
    let page = run(directory.path(), "corpus", &["--man"]).stdout;
    for heading in [".SH \"CORPUS GENERATE\"", ".SH \"CORPUS IMPORT\"", ".SH \"CORPUS STATS\""] {
        assert!(page.contains(&format!("\n{heading}\n")), "{page}");
    }
    assert!(page.contains("\\-\\-window"), "{page}");
}

#[test]
fn a_program_that_wants_a_subcommand_still_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let ran = run_with(directory.path(), "corpus", &[], b"");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(
        ran.stderr.contains("generate") && ran.stderr.contains("Usage: corpus"),
        "{}",
        ran.stderr
    );
    let ran = run_with(directory.path(), "corpus", &["--version"], b"");
    assert_eq!(ran.stdout, format!("corpus {}\n", env!("CARGO_PKG_VERSION")));
}

#[cfg(target_os = "linux")]
#[test]
fn completions_into_a_closed_pipe_are_no_failure_and_onto_a_full_disk_are_one() {
    for argument in ["--completions=bash", "--man"] {
        let line = |to: &str| format!("'{}' {argument} {to}", crate::programs::path_of("resolve"));
        let shell = |line: String| Command::new("bash").args(["-c", &line]).output().unwrap();
        let closed = shell(line("| true; echo ${PIPESTATUS[0]}"));
        assert_eq!(String::from_utf8(closed.stdout).unwrap(), "0\n", "{argument}");
        let full = shell(line("> /dev/full"));
        let stderr = String::from_utf8(full.stderr).unwrap();
        assert_eq!(full.status.code(), Some(1), "{argument}");
        assert!(stderr.starts_with("error: cannot write to stdout: "), "{stderr}");
    }
}
