//! Wrong files and texts of users: each is refused with one message that names the place, and nothing
//! is written.

use std::{fs, path::Path};

use crate::programs::{Ran, contents, run, run_with, train, trained};
use serde_json::{Value, json};

/// A valid example.
fn good() -> Value {
    json!({
        "id": "mío-1", "lang": "es", "text": "Ana vio el cafe\u{301} porque él ardía.",
        "pronoun": [23, 25], "candidates": [[0, 3], [11, 16]], "antecedent": 1,
        "phenomenon": "gender",
    })
}

fn with(field: &str, value: Value) -> Vec<u8> {
    let mut example = good();
    example[field] = value;
    format!("{}\n", good()).into_bytes().into_iter().chain(line(&example, "mío-2")).collect()
}

fn line(example: &Value, id: &str) -> Vec<u8> {
    let mut example = example.clone();
    example["id"] = id.into();
    format!("{example}\n").into_bytes()
}

/// Checks that training on a file, validating with it and evaluating it are refused with exit code 1
/// and `parts` in the message, and that no file is created or changed.
#[track_caller]
fn refused(content: Option<&[u8]>, parts: &[&str]) {
    let directory = tempfile::tempdir().unwrap();
    if let Some(content) = content {
        fs::write(directory.path().join("my.jsonl"), content).unwrap();
    }
    fs::write(directory.path().join("good.jsonl"), line(&good(), "mío-1")).unwrap();
    let before = (contents(directory.path()), contents(trained()));
    for files in [["my", "good"], ["good", "my"]] {
        let [train_on, validate] = files.map(|name| format!("[\"{name}.jsonl\"]"));
        let overrides = [format!("data.train={train_on}"), format!("data.validation={validate}")];
        let overrides = overrides.each_ref().map(String::as_str);
        train(directory.path(), &overrides, &["--run", "new/run"]).refuses(1, parts);
    }
    let run_path = trained().to_str().unwrap();
    run(directory.path(), "evaluate", &[run_path, "--data", "my.jsonl"]).refuses(1, parts);
    run(directory.path(), "corpus", &["stats", "my.jsonl"]);
    assert!(before == (contents(directory.path()), contents(trained())));
}

#[test]
fn a_missing_file_is_named() {
    refused(None, &["my.jsonl", "No such file", "relative to the working directory"]);
}

#[test]
fn an_empty_file_is_named() {
    for content in ["", "\n  \n", "\u{feff}"] {
        refused(Some(content.as_bytes()), &["my.jsonl: ", "no examples"]);
    }
}

#[test]
fn a_truncated_file_is_named_with_the_line() {
    let whole = [line(&good(), "a"), line(&good(), "b")].concat();
    refused(Some(&whole[..whole.len() - 30]), &["my.jsonl:2: ", "cut off"]);
}

#[test]
fn the_message_of_a_truncated_file_does_not_repeat_itself() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("my.jsonl"), "{\"id\":\"a").unwrap();
    let ran = run(directory.path(), "corpus", &["stats", "my.jsonl"]);
    for part in ["my.jsonl", "column 8", "EOF", "hint: "] {
        assert_eq!(ran.stderr.matches(part).count(), 1, "{part}: {}", ran.stderr);
    }
}

#[test]
fn a_file_that_is_not_utf8_is_named_with_line_and_byte() {
    let content = [&line(&good(), "a")[..], b"{\"id\":\"\xe9\"}\n"].concat();
    refused(Some(&content), &["my.jsonl:2: ", "0xe9 at byte 8", "UTF-8"]);
}

#[test]
fn a_span_outside_the_text_is_named_with_the_text_length() {
    let parts = ["my.jsonl:2: pronoun: ", "[23, 99]", "33", "characters"];
    refused(Some(&with("pronoun", json!([23, 99]))), &parts);
}

#[test]
fn a_span_inside_a_character_is_named_with_the_accent() {
    let parts = ["my.jsonl:2: candidates[1]: ", "[11, 15]", "U+0301"];
    refused(Some(&with("candidates", json!([[0, 3], [11, 15]]))), &parts);
}

#[test]
fn an_answer_that_is_no_candidate_is_named_with_their_number() {
    refused(Some(&with("antecedent", json!(2))), &["my.jsonl:2: antecedent: found 2"]);
}

#[test]
fn an_example_without_candidates_is_named() {
    refused(Some(&with("candidates", json!([]))), &["my.jsonl:2: candidates: ", "empty"]);
}

#[test]
fn an_unknown_field_is_passed_over_and_named_by_every_program() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("my.jsonl"), with("cadidates", json!([]))).unwrap();
    let expected = "my.jsonl: fields that are not read: cadidates (line 2; is candidates meant?)";
    let run_path = trained().to_str().unwrap();
    let data = "data.validation=[\"my.jsonl\"]";
    let out = directory.path().join("report");
    let ran = [
        train(directory.path(), &[data, "training.steps=3"], &["--run", "run"]),
        run(
            directory.path(),
            "evaluate",
            &[run_path, "--data", "my.jsonl", "--out", out.to_str().unwrap()],
        ),
        run(directory.path(), "corpus", &["check", "my.jsonl"]),
    ];
    for ran in ran {
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(ran.stderr.matches(expected).count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn a_text_that_is_too_long_is_named_with_its_length_and_never_cut() {
    let text = format!("{}{}", good()["text"].as_str().unwrap(), " Y".repeat(200));
    let parts = ["my.jsonl:2", "mío-2", "encoder.max_seq = 128", "hint: "];
    refused(Some(&with("text", json!(text))), &parts);
}

#[test]
fn a_span_without_a_word_is_named() {
    let parts = ["my.jsonl:2: ", "candidates[0]: found [3, 4]", "holds no word"];
    refused(Some(&with("candidates", json!([[3, 4], [11, 16]]))), &parts);
}

fn resolve(text: &str) -> Ran {
    let directory = tempfile::tempdir().unwrap();
    let svg = ["--svg", "never.svg"];
    let path = trained().to_str().unwrap();
    let ran = run(directory.path(), "resolve", &[&[path, text], &svg[..]].concat());
    assert_eq!(Path::new("never.svg").exists(), ran.code == Some(0));
    ran
}

#[test]
fn a_text_without_a_pronoun_is_answered_with_the_way_to_mark_one() {
    let parts = ["no pronoun", "`El perro duerme.`", "braces", "{él}"];
    resolve("El perro duerme.").refuses(1, &parts);
}

#[test]
fn an_empty_text_is_named() {
    for text in ["", " \t "] {
        resolve(text).refuses(1, &["empty"]);
    }
}

#[test]
fn wrong_braces_are_named_with_their_column() {
    let cases = [
        ("porque {él", "column 8: "),
        ("porque él}", "column 10: "),
        ("porque {{él}}", "column 9: "),
        ("porque { }", "empty"),
        ("{él} y {ella}", "second"),
    ];
    for (text, expected) in cases {
        resolve(text).refuses(1, &[expected]);
    }
}

#[test]
fn a_picture_of_two_pronouns_is_refused() {
    resolve("Él vio que él vino.").refuses(2, &["--svg", "one pronoun", "has 2"]);
}

#[test]
fn a_line_of_ten_thousand_characters_is_refused_by_its_length() {
    let ten_thousand = "muy ".repeat(2500);
    let parts = ["2503 tokens", "encoder.max_seq = 128", "hint: "];
    resolve(&format!("{ten_thousand}él")).refuses(1, &parts);
    resolve(&format!("{ten_thousand}frío")).refuses(1, &["no pronoun", "`muy muy ", "…`"]);
    let ran = run_with(trained(), "resolve", &["."], format!("{ten_thousand}él\n").as_bytes());
    ran.refuses(1, &["line 1 of stdin", "2503 tokens"]);
}

#[test]
fn one_word_of_ten_thousand_letters_is_read_as_unknown() {
    let text = format!("Ana vio a {} porque él vino.", "a".repeat(10_000));
    let ran = run(trained(), "resolve", &[".", &text]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn emoji_and_decomposed_accents_are_words_like_others() {
    for text in
        ["Ana 👩‍👩‍👧 vio a Luis porque él 😀.", "Ana vio a Luis porque e\u{301}l vino.", "{😀} 🏳️‍🌈"]
    {
        let ran = run(trained(), "resolve", &[".", text]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{text}");
    }
}

#[test]
fn stdin_that_is_not_utf8_is_named_with_its_line() {
    let ran = run_with(trained(), "resolve", &["."], b"\nAna \xe9\n");
    ran.refuses(1, &["line 2 of stdin", "UTF-8"]);
}
