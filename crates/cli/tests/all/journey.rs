//! The steps of a new user: train, evaluate, resolve.

use std::{fs, path::Path};

use crate::programs::{QUICK, Ran, contents, run, run_with, tiny_config, train, trained};
use corpus::{bundled, jsonl, split::Split};
use serde_json::Value;

const LECTURE: &str = "El robot dejó caer la pelota porque él estaba dañado.";

fn resolve(text: &str, more: &[&str]) -> Ran {
    let directory = tempfile::tempdir().unwrap();
    let mut arguments = vec![trained().to_str().unwrap(), text];
    arguments.extend(more);
    let ran = run(directory.path(), "resolve", &arguments);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{text}");
    ran
}

/// Every other test leaves the test examples out.
#[test]
fn a_training_ends_with_the_test_examples_unless_they_are_left_out() {
    let directory = tempfile::tempdir().unwrap();
    let config = tiny_config();
    let mut arguments = vec!["--config", config.to_str().unwrap(), "--run", "r"];
    arguments.extend(QUICK.iter().flat_map(|set| ["--set", *set]));
    let ran = run(directory.path(), "train", &arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("4000 in-distribution"), "{}", ran.stdout);

    // What the temperature was found on, and that the model's probabilities follow it.
    let path = directory.path().join("r/temperature.json");
    let found: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!((&found["examples"], &found["n"]), (&"natural-dev".into(), &386.into()));
    let sure = || {
        let ran = run(directory.path(), "resolve", &["r", LECTURE, "--json"]);
        serde_json::from_str::<Value>(&ran.stdout).unwrap()["none"].as_f64().unwrap()
    };
    let before = sure();
    let text = fs::read_to_string(&path).unwrap();
    let temperature = found["temperature"].to_string();
    let hotter = |factor: f64| found["temperature"].as_f64().unwrap() * factor;
    fs::write(&path, text.replace(&temperature, &hotter(100.0).to_string())).unwrap();
    assert_ne!(before, sure());
    fs::write(&path, text.replace(&temperature, "0")).unwrap();
    let ran = run(directory.path(), "resolve", &["r", LECTURE]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("expected a number above 0"), "{}", ran.stderr);
}

#[test]
fn a_repeated_training_gets_a_fresh_number_and_the_newest_run_is_found() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["tiny-001", "tiny-002"] {
        let ran = train(directory.path(), &["training.steps=3"], &[]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout.contains(&format!("runs/{name}: 3 steps in ")), "{}", ran.stdout);
        assert!(!ran.stdout.contains("test:"), "{}", ran.stdout);
        let next = format!("cargo run --bin resolve -- runs/{name} \"El robot dejó caer");
        assert!(ran.stdout.contains(&next), "{}", ran.stdout);
        assert!(ran.stderr.starts_with(&format!("runs/{name}: ")), "{}", ran.stderr);
    }
    for (program, arguments) in
        [("resolve", vec![LECTURE]), ("evaluate", vec!["--json", "--split", "rough-text"])]
    {
        let ran = run(directory.path(), program, &arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains("runs/tiny-002"), "{}", ran.stderr);
        assert_ne!(ran.stdout, "");
    }
}

#[test]
fn progress_in_a_pipe_is_plain_lines() {
    let directory = tempfile::tempdir().unwrap();
    let ran = train(directory.path(), &[], &[]);
    assert!(!ran.stderr.contains(['\x1b', '\r']), "{:?}", ran.stderr);
    let last = ran.stderr.lines().find(|line| line.starts_with("step 20/20  loss ")).unwrap();
    for part in ["accuracy ", " %  learning rate 1.", "e-4  ", " tokens/s  "] {
        assert!(last.contains(part), "{last}");
    }
    assert!(ran.stderr.contains("step 20/20  validation loss "), "{}", ran.stderr);
}

#[test]
fn a_run_holds_what_the_design_promises() {
    let run = trained();
    let names = |folder: &str| -> Vec<String> {
        let entries = fs::read_dir(run.join(folder)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let config = config::overrides::load(&run.join("config.toml"), &[]).unwrap().config;
    assert_eq!((config.training.steps, config.encoder.d_model()), (20, 32));
    assert!(fs::read_to_string(run.join("config.toml")).unwrap().contains("# The smallest"));
    corpus::tokenizer::Tokenizer::load(&run.join("tokenizer.json")).unwrap();

    let metrics = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    let lines: Vec<Value> =
        metrics.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0], serde_json::json!({"format": "anafora-metrics", "version": 1}));
    let kinds: Vec<(&str, u64)> = lines[1..]
        .iter()
        .map(|line| (line["kind"].as_str().unwrap(), line["step"].as_u64().unwrap()))
        .collect();
    let train_then_validate = |step| [("train", step), ("validation", step)];
    let expected = [train_then_validate(10), train_then_validate(20)].concat();
    assert_eq!(kinds, [expected, vec![("end", 20)]].concat());

    let checkpoints = ["step-00000010", "step-00000020"];
    assert_eq!(names("checkpoints"), checkpoints);
    let files = ["MANIFEST.json", "model.bpk", "optimizer.bpk", "state.json"];
    assert_eq!(names("checkpoints/step-00000020"), files);

    let steps = [0, 1, 2, 4, 8, 16, 20];
    assert_eq!(names("snapshots"), steps.map(|step| format!("step-{step:08}.safetensors")));
    for step in steps {
        let path = run.join(format!("snapshots/step-{step:08}.safetensors"));
        let snapshot = snapshot::file::read(&path).unwrap();
        assert_eq!(snapshot.step, step);
        assert_eq!(snapshot.probes.len(), bundled::probes().len());
        assert_eq!(snapshot.probes[0].example.text, LECTURE);
        assert_eq!(snapshot.probes[0].layers.len(), 2);
    }
}

#[test]
fn evaluate_writes_the_report_that_it_prints() {
    let parent = tempfile::tempdir().unwrap();
    let copy = crate::programs::copy_of_trained(parent.path());
    let arguments = ["copy", "--json", "--checkpoint", "step-10", "--split", "in-distribution"];
    let ran = run(parent.path(), "evaluate", &arguments);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(copy.join("report.json")).unwrap(), ran.stdout);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["format"], "anafora-report");
    assert_eq!(report["version"], 1);
    assert_eq!(report["run"], "copy");
    assert_eq!((&report["checkpoint"], &report["step"]), (&"step-00000010".into(), &10.into()));
    let total = &report["slices"][0];
    assert_eq!((&total["split"], &total["n"]), (&"in-distribution".into(), &4000.into()));
    assert!(total["lang"].is_null() && total["phenomenon"].is_null());
    let number = |key: &str| total[key].as_f64().unwrap();
    assert_eq!(number("accuracy"), number("correct") / 4000.0);
    assert!(number("low") < number("accuracy") && number("accuracy") < number("high"));
    let pairs = &report["pairs"][0];
    assert!(pairs["lang"].is_null() && pairs["both_right"].is_u64() && pairs["n"] == 2000);
    let heuristics: Vec<&str> = (report["heuristics"].as_array().unwrap().iter())
        .filter(|score| score["lang"].is_null() && score["accuracy"].is_f64())
        .map(|score| score["name"].as_str().unwrap())
        .collect();
    assert_eq!(heuristics, ["first", "last", "nearest", "longest"]);

    let ran = run(parent.path(), "evaluate", &["copy"]);
    assert!(ran.stdout.starts_with("copy, step-000000"), "{}", ran.stdout);
    assert!(ran.stdout.contains("copy/report.md\n"), "{}", ran.stdout);
}

#[test]
fn the_report_on_a_file_has_its_stem() {
    let parent = tempfile::tempdir().unwrap();
    crate::programs::copy_of_trained(parent.path());
    fs::create_dir(parent.path().join("other")).unwrap();
    let examples =
        &bundled::test_examples(Split::InDistribution, corpus::example::Language::Es)[..10];
    for name in ["mío.jsonl", "other/mío.jsonl"] {
        jsonl::write(&parent.path().join(name), examples).unwrap();
    }
    let ran = run(parent.path(), "evaluate", &["copy", "--data", "mío.jsonl", "--json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let slices = report["slices"].as_array().unwrap();
    assert!(slices.iter().all(|slice| slice["split"] == "mío"), "{slices:?}");
    assert_eq!(slices[0]["n"], 10);

    let twice = ["copy", "--data", "mío.jsonl", "--data", "other/mío.jsonl"];
    run(parent.path(), "evaluate", &twice).refuses(2, &["--data: ", "mío"]);
}

#[test]
fn each_pronoun_of_a_text_gets_a_line() {
    let ran = resolve(LECTURE, &[]);
    assert_eq!(ran.stdout.lines().count(), 1);
    assert!(ran.stdout.starts_with("él = "), "{}", ran.stdout);
    let ran = resolve("Ana vio a Luis cuando él llegó, y ella se fue.", &[]);
    let pronouns: Vec<&str> = ran.stdout.lines().map(|line| &line[..line.len().min(4)]).collect();
    assert_eq!(pronouns, ["él ", "ella"]);
}

#[test]
fn braces_choose_the_pronoun() {
    let ran = resolve("Ana vio a Luis cuando él llegó, y {ella} se fue.", &[]);
    assert_eq!(ran.stdout.lines().count(), 1);
    assert!(ran.stdout.starts_with("ella = "), "{}", ran.stdout);
}

#[test]
fn attention_is_a_row_for_each_head() {
    let ran = resolve(LECTURE, &["--attention"]);
    let heads: Vec<&str> = ran.stdout.lines().skip(1).map(|line| &line[2..16]).collect();
    let expected = [(1, 1), (1, 2), (2, 1), (2, 2)].map(|(l, h)| format!("layer {l} head {h}"));
    assert_eq!(heads, expected);
}

#[test]
fn json_is_one_object_a_pronoun_and_its_probabilities_sum_to_one() {
    let ran = resolve(LECTURE, &["--json"]);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["text"], LECTURE);
    assert_eq!(answer["pronoun"], serde_json::json!([36, 38]));
    let words = answer["words"].as_array().unwrap();
    assert_eq!(
        (&words[1]["text"], &words[1]["span"]),
        (&"robot".into(), &serde_json::json!([3, 8]))
    );
    let probability = |value: &Value| value.as_f64().unwrap();
    let sum: f64 = words.iter().map(|word| probability(&word["probability"])).sum();
    assert!((sum + probability(&answer["none"]) - 1.0).abs() < 1e-5, "{sum}");
}

#[test]
fn lines_of_stdin_are_answered_one_by_one_and_a_wrong_one_stops_none() {
    let stdin = format!("{LECTURE}\nnada\n\nTom is here because {{he}} came.\n{{él\n");
    let ran = run_with(trained(), "resolve", &["."], stdin.as_bytes());
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.stdout.lines().count(), 2, "{}", ran.stdout);
    assert!(ran.stdout.lines().last().unwrap().starts_with("he = "));
    assert!(ran.stderr.contains("line 2 of stdin: no pronoun"), "{}", ran.stderr);
    assert!(ran.stderr.contains("line 5 of stdin: column 1"), "{}", ran.stderr);
}

#[test]
fn of_a_batch_every_line_has_an_object_and_a_wrong_one_says_what_is_wrong() {
    let mut stdin = format!("\u{feff}{LECTURE}\nnada\n").into_bytes();
    stdin.extend(b"Ana salud\xf3 a Luis porque \xe9l vino.\n");
    stdin.extend(LECTURE.as_bytes());
    let ran = run_with(trained(), "resolve", &[".", "--json"], &stdin);
    assert_eq!(ran.code, Some(1));
    let objects: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let lines: Vec<u64> = objects.iter().map(|object| object["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [1, 2, 3, 4]);
    assert_eq!(objects[0]["text"], LECTURE);
    assert_eq!(objects[0]["pronoun"], serde_json::json!([36, 38]));
    assert_eq!(objects[1]["text"], "nada");
    let error = |index: usize| objects[index]["error"].as_str().unwrap();
    assert!(error(1).contains("no pronoun found in `nada`"), "{}", error(1));
    assert!(error(2).contains("byte 0xf3 at byte 10"), "{}", error(2));
    assert!(objects[0].get("error").is_none() && objects[3].get("error").is_none());
}

#[test]
fn a_stream_that_is_no_utf_8_text_is_named_with_its_remedy() {
    let utf_16: Vec<u8> = LECTURE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (stdin, remedy) in [
        (&b"\x1f\x8b\x08\0\0\0\0\0"[..], "gunzip"),
        (&[&b"\xff\xfe"[..], &utf_16].concat(), "iconv -f UTF-16 -t UTF-8"),
    ] {
        let ran = run_with(trained(), "resolve", &["."], stdin);
        ran.refuses(1, &["stdin", remedy]);
    }
}

#[test]
fn words_without_quotes_are_one_text_and_a_hyphen_begins_a_text() {
    let words: Vec<&str> = LECTURE.split(' ').collect();
    let ran = run(trained(), "resolve", &[&["."], &words[..]].concat());
    assert_eq!(ran.stdout, resolve(LECTURE, &[]).stdout);
    let said = resolve("-Ana vio a Luis -dijo {él}.", &["--json"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let empty = tempfile::tempdir().unwrap();
    run(empty.path(), "resolve", &words).refuses(2, &["there is no run in runs"]);
    run(empty.path(), "resolve", &["nope", LECTURE]).refuses(2, &["nope is not a run"]);
}

/// Draws a picture, checks that it is valid XML, and returns its texts.
fn picture(text: &str, name: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let arguments = [trained().to_str().unwrap(), text, "--svg", name];
    let ran = run(directory.path(), "resolve", &arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let svg = fs::read_to_string(directory.path().join(name)).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap_or_else(|e| panic!("{text:?}: {e}"));
    assert_eq!(document.root_element().tag_name().name(), "svg");
    let nodes = document.descendants().filter(|node| node.has_tag_name("text"));
    nodes.filter_map(|node| node.text().map(str::to_owned)).collect()
}

#[test]
fn a_picture_is_xml_whatever_the_text_and_the_file_are_called() {
    let texts = picture(LECTURE, "a <b> & \"c\" 'd' é.svg");
    assert!(texts.iter().any(|text| text == "robot"), "{texts:?}");
    let hostile = [
        "<script>alert(1)</script> & ]]> &amp; \"x\" 'x' --> <!-- porque él vino.",
        "Ana\u{1}\u{7f}\u{85}\u{fffe}\u{ffff}\u{2028} vio a Luis porque él \u{1b}[31m rojo.",
        "Ana 👩‍👩‍👧 vio a e\u{301}l 😀 porque {él} 🏳️‍🌈.",
    ];
    for text in hostile {
        picture(text, "p.svg");
    }
    let texts = picture("Ana &lt; Luis porque {<él>} vino.", "p.svg");
    assert!(texts.iter().any(|text| text == "él"), "{texts:?}");
}

#[test]
fn a_reader_who_leaves_early_is_no_error() {
    let stdin = format!("{LECTURE}\n").repeat(3000);
    let mut child = crate::programs::command(trained(), "resolve", &["."]).spawn().unwrap();
    drop(child.stdout.take());
    let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn a_training_that_nobody_listens_to_is_finished_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let config = tiny_config();
    let mut arguments = vec!["--config", config.to_str().unwrap(), "--run", "mine"];
    arguments.extend(QUICK.iter().flat_map(|assignment| ["--set", *assignment]));
    let mut child =
        crate::programs::command(directory.path(), "train", &arguments).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(directory.path().join("mine/checkpoints/step-00000020").exists());
}

#[test]
fn somebodys_own_files_are_trained_on() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, examples: &[corpus::example::Example]| {
        jsonl::write(&directory.path().join(name), examples).unwrap();
    };
    let examples = bundled::test_examples(Split::InDistribution, corpus::example::Language::En);
    file("a.jsonl", &examples[..40]);
    file("b.jsonl", &examples[40..70]);
    file("held out.jsonl", &examples[100..120]);
    let overrides = [
        "data.train=[\"a.jsonl\", \"b.jsonl\"]",
        "data.validation=[\"held out.jsonl\"]",
        "record.metrics_every=1",
    ];
    let ran = train(directory.path(), &overrides, &["--run", "mine"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        !ran.stdout.contains("test:"),
        "a model of other files is not tested on the grammar: {}",
        ran.stdout
    );
    let lines = crate::programs::losses(&directory.path().join("mine"));
    let loss = |kind: &str, n: usize| {
        let losses: Vec<f64> = (lines.iter().filter(|line| line["kind"] == kind))
            .map(|line| line["loss"].as_f64().unwrap())
            .collect();
        losses[n.min(losses.len() - 1)]
    };
    assert!(loss("train", usize::MAX) < loss("train", 0), "{lines:?}");
    let ran = run(directory.path(), "evaluate", &["mine", "--data", "held out.jsonl"]);
    assert!(ran.stdout.contains("\nheld out "), "{}", ran.stdout);
}

#[test]
fn resolving_leaves_the_run_as_it_is() {
    let parent = tempfile::tempdir().unwrap();
    let copy = crate::programs::copy_of_trained(parent.path());
    let before = contents(&copy);
    run(parent.path(), "resolve", &["copy", LECTURE]);
    assert!(before == contents(&copy));
    assert!(!Path::new(&copy).join("report.json").exists());
}

#[test]
fn a_rewritten_text_has_every_line_even_those_in_which_nothing_can_be_resolved() {
    let directory = tempfile::tempdir().unwrap();
    let lines = "Tom said he ran.\n\nThe sky is blue.\nTom told \u{2067}X\u{2069} he ran.\na { b\n";
    let run_path = trained().to_str().unwrap();
    let ran = run_with(directory.path(), "resolve", &[run_path, "--rewrite"], lines.as_bytes());
    let rewritten: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(rewritten.len(), 5, "{}", ran.stdout);
    assert_eq!((rewritten[1], rewritten[2], rewritten[4]), ("", "The sky is blue.", "a { b"));
    assert!(rewritten[3].contains("\u{2067}X\u{2069}"), "a pipe gets the text as it is");
    assert_eq!(ran.code, Some(1), "two lines could not be resolved");
}

#[test]
fn an_option_that_would_have_no_effect_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    for (program, arguments) in [
        ("explore", &["r", "--port", "0", "--view", "matrix"][..]),
        ("explore", &["r", "--svg", "f.svg", "--probes", "3"]),
        ("explore", &["r", "--export", "f.html", "--text", "Ana y {ella}"]),
        ("train", &["--resume", "r", "--force"]),
        ("evaluate", &["--seeds", "a", "b", "--heads-examples", "5"]),
    ] {
        let ran = run(directory.path(), program, arguments);
        assert_eq!(ran.code, Some(2), "{program} {arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn a_misspelled_path_of_a_run_is_no_part_of_the_text() {
    let directory = tempfile::tempdir().unwrap();
    run(directory.path(), "resolve", &["runs/my rn", "Tom ran because he was late."])
        .refuses(2, &["runs/my rn is not a run"]);
}
